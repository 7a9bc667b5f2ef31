#include <sys/stat.h>
#include <unistd.h>

#include "life/jobs.h"
#include "src/life/deferred_internal.h"
#include "src/life/suspended_internal.h"
#include "tests/support/life_rules.h"

/*
 * Deferred mail that a suspension holds: what takes it before the end, what comes of it then, and
 * what others do with its file meanwhile.
 */

#define TEXT "retry: nexthop 4.3.2 delivery suspended by administrator (#1): ticket"

START_TEST(no_flush_takes_held_mail)
{
    uint32_t number = suspend(RULE_DOMAIN, "smtp.test");

    world_mail(&(Mail){0});
    world_start();
    world_run();
    run_trigger("FAD");
    world_expect("");
    ck_assert(rules_remove(life_rules, number));
    run_trigger("FAD");
    ck_assert(was_told("smtp:") && was_told("A1: removed"));
    ck_assert_uint_eq(suspended_count(world.life), 0);
}
END_TEST

/* As flush(8) and postsuper -r do: the file comes through incoming, and goes back. */
START_TEST(requeued_mail_goes_back)
{
    (void)suspend(RULE_DOMAIN, "smtp.test");
    world_mail(&(Mail){0});
    world_start();
    world_run();
    ck_assert_int_eq(rename("deferred/A1", "incoming/A1"), 0);
    ck_assert_int_eq(chmod("incoming/A1", 0740), 0);
    world_set_due("incoming/A1", world.start_s);
    run_trigger("W");
    ck_assert_uint_eq(times_told(TEXT), 1);
    expect_long_wait("A1");
    ck_assert_uint_eq(suspended_count(world.life), 1);
}
END_TEST

START_TEST(mail_is_due_when_the_rule_is_gone)
{
    uint32_t number = suspend(RULE_DOMAIN, "smtp.test");

    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2"});
    world_start();
    world_run();
    world_forget();
    life_rule_ended(world.life, rules_find(life_rules, number), LIFE_RELEASE_NOW, 0);
    ck_assert(rules_remove(life_rules, number));
    while (times_told(": removed") < 2)
        world_turn();
    ck_assert_uint_eq(suspended_count(world.life), 0);
}
END_TEST

/* The rule was replaced by one that ends earlier: its mail has later times, and does not wait for
 * them. */
START_TEST(mail_comes_by_a_job_when_a_rule_ends_early)
{
    uint32_t number = suspend(RULE_DOMAIN, "smtp.test");

    world_mail(&(Mail){0});
    world_start();
    world_run();
    life_rule_ended(world.life, rules_find(life_rules, number), LIFE_RELEASE_BY_JOB, -1);
    ck_assert(rules_remove(life_rules, number));
    world_run_until("A1: removed");
    ck_assert(was_told("control: resume job=1 domain=smtp.test: begun"));
    ck_assert_uint_eq(suspended_count(world.life), 0);
}
END_TEST

START_TEST(mail_of_a_rule_that_ends_later_keeps_its_time)
{
    uint32_t number = suspend(RULE_DOMAIN, "smtp.test");

    world_mail(&(Mail){0});
    world_start();
    world_run();
    life_rule_ended(world.life, rules_find(life_rules, number), LIFE_RELEASE_LATER, 0);
    ck_assert(rules_remove(life_rules, number));
    run_trigger("D");
    world_expect("");
    expect_long_wait("A1");
    ck_assert_uint_eq(suspended_count(world.life), 0);
}
END_TEST

START_TEST(retry_time_is_soon_after_the_end_of_the_rule)
{
    (void)suspend_until(RULE_DOMAIN, "smtp.test", world.start_s + 500);
    world_mail(&(Mail){0});
    world_start();
    world_run();
    ck_assert_int_ge(world_due_in_s("A1"), 800);
    ck_assert_int_le(world_due_in_s("A1"), 840);
}
END_TEST

START_TEST(rule_that_has_ended_holds_nothing)
{
    (void)suspend_until(RULE_ALL, "", world.start_s);
    world_mail(&(Mail){0});
    world_start();
    world_run();
    ck_assert(was_told("smtp:") && was_told("A1: removed"));
}
END_TEST

START_TEST(held_mail_that_is_expired_by_hand_is_returned)
{
    (void)suspend(RULE_DOMAIN, "smtp.test");
    world_mail(&(Mail){0});
    world_start();
    world_run();
    world_file("defer/A1", "not empty");
    ck_assert_int_eq(chmod("deferred/A1", 0710), 0);
    ck_assert_int_eq(rename("deferred/A1", "incoming/A1"), 0);
    world_set_due("incoming/A1", world.start_s);
    run_trigger("W");
    ck_assert(was_told("returned to sender"));
    ck_assert_uint_eq(suspended_count(world.life), 0);
}
END_TEST

/* ---- what others do ---- */

/* Enough of it for several pieces. */
#define MANY 500

static void hold_mail(unsigned count)
{
    (void)suspend(RULE_DOMAIN, "smtp.test");
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *id = g_strdup_printf("A%u", i);

        world_mail(&(Mail){.id = id});
    }
    world_start();
    world_run();
    ck_assert_uint_eq(suspended_count(world.life), count);
}

static void run_until_suspended(unsigned count)
{
    while (suspended_count(world.life) != count)
        world_turn_at_most_ms(2);
    world_run();
    ck_assert_uint_eq(suspended_count(world.life), count);
}

/* As postsuper -d and -h do. */
START_TEST(mail_that_others_remove_is_not_suspended_any_more)
{
    hold_mail(3);
    ck_assert_int_eq(mkdir("hold", 0700), 0);
    ck_assert_int_eq(unlink("deferred/A1"), 0);
    run_until_suspended(2);
    ck_assert_int_eq(rename("deferred/A0", "hold/A0"), 0);
    run_until_suspended(1);
    ck_assert_uint_eq(suspended_by(world.life, "A2"), 1);
}
END_TEST

/* Each other one: the walk meets what goes and what stays. */
START_TEST(much_mail_that_others_remove_goes_in_pieces)
{
    hold_mail(MANY);
    (void)suspend(RULE_DOMAIN, "other.test");
    for (unsigned i = 0; i < MANY; i += 2) {
        g_autofree char *path = g_strdup_printf("deferred/A%u", i);

        ck_assert_int_eq(unlink(path), 0);
    }
    run_until_suspended(MANY / 2);
}
END_TEST

/* So many events at once that they are lost: the next walk tells. */
START_TEST(mail_that_goes_without_events_is_missed_by_the_next_walk)
{
    hold_mail(3);
    ck_assert_int_eq(rename("deferred", "elsewhere"), 0);
    ck_assert_int_eq(mkdir("deferred", 0700), 0);
    ck_assert_int_eq(rename("elsewhere/A1", "deferred/A1"), 0);
    world_run();
    ck_assert_uint_eq(suspended_count(world.life), 3);
    life_trigger(world.life, "D", 1);
    run_until_suspended(1);
    ck_assert_uint_eq(suspended_by(world.life, "A1"), 1);
}
END_TEST

/* It is forgotten, but the job after the end of the rule goes on with the others. */
START_TEST(job_goes_on_when_others_remove_its_mail)
{
    hold_mail(3);
    ck_assert_int_eq(unlink("deferred/A1"), 0);
    run_until_suspended(2);
    life_rule_ended(world.life, rules_find(life_rules, 1), LIFE_RELEASE_BY_JOB, -1);
    ck_assert(rules_remove(life_rules, 1));
    ck_assert_int_eq(unlink("deferred/A0"), 0);
    world_run_until("control: end of job job=1 domain=smtp.test: done");
    ck_assert(was_told("A2: removed"));
    ck_assert_uint_eq(suspended_count(world.life), 0);
}
END_TEST

/* ---- several rules ---- */

/* The second rule is taken back, the first one holds on: of a list those go that it has held. */
START_TEST(part_of_a_list_goes_when_its_rule_ends)
{
    uint32_t numbers[] = {suspend(RULE_DOMAIN, "smtp.test"), suspend(RULE_DOMAIN, "local.test")};
    static const char *const told[] = {"smtp: ", "local: "};
    uint32_t ended = numbers[_i], other = numbers[1 - _i];

    world_mail(&(Mail){.recipients = "a@smtp.test b@local.test"});
    world_start();
    world_run();
    ck_assert_uint_eq(suspended_count(world.life), 1);
    world_forget();
    life_rule_ended(world.life, rules_find(life_rules, ended),
                    _i == 0 ? LIFE_RELEASE_BY_JOB : LIFE_RELEASE_NOW, 0);
    ck_assert(rules_remove(life_rules, ended));
    world_run_until(told[_i]);
    while (suspended_count_of(world.life, other) == 0)
        world_turn();
    ck_assert_uint_eq(times_told(told[1 - _i]), 0);
    expect_long_wait("A1");
}
END_TEST

static void add_held(const char *id, uint32_t first, uint32_t also)
{
    suspended_add(world.life, id, &(SuspendedBy){first, also}, 5000, 10000);
}

/* NULL: none is to be let go. */
static void expect_pop(uint32_t rule_number, const char *id)
{
    SuspendedMail mail = {.queue_id = NULL};

    ck_assert(suspended_pop(world.life, rule_number, &mail) == (id != NULL));
    ck_assert_pstr_eq(mail.queue_id, id);
    g_free(mail.queue_id);
    suspended_check(world.life);
}

START_TEST(what_several_rules_hold_is_let_go_with_the_one_that_ends)
{
    world_start();
    add_held("A1", 1, 0);
    add_held("A2", 1, 2);
    add_held("A3", 1, SUSPENDED_BY_MANY);
    add_held("A4", 3, 1);
    add_held("A5", 2, SUSPENDED_BY_MANY);
    suspended_walk_begin(world.life);
    ck_assert_str_eq(suspended_walk_next(world.life), "A1");
    ck_assert_uint_eq(suspended_count_also(world.life, 2), 1);
    ck_assert_uint_eq(suspended_count_of(world.life, 2), 1);
    suspended_take_over(world.life, 2);
    suspended_check(world.life);
    ck_assert_uint_eq(suspended_count_also(world.life, 2), 0);
    ck_assert_uint_eq(suspended_count_of(world.life, 2), 3);
    ck_assert(!suspended_is_kept(world.life, "A2"));
    ck_assert(suspended_keep(world.life, 2));
    ck_assert(!suspended_keep(world.life, 2));
    ck_assert(suspended_is_kept(world.life, "A2") && suspended_is_kept(world.life, "A3"));
    ck_assert(!suspended_is_kept(world.life, "A1"));
    expect_pop(2, "A5"); /* its own is first */
    expect_pop(2, "A2");
    expect_pop(2, "A3");
    expect_pop(2, NULL);
    ck_assert_uint_eq(suspended_count_of(world.life, 1), 1);
    ck_assert_str_eq(suspended_walk_next(world.life), "A4");
    ck_assert(suspended_keep(world.life, 3)); /* two jobs may take it */
    suspended_take_over(world.life, 1);
    ck_assert_uint_eq(suspended_count_of(world.life, 1), 2);
    ck_assert_uint_eq(suspended_count_of(world.life, 3), 1);
    expect_pop(3, "A4");
    expect_pop(1, "A1");
    expect_pop(1, NULL);
    ck_assert_uint_eq(suspended_count(world.life), 0);
}
END_TEST

/* What waits for a rule, or for a job after it, is not taken of many by another one. */
START_TEST(what_is_let_go_anyway_stays_with_its_rule)
{
    world_start();
    add_held("A1", 1, SUSPENDED_BY_MANY);
    ck_assert(suspended_keep(world.life, 1));
    suspended_take_over(world.life, 2);
    ck_assert_uint_eq(suspended_count_of(world.life, 2), 0);
    suspended_take_over(world.life, 1);
    expect_pop(1, "A1");
    expect_pop(1, NULL);
}
END_TEST

#define HELD_COUNT 100000

START_TEST(all_that_two_rules_hold_is_let_go_however_much)
{
    SuspendedMail mail;

    world_start();
    for (int i = 0; i < HELD_COUNT; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        add_held(id, 1, i % 3 == 0 ? 2 : i % 3 == 1 ? SUSPENDED_BY_MANY : 3);
    }
    suspended_take_over(world.life, 2);
    ck_assert_uint_eq(suspended_count_of(world.life, 2), HELD_COUNT / 3 * 2 + 1);
    for (unsigned left = HELD_COUNT / 3 * 2 + 1; left > 0; g_free(mail.queue_id)) {
        ck_assert(suspended_pop(world.life, 2, &mail));
        ck_assert_uint_eq(suspended_count_of(world.life, 2), --left);
    }
    suspended_check(world.life);
    ck_assert_uint_eq(suspended_count_of(world.life, 1), HELD_COUNT / 3);
}
END_TEST

/* ---- how much of it outlives its lifetime ---- */

START_TEST(all_held_mail_is_counted_however_much)
{
    LifeOutliving held = {0};

    (void)suspend(RULE_ALL, "");
    world_start();
    for (int i = 0; i < 30000; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        suspended_add(world.life, id, &(SuspendedBy){.first = 1}, 5000,
                      i % 3 == 0 ? 0 : 10000 + i % 3);
    }
    suspended_forget(world.life, "A1");
    suspended_forget(world.life, "A3");
    life_count_outliving(world.life, 1, 10001, &held);
    ck_assert_uint_eq(held.known_count, 19999);
    ck_assert_uint_eq(held.outliving_count, 9999);
    life_count_outliving(world.life, 2, 10001, &held); /* nothing is added for another one */
    ck_assert_uint_eq(held.known_count, 19999);
    suspended_check(world.life);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("suspended");

    tcase_add_checked_fixture(tcase, rules_world_setup, rules_world_teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_test(tcase, no_flush_takes_held_mail);
    tcase_add_test(tcase, requeued_mail_goes_back);
    tcase_add_test(tcase, mail_is_due_when_the_rule_is_gone);
    tcase_add_test(tcase, mail_comes_by_a_job_when_a_rule_ends_early);
    tcase_add_test(tcase, mail_of_a_rule_that_ends_later_keeps_its_time);
    tcase_add_test(tcase, retry_time_is_soon_after_the_end_of_the_rule);
    tcase_add_test(tcase, rule_that_has_ended_holds_nothing);
    tcase_add_test(tcase, held_mail_that_is_expired_by_hand_is_returned);
    tcase_add_test(tcase, mail_that_others_remove_is_not_suspended_any_more);
    tcase_add_test(tcase, much_mail_that_others_remove_goes_in_pieces);
    tcase_add_test(tcase, mail_that_goes_without_events_is_missed_by_the_next_walk);
    tcase_add_test(tcase, job_goes_on_when_others_remove_its_mail);
    tcase_add_loop_test(tcase, part_of_a_list_goes_when_its_rule_ends, 0, 2);
    tcase_add_test(tcase, what_several_rules_hold_is_let_go_with_the_one_that_ends);
    tcase_add_test(tcase, what_is_let_go_anyway_stays_with_its_rule);
    tcase_add_test(tcase, all_that_two_rules_hold_is_let_go_however_much);
    tcase_add_test(tcase, all_held_mail_is_counted_however_much);
    return run_suite("life/suspended", tcase, NULL);
}
