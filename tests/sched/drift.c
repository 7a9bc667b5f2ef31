#include <stdio.h>
#include <stdlib.h>

#include "tests/sched/drift_world.h"

/*
 * drift [SEEDS]: in two corners the core follows rules that need no walk over all jobs
 * (src/sched/README.md). The model knows both ways. Here it delivers the same mail to the same
 * destinations with the rules of the core and with those of stock, and the two orders and waits are
 * compared.
 */

/* ---- what is delivered ---- */

static int pick(GRand *dice, const int *values, int count)
{
    return values[g_rand_int_range(dice, 0, count)];
}
#define PICK(dice, ...) \
    pick(dice, (const int[]){__VA_ARGS__}, (int)(sizeof((const int[]){__VA_ARGS__}) / sizeof(int)))

static SchedTransportParams roll_params(GRand *dice)
{
    return (SchedTransportParams){
        .destination_concurrency_limit = PICK(dice, 1, 2, 5, 20),
        .initial_destination_concurrency = PICK(dice, 1, 2, 5),
        .destination_recipient_limit = PICK(dice, 1, 2, 50),
        .slot_cost = PICK(dice, 0, 2, 5, 5),
        .slot_loan = 3,
        .slot_discount_percent = 50,
        .minimum_slots = 3,
        .recipient_limit = PICK(dice, 2, 20, 200, 20000),
        .extra_recipient_limit = PICK(dice, 1, 10, 1000),
        .refill_limit = PICK(dice, 2, 10, 100),
        .refill_delay_s = 5,
        .failed_cohort_limit = PICK(dice, 0, 1, 3),
        .destination_rate_delay_s = PICK(dice, 0, 0, 0, 1),
        .positive = {g_rand_double(dice), true},
        .negative = {g_rand_double(dice), true},
        .positive_name = "positive",
        .negative_name = "negative",
    };
}

static void roll_mail(GRand *dice, const Plan *plan, Mail *mail)
{
    static const int64_t services_us[] = {US / 10, US / 2, 2 * US, 10 * US};
    int failing = plan->destinations / 4;

    mail->count = g_rand_int_range(dice, 0, 10) == 0 ? g_rand_int_range(dice, 2, 200) : 1;
    mail->recipients = g_new0(Recipient, mail->count);
    for (int i = 0; i < mail->count; i++) {
        int destination = g_rand_int_range(dice, 0, plan->destinations);

        mail->recipients[i] = (Recipient){
            .destination = destination,
            .service_us = services_us[destination % 4] + g_rand_int_range(dice, 0, US / 10),
            .fails = destination < failing && g_rand_int_range(dice, 0, 2) == 0,
        };
    }
}

static Plan roll_plan(uint32_t seed)
{
    GRand *dice = g_rand_new_with_seed(seed);
    Plan plan = {.params = roll_params(dice),
                 .agents = PICK(dice, 2, 5, 10, 30),
                 .destinations = PICK(dice, 2, 5, 20, 100),
                 .message_recipient_limit = PICK(dice, 20, 200, 20000),
                 .reading_us = PICK(dice, 0, 0, US / 10, 2 * US),
                 .mails = g_new0(Mail, MAILS)};
    int64_t arrival_us = START_US, pause_us = PICK(dice, 0, US / 20, US / 2, 2 * US);

    for (int i = 0; i < MAILS; i++) {
        roll_mail(dice, &plan, &plan.mails[i]);
        plan.mails[i].arrival_us = arrival_us;
        arrival_us += pause_us > 0 ? g_rand_int_range(dice, 0, (int)(2 * pause_us)) : 0;
    }
    g_rand_free(dice);
    return plan;
}

/* ---- comparison ---- */

typedef struct Drift {
    uint64_t recipients, elsewhere; /* elsewhere: started at another place of the order */
    unsigned seeds, seeds_with_drift;
    unsigned farthest;      /* places */
    double core_s, stock_s; /* waits of recipients, summed up */
    double longer_s;        /* the worst that a message lost against stock, and won */
    double shorter_s;
    uint64_t messages, longer, shorter;
} Drift;

static double wait_s(const Mail *mail, const Recipient *recipient)
{
    return (double)(recipient->started_us - mail->arrival_us) / US;
}

static double longest_wait_s(const Mail *mail)
{
    double longest_s = 0; /* what was given up has not waited */

    for (int i = 0; i < mail->count; i++)
        longest_s = MAX(longest_s, wait_s(mail, &mail->recipients[i]));
    return longest_s;
}

static void compare_mail(Drift *drift, const Mail *core, const Mail *stock)
{
    double lost_s = longest_wait_s(core) - longest_wait_s(stock);

    for (int i = 0; i < core->count; i++) {
        unsigned place = core->recipients[i].place, other = stock->recipients[i].place;
        unsigned distance = place > other ? place - other : other - place;

        if (core->recipients[i].started_us == 0 || stock->recipients[i].started_us == 0)
            continue;
        drift->recipients++;
        drift->elsewhere += distance > 0 ? 1 : 0;
        drift->farthest = MAX(drift->farthest, distance);
        drift->core_s += wait_s(core, &core->recipients[i]);
        drift->stock_s += wait_s(stock, &stock->recipients[i]);
    }
    drift->messages++;
    drift->longer += lost_s > 0 ? 1 : 0;
    drift->shorter += lost_s < 0 ? 1 : 0;
    drift->longer_s = MAX(drift->longer_s, lost_s);
    drift->shorter_s = MAX(drift->shorter_s, -lost_s);
}

static void compare_seed(Drift *drift, uint32_t seed)
{
    Plan plan = roll_plan(seed);
    Mail *core = deliver(&plan, MODEL_CORE_RULES);
    Mail *stock = deliver(&plan, MODEL_STOCK_RULES);
    uint64_t before = drift->elsewhere;

    for (int i = 0; i < MAILS; i++)
        compare_mail(drift, &core[i], &stock[i]);
    drift->seeds++;
    drift->seeds_with_drift += drift->elsewhere > before ? 1 : 0;
    free_mails(core);
    free_mails(stock);
    free_mails(plan.mails);
}

int main(int argc, char **argv)
{
    uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000;
    Drift drift = {0};

    for (uint32_t seed = 0; seed < count; seed++)
        compare_seed(&drift, seed);
    printf("seeds: %u, with another order: %u\n", drift.seeds, drift.seeds_with_drift);
    printf("recipients: %" G_GUINT64_FORMAT ", at another place: %" G_GUINT64_FORMAT
           " (%.2f %%), farthest %u places\n",
           drift.recipients, drift.elsewhere,
           100.0 * (double)drift.elsewhere / (double)drift.recipients, drift.farthest);
    printf("average wait: %.3f s with the rules of the core, %.3f s with those of stock\n",
           drift.core_s / (double)drift.recipients, drift.stock_s / (double)drift.recipients);
    printf("messages: %" G_GUINT64_FORMAT ", longer %" G_GUINT64_FORMAT
           " (at most %.1f s), shorter %" G_GUINT64_FORMAT " (at most %.1f s)\n",
           drift.messages, drift.longer, drift.longer_s, drift.shorter, drift.shorter_s);
    return EXIT_SUCCESS;
}
