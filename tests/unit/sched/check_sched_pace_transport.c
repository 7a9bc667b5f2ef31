#include "tests/support/sched_rates.h"

/* The rate of a transport, for all its destinations together, with both strategies. */

static const MeterBookOwner owner = {"h", "i", NULL};

static void begin(int row)
{
    begin_at(row, 10);
}

static SchedTransport *paced_transport(const char *name, const MeterLimit *limit)
{
    SchedTransport *transport;

    (void)world_sched(&sched_world);
    transport = world_transport(&sched_world, name);
    sched_transport_pace(transport, limit, sched_world.now);
    ck_assert(sched_transport_is_paced(transport) == (limit != NULL));
    sched_check(sched_world.sched);
    return transport;
}

static SchedTransportView view_of_transport(void)
{
    SchedTransportView view;

    ck_assert(sched_view_transport(sched_world.sched, "t0", &view));
    ck_assert_str_eq(view.name, "t1");
    return view;
}

START_TEST(rate_is_for_all_destinations_together)
{
    begin(_i);
    (void)paced_transport("t1", &one_a_second);
    add_mail("a:x", 3);
    add_mail("b:x", 3);
    ck_assert_int_eq(deliver_now(), 2);
    for (int second = 1; second <= 4; second++) {
        go_to(second * S - 1);
        ck_assert_int_eq(deliver_now(), 0);
        go_to(second * S);
        ck_assert_int_eq(deliver_now(), 1);
    }
    go_to(100 * S);
    ck_assert(!is_known("a") && !is_known("b"));
    add_mail("c:x", 5);
    ck_assert_int_eq(deliver_now(), 2); /* a burst, not more */
}
END_TEST

START_TEST(other_transports_are_not_held)
{
    begin(_i);
    (void)paced_transport("t1", &one_a_minute);
    add_mail("a:x", 5);
    add_mail("t2/a:x", 5);
    ck_assert_int_eq(deliver_now(), 6);
}
END_TEST

/* What waits for the rate is told of the transport, and of its destinations. */
START_TEST(no_agent_is_called_for_more_than_is_free)
{
    SchedTransport *transport;

    begin(_i);
    transport = paced_transport("t1", &one_a_second);
    add_mail("a:x", 10);
    ck_assert(!view_of_transport().is_held_by_rate);
    ck_assert_ptr_eq(sched_next_connection(sched_world.sched), transport);
    ck_assert_ptr_eq(sched_next_connection(sched_world.sched), transport);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
    for (int i = 0; i < 2; i++) {
        (void)sched_connection_ready(sched_world.sched, transport);
        world_finish(&sched_world, world_select(&sched_world, transport), &delivered);
    }
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
    ck_assert(view_of_transport().is_held_by_rate);
    ck_assert(!view_of_transport().is_dead);
    ck_assert_int_eq(view_of_transport().since_s, START_S);
    ck_assert_int_eq(view_of_transport().until_s, START_S + 1);
    ck_assert(view_of("a").is_blocked && view_of("a").is_blocked_by_rate);
    ck_assert(!view_of("a").is_held_by_rate);
    ck_assert_int_eq(sched_next_pace_us(sched_world.sched), LONG_AFTER + S);
    go_to(S);
    ck_assert(!view_of("a").is_blocked);
    ck_assert_int_eq(deliver_now(), 1);
}
END_TEST

/* Fewer than may be pending in any case. */
START_TEST(no_second_agent_is_called_for_one_unit)
{
    SchedTransport *transport;

    begin(_i);
    transport = paced_transport("t1", &one_a_minute);
    add_mail("a:x", 3);
    ck_assert_ptr_eq(sched_next_connection(world_sched(&sched_world)), transport);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
}
END_TEST

static bool is_first_paced(const char *name)
{
    SchedDestination *destination =
        sched_destination_get(sched_world.sched, world_transport(&sched_world, "t1"), name, name);
    g_autoptr(GPtrArray) waiting = sched_destination_waiting(destination, 1);

    ck_assert_uint_eq(waiting->len, 1);
    return sched_entry_is_paced(waiting->pdata[0]);
}

/* Its own, that of its site, or that of the transport; none of them while a unit is free. */
START_TEST(mail_that_waits_for_a_rate_is_known)
{
    begin(_i);
    (void)paced_site("own", &one_a_minute, NULL);
    sched_destination_share(
        sched_destination_get(sched_world.sched, world_transport(&sched_world, "t1"), "shares",
                              "shares"),
        &(SchedShared){.name = "site s", .deliveries = &one_a_minute}, sched_world.now);
    add_mail("own:x", 3);
    add_mail("shares:x", 3);
    ck_assert(!is_first_paced("own") && !is_first_paced("shares"));
    ck_assert_int_eq(deliver_now(), 2);
    ck_assert(is_first_paced("own") && is_first_paced("shares"));
    go_to(60 * S);
    ck_assert(!is_first_paced("own") && !is_first_paced("shares"));
    (void)paced_transport("t1", &one_a_minute);
    ck_assert_int_eq(deliver_now(), 1);
    ck_assert(is_first_paced("own") && is_first_paced("shares"));
}
END_TEST

static int64_t paced_s(SchedPaced why)
{
    return view_of_transport().paced_us[why] / S;
}

static int64_t paced_over_transports_s(void)
{
    SchedSummary summary;

    sched_summarize(sched_world.sched, &summary);
    return summary.paced_us / S;
}

static void share(const char *name, bool over_transports)
{
    sched_destination_share(
        sched_destination_get(sched_world.sched, world_transport(&sched_world, "t1"), name, name),
        &(SchedShared){
            .name = "site s", .over_transports = over_transports, .deliveries = &one_a_minute},
        sched_world.now);
}

/* By whose rate it is; not the time in which nothing waits, or a window is full. */
START_TEST(time_for_which_mail_waits_for_a_rate_is_counted)
{
    begin(_i);
    (void)paced_site("own", &one_a_minute, NULL);
    add_mail("own:x", 2);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(60 * S);
    ck_assert_int_eq(paced_s(SCHED_PACED_BY_DESTINATION), 60);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(1000 * S);
    ck_assert_int_eq(paced_s(SCHED_PACED_BY_DESTINATION), 60);
    share("member", _i / 2 == 1);
    add_mail("member:x", 3);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(1060 * S);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(1120 * S);
    ck_assert_int_eq(deliver_now(), 1);
    ck_assert_int_eq(_i / 2 == 1 ? paced_over_transports_s() : paced_s(SCHED_PACED_BY_SITE), 120);
    ck_assert_int_eq(_i / 2 == 1 ? paced_s(SCHED_PACED_BY_SITE) : paced_over_transports_s(), 0);
    go_to(2000 * S);
    (void)paced_transport("t1", &one_a_minute);
    add_mail("free:x", 2);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(2030 * S);
    (void)paced_transport("t1", NULL);
    ck_assert_int_eq(paced_s(SCHED_PACED_BY_TRANSPORT), 30);
    ck_assert_int_eq(paced_s(SCHED_PACED_BY_DESTINATION), 60);
}
END_TEST

/* By its own rate, or by the one that it shares; a part of a unit is one. */
START_TEST(debt_of_a_destination_is_known)
{
    static const MeterLimit limit = {60, 60, 5};
    int64_t begin_us;
    SchedDestination *site;

    begin(_i);
    site = paced_site("a", &limit, NULL);
    if (_i / 2 == 1) {
        sched_destination_pace(site, NULL, NULL, sched_world.now);
        site =
            sched_destination_get(sched_world.sched, world_transport(&sched_world, "t1"), "a", "a");
        sched_destination_share(site, &(SchedShared){.name = "site s", .deliveries = &limit},
                                sched_world.now);
    }
    begin_us = sched_world.now.mono_us;
    ck_assert_int_eq(sched_destination_debt(site, begin_us), 0);
    add_mail("a:x", 6);
    ck_assert_int_eq(deliver_now(), 5);
    ck_assert_int_eq(sched_destination_debt(site, begin_us), 5);
    ck_assert_int_eq(sched_destination_debt(site, begin_us + 1), 5);
    ck_assert_int_eq(sched_destination_debt(site, begin_us + 2 * S), 3);
    ck_assert_int_eq(sched_destination_debt(site, begin_us + 9 * S), 0);
}
END_TEST

START_TEST(agent_that_comes_when_nothing_is_free_gets_nothing)
{
    SchedTransport *transport;

    begin(_i);
    transport = paced_transport("t1", &one_a_minute);
    add_mail("a:x", 3);
    ck_assert_int_eq(deliver_now(), 1);
    ck_assert_ptr_null(world_select(&sched_world, transport));
    sched_check(sched_world.sched);
    go_to(60 * S);
    ck_assert_int_eq(deliver_now(), 1);
}
END_TEST

/* Each of them is charged, and the one that lets least begin holds. */
START_TEST(rates_of_transport_site_and_destination_hold_all)
{
    static const MeterLimit five = {5, 3600, 5}, four = {4, 3600, 4}, three = {3, 3600, 3};
    const SchedShared shared = {.name = "s", .deliveries = &four};

    begin(_i);
    (void)paced_transport("t1", &five);
    sched_destination_share(paced_site("a", &three, NULL), &shared, sched_world.now);
    sched_destination_share(
        sched_destination_get(sched_world.sched, world_transport(&sched_world, "t1"), "b", "b"),
        &shared, sched_world.now);
    add_mail("a:x", 9);
    ck_assert_int_eq(deliver_now(), 3);
    add_mail("b:x", 9);
    ck_assert_int_eq(deliver_now(), 1);
    add_mail("c:x", 9);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(720 * S); /* five an hour: one more, for whom it may be */
    ck_assert_int_eq(deliver_now(), 1);
}
END_TEST

START_TEST(rate_delay_of_the_transport_holds_beside)
{
    begin(_i);
    sched_world.params.transport_rate_delay_s = 1;
    (void)paced_transport("t1", &one_a_minute);
    add_mail("a:x", 3);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(30 * S);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(60 * S);
    ck_assert_int_eq(deliver_now(), 1);
}
END_TEST

START_TEST(what_reached_no_host_is_given_back)
{
    SchedEntry *entry;

    begin(_i);
    sched_world.params.failed_cohort_limit = 0;
    (void)paced_transport("t1", &one_a_minute);
    add_mail("a:x", 1);
    add_mail("b:x", 1);
    entry = world_connect(&sched_world);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
    world_finish(&sched_world, entry, &refused);
    ck_assert_int_eq(deliver_now(), 1);
    ck_assert_int_eq(deliver_now(), 0);
}
END_TEST

/* The transport dies with debt: what is left of that holds when it is alive again. */
START_TEST(death_of_the_transport_forgets_no_debt)
{
    SchedTransport *transport;

    begin(_i);
    transport = paced_transport("t1", &one_a_minute);
    add_mail("a:x", 1);
    ck_assert_int_eq(deliver_now(), 1);
    go_to(60 * S);
    add_mail("a:x", 1);
    ck_assert_ptr_eq(sched_next_connection(sched_world.sched), transport);
    sched_connection_failed(sched_world.sched, transport, "4.3.0", "no such service",
                            sched_world.now);
    world_record_undeliverable(&sched_world);
    (void)deliver_now(); /* retry has what was for it */
    sched_transport_revive(sched_world.sched, transport);
    add_mail("a:x", 2);
    ck_assert_int_eq(deliver_now(), 1);
    sched_flush(sched_world.sched);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(120 * S);
    ck_assert_int_eq(deliver_now(), 1);
}
END_TEST

START_TEST(without_its_rate_a_transport_is_free)
{
    begin(_i);
    (void)paced_transport("t1", &one_a_minute);
    add_mail("a:x", 5);
    ck_assert_int_eq(deliver_now(), 1);
    (void)paced_transport("t1", NULL);
    ck_assert_int_eq(deliver_now(), 4);
    (void)paced_transport("t1", NULL);
}
END_TEST

/* As if the process had been killed: the next one begins with what the disk has. */
START_TEST(debt_survives_the_process)
{
    MeterBook *book = meter_book_new(LONG_AFTER - 86400 * S, true), *next;
    GString *text;

    begin(_i);
    sched_world.settings.meters = book;
    (void)paced_transport("t1", &one_a_minute);
    add_mail("a:x", 3);
    ck_assert_int_eq(deliver_now(), 0);
    text = meter_book_write(book, &owner, sched_world.now.mono_us, 0);
    meter_book_written(book, true);
    sched_meters_written(sched_world.sched, sched_world.now);
    ck_assert_int_eq(deliver_now(), 1);
    ck_assert_ptr_nonnull(strstr(text->str, " t1 "));
    sched_free(sched_world.sched);
    sched_world.sched = NULL;
    meter_book_free(book);
    teardown();

    begin(_i);
    next = meter_book_new(LONG_AFTER - 86400 * S, true);
    ck_assert_pstr_eq(meter_book_read(next, text->str, text->len, &owner, LONG_AFTER, 0), NULL);
    sched_world.settings.meters = next;
    (void)paced_transport("t1", &one_a_minute);
    meter_book_set_volatile(next, true); /* the debt holds, not the disk */
    sched_meters_written(sched_world.sched, sched_world.now);
    add_mail("a:x", 3);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(59 * S);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(120 * S); /* the mark was ahead by the time of one unit */
    ck_assert_int_eq(deliver_now(), 1);
    (void)g_string_free(text, TRUE);
    sched_free(sched_world.sched);
    sched_world.sched = NULL;
    meter_book_free(next);
}
END_TEST

/* ---- any sequence ---- */

#define STEPS 3000

START_TEST(no_window_holds_more_than_the_rate)
{
    static const MeterLimit limit = {20, 10, 4}, of_destination = {5, 1, 2};
    g_autoptr(GArray) starts = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GPtrArray) running = g_ptr_array_new();
    guint32 seed = g_random_int();
    GRand *dice = g_rand_new_with_seed(seed);
    guint most = (guint)(limit.count + limit.burst - 1);
    const int64_t *at;

    begin(_i);
    (void)paced_transport("t1", &limit);
    (void)paced_site("a", &of_destination, NULL);
    for (int i = 0; i < STEPS; i++) {
        SchedEntry *entry;

        if (g_rand_int_range(dice, 0, 3) == 0)
            add_mail(g_rand_boolean(dice) ? "a:x b:y" : "c:x", 1);
        while (g_rand_int_range(dice, 0, 4) > 0 && (entry = world_connect(&sched_world)) != NULL) {
            int64_t now = now_us();

            g_array_append_val(starts, now);
            g_ptr_array_add(running, entry);
        }
        while (running->len > 0 && g_rand_int_range(dice, 0, 3) > 0)
            world_finish(&sched_world,
                         g_ptr_array_remove_index(
                             running, (guint)g_rand_int_range(dice, 0, (gint32)running->len)),
                         &delivered);
        if (g_rand_int_range(dice, 0, 50) == 0)
            sched_flush(sched_world.sched);
        go_to(now_us() + g_rand_int_range(dice, 0, 400000));
    }
    ck_assert_uint_gt(starts->len, 200);
    at = (const int64_t *)(const void *)starts->data;
    for (guint i = 0; i + most < starts->len; i++)
        ck_assert_msg(at[i + most] - at[i] >= limit.period_s * S, "seed %u: start %u", seed, i);
    g_rand_free(dice);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("pace_transport");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, rate_is_for_all_destinations_together, 0, 2);
    tcase_add_loop_test(tcase, other_transports_are_not_held, 0, 2);
    tcase_add_loop_test(tcase, no_agent_is_called_for_more_than_is_free, 0, 2);
    tcase_add_loop_test(tcase, no_second_agent_is_called_for_one_unit, 0, 2);
    tcase_add_loop_test(tcase, mail_that_waits_for_a_rate_is_known, 0, 2);
    tcase_add_loop_test(tcase, time_for_which_mail_waits_for_a_rate_is_counted, 0, 4);
    tcase_add_loop_test(tcase, debt_of_a_destination_is_known, 0, 4);
    tcase_add_loop_test(tcase, agent_that_comes_when_nothing_is_free_gets_nothing, 0, 2);
    tcase_add_loop_test(tcase, rates_of_transport_site_and_destination_hold_all, 0, 2);
    tcase_add_loop_test(tcase, rate_delay_of_the_transport_holds_beside, 0, 2);
    tcase_add_loop_test(tcase, what_reached_no_host_is_given_back, 0, 2);
    tcase_add_loop_test(tcase, death_of_the_transport_forgets_no_debt, 0, 2);
    tcase_add_loop_test(tcase, without_its_rate_a_transport_is_free, 0, 2);
    tcase_add_loop_test(tcase, debt_survives_the_process, 0, 2);
    tcase_add_loop_test(tcase, no_window_holds_more_than_the_rate, 0, 2);
    return run_suite("sched/pace_transport", tcase, NULL);
}
