#include "tests/support/sched_sites.h"

/* Sites that destinations share: members come, go and die, and what is seen of it; with both
 * strategies. */

/* ---- members come and go ---- */

START_TEST(what_runs_moves_with_its_destination)
{
    begin(_i);
    add_mail("a:x", 5);
    add_mail("b:x", 5);
    ck_assert_int_eq(start(), 10);
    share("ab", &two_at_once);
    ck_assert_int_eq(view_of("a").site_running, 10);
    add_mail("a:x", 5);
    finish(0, &delivered);
    ck_assert_int_eq(start(), 0);
    share("a", NULL);
    ck_assert_ptr_null(view_of("a").site);
    ck_assert_int_eq(view_of("b").site_running, view_of("b").running_count);
    ck_assert_int_ge(start(), 1);
    finish_all();
}
END_TEST

/* Jobs were passed because of the site; then the site is another one, or allows more, or none. */
START_TEST(change_releases_what_waited)
{
    static const SchedShared four_at_once = {.name = "provider", .concurrency = 4};
    static const SchedShared other = {.name = "other", .concurrency = 3};

    begin(_i);
    share("ab", &two_at_once);
    add_mail("a:x", 5);
    add_mail("b:x", 5);
    ck_assert_int_eq(start(), 2);
    (void)world_select(&sched_world, world_transport(&sched_world, "t1"));
    share("a", &four_at_once);
    ck_assert_int_eq(start(), 2);
    (void)world_select(&sched_world, world_transport(&sched_world, "t1"));
    share("b", &other);
    ck_assert_int_ge(start(), 1);
    (void)world_select(&sched_world, world_transport(&sched_world, "t1"));
    share("ab", NULL);
    (void)start();
    ck_assert_int_eq(running_count, 10);
    finish_all();
}
END_TEST

START_TEST(same_again_changes_nothing)
{
    static const SchedShared shared = {
        .name = "provider", .concurrency = 3, .deliveries = &one_a_minute};

    begin(_i);
    share("ab", &shared);
    add_mail("a:x", 5);
    ck_assert_int_eq(start(), 1);
    share("ab", &shared);
    ck_assert_int_eq(start(), 0);
    ck_assert_int_eq(view_of("b").site_running, 1);
    finish_all();
}
END_TEST

/* ---- what else happens to members ---- */

START_TEST(death_of_a_member_leaves_room_for_others)
{
    begin(_i);
    sched_world.params.failed_cohort_limit = 1;
    sched_world.params.negative = (SchedFeedback){1, false};
    share("ab", &two_at_once);
    sched_destination_limit(destination("t1", "a"), 1);
    add_mail("a:x", 5);
    add_mail("b:x", 5);
    ck_assert_int_eq(start(), 2);
    for (int i = 0; i < running_count; i++)
        if (g_str_equal(sched_destination_name(sched_entry_destination(running[i])), "a"))
            finish(i, &refused);
    ck_assert_int_eq(view_of("a").state, SCHED_STATE_THROTTLED);
    ck_assert(!view_of("a").is_held_by_site);
    (void)start();
    ck_assert_int_eq(view_of("b").site_running, 2);
    ck_assert_int_eq(view_of("b").running_count, 2);
    finish_all();
    sched_flush(sched_world.sched);
    sched_check(sched_world.sched);
}
END_TEST

START_TEST(what_is_given_back_makes_room)
{
    static const SchedShared contract = {
        .name = "contract", .concurrency = 1, .over_transports = true};

    begin(_i);
    share("a", &contract);
    sched_destination_share(destination("t2", "a"), &contract, sched_world.now);
    add_mail("t1/a:x", 2);
    ck_assert_int_eq(start(), 1);
    add_mail("t2/a:x", 1);
    ck_assert_int_eq(start(), 0);
    sched_entry_give_back(sched_world.sched, running[0], "4.3.0", "broken", sched_world.now);
    running_count = 0;
    sched_check(sched_world.sched);
    ck_assert_int_ge(start(), 1);
    ck_assert_int_eq(view_in("t2", "a").site_running, 1);
    finish_all();
}
END_TEST

START_TEST(pause_of_a_member_is_not_one_of_the_site)
{
    begin(_i);
    sched_world.params.destination_rate_delay_s = 10;
    share("ab", &two_at_once);
    add_mail("a:x", 2);
    add_mail("b:x", 2);
    ck_assert_int_eq(start(), 2);
    finish(0, &delivered);
    ck_assert_int_eq(start(), 0);
    ck_assert_int_eq(view_of("b").site_running, 1);
    finish_all();
    go_to(10 * S);
    ck_assert_int_eq(start(), 2);
    finish_all();
}
END_TEST

/* ---- what is seen ---- */

START_TEST(members_are_held_by_the_site)
{
    static const SchedShared shared = {
        .name = "site provider", .concurrency = 2, .deliveries = &one_a_second};
    SchedDestinationView view;
    uint32_t slot = 0;

    begin(_i);
    share("abc", &shared);
    ck_assert_int_eq(count_in(SCHED_STATE_IDLE), 3);
    add_mail("a:x", 3);
    add_mail("b:x", 3);
    ck_assert_int_eq(count_in(SCHED_STATE_READY), 2);
    ck_assert_int_eq(start(), 2);
    view = view_of("a");
    ck_assert_str_eq(view.site, "site provider");
    ck_assert(view.is_held_by_site && view.is_held_by_rate);
    ck_assert_int_eq(view.state, SCHED_STATE_PACED);
    ck_assert_int_eq(view.since_s, START_S);
    ck_assert_int_eq(view.until_s, START_S + 1);
    ck_assert_int_eq(count_in(SCHED_STATE_PACED), 2);
    ck_assert(!sched_view_next_standing(sched_world.sched, &slot, 9, &view));
    go_to(10 * S);
    view = view_of("b");
    ck_assert(view.is_held_by_site && !view.is_held_by_rate);
    ck_assert_int_eq(view.state, SCHED_STATE_FULL);
    ck_assert_int_eq(view.site_running, 2);
    ck_assert_int_eq(view.site_limit, 2);
    ck_assert_int_eq(count_in(SCHED_STATE_FULL), 2);
    ck_assert(!view_of("c").is_held_by_site);
    finish(0, &delivered);
    ck_assert_int_eq(count_in(SCHED_STATE_FULL), 0);
    ck_assert_int_eq(count_in(SCHED_STATE_READY), 2);
    finish_all();
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("site_life");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, what_runs_moves_with_its_destination, 0, 2);
    tcase_add_loop_test(tcase, change_releases_what_waited, 0, 2);
    tcase_add_loop_test(tcase, same_again_changes_nothing, 0, 2);
    tcase_add_loop_test(tcase, death_of_a_member_leaves_room_for_others, 0, 2);
    tcase_add_loop_test(tcase, what_is_given_back_makes_room, 0, 2);
    tcase_add_loop_test(tcase, pause_of_a_member_is_not_one_of_the_site, 0, 2);
    tcase_add_loop_test(tcase, members_are_held_by_the_site, 0, 2);
    return run_suite("sched/site_life", tcase, NULL);
}
