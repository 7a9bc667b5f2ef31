#include "tests/support/sched_rates.h"

/* What a delivery was charged, and is given back because no host was talked to; with both
 * strategies. */

static void begin(int row)
{
    begin_at(row, 10);
}

static const struct {
    SchedResult result;
    bool is_given_back;
} replies[] = {
    {{.deferred = true, .status = "4.4.1", .reason = "Connection refused"},         true },
    {{.deferred = true, .status = "4.4.3", .reason = "Host not found, try again"},  true },
    {{.deferred = true, .status = "4.4.2", .reason = "lost connection"},            false},
    {{.deferred = true, .status = "4.7.0", .reason = "refused to talk to me: 421"}, false},
    {{.deferred = true, .status = "", .reason = ""},                                false},
    {{.deferred = false, .status = "4.4.1", .reason = ""},                          false},
    {{.crashed = true, .deferred = true, .status = "4.4.1", .reason = "x"},         false},
    {{.status = "", .reason = ""},                                                  false}
};

/* Of the destination, and of both of its meters; what one gives back is free at once. */
START_TEST(only_what_reached_no_host_is_given_back)
{
    const bool is_given_back = replies[_i / 2].is_given_back;
    SchedEntry *entry;

    begin(_i);
    sched_world.params.failed_cohort_limit = 0;
    (void)paced_site("a", &one_a_minute, &one_a_minute);
    add_mail("a:x", 2);
    entry = world_connect(&sched_world);
    ck_assert_ptr_nonnull(entry);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
    go_to(S);
    world_finish(&sched_world, entry, &replies[_i / 2].result);
    sched_check(sched_world.sched);
    ck_assert_int_eq(view_of("a").state, is_given_back ? SCHED_STATE_READY : SCHED_STATE_PACED);
    ck_assert_int_eq(deliver_now(), is_given_back ? 1 : 0);
}
END_TEST

/* A shared site gives it back, too. */
START_TEST(shared_site_gives_back)
{
    const SchedShared shared = {.name = "s", .deliveries = &one_a_minute};
    SchedTransport *transport;
    SchedEntry *entry;

    begin(_i);
    (void)world_sched(&sched_world);
    transport = world_transport(&sched_world, "t1");
    for (int i = 0; i < 2; i++)
        sched_destination_share(sched_destination_get(sched_world.sched, transport,
                                                      i == 0 ? "a" : "b", i == 0 ? "a" : "b"),
                                &shared, sched_world.now);
    add_mail("a:x", 1);
    add_mail("b:x", 1);
    entry = world_connect(&sched_world);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
    world_finish(&sched_world, entry, &replies[0].result);
    ck_assert_int_eq(deliver_now(), 1);
    ck_assert_int_eq(deliver_now(), 0);
}
END_TEST

/* No agent got the request. */
START_TEST(request_that_was_not_sent_is_given_back)
{
    SchedTransport *transport;
    SchedEntry *entry;

    begin(_i);
    (void)paced_site("a", &one_a_minute, NULL);
    add_mail("a:x", 1);
    transport = sched_next_connection(sched_world.sched);
    (void)sched_connection_ready(sched_world.sched, transport);
    entry = world_select(&sched_world, transport);
    sched_entry_give_back(sched_world.sched, entry, "4.3.0", "mail transport unavailable",
                          sched_world.now);
    sched_check(sched_world.sched);
    ck_assert(!is_known("a")); /* it owes nothing */
}
END_TEST

/* The rate was taken away and came back while the delivery ran: it is another meter. */
START_TEST(other_meter_gives_nothing_back)
{
    SchedDestination *site;
    SchedEntry *entry;

    begin(_i);
    site = paced_site("a", &one_a_minute, NULL);
    add_mail("a:x", 3);
    entry = world_connect(&sched_world);
    sched_destination_pace(site, NULL, NULL, sched_world.now);
    sched_world.settings.start_us = now_us();
    sched_destination_pace(site, &one_a_minute, NULL, sched_world.now);
    ck_assert_ptr_nonnull(world_connect(&sched_world));
    world_finish(&sched_world, entry, &replies[0].result);
    sched_check(sched_world.sched);
    ck_assert_int_eq(view_of("a").state, SCHED_STATE_PACED);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("refund");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, only_what_reached_no_host_is_given_back, 0,
                        2 * G_N_ELEMENTS(replies));
    tcase_add_loop_test(tcase, shared_site_gives_back, 0, 2);
    tcase_add_loop_test(tcase, request_that_was_not_sent_is_given_back, 0, 2);
    tcase_add_loop_test(tcase, other_meter_gives_nothing_back, 0, 2);
    return run_suite("sched/refund", tcase, NULL);
}
