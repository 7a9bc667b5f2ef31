#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/retry.h"
#include "tests/traffic/parts.h"

/*
 * Ten thousand messages that are deferred at once, attempt after attempt: how many are due in the
 * worst second.
 */

#define MAILS   10000
#define SECONDS 200000
#define ROUNDS  3
#define SEED    7

typedef struct Crowd {
    char ids[MAILS][16];
    int64_t at_s[MAILS]; /* of the last attempt, from the arrival on */
} Crowd;

static void fill_crowd(Crowd *crowd, int64_t age_s)
{
    GRand *dice = g_rand_new_with_seed(SEED);

    for (unsigned i = 0; i < MAILS; i++) { /* microseconds, and the number of the file */
        (void)g_snprintf(crowd->ids[i], sizeof(crowd->ids[i]), "%05X%06X",
                         (unsigned)g_rand_int_range(dice, 0, 1000000), 0x4A0000 + i);
        crowd->at_s[i] = age_s;
    }
    g_rand_free(dice);
}

typedef struct Spread {
    unsigned most, first_s, last_s;
} Spread;

/* All are tried when they are due, and deferred again. */
static Spread try_again(Crowd *crowd, const RetryPlan *plan, const RetryBackoff *backoff)
{
    unsigned *due = g_new0(unsigned, SECONDS);
    Spread spread = {0, SECONDS, 0};

    for (unsigned i = 0; i < MAILS; i++) {
        crowd->at_s[i] += retry_wait_s(plan, backoff, crowd->ids[i], crowd->at_s[i]);
        if (crowd->at_s[i] >= SECONDS)
            abort();
        due[crowd->at_s[i]]++;
        spread.most = MAX(spread.most, due[crowd->at_s[i]]);
        spread.first_s = MIN(spread.first_s, (unsigned)crowd->at_s[i]);
        spread.last_s = MAX(spread.last_s, (unsigned)crowd->at_s[i]);
    }
    g_free(due);
    return spread;
}

static void play_jitter(const char *name, const char *schedule, const char *jitter, int64_t age_s)
{
    const RetryBackoff backoff = {300, 4000};
    RetryPlan plan = retry_plan_none();
    Crowd *crowd = g_new0(Crowd, 1);

    if (retry_plan_parse(&plan, RETRY_JITTER, jitter) != NULL ||
        (schedule != NULL && retry_plan_parse(&plan, RETRY_SCHEDULE, schedule) != NULL))
        abort();
    fill_crowd(crowd, age_s);
    for (int round = 1; round <= ROUNDS; round++) {
        Spread spread = try_again(crowd, &plan, &backoff);

        (void)printf("%-34s %6s %% %8d %7u .. %-7u %8.0f %8u\n", name, jitter, round,
                     spread.first_s, spread.last_s,
                     (double)MAILS / (spread.last_s - spread.first_s + 1), spread.most);
    }
    g_free(crowd);
}

void traffic_jitter(void)
{
    (void)printf("10,000 messages deferred in one second\n\n%-34s %8s %8s %18s %8s %8s\n", "",
                 "jitter", "attempt", "age when due, s", "mean/s", "most/s");
    play_jitter("new mail, as main.cf says", NULL, "0", 0);
    play_jitter("new mail, as main.cf says", NULL, "10", 0);
    play_jitter("mail of two hours", NULL, "10", 7200);
    play_jitter("5m 15m 1h 4h", "5m 15m 1h 4h", "10", 0);
    play_jitter("5m 15m 1h 4h", "5m 15m 1h 4h", "20", 0);
    (void)printf("\n");
}
