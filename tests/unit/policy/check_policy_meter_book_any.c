#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/meter_book.h"
#include "tests/support/runner.h"

/*
 * Any sequence of starts, kills, reloads, and steps of the wall clock, in virtual time, with a disk
 * that takes its time: a kill while a file is written leaves the old one or the new one.
 */

#define S     INT64_C(1000000)
#define KILLS 1000
#define WALL  (INT64_C(1764380000) * S)

static const MeterBookOwner owner = {"h", "i", NULL};
static const MeterName name = {METER_DELIVERIES, "", "smtp", "a.test"};

static const char *const limits[] = {"2000/1d burst 10", "100/1h",       "100/1h burst 1",
                                     "100/1m burst 4",   "10/1s",        "1/1d burst 1",
                                     "60/1h burst 30",   "7/1s burst 1", "20/1m burst 20"};

typedef struct Fate {
    guint32 seed;
    GRand *dice;
    MeterLimit limit;
    MeterBook *book;
    MeterPage *page;
    Meter meter;
    int64_t now_us, wall_us, start_us; /* mono is now - start */
    char *disk, *writing;              /* NULL: no file; nothing is being written */
    int64_t written_us;                /* when that will be done */
    GArray *begun;                     /* int64_t */
    bool is_ahead;                     /* the file is of the future, since the clock was set back */
    int64_t waited_us;                 /* how long the disk held what the limit let go */
} Fate;

static int64_t mono(const Fate *fate)
{
    return fate->now_us - fate->start_us;
}

static int64_t chance(Fate *fate, int64_t most)
{
    return (int64_t)(g_rand_double(fate->dice) * (double)most);
}

static void look(Fate *fate)
{
    meter_book_update(fate->book, fate->page, &fate->meter, mono(fate));
    meter_book_check(fate->book);
    meter_check(&fate->meter);
}

static void start_process(Fate *fate)
{
    fate->start_us = fate->now_us - chance(fate, 10 * S);
    fate->book = meter_book_new(mono(fate), true);
    if (fate->disk != NULL)
        ck_assert_pstr_eq(meter_book_read(fate->book, fate->disk, strlen(fate->disk), &owner,
                                          mono(fate), fate->wall_us),
                          NULL);
    fate->page = meter_book_hold(fate->book, &name, &fate->limit, mono(fate), &fate->meter);
}

/* What the kill cost is what the next process owes more than the one before. */
static void check_loss(const Fate *fate, int64_t before_us)
{
    int64_t lease_us = meter_limit_lease_us(&fate->limit), behind_us;

    if (fate->limit.burst == 1)
        lease_us += 7 * S; /* for the write that each of them waits for */
    lease_us = MAX(lease_us, 5 * S);
    behind_us = meter_clear_us(&fate->meter) + fate->start_us - MAX(before_us, fate->now_us);
    ck_assert_msg(behind_us <= lease_us + 1000,
                  "seed %u: %" PRId64 " us behind, lease %" PRId64 " us", fate->seed, behind_us,
                  lease_us);
}

/* The wall clock is set back at times; then nothing is worked off while nobody lives. */
static void kill_process(Fate *fate)
{
    bool is_back = g_rand_int_range(fate->dice, 0, 4) == 0;
    int64_t down_us = chance(fate, 2 * S);
    int64_t before_us = meter_clear_us(&fate->meter) + fate->start_us;

    if (fate->writing != NULL && g_rand_boolean(fate->dice)) {
        g_free(fate->disk);
        fate->disk = g_strdup(fate->writing);
    }
    g_clear_pointer(&fate->writing, g_free);
    meter_book_free(fate->book);
    fate->now_us += down_us;
    fate->wall_us += is_back ? -chance(fate, 3600 * S) : down_us;
    start_process(fate);
    fate->is_ahead = fate->is_ahead || is_back;
    if (!fate->is_ahead)
        check_loss(fate, before_us);
}

static void let_pass(Fate *fate, int64_t us)
{
    fate->now_us += us;
    fate->wall_us += us;
    if (fate->writing == NULL || fate->now_us < fate->written_us)
        return;
    g_free(fate->disk);
    fate->disk = g_steal_pointer(&fate->writing);
    fate->is_ahead = false;
    meter_book_written(fate->book, true);
    look(fate);
}

static void write_if_due(Fate *fate)
{
    GString *text;

    if (fate->writing != NULL || !meter_book_is_due(fate->book))
        return;
    text = meter_book_write(fate->book, &owner, mono(fate), fate->wall_us);
    fate->writing = g_string_free(text, FALSE);
    fate->written_us = fate->now_us + 1000 + chance(fate, 2 * S);
}

static void begin_if_free(Fate *fate)
{
    if (meter_free_units(&fate->meter, mono(fate)) == 0)
        return;
    (void)meter_charge(&fate->meter, 1, mono(fate));
    g_array_append_val(fate->begun, fate->now_us);
    look(fate);
}

/* To the moment at which something happens, or to any other. */
static void go_on(Fate *fate)
{
    int64_t next_us = meter_next_free_us(&fate->meter) - mono(fate);
    int64_t due_us = meter_mark_due_us(&fate->meter, mono(fate));

    if (due_us != INT64_MAX && fate->writing == NULL)
        next_us = MIN(next_us, due_us - mono(fate));
    if (fate->writing != NULL && (next_us <= 0 || g_rand_boolean(fate->dice)))
        next_us = fate->written_us - fate->now_us;
    if (meter_waits_for_mark(&fate->meter, mono(fate)))
        fate->waited_us += MAX(next_us, 0);
    if (g_rand_int_range(fate->dice, 0, 8) == 0)
        next_us = chance(fate, 3 * fate->meter.spacing_us);
    let_pass(fate, MAX(next_us, 0));
    look(fate);
}

static void check_no_window(const Fate *fate)
{
    const int64_t *at = (const int64_t *)(const void *)fate->begun->data;
    guint most = (guint)(fate->limit.count + fate->limit.burst - 1);

    for (guint i = 0; i + most < fate->begun->len; i++)
        ck_assert_msg(at[i + most] - at[i] >= fate->limit.period_s * S,
                      "seed %u: %u starts from %" PRId64 " us on", fate->seed, most + 1, at[i]);
}

START_TEST(no_window_holds_more_than_the_limit_over_a_thousand_kills)
{
    Fate fate = {.seed = g_random_int(),
                 .wall_us = WALL,
                 .begun = g_array_new(FALSE, FALSE, sizeof(int64_t))};
    unsigned kills = 0, steps = 0;

    (void)printf("meter book: seed %u\n", fate.seed);
    fate.dice = g_rand_new_with_seed(fate.seed);
    ck_assert_pstr_eq(meter_limit_parse(limits[_i], &fate.limit), NULL);
    start_process(&fate);
    for (; kills < KILLS; steps++) {
        begin_if_free(&fate);
        write_if_due(&fate);
        go_on(&fate);
        if (g_rand_int_range(fate.dice, 0, 30) == 0) {
            kill_process(&fate);
            kills++;
        }
    }
    check_no_window(&fate);
    (void)printf("%s: %u starts over %u kills in %" PRId64 " h; the disk held it for %.1f %%\n",
                 limits[_i], fate.begun->len, kills, fate.now_us / S / 3600,
                 100 * (double)fate.waited_us / (double)fate.now_us);
    ck_assert_uint_gt(fate.begun->len, KILLS);
    meter_book_free(fate.book);
    g_free(fate.disk);
    g_free(fate.writing);
    g_array_unref(fate.begun);
    g_rand_free(fate.dice);
}
END_TEST

int main(void)
{
    TCase *any = tcase_create("any sequence");

    tcase_set_timeout(any, LONG_TEST_S);
    tcase_add_loop_test(any, no_window_holds_more_than_the_limit_over_a_thousand_kills, 0,
                        G_N_ELEMENTS(limits));
    return run_suite("policy/meter_book, any sequence", any, NULL);
}
