#include "tests/support/sched_support.h"

/* When a transport gets a connection (scheduling.md 6), rate delays (13), session bits (14). */

static World world;

static void setup_preemptive(void)
{
    world_init(&world, SCHED_PREEMPTIVE);
    world.params.destination_recipient_limit = 1;
}

static void setup_round_robin(void)
{
    world_init(&world, SCHED_ROUND_ROBIN);
    world.params.destination_recipient_limit = 1;
}

static void teardown(void)
{
    world_clear(&world);
}

static int open_connections(void)
{
    int count = 0;

    while (sched_next_connection(world.sched) != NULL)
        count++;
    return count;
}

static SchedTransport *find(const char *name)
{
    return sched_transport_find(world.sched, name);
}

/* 18.12 */
START_TEST(two_connections_may_be_pending)
{
    mail_add(&world, "x:a x:a x:a x:a x:a x:a x:a x:a x:a x:a");
    ck_assert_int_eq(open_connections(), 2);
    for (int running = 1; running <= 5; running++) {
        sched_connection_ready(world.sched, find("t1"));
        ck_assert_ptr_nonnull(world_select(&world, find("t1")));
        ck_assert_int_eq(open_connections(), running <= 3 ? 1 : 0);
    }
    ck_assert_ptr_null(world_select(&world, find("t1")));
}
END_TEST

START_TEST(transports_take_turns)
{
    g_autoptr(GString) order = g_string_new(NULL);
    SchedTransport *transport;

    mail_add(&world, "t1/x:a t1/x:a t2/x:a t2/x:a t3/x:a");
    while ((transport = sched_next_connection(world.sched)) != NULL)
        g_string_append_printf(order, "%s ", sched_transport_name(transport));
    ck_assert_str_eq(order->str, "t3 t2 t1 t2 t1 "); /* a new one goes to the front */
}
END_TEST

/* The elements before the chosen one move to the end, too. */
START_TEST(rotation_moves_skipped_transports_as_well)
{
    mail_add(&world, "t1/x:a t2/x:a t2/x:a t3/x:a");
    ck_assert_str_eq(sched_transport_name(sched_next_connection(world.sched)), "t3");
    ck_assert_str_eq(sched_transport_name(sched_next_connection(world.sched)), "t2");
    ck_assert_str_eq(sched_transport_name(sched_next_connection(world.sched)), "t1");
    ck_assert_str_eq(sched_transport_name(sched_next_connection(world.sched)), "t2");
    mail_add(&world, "t3/x:a t1/x:a"); /* the list is t1 t3 t2: t3 was skipped */
    ck_assert_str_eq(sched_transport_name(sched_next_connection(world.sched)), "t1");
    ck_assert_str_eq(sched_transport_name(sched_next_connection(world.sched)), "t3");
}
END_TEST

/* The opposite of 18.9: only destinations with room count. */
START_TEST(oversubscribed_destination_hides_nothing)
{
    SchedEntry *entries[3];

    world.params.initial_destination_concurrency = 3;
    world.params.failed_cohort_limit = 10;
    mail_add(&world, "f:a f:a f:a f:a f:a");
    for (int i = 0; i < 3; i++)
        entries[i] = world_connect(&world);
    world_finish(&world, entries[0], &refused); /* window 1, two running */
    ck_assert_int_eq(open_connections(), 0);
    mail_add(&world, "i:b");
    ck_assert_int_eq(open_connections(), 1);
}
END_TEST

START_TEST(settings_depend_on_each_other)
{
    const struct {
        int rate_delay_s, limit, initial, want_limit, want_initial;
    } rows[] = {
        {0, 20, 5, 20, 5},
        {0, 3,  5, 3,  3},
        {0, 0,  5, 0,  5},
        {1, 20, 5, 1,  1},
        {1, 0,  5, 1,  1},
    };
    const SchedTransportParams *adjusted;

    world.params.destination_rate_delay_s = rows[_i].rate_delay_s;
    world.params.destination_concurrency_limit = rows[_i].limit;
    world.params.initial_destination_concurrency = rows[_i].initial;
    adjusted = sched_transport_params(world_transport(&world, "t1"));
    ck_assert_int_eq(adjusted->destination_concurrency_limit, rows[_i].want_limit);
    ck_assert_int_eq(adjusted->initial_destination_concurrency, rows[_i].want_initial);
}
END_TEST

START_TEST(first_nexthop_of_a_destination_stays)
{
    SchedTransport *transport = world_transport(&world, "t1");
    SchedDestination *first = sched_destination_get(world.sched, transport, "x.org", "X.org");

    ck_assert_ptr_eq(sched_destination_get(world.sched, transport, "x.org", "x.ORG"), first);
    ck_assert_str_eq(sched_destination_nexthop(first), "X.org");
}
END_TEST

/* ---- rate delays ---- */

static const SchedResult *const results[] = {&delivered, &refused, &crashed};

/* 13.1 */
START_TEST(destination_pauses_after_each_delivery)
{
    const char *first_left = results[_i]->deferred ? "retry" : "t1";
    SchedTransport *transport;

    world.params.destination_rate_delay_s = 10;
    mail_add(&world, "x:a x:b");
    ck_assert_int_eq(open_connections(), 1);
    sched_connection_ready(world.sched, find("t1"));
    world_finish(&world, world_select(&world, find("t1")), results[_i]);
    sched_check(world.sched);
    mail_add(&world, "x:c"); /* not dead: new mail is accepted */
    world_wait(&world, 9);
    transport = sched_next_connection(world.sched);
    ck_assert_int_eq(transport != NULL, results[_i]->deferred);
    world_wait(&world, 1);
    transport = transport != NULL ? transport : sched_next_connection(world.sched);
    ck_assert_str_eq(sched_transport_name(transport), first_left);
    ck_assert_int_eq(open_connections(), results[_i]->deferred);
    sched_check(world.sched);
}
END_TEST

START_TEST(suspended_destination_without_mail_is_forgotten)
{
    world.params.destination_rate_delay_s = 10;
    mail_add(&world, "x:a");
    world_finish(&world, world_connect(&world), &delivered);
    ck_assert_int_eq(sched_next_timer_s(world.sched), world.now.timer_s + 10);
    sched_flush(world.sched); /* a pause is no death */
    ck_assert_int_eq(sched_next_timer_s(world.sched), world.now.timer_s + 10);
    world_wait(&world, 10);
    sched_check(world.sched);
    ck_assert_int_eq(sched_next_timer_s(world.sched), INT64_MAX);
}
END_TEST

/* 13.2, and 22 for crashes */
START_TEST(transport_with_rate_delay_has_one_connection)
{
    SchedEntry *entry;

    world.params.transport_rate_delay_s = 7;
    mail_add(&world, "x:a x:b");
    ck_assert_int_eq(open_connections(), 1);
    ck_assert_int_eq(sched_connection_ready(world.sched, find("t1")), 7);
    ck_assert_int_eq(open_connections(), 0);
    entry = world_select(&world, find("t1"));
    ck_assert_int_eq(open_connections(), 0);
    world_finish(&world, entry, results[_i]);
    ck_assert_int_eq(open_connections(), 1);
}
END_TEST

START_TEST(rate_lock_is_released_if_nothing_is_left)
{
    world.params.transport_rate_delay_s = 7;
    world.params.initial_destination_concurrency = 1;
    world.params.failed_cohort_limit = 10;
    mail_add(&world, "x:a");
    ck_assert_int_eq(open_connections(), 1);
    ck_assert_int_eq(sched_connection_ready(world.sched, find("t1")), 7);
    ck_assert_ptr_nonnull(world_select(&world, find("t1")));
    ck_assert_ptr_null(world_select(&world, find("t1")));
    mail_add(&world, "y:a");
    ck_assert_int_eq(open_connections(), 1);
}
END_TEST

START_TEST(rate_lock_ends_with_the_death_of_the_transport)
{
    world.params.transport_rate_delay_s = 7;
    mail_add(&world, "x:a");
    ck_assert_int_eq(open_connections(), 1);
    sched_connection_failed(world.sched, find("t1"), "4.3.0", "no", world.now);
    sched_transport_revive(world.sched, find("t1"));
    mail_add(&world, "t1/x:a");
    ck_assert_int_eq(open_connections(), 2); /* t1 and retry */
}
END_TEST

/* ---- session bits ---- */

/* 14, second example */
static const struct {
    int pause_s, want;
} sessions[] = {
    {0, 0   },
    {0, 6144},
    {0, 6144},
    {1, 6144},
    {2, 2048},
    {0, 6144},
    {3, 2048},
};

START_TEST(sessions_are_kept_while_deliveries_follow_each_other)
{
    mail_add(&world, "x:a x:a x:a x:a x:a x:a x:a x:a");
    for (guint i = 0; i < G_N_ELEMENTS(sessions); i++) {
        SchedEntry *entry;

        world_wait(&world, sessions[i].pause_s);
        entry = world_connect(&world);
        ck_assert_int_eq(sched_entry_session_flags(entry), sessions[i].want);
        world_finish(&world, entry, &delivered);
    }
}
END_TEST

START_TEST(parallel_deliveries_keep_sessions_saved)
{
    SchedEntry *entry;

    mail_add(&world, "x:a x:a x:a x:a");
    world_finish(&world, world_connect(&world), &delivered);
    entry = world_connect(&world);
    ck_assert_int_eq(sched_entry_session_flags(entry), 6144);
    world_wait(&world, 5);
    ck_assert_int_eq(sched_entry_session_flags(world_connect(&world)), 6144);
    ck_assert_int_eq(sched_entry_session_flags(entry), 6144);
}
END_TEST

/* What is redirected was not delivered, so nothing follows it back to back. */
START_TEST(redirected_mail_keeps_no_session)
{
    SchedTransport *transport;

    world.params.initial_destination_concurrency = 2;
    mail_add(&world, "x:a");
    mail_add(&world, "x:b");
    ck_assert_ptr_nonnull(world_connect(&world));
    transport = sched_next_connection(world.sched);
    sched_connection_failed(world.sched, transport, "4.3.0", "unavailable", world.now);
    sched_transport_revive(world.sched, transport);
    mail_add(&world, "x:c");
    (void)sched_next_connection(world.sched);
    ck_assert_int_eq(sched_entry_session_flags(world_select(&world, transport)), 0);
}
END_TEST

START_TEST(death_ends_session_caching)
{
    SchedEntry *entry;

    world.params.initial_destination_concurrency = 2;
    world.params.negative.value = 0;
    mail_add(&world, "x:a x:a x:a x:a");
    entry = world_connect(&world);
    world_finish(&world, world_connect(&world), &delivered);
    for (int i = 0; i < 2; i++)
        world_finish(&world, world_connect(&world), &refused); /* window 3: a third each */
    world_finish(&world, entry, &refused);
    mail_add(&world, "x:b");
    sched_flush(world.sched);
    world_wait(&world, 5);
    mail_add(&world, "x:b");
    while ((entry = world_connect(&world)) != NULL)
        ck_assert_int_eq(sched_entry_session_flags(entry), 0);
}
END_TEST

static TCase *common(const char *name, SFun setup)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, two_connections_may_be_pending);
    tcase_add_test(tcase, transports_take_turns);
    tcase_add_test(tcase, rotation_moves_skipped_transports_as_well);
    tcase_add_test(tcase, oversubscribed_destination_hides_nothing);
    tcase_add_loop_test(tcase, settings_depend_on_each_other, 0, 5);
    tcase_add_test(tcase, first_nexthop_of_a_destination_stays);
    tcase_add_loop_test(tcase, destination_pauses_after_each_delivery, 0, G_N_ELEMENTS(results));
    tcase_add_test(tcase, suspended_destination_without_mail_is_forgotten);
    tcase_add_loop_test(tcase, transport_with_rate_delay_has_one_connection, 0,
                        G_N_ELEMENTS(results));
    tcase_add_test(tcase, rate_lock_is_released_if_nothing_is_left);
    tcase_add_test(tcase, rate_lock_ends_with_the_death_of_the_transport);
    tcase_add_test(tcase, sessions_are_kept_while_deliveries_follow_each_other);
    tcase_add_test(tcase, parallel_deliveries_keep_sessions_saved);
    tcase_add_test(tcase, redirected_mail_keeps_no_session);
    tcase_add_test(tcase, death_ends_session_caching);
    return tcase;
}

int main(void)
{
    return run_suite("sched/connection", common("preemptive", setup_preemptive),
                     common("round-robin", setup_round_robin), NULL);
}
