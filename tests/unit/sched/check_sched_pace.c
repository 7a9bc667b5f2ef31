#include <inttypes.h>
#include <stdio.h>

#include "tests/support/sched_rates.h"

/* Rates of destinations, with both strategies. */

#define RUNNING_MAX 100

static void begin(int row)
{
    begin_at(row, 10);
}

/* ---- one destination ---- */

/* Example 2 of traffic.md 2: deliveries of 3 s, a window of 10, one a second. */
START_TEST(rate_holds_with_concurrency)
{
    SchedEntry *running[RUNNING_MAX];
    int64_t ends[RUNNING_MAX];
    int first = 0, last = 0, in_minute[3] = {0}, most_running = 0;

    begin(_i);
    (void)paced_site("a", &one_a_second, NULL);
    add_mail("a:x", 300);
    while (now_us() < 180 * S) {
        SchedEntry *entry;

        while (first < last && ends[first % RUNNING_MAX] <= now_us())
            world_finish(&sched_world, running[first++ % RUNNING_MAX], &delivered);
        while ((entry = world_connect(&sched_world)) != NULL) {
            running[last % RUNNING_MAX] = entry;
            ends[last++ % RUNNING_MAX] = now_us() + 3 * S;
            in_minute[now_us() / (60 * S)]++;
        }
        most_running = MAX(most_running, last - first);
        go_to(now_us() + S / 20);
    }
    ck_assert_int_eq(in_minute[0], 61); /* N + B - 1 */
    ck_assert_int_eq(in_minute[1], 60);
    ck_assert_int_eq(in_minute[2], 60);
    ck_assert_int_le(most_running, 4);
    while (first < last)
        world_finish(&sched_world, running[first++ % RUNNING_MAX], &delivered);
}
END_TEST

START_TEST(no_agent_is_called_for_nothing)
{
    begin(_i);
    (void)paced_site("a", &one_a_second, NULL);
    add_mail("a:x", 10);
    ck_assert_int_eq(deliver_now(), 2);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
    ck_assert_int_eq(sched_next_pace_us(sched_world.sched), LONG_AFTER + S);
    ck_assert_int_eq(view_of("a").state, SCHED_STATE_PACED);
    ck_assert(view_of("a").is_held_by_rate);
    ck_assert_int_eq(view_of("a").since_s, START_S);
    ck_assert_int_eq(view_of("a").until_s, START_S + 1);
    go_to(S - 1);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
    go_to(S);
    ck_assert_int_eq(view_of("a").state, SCHED_STATE_READY);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(10 * S);
    ck_assert_int_eq(deliver_now(), 2);
}
END_TEST

/* An agent that was called for two, and comes when there is one left: it gets nothing. */
START_TEST(agent_that_comes_when_nothing_is_free_gets_nothing)
{
    SchedTransport *transport;

    begin(_i);
    (void)paced_site("a", &one_a_minute, NULL);
    add_mail("a:x", 3);
    transport = sched_next_connection(sched_world.sched);
    ck_assert_ptr_nonnull(transport);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
    (void)sched_connection_ready(sched_world.sched, transport);
    world_finish(&sched_world, world_select(&sched_world, transport), &delivered);
    ck_assert_ptr_null(world_select(&sched_world, transport));
    sched_check(sched_world.sched);
}
END_TEST

START_TEST(before_the_start_there_may_have_been_deliveries)
{
    begin(_i);
    sched_world.settings.start_us = LONG_AFTER;
    (void)paced_site("a", &one_a_second, NULL);
    (void)world_sched(&sched_world);
    add_mail("a:x", 10);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(S);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(60 * S);
    ck_assert_int_eq(deliver_now(), 2);
}
END_TEST

START_TEST(recipients_pause_what_follows)
{
    begin(_i);
    (void)paced_site("a", NULL, &one_a_second);
    add_mail("a:u a:v a:w a:x a:y", 3);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(4 * S - 1);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(4 * S);
    ck_assert_int_eq(deliver_now(), 1);
}
END_TEST

START_TEST(both_rates_hold)
{
    static const MeterLimit ten_a_second = {10, 1, 1};

    begin(_i);
    (void)paced_site("a", &ten_a_second, &one_a_minute);
    add_mail("a:x", 3);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(S);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(60 * S);
    ck_assert_int_eq(deliver_now(), 1);
}
END_TEST

/* Else the next mail would find a new destination, with a burst of its own. */
START_TEST(debt_is_remembered_without_mail)
{
    begin(_i);
    (void)paced_site("a", &one_a_minute, NULL);
    add_mail("a:x", 1);
    ck_assert_int_eq(deliver_now(), 1);
    ck_assert(is_known("a"));
    sched_flush(sched_world.sched);
    go_to(59 * S);
    add_mail("a:x", 1);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(60 * S);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(120 * S);
    ck_assert(!is_known("a"));
    ck_assert_int_eq(sched_next_pace_us(sched_world.sched), INT64_MAX);
}
END_TEST

START_TEST(others_are_not_held)
{
    begin(_i);
    (void)paced_site("a", &one_a_minute, NULL);
    add_mail("a:x", 5);
    add_mail("b:x", 5);
    ck_assert_int_eq(deliver_now(), 6);
    add_mail("b:x", 5);
    ck_assert_int_eq(deliver_now(), 5);
}
END_TEST

/* The delay is from the end of a delivery, the rate from its begin. */
START_TEST(rate_delay_and_rate_hold_both)
{
    static const MeterLimit ten_a_second = {10, 1, 1};

    begin(_i);
    sched_world.params.destination_rate_delay_s = 3;
    (void)paced_site("a", &one_a_minute, NULL);
    (void)paced_site("b", &ten_a_second, NULL);
    add_mail("a:x", 2);
    add_mail("b:x", 2);
    ck_assert_int_eq(deliver_now(), 2);
    go_to(S);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(3 * S);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(59 * S);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(60 * S);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(200 * S);
    ck_assert(!is_known("a") && !is_known("b"));
}
END_TEST

/* A limit of an administrator is for what runs at a time, the rate for what begins. */
START_TEST(limit_and_rate_hold_both)
{
    SchedEntry *entry;

    begin(_i);
    sched_destination_limit(paced_site("a", &one_a_second, NULL), 1);
    add_mail("a:x", 4);
    entry = world_connect(&sched_world);
    ck_assert_ptr_nonnull(entry);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
    go_to(10 * S);
    ck_assert_int_eq(view_of("a").state, SCHED_STATE_FULL);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
    world_finish(&sched_world, entry, &delivered);
    ck_assert_int_eq(deliver_now(), 2);
    ck_assert_int_eq(view_of("a").state, SCHED_STATE_PACED);
}
END_TEST

START_TEST(without_a_rate_there_is_no_pace)
{
    SchedDestination *site;

    begin(_i);
    site = sched_destination_get(world_sched(&sched_world), world_transport(&sched_world, "t1"),
                                 "a", "a");
    sched_destination_pace(site, NULL, NULL, sched_world.now);
    ck_assert(!sched_destination_is_paced(site));
}
END_TEST

/* ---- any sequence ---- */

#define SITES 5
#define STEPS 4000

static const MeterLimit rates[SITES - 1] = {
    {5,  1,  3 },
    {60, 60, 1 },
    {7,  10, 2 },
    {30, 60, 10}
};

typedef struct Begun {
    SchedEntry *entry;
    int site; /* -1: another destination */
    int64_t at_us;
} Begun;

typedef struct Chance {
    guint32 seed;
    GRand *dice;
    GArray *starts[SITES];
    GArray *running; /* Begun */
    int64_t added, ended;
} Chance;

static void add_some(Chance *chance)
{
    g_autofree char *text = g_strdup_printf("s%d:x s%d:y", g_rand_int_range(chance->dice, 0, SITES),
                                            g_rand_int_range(chance->dice, 0, SITES));

    for (int i = 0; i < SITES - 1; i++) {
        g_autofree char *name = g_strdup_printf("s%d", i);
        SchedDestination *site = sched_destination_get(
            world_sched(&sched_world), world_transport(&sched_world, "t1"), name, name);

        if (!sched_destination_is_paced(site))
            sched_destination_pace(site, &rates[i], NULL, sched_world.now);
    }
    (void)mail_add(&sched_world, text);
    chance->added++;
}

static void begin_some(Chance *chance, int most)
{
    SchedEntry *entry;

    while (most-- > 0 && (entry = world_connect(&sched_world)) != NULL) {
        const char *name = sched_destination_name(sched_entry_destination(entry));
        Begun begun = {entry, -1, now_us()};

        if (name[0] == 's' && g_ascii_isdigit(name[1]))
            begun.site = name[1] - '0';
        if (begun.site >= 0)
            g_array_append_val(chance->starts[begun.site], begun.at_us);
        g_array_append_val(chance->running, begun);
    }
}

/* What was given back has not begun. */
static void forget_start(const Chance *chance, const Begun *begun)
{
    GArray *starts = chance->starts[begun->site];
    guint i = 0;

    while (g_array_index(starts, int64_t, i) != begun->at_us)
        i++;
    g_array_remove_index(starts, i);
}

static void end_some(Chance *chance)
{
    while (chance->running->len > 0 && g_rand_int_range(chance->dice, 0, 3) > 0) {
        guint which = (guint)g_rand_int_range(chance->dice, 0, (gint32)chance->running->len);
        Begun begun = g_array_index(chance->running, Begun, which);
        bool is_refused = g_rand_int_range(chance->dice, 0, 4) == 0;

        g_array_remove_index(chance->running, which);
        world_finish(&sched_world, begun.entry, is_refused ? &refused : &delivered);
        if (is_refused && begun.site >= 0)
            forget_start(chance, &begun);
        world_record_undeliverable(&sched_world);
    }
}

static void check_windows(const Chance *chance)
{
    for (int i = 0; i < SITES - 1; i++) {
        const int64_t *at = (const int64_t *)(const void *)chance->starts[i]->data;
        guint most = (guint)(rates[i].count + rates[i].burst - 1);

        ck_assert_uint_gt(chance->starts[i]->len, 10);
        for (guint j = 0; j + most < chance->starts[i]->len; j++)
            ck_assert_msg(at[j + most] - at[j] >= rates[i].period_s * S,
                          "seed %u: site %d: %u starts from %" PRId64 " us on", chance->seed, i,
                          most + 1, at[j]);
    }
}

START_TEST(no_window_holds_more_than_its_rate)
{
    Chance chance = {.seed = g_random_int(), .running = g_array_new(FALSE, FALSE, sizeof(Begun))};

    (void)printf("pace: seed %u\n", chance.seed);
    chance.dice = g_rand_new_with_seed(chance.seed);
    for (int i = 0; i < SITES; i++)
        chance.starts[i] = g_array_new(FALSE, FALSE, sizeof(int64_t));
    begin(_i);
    add_some(&chance);
    for (int i = 0; i < STEPS; i++) {
        if (g_rand_int_range(chance.dice, 0, 3) == 0)
            add_some(&chance);
        begin_some(&chance, g_rand_int_range(chance.dice, 0, 5));
        end_some(&chance);
        if (g_rand_int_range(chance.dice, 0, 50) == 0)
            sched_flush(sched_world.sched);
        go_to(now_us() + g_rand_int_range(chance.dice, 0, 300000));
    }
    check_windows(&chance);
    for (int i = 0; i < SITES; i++)
        g_array_unref(chance.starts[i]);
    g_array_unref(chance.running);
    g_rand_free(chance.dice);
}
END_TEST

/* ---- rates that change ---- */

START_TEST(other_rate_keeps_what_is_owed)
{
    const MeterLimit ten_a_minute = {10, 60, 1};
    SchedDestination *site;

    begin(_i);
    site = paced_site("a", &one_a_minute, NULL);
    add_mail("a:x", 5);
    ck_assert_int_eq(deliver_now(), 1);
    sched_destination_pace(site, &one_a_minute, NULL, sched_world.now); /* the same again */
    ck_assert_int_eq(deliver_now(), 0);
    sched_destination_pace(site, &ten_a_minute, NULL, sched_world.now);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(6 * S);
    ck_assert_int_eq(deliver_now(), 1);
}
END_TEST

/* It leaves the pace of recipients, which has its own debt, and then nothing. */
START_TEST(what_waits_for_a_rate_begins_when_that_is_gone)
{
    SchedDestination *site;

    begin(_i);
    site = paced_site("a", &one_a_minute, &one_a_second);
    add_mail("a:x", 9);
    ck_assert_int_eq(deliver_now(), 1);
    sched_destination_pace(site, NULL, &one_a_second, sched_world.now);
    ck_assert_int_eq(deliver_now(), 1);
    sched_destination_pace(site, NULL, NULL, sched_world.now);
    sched_check(sched_world.sched);
    ck_assert_int_eq(deliver_now(), 7);
    ck_assert(!is_known("a"));
}
END_TEST

START_TEST(destination_without_mail_goes_with_its_rate)
{
    begin(_i);
    (void)paced_site("a", &one_a_minute, NULL);
    add_mail("a:x", 1);
    ck_assert_int_eq(deliver_now(), 1);
    ck_assert(is_known("a"));
    sched_destination_pace(
        sched_destination_get(sched_world.sched, world_transport(&sched_world, "t1"), "a", "a"),
        NULL, NULL, sched_world.now);
    ck_assert(!is_known("a"));
    sched_check(sched_world.sched);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("pace");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, rate_holds_with_concurrency, 0, 2);
    tcase_add_loop_test(tcase, no_agent_is_called_for_nothing, 0, 2);
    tcase_add_loop_test(tcase, agent_that_comes_when_nothing_is_free_gets_nothing, 0, 2);
    tcase_add_loop_test(tcase, before_the_start_there_may_have_been_deliveries, 0, 2);
    tcase_add_loop_test(tcase, recipients_pause_what_follows, 0, 2);
    tcase_add_loop_test(tcase, both_rates_hold, 0, 2);
    tcase_add_loop_test(tcase, debt_is_remembered_without_mail, 0, 2);
    tcase_add_loop_test(tcase, others_are_not_held, 0, 2);
    tcase_add_loop_test(tcase, rate_delay_and_rate_hold_both, 0, 2);
    tcase_add_loop_test(tcase, limit_and_rate_hold_both, 0, 2);
    tcase_add_loop_test(tcase, without_a_rate_there_is_no_pace, 0, 2);
    tcase_add_loop_test(tcase, no_window_holds_more_than_its_rate, 0, 6);
    tcase_add_loop_test(tcase, other_rate_keeps_what_is_owed, 0, 2);
    tcase_add_loop_test(tcase, what_waits_for_a_rate_begins_when_that_is_gone, 0, 2);
    tcase_add_loop_test(tcase, destination_without_mail_goes_with_its_rate, 0, 2);
    return run_suite("sched/pace", tcase, NULL);
}
