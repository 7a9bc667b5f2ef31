#include <sys/stat.h>

#include "src/life/deferred_internal.h"
#include "src/life/scan_internal.h"
#include "tests/support/life_story.h"

/*
 * Deferred mail after the first walk through its directory: what we put there ourselves and what
 * others do is found, by another walk (test number 0) as by the index (1; src/life/deferred.c).
 * retry_exact makes use of the index even for a few files; its own runs come after a second.
 */

#define WAYS 2

static void walk_once(bool then_by_index)
{
    world.settings.retry_exact = then_by_index;
    world_start();
    world_run();
    world_forget();
}

static void run_queue(const char *trigger)
{
    life_trigger(world.life, trigger, strlen(trigger));
    world_run();
}

START_TEST(mail_that_others_put_there_is_found)
{
    walk_once(_i == 1);
    world_mail(&(Mail){.queue = "deferred"});
    run_queue("D");
    ck_assert(was_told("A1: removed"));
}
END_TEST

START_TEST(mail_that_others_move_there_is_found)
{
    walk_once(_i == 1);
    world_mail(&(Mail){.queue = "corrupt"});
    ck_assert_int_eq(rename("corrupt/A1", "deferred/A1"), 0);
    run_queue("D");
    ck_assert(was_told("A1: removed"));
}
END_TEST

START_TEST(mail_in_hash_directories_is_found)
{
    world.spool_settings.hash_queue_names = "deferred";
    world.spool_settings.hash_queue_depth = 1;
    ck_assert_int_eq(mkdir("deferred/A", 0700), 0);
    walk_once(_i == 1);
    world_mail(&(Mail){.queue = "corrupt"});
    ck_assert_int_eq(rename("corrupt/A1", "deferred/A/A1"), 0);
    run_queue("D");
    ck_assert(was_told("A1: removed"));
}
END_TEST

START_TEST(mail_that_others_make_due_is_found)
{
    world_mail(&(Mail){.queue = "deferred", .due_in_s = 1000});
    walk_once(_i == 1);
    run_queue("D");
    world_expect("");
    world_set_due("deferred/A1", world.start_s);
    run_queue("D");
    ck_assert(was_told("A1: removed"));
}
END_TEST

START_TEST(mail_that_becomes_ready_is_found)
{
    world_mail(&(Mail){.queue = "deferred", .mode = 0600});
    walk_once(_i == 1);
    run_queue("D");
    world_expect("");
    ck_assert_int_eq(chmod("deferred/A1", 0700), 0);
    run_queue("D");
    ck_assert(was_told("A1: removed"));
}
END_TEST

START_TEST(mail_that_others_remove_is_forgotten)
{
    world_mail(&(Mail){.queue = "deferred", .due_in_s = 1000});
    world_mail(&(Mail){.id = "A2", .queue = "deferred", .due_in_s = 1000});
    walk_once(_i == 1);
    ck_assert_int_eq(unlink("deferred/A1"), 0);
    run_queue("D");
    world_expect("");
    ck_assert_uint_eq(deferred_index_count(world.life->due->index), 1);
}
END_TEST

START_TEST(mail_we_defer_ourselves_is_found)
{
    world.settings.minimal_backoff_s = world.sched_settings.minimal_backoff_s = 1;
    world_find("smtp")->status = -1;
    world_mail(&(Mail){0});
    walk_once(_i == 1);
    world_find("smtp")->status = 0;
    world_expect_places("deferred A1 +0 0700\n");
    run_queue("D"); /* a second early, as in stock */
    ck_assert(was_told("A1: removed"));
}
END_TEST

/* As postsuper -h and -H do it with a message in the active queue. */
static void hold_and_release(void)
{
    ck_assert_int_eq(rename("active/A1", "corrupt/A1"), 0);
    ck_assert_int_eq(rename("corrupt/A1", "deferred/A1"), 0);
}

START_TEST(mail_of_which_one_is_in_memory_waits_for_its_end)
{
    walk_once(_i == 1);
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){0});
    life_trigger(world.life, "W", 1);
    world_run_until("smtp: nexthop");
    world_forget();
    hold_and_release();
    for (int i = 0; i < 3; i++) {
        life_trigger(world.life, "D", 1);
        while (scan_is_running(&world.life->scans->deferred))
            world_turn_at_most_ms(1);
    }
    world_expect("");
    world_find("smtp")->manner = "a";
    service_hang_up(world_find("smtp"));
    world_run_until("A1: removed");
    world_expect("warning: private/smtp socket: malformed response\n"
                 "A1: from=<sender@test>, size=23, nrcpt=1 (queue active)\n"
                 "smtp: nexthop smtp.test from <sender@test> flags 3 to a@smtp.test\n"
                 "A1: removed\n");
}
END_TEST

START_TEST(exact_retry_needs_no_run)
{
    world.settings.retry_exact = true;
    world_mail(&(Mail){.queue = "deferred", .due_in_s = 3});
    world_start();
    world_run_until("A1: removed");
    ck_assert_int_ge(g_get_real_time() / G_USEC_PER_SEC, world.start_s + 2);
}
END_TEST

START_TEST(earliest_comes_first)
{
    walk_once(true);
    for (int i = 0; i < 4; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        world_mail(&(Mail){.id = id, .queue = "deferred", .due_in_s = -10 * i});
    }
    run_queue("D");
    ck_assert_int_lt(strstr(world.told->str, "A3: from") - world.told->str,
                     strstr(world.told->str, "A2: from") - world.told->str);
    ck_assert_int_lt(strstr(world.told->str, "A1: from") - world.told->str,
                     strstr(world.told->str, "A0: from") - world.told->str);
}
END_TEST

/* A run that is asked for during a run comes after it; a flush takes all mail at once, whatever
 * its time. */
START_TEST(run_goes_on_through_the_directory_for_all_mail)
{
    world_mail(&(Mail){.id = "A9", .queue = "deferred", .due_in_s = 1000});
    walk_once(true);
    world_mail(&(Mail){.queue = "deferred"});
    life_trigger(world.life, "D", 1);
    ck_assert(world.life->scans->deferred.by_index);
    life_trigger(world.life, "A", 1);
    ck_assert(!world.life->scans->deferred.by_index);
    world_run();
    ck_assert(was_told("A1: removed"));
    ck_assert(was_told("A9: removed"));
}
END_TEST

START_TEST(directory_that_was_replaced_is_walked_through)
{
    walk_once(_i == 1);
    ck_assert_int_eq(rename("deferred", "elsewhere"), 0);
    ck_assert_int_eq(mkdir("deferred", 0700), 0);
    world_mail(&(Mail){.queue = "deferred"});
    run_queue("D");
    ck_assert(was_told("A1: removed"));
}
END_TEST

START_TEST(directory_that_is_missing_is_told_of)
{
    walk_once(_i == 1);
    ck_assert_int_eq(rmdir("deferred"), 0);
    run_queue("D");
    world_expect("warning: scan_dir_push: open directory deferred: No such file or directory\n");
    ck_assert_int_eq(mkdir("deferred", 0700), 0);
    world_mail(&(Mail){.queue = "deferred"});
    run_queue("D");
    ck_assert(was_told("A1: removed"));
}
END_TEST

/* The file cannot be taken now, and is not tried all the time. */
START_TEST(mail_that_cannot_be_taken_waits_for_the_next_run)
{
    walk_once(true);
    ck_assert_int_eq(rmdir("active"), 0);
    world_file("active", "");
    world_mail(&(Mail){.queue = "deferred"});
    run_queue("D");
    for (int i = 0; i < 100; i++)
        world_turn_at_most_ms(1);
    world_expect(
        "warning: qmgr_active_feed: A1: rename from deferred to active: Not a directory\n");
    ck_assert_int_eq(unlink("active"), 0);
    ck_assert_int_eq(mkdir("active", 0700), 0);
    run_queue("DA");
    ck_assert(was_told("A1: removed"));
}
END_TEST

int main(void)
{
    TCase *others = world_tcase("others"), *runs = world_tcase("runs");

    tcase_add_loop_test(others, mail_that_others_put_there_is_found, 0, WAYS);
    tcase_add_loop_test(others, mail_that_others_move_there_is_found, 0, WAYS);
    tcase_add_loop_test(others, mail_in_hash_directories_is_found, 0, WAYS);
    tcase_add_loop_test(others, mail_that_others_make_due_is_found, 0, WAYS);
    tcase_add_loop_test(others, mail_that_becomes_ready_is_found, 0, WAYS);
    tcase_add_loop_test(others, mail_that_others_remove_is_forgotten, 0, WAYS);
    tcase_add_loop_test(others, mail_of_which_one_is_in_memory_waits_for_its_end, 0, WAYS);
    tcase_add_loop_test(others, directory_that_was_replaced_is_walked_through, 0, WAYS);
    tcase_add_loop_test(others, directory_that_is_missing_is_told_of, 0, WAYS);
    tcase_add_loop_test(runs, mail_we_defer_ourselves_is_found, 0, WAYS);
    tcase_add_test(runs, exact_retry_needs_no_run);
    tcase_add_test(runs, earliest_comes_first);
    tcase_add_test(runs, run_goes_on_through_the_directory_for_all_mail);
    tcase_add_test(runs, mail_that_cannot_be_taken_waits_for_the_next_run);
    return run_suite("life/deferred", others, runs, NULL);
}
