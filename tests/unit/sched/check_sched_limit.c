#include "sched/inspect.h"
#include "tests/support/sched_support.h"

/* A limit of an administrator, on top of the configuration; with both strategies. */

#define CONFIGURED  6
#define RUNNING_MAX 20

static World world;
static SchedEntry *running[RUNNING_MAX]; /* oldest first */
static int running_count;

static SchedStrategy strategy_of(int row)
{
    return row == 0 ? SCHED_PREEMPTIVE : SCHED_ROUND_ROBIN;
}

static void begin(int row)
{
    world_init(&world, strategy_of(row));
    world.params.destination_concurrency_limit = CONFIGURED;
    world.params.initial_destination_concurrency = 4;
    world.params.destination_recipient_limit = 1;
    running_count = 0;
}

static void teardown(void)
{
    world_clear(&world);
}

static SchedDestination *site(void)
{
    return sched_destination_get(world_sched(&world), world_transport(&world, "t1"), "a", "a");
}

static SchedDestinationView view(void)
{
    SchedDestinationView view;

    ck_assert(sched_view_destination(world.sched, "t1", "a", &view));
    return view;
}

static bool is_retry(const SchedEntry *entry)
{
    const SchedDestination *destination = sched_entry_destination(entry);

    return g_str_equal(sched_transport_name(sched_destination_transport(destination)), "retry");
}

/* As many deliveries begin as may, what died goes to retry; returns how many run then. */
static int fill(void)
{
    SchedEntry *entry;

    while ((entry = world_connect(&world)) != NULL) {
        if (is_retry(entry))
            world_finish(&world, entry, &delivered);
        else
            running[running_count++] = entry;
    }
    sched_check(world.sched);
    return running_count;
}

static void finish_first(const SchedResult *result)
{
    world_finish(&world, running[0], result);
    running_count--;
    for (int i = 0; i < running_count; i++)
        running[i] = running[i + 1];
    sched_check(world.sched);
}

static void add_mail(int count)
{
    for (int i = 0; i < count; i++)
        (void)mail_add(&world, "a:x");
}

START_TEST(limit_is_there_before_the_first_delivery)
{
    begin(_i);
    ck_assert(!sched_destination_limit_is_given(site()));
    sched_destination_limit(site(), 2);
    ck_assert(sched_destination_limit_is_given(site()));
    add_mail(10);
    ck_assert_int_eq(fill(), 2);
    ck_assert_int_eq(view().limit, 2);
    ck_assert_int_eq(view().state, SCHED_STATE_FULL);
}
END_TEST

START_TEST(below_what_is_running_it_waits_until_that_sinks)
{
    begin(_i);
    add_mail(20);
    ck_assert_int_eq(fill(), 4);
    sched_destination_limit(site(), 2);
    sched_check(world.sched);
    ck_assert_int_eq(view().running_count, 4);
    ck_assert_int_eq(fill(), 4);
    for (int left = 3; left >= 2; left--) {
        finish_first(&delivered);
        ck_assert_int_eq(fill(), left);
    }
    finish_first(&delivered);
    ck_assert_int_eq(fill(), 2); /* as many as may: the next one takes its place */
}
END_TEST

/* ---- of a transport as a whole ---- */

static SchedTransportView transport_view(void)
{
    SchedTransportView its;

    ck_assert(sched_view_transport(world.sched, "t0", &its));
    return its;
}

/* Two destinations together run no more than this; each keeps its own window. */
START_TEST(limit_of_a_transport_is_for_all_destinations_together)
{
    begin(_i);
    sched_transport_limit(world_transport(&world, "t1"), 3);
    for (int i = 0; i < 5; i++) {
        (void)mail_add(&world, "a:x");
        (void)mail_add(&world, "b:x");
        (void)mail_add(&world, "t2/a:x");
    }
    ck_assert_int_eq(fill(), 3 + 4);
    ck_assert_int_eq(sched_transport_running(world_transport(&world, "t1")), 3);
    ck_assert(transport_view().is_held_by_limit);
    ck_assert(!transport_view().is_held_by_rate);
    ck_assert(view().is_blocked && view().is_blocked_by_limit);
    sched_transport_limit(world_transport(&world, "t1"), 0);
    ck_assert(!transport_view().is_held_by_limit && !view().is_blocked);
    ck_assert_int_eq(fill(), 8 + 4);
}
END_TEST

/* What runs goes on, and an agent that was called before gets nothing. */
START_TEST(lower_limit_of_a_transport_waits_until_that_sinks)
{
    SchedTransport *transport;

    begin(_i);
    add_mail(20);
    ck_assert_int_eq(fill(), 4);
    transport = world_transport(&world, "t1");
    finish_first(&delivered);
    ck_assert_ptr_eq(sched_next_connection(world.sched), transport);
    sched_transport_limit(transport, 2);
    (void)sched_connection_ready(world.sched, transport);
    ck_assert_ptr_null(world_select(&world, transport));
    ck_assert_int_eq(fill(), 3);
    finish_first(&delivered);
    ck_assert_int_eq(fill(), 2);
    finish_first(&delivered);
    ck_assert_int_eq(fill(), 2);
}
END_TEST

/* As many connections as may still begin. */
START_TEST(no_agent_is_called_beyond_the_limit_of_a_transport)
{
    begin(_i);
    add_mail(20);
    sched_transport_limit(world_transport(&world, "t1"), 1);
    ck_assert_ptr_nonnull(sched_next_connection(world.sched));
    ck_assert_ptr_null(sched_next_connection(world.sched));
}
END_TEST

START_TEST(feedback_goes_on_below_the_limit)
{
    begin(_i);
    world.params.failed_cohort_limit = 100;
    sched_destination_limit(site(), 3);
    add_mail(40);
    ck_assert_int_eq(fill(), 3);
    finish_first(&refused);
    finish_first(&refused);
    ck_assert_int_eq(view().window, 1);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_le(fill(), 3);
        finish_first(&delivered);
    }
    ck_assert_int_eq(view().window, 3);
}
END_TEST

START_TEST(raise_starts_with_the_window_as_it_is)
{
    begin(_i);
    sched_destination_limit(site(), 2);
    add_mail(60);
    ck_assert_int_eq(fill(), 2);
    sched_destination_limit(site(), 10); /* above what is configured */
    ck_assert_int_eq(fill(), 2);
    ck_assert_int_eq(view().window, 2);
    finish_first(&delivered);
    ck_assert_int_eq(fill(), 3);
    for (int i = 0; i < 20; i++) {
        finish_first(&delivered);
        ck_assert_int_le(fill(), 10);
    }
    ck_assert_int_eq(running_count, 10);
}
END_TEST

START_TEST(its_end_brings_back_what_is_configured)
{
    begin(_i);
    sched_destination_limit(site(), 10);
    add_mail(60);
    for (int i = 0; i < 20; i++) {
        (void)fill();
        finish_first(&delivered);
    }
    ck_assert_int_gt(fill(), CONFIGURED);
    sched_destination_limit(site(), 0);
    ck_assert_int_eq(view().limit, CONFIGURED);
    while (running_count > CONFIGURED)
        finish_first(&delivered);
    finish_first(&delivered);
    ck_assert_int_eq(fill(), CONFIGURED);
}
END_TEST

START_TEST(no_configured_limit_is_none_again)
{
    begin(_i);
    world.params.destination_concurrency_limit = 0;
    sched_destination_limit(site(), 1);
    add_mail(40);
    ck_assert_int_eq(fill(), 1);
    sched_destination_limit(site(), 0);
    for (int i = 0; i < 12; i++) {
        finish_first(&delivered);
        (void)fill();
    }
    ck_assert_int_gt(running_count, 4);
    ck_assert_int_eq(view().limit, 0);
}
END_TEST

/* With more deliveries running than may: the window of a revived site is what runs. */
START_TEST(site_that_died_comes_back_within_the_limit)
{
    begin(_i);
    add_mail(20);
    ck_assert_int_eq(fill(), 4);
    sched_destination_limit(site(), 1);
    while (view().state != SCHED_STATE_THROTTLED)
        finish_first(&refused);
    ck_assert_int_gt(view().running_count, 1);
    world_wait(&world, 3600);
    ck_assert_int_eq(view().window, 1);
    sched_check(world.sched);
    while (running_count > 1)
        finish_first(&crashed);
    add_mail(20);
    ck_assert_int_eq(fill(), 1);
}
END_TEST

START_TEST(dead_site_keeps_a_limit_that_is_set_meanwhile)
{
    begin(_i);
    add_mail(1);
    ck_assert_int_eq(fill(), 1);
    add_mail(20);
    ck_assert_int_eq(fill(), 4);
    while (view().state != SCHED_STATE_THROTTLED)
        finish_first(&refused);
    sched_destination_limit(site(), 1);
    ck_assert_int_eq(view().state, SCHED_STATE_THROTTLED);
    while (running_count > 0)
        finish_first(&refused);
    world_wait(&world, 3600);
    sched_destination_limit(site(), 1);
    add_mail(20);
    ck_assert_int_eq(fill(), 1);
}
END_TEST

START_TEST(rate_delay_stays_one_at_a_time)
{
    begin(_i);
    world.params.destination_rate_delay_s = 5;
    sched_destination_limit(site(), 9);
    ck_assert_int_eq(view().limit, 1);
    add_mail(5);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(fill(), 1);
        finish_first(&delivered);
        ck_assert_int_eq(fill(), 0);
        ck_assert_int_eq(view().state, SCHED_STATE_PACED);
        sched_destination_limit(site(), 1 + i);
        ck_assert_int_eq(fill(), 0);
        world_wait(&world, 5);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("limit");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, limit_of_a_transport_is_for_all_destinations_together, 0, 2);
    tcase_add_loop_test(tcase, lower_limit_of_a_transport_waits_until_that_sinks, 0, 2);
    tcase_add_loop_test(tcase, no_agent_is_called_beyond_the_limit_of_a_transport, 0, 2);
    tcase_add_loop_test(tcase, limit_is_there_before_the_first_delivery, 0, 2);
    tcase_add_loop_test(tcase, below_what_is_running_it_waits_until_that_sinks, 0, 2);
    tcase_add_loop_test(tcase, feedback_goes_on_below_the_limit, 0, 2);
    tcase_add_loop_test(tcase, raise_starts_with_the_window_as_it_is, 0, 2);
    tcase_add_loop_test(tcase, its_end_brings_back_what_is_configured, 0, 2);
    tcase_add_loop_test(tcase, no_configured_limit_is_none_again, 0, 2);
    tcase_add_loop_test(tcase, site_that_died_comes_back_within_the_limit, 0, 2);
    tcase_add_loop_test(tcase, dead_site_keeps_a_limit_that_is_set_meanwhile, 0, 2);
    tcase_add_loop_test(tcase, rate_delay_stays_one_at_a_time, 0, 2);
    return run_suite("sched/limit", tcase, NULL);
}
