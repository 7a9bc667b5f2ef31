#include "tests/support/sched_sites.h"

/* How many messages have something for a destination, or for a site that is shared: with both
 * strategies. That the counts are those of the entries, sched_check() asserts in all other tests.
 */

static unsigned crowd_of(const char *name)
{
    return sched_destination_crowd(destination("t1", name)).message_count;
}

static void begin_counting(int row)
{
    begin(row);
    sched_world.settings.counts_messages = true;
}

START_TEST(messages_count_once_each)
{
    const Mail *mail;

    begin_counting(_i);
    add_mail("a:x a:y b:x", 3);
    mail = mail_add(&sched_world, "b:x");
    ck_assert_uint_eq(crowd_of("a"), 3);
    ck_assert_uint_eq(crowd_of("b"), 4);
    ck_assert_uint_eq(crowd_of("c"), 0);
    ck_assert(sched_message_is_counted(mail->message, destination("t1", "b")));
    ck_assert(!sched_message_is_counted(mail->message, destination("t1", "a")));
    ck_assert_int_gt(start(), 0);
    ck_assert_uint_eq(crowd_of("b"), 4);
    finish_all();
    while (start() > 0)
        finish_all();
    ck_assert_uint_eq(crowd_of("a"), 0);
    ck_assert_uint_eq(crowd_of("b"), 0);
}
END_TEST

START_TEST(messages_of_members_are_those_of_the_site)
{
    begin_counting(_i);
    add_mail("a:x", 2);
    share("abc", &two_at_once);
    add_mail("a:x b:x", 3);
    ck_assert_uint_eq(crowd_of("a"), 5);
    ck_assert_uint_eq(crowd_of("c"), 5);
    sched_destination_share(destination("t1", "b"), NULL, sched_world.now);
    ck_assert_uint_eq(crowd_of("b"), 3);
    ck_assert_uint_eq(crowd_of("c"), 5);
    sched_destination_share(destination("t1", "a"), NULL, sched_world.now);
    ck_assert_uint_eq(crowd_of("a"), 5);
    ck_assert_uint_eq(crowd_of("c"), 0);
    sched_check(sched_world.sched);
}
END_TEST

START_TEST(redirected_mail_is_not_there_any_more)
{
    begin_counting(_i);
    add_mail("a:x", 3);
    (void)sched_destination_redirect(world_sched(&sched_world), destination("t1", "a"), 2, "4.3.2",
                                     "held", sched_world.now);
    sched_check(sched_world.sched);
    ck_assert_uint_eq(crowd_of("a"), 1);
    ck_assert_uint_eq(sched_destination_crowd(destination("retry", "4.3.2 held")).message_count, 0);
}
END_TEST

START_TEST(window_and_rate_are_told)
{
    SchedCrowd crowd;

    begin_counting(_i);
    crowd = sched_destination_crowd(destination("t1", "a"));
    ck_assert_int_eq(crowd.window, 5);
    ck_assert(!crowd.has_rate);
    sched_destination_pace(destination("t1", "a"), &one_a_second, NULL, sched_world.now);
    crowd = sched_destination_crowd(destination("t1", "a"));
    ck_assert(crowd.has_rate);
    ck_assert_int_eq(crowd.rate.count, one_a_second.count);
    share("b", &two_at_once);
    crowd = sched_destination_crowd(destination("t1", "b"));
    ck_assert_int_eq(crowd.window, 2);
    ck_assert(!crowd.has_rate);
}
END_TEST

START_TEST(without_counting_there_are_none)
{
    begin(_i);
    sched_world.settings.counts_messages = false;
    add_mail("a:x", 3);
    ck_assert_uint_eq(crowd_of("a"), 0);
}
END_TEST

START_TEST(destination_that_gets_no_mail_can_be_let_go)
{
    begin_counting(_i);
    sched_destination_let_go(destination("t1", "a"));
    ck_assert(!is_known("a"));
    add_mail("a:x", 1);
    sched_destination_let_go(destination("t1", "a"));
    ck_assert(is_known("a"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("crowd");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, messages_count_once_each, 0, 2);
    tcase_add_loop_test(tcase, messages_of_members_are_those_of_the_site, 0, 2);
    tcase_add_loop_test(tcase, redirected_mail_is_not_there_any_more, 0, 2);
    tcase_add_loop_test(tcase, window_and_rate_are_told, 0, 2);
    tcase_add_loop_test(tcase, without_counting_there_are_none, 0, 2);
    tcase_add_loop_test(tcase, destination_that_gets_no_mail_can_be_let_go, 0, 2);
    return run_suite("sched/crowd", tcase, NULL);
}
