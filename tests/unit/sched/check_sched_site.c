#include "tests/support/sched_sites.h"

/* Sites that destinations share: how many deliveries run and begin, and whose turn it is; with both
 * strategies. */

/* ---- how many at once ---- */

START_TEST(concurrency_is_that_of_all_members_together)
{
    begin(_i);
    share("abc", &two_at_once);
    add_mail("a:x", 3);
    add_mail("b:x", 3);
    add_mail("c:x", 3);
    ck_assert_int_eq(start(), 2);
    ck_assert_ptr_null(sched_next_connection(sched_world.sched));
    for (int left = 7; left > 0; left--) {
        finish(0, &delivered);
        ck_assert_int_eq(start(), 1);
    }
    finish_all();
    ck_assert_int_eq(start(), 0);
    ck_assert_int_eq(sched_message_count(sched_world.sched), 0);
}
END_TEST

/* Example 4 of traffic.md 2: stock may open 383 x 5, a shared site 10. */
START_TEST(example_4_of_383_domains_at_one_provider_10_run)
{
    static const SchedShared ten_at_once = {.name = "provider", .concurrency = 10};
    bool is_shared = _i >= 2;
    int running_domains = _i == 2 ? 2 : 0; /* all mail of the first two; or one of each of ten */

    begin(_i);
    for (int i = 0; i < 383; i++) {
        g_autofree char *name = g_strdup_printf("d%03d", i);
        g_autofree char *text = g_strdup_printf("%s:x", name);

        if (is_shared)
            sched_destination_share(destination("t1", name), &ten_at_once, sched_world.now);
        for (int k = 0; k < 5; k++)
            (void)mail_add(&sched_world, text);
    }
    for (SchedEntry *entry; (entry = world_connect(&sched_world)) != NULL;)
        running[running_count++] = entry;
    sched_check(sched_world.sched);
    ck_assert_int_eq(running_count, is_shared ? 10 : 383 * 5);
    ck_assert_int_eq(count_in(SCHED_STATE_READY), is_shared ? running_domains : 383);
    ck_assert_int_eq(count_in(SCHED_STATE_FULL), is_shared ? 383 - running_domains : 0);
}
END_TEST

START_TEST(windows_of_members_hold_as_well)
{
    static const SchedShared nine_at_once = {.name = "provider", .concurrency = 9};

    begin(_i);
    share("ab", &nine_at_once);
    sched_destination_limit(destination("t1", "a"), 1);
    add_mail("a:x", 9);
    add_mail("b:x", 9);
    ck_assert_int_eq(start(), 1 + 5);
    ck_assert_int_eq(view_of("a").running_count, 1);
    ck_assert_int_eq(view_of("a").site_running, 6);
    ck_assert(!view_of("a").is_held_by_site);
    ck_assert_int_eq(view_of("a").state, SCHED_STATE_FULL);
    finish_all();
}
END_TEST

START_TEST(others_are_not_held_by_the_site)
{
    begin(_i);
    share("ab", &two_at_once);
    add_mail("a:x", 9);
    add_mail("o:x", 4);
    ck_assert_int_eq(start(), 2 + 4);
    add_mail("b:x", 1);
    ck_assert_int_eq(start(), 0);
    finish_all();
}
END_TEST

START_TEST(sites_of_one_name_in_two_transports_are_two)
{
    begin(_i);
    share("a", &two_at_once);
    sched_destination_share(destination("t2", "a"), &two_at_once, sched_world.now);
    add_mail("t1/a:x", 5);
    add_mail("t2/a:x", 5);
    ck_assert_int_eq(start(), 4);
    finish_all();
}
END_TEST

START_TEST(site_over_transports_is_one)
{
    static const SchedShared contract = {
        .name = "contract", .concurrency = 2, .over_transports = true};

    begin(_i);
    share("ab", &contract);
    sched_destination_share(destination("t2", "a"), &contract, sched_world.now);
    add_mail("t2/a:x", 3);
    ck_assert_int_eq(start(), 2);
    add_mail("t1/a:x", 3);
    add_mail("t1/b:x", 3);
    ck_assert_int_eq(start(), 0);
    for (int left = 7; left > 0; left--) {
        finish(0, &delivered);
        ck_assert_int_eq(start(), 1);
    }
    finish_all();
}
END_TEST

/* ---- turns ---- */

/* One after the other, whatever the number of mails that waits for each. */
START_TEST(members_take_turns)
{
    static const SchedShared one_at_once = {.name = "provider", .concurrency = 1};
    g_autoptr(GString) order = g_string_new(NULL);

    begin(_i);
    share("abcd", &one_at_once);
    add_mail("a:x1 a:x2 a:x3 b:y1 b:y2 c:z1 c:z2 d:u", 1);
    sched_check(sched_world.sched);
    while (start_one()) {
        g_string_append(order, sched_destination_name(sched_entry_destination(running[0])));
        finish(0, &delivered);
    }
    ck_assert_str_eq(order->str, "abcd");
}
END_TEST

/* The first job in order comes first, whichever member it waits for; in round-robin, the turn. */
START_TEST(among_members_the_order_of_jobs_holds)
{
    static const SchedShared one_at_once = {.name = "provider", .concurrency = 1};
    g_autoptr(GString) order = g_string_new(NULL);

    begin(_i);
    share("abc", &one_at_once);
    for (int i = 0; i < 2; i++) {
        add_mail("c:x", 1);
        add_mail("a:x", 2);
        add_mail("b:x", 1);
    }
    while (start_one()) {
        g_string_append(order, sched_destination_name(sched_entry_destination(running[0])));
        finish(0, &delivered);
    }
    ck_assert_str_eq(order->str, _i == 0 ? "caabcaab" : "abcabcaa");
}
END_TEST

/* However busy the others are: a member waits for one turn of each other one, not more. */
START_TEST(each_waiting_member_gets_its_turn)
{
    static const SchedShared one_at_once = {.name = "provider", .concurrency = 1};
    int turns = 0;

    begin(1); /* in preemptive scheduling older mail goes first */
    share("abcdefghij", &one_at_once);
    for (const char *each = "abcdefghi"; *each != '\0'; each++) {
        g_autofree char *text = g_strdup_printf("%c:x", *each);

        add_mail(text, 20);
    }
    ck_assert(start_one());
    add_mail("j:x", 1);
    do {
        finish(0, &delivered);
        ck_assert(start_one());
        turns++;
    } while (!g_str_equal(sched_destination_name(sched_entry_destination(running[0])), "j"));
    ck_assert_int_le(turns, 10);
    finish_all();
}
END_TEST

/* ---- rates ---- */

/* Of what begins in ten minutes at so many busy domains of 60/1m each, in a site of 100/1m. */
static int starts_in_ten_minutes(int domains)
{
    static const MeterLimit of_site = {100, 60, 4}, of_domain = {60, 60, 2};
    const SchedShared shared = {.name = "provider", .deliveries = &of_site};
    int count = 0;

    for (int i = 0; i < domains; i++) {
        g_autofree char *name = g_strdup_printf("d%d", i);
        g_autofree char *text = g_strdup_printf("%s:x", name);

        sched_destination_share(destination("t1", name), &shared, sched_world.now);
        sched_destination_pace(destination("t1", name), &of_domain, NULL, sched_world.now);
        add_mail(text, 700);
    }
    for (int64_t at_us = 0; at_us < 600 * S; at_us += S / 10) {
        sched_world.now.mono_us = LONG_AFTER + at_us;
        sched_world.now.timer_s = START_S + at_us / S;
        sched_run_timers(sched_world.sched, sched_world.now);
        for (SchedEntry *entry; (entry = world_connect(&sched_world)) != NULL; count++)
            world_finish(&sched_world, entry, &delivered);
    }
    sched_check(sched_world.sched);
    return count;
}

/* Example 3 of traffic.md 2, without a rate of the transport. */
START_TEST(example_3_three_busy_domains_have_the_rate_of_the_site)
{
    begin(_i);
    ck_assert_int_eq(starts_in_ten_minutes(3), 1000 + 3);
}
END_TEST

START_TEST(example_3_one_alone_has_its_own_rate)
{
    begin(_i);
    ck_assert_int_eq(starts_in_ten_minutes(1), 600 + 1);
}
END_TEST

START_TEST(rate_of_recipients_pauses_all_members)
{
    static const SchedShared shared = {.name = "provider", .recipients = &one_a_second};

    begin(_i);
    share("ab", &shared);
    add_mail("a:u a:v a:w", 1);
    add_mail("b:x", 1);
    ck_assert_int_eq(start(), 1);
    finish_all();
    go_to(2 * S - 1);
    ck_assert_int_eq(start(), 0);
    go_to(2 * S);
    ck_assert_int_eq(start(), 1);
    finish_all();
}
END_TEST

START_TEST(no_agent_is_called_for_nothing)
{
    static const SchedShared shared = {.name = "provider", .deliveries = &one_a_second};

    begin(_i);
    share("ab", &shared);
    add_mail("a:x", 9);
    add_mail("b:x", 9);
    ck_assert_ptr_nonnull(sched_next_connection(sched_world.sched));
    ck_assert_ptr_nonnull(sched_next_connection(sched_world.sched));
    ck_assert_ptr_null(sched_next_connection(sched_world.sched)); /* two are free */
}
END_TEST

START_TEST(debt_is_remembered_without_members)
{
    static const SchedShared shared = {.name = "provider", .deliveries = &one_a_minute};

    begin(_i);
    share("a", &shared);
    add_mail("a:x", 1);
    ck_assert_int_eq(start(), 1);
    finish_all();
    sched_flush(sched_world.sched);
    ck_assert_int_eq(count_in(SCHED_STATE_IDLE), 0);
    go_to(59 * S);
    share("b", &shared);
    add_mail("b:x", 1);
    ck_assert_int_eq(start(), 0);
    go_to(60 * S);
    ck_assert_int_eq(start(), 1);
    finish_all();
    go_to(120 * S);
    ck_assert_int_eq(sched_next_pace_us(sched_world.sched), INT64_MAX);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("site");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, concurrency_is_that_of_all_members_together, 0, 2);
    tcase_add_loop_test(tcase, example_4_of_383_domains_at_one_provider_10_run, 0, 4);
    tcase_add_loop_test(tcase, windows_of_members_hold_as_well, 0, 2);
    tcase_add_loop_test(tcase, others_are_not_held_by_the_site, 0, 2);
    tcase_add_loop_test(tcase, sites_of_one_name_in_two_transports_are_two, 0, 2);
    tcase_add_loop_test(tcase, site_over_transports_is_one, 0, 2);
    tcase_add_loop_test(tcase, members_take_turns, 0, 2);
    tcase_add_loop_test(tcase, among_members_the_order_of_jobs_holds, 0, 2);
    tcase_add_test(tcase, each_waiting_member_gets_its_turn);
    tcase_add_loop_test(tcase, example_3_three_busy_domains_have_the_rate_of_the_site, 0, 2);
    tcase_add_loop_test(tcase, example_3_one_alone_has_its_own_rate, 0, 2);
    tcase_add_loop_test(tcase, rate_of_recipients_pauses_all_members, 0, 2);
    tcase_add_loop_test(tcase, no_agent_is_called_for_nothing, 0, 2);
    tcase_add_loop_test(tcase, debt_is_remembered_without_members, 0, 2);
    return run_suite("sched/site", tcase, NULL);
}
