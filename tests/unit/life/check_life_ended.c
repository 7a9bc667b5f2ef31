#include "life/expedite.h"
#include "life/jobs.h"
#include "src/life/suspended_internal.h"
#include "tests/support/life_rules.h"

/*
 * Mail of suspensions that are over (operations.md 8): how it is let go when many end in one
 * second, when a job for it takes longer than its times, and when the process has started
 * meanwhile.
 */

#define PATIENCE_US (60 * INT64_C(1000000))
#define INITIAL     2
#define MAIL_COUNT  12

static unsigned most_jobs, requests, most_before; /* most_before: until the first success */
static bool has_success;

static unsigned running_jobs(void)
{
    LifeJobView view;
    unsigned count = 0;

    for (uint32_t next = 1; life_view_job(world.life, next, &view); next = view.number + 1)
        count += view.state < LIFE_JOB_DONE;
    return count;
}

static void on_request(const Service *service, const Request *request)
{
    (void)service;
    (void)request;
    requests++;
    most_jobs = MAX(most_jobs, running_jobs());
}

static void setup(void)
{
    rules_world_setup();
    world.settings.initial_destination_concurrency = INITIAL;
    world.params.initial_destination_concurrency = INITIAL;
    requests = most_jobs = most_before = 0;
    has_success = false;
}

static void end_rule(uint32_t number)
{
    life_rule_ended(world.life, rules_find(life_rules, number), LIFE_RELEASE_BY_JOB, -1);
    ck_assert(rules_remove(life_rules, number));
}

/* Turns until so many lines were told; they may have been before. */
static void run_until_told(unsigned count, const char *text)
{
    int64_t end_us = g_get_monotonic_time() + PATIENCE_US;

    while (times_told(text) < count && g_get_monotonic_time() < end_us)
        world_turn_at_most_ms(2);
    ck_assert_msg(times_told(text) >= count, "%u of %u %s", times_told(text), count, text);
}

static char *mail_name(int i)
{
    return g_strdup_printf("A%d", i);
}

/* Deferred messages that are due `due_in_s` or later from the start of the world. */
static unsigned later_than(int64_t due_s)
{
    unsigned count = 0;

    for (int i = 0; i < MAIL_COUNT; i++) {
        g_autofree char *id = mail_name(i);

        count += world_due_in_s(id) >= due_s;
    }
    return count;
}

/* ---- many rules ---- */

#define RULE_COUNT 25

START_TEST(rules_that_end_together_wait_in_line)
{
    uint32_t numbers[RULE_COUNT];

    for (int i = 0; i < RULE_COUNT; i++) {
        g_autofree char *domain = g_strdup_printf("smtp.d%d.test", i);
        g_autofree char *recipient = g_strconcat("a@", domain, NULL), *id = mail_name(i);

        numbers[i] = suspend(RULE_DOMAIN, domain);
        world_mail(&(Mail){.id = id, .recipients = recipient});
    }
    world_start();
    world_run();
    ck_assert_uint_eq(suspended_count(world.life), RULE_COUNT);
    world_forget();
    for (int i = 0; i < RULE_COUNT; i++)
        end_rule(numbers[i]);
    while (times_told(": removed") < RULE_COUNT) {
        most_jobs = MAX(most_jobs, running_jobs());
        world_turn();
    }
    run_until_told(RULE_COUNT, "control: end of job");
    ck_assert_uint_eq(most_jobs, LIFE_JOBS_RUNNING_MAX);
    ck_assert_uint_eq(suspended_count(world.life), 0);
}
END_TEST

/* ---- a job that takes long ---- */

static void hold_mail(int64_t end_s)
{
    uint32_t number = suspend_until(RULE_DOMAIN, "smtp.test", end_s);

    for (int i = 0; i < MAIL_COUNT; i++) {
        g_autofree char *id = mail_name(i);

        world_mail(&(Mail){.id = id});
    }
    world_start();
    world_run();
    ck_assert_uint_eq(suspended_count_of(world.life, number), MAIL_COUNT);
    world_forget();
}

/* The time of each has come while the pilot is at the site. */
static void make_all_due(void)
{
    for (int i = 0; i < MAIL_COUNT; i++) {
        g_autofree char *id = mail_name(i), *path = g_build_filename("deferred", id, NULL);

        if (world_due_in_s(id) >= 0)
            world_set_due(path, world.start_s - 10);
    }
}

START_TEST(no_run_takes_what_a_job_has_not_reached)
{
    hold_mail(RULE_FOREVER);
    world_find("smtp")->manner = "s";
    world_find("smtp")->effect = on_request;
    end_rule(1);
    while (requests < INITIAL)
        world_turn_at_most_ms(2);
    make_all_due();
    for (int i = 0; i < 30; i++) {
        life_trigger(world.life, "FAD", 3);
        world_turn_at_most_ms(2);
    }
    ck_assert_uint_eq(requests, INITIAL);
    ck_assert_uint_eq(suspended_count(world.life), MAIL_COUNT - INITIAL);
}
END_TEST

static const bool with_force[] = {true, false};

/* Past the job after a rule; as there is no rule any more, no force is needed. */
START_TEST(expedited_mail_does_not_wait_for_the_job)
{
    hold_mail(RULE_FOREVER);
    world_find("smtp")->manner = "s";
    world_find("smtp")->effect = on_request;
    end_rule(1);
    while (requests < INITIAL)
        world_turn_at_most_ms(2);
    for (int i = 0; i < MAIL_COUNT; i++) {
        g_autofree char *id = mail_name(i);

        if (world_due_in_s(id) >= 0)
            ck_assert_int_eq(life_expedite(world.life, id, SPOOL_DEFERRED, with_force[_i]),
                             LIFE_EXPEDITE_NEXT);
    }
    while (sched_message_count(world.sched) < MAIL_COUNT)
        world_turn_at_most_ms(2);
    ck_assert_uint_eq(suspended_count(world.life), 0);
}
END_TEST

/* Nobody has noticed yet that the rule is over. */
START_TEST(expedited_mail_of_a_rule_that_has_just_ended_is_taken)
{
    hold_mail(RULE_FOREVER);
    ck_assert_uint_eq(suspend_until(RULE_DOMAIN, "smtp.test", world.start_s - 1), 1);
    ck_assert_int_eq(life_expedite(world.life, "A3", SPOOL_DEFERRED, false), LIFE_EXPEDITE_NEXT);
    run_until_told(1, "A3: removed");
}
END_TEST

static void refuse(void)
{
    Service *smtp = world_find("smtp");

    smtp->status = -1;
    smtp->dsn = "4.4.1";
    smtp->reason = "refused";
    smtp->effect = on_request;
}

/* The mail had times some minutes after the end. */
START_TEST(what_a_stopped_job_leaves_does_not_come_at_once)
{
    world.settings.minimal_backoff_s = 1000;
    hold_mail(world.start_s + 60);
    ck_assert_uint_eq(later_than(1000), 0);
    refuse();
    end_rule(1);
    run_until_told(1, "control: end of job job=1 domain=smtp.test: stopped: none came through");
    while (suspended_count(world.life) > 0)
        world_turn_at_most_ms(2);
    ck_assert_uint_eq(later_than(world.settings.minimal_backoff_s), MAIL_COUNT);
    life_trigger(world.life, "D", 1);
    for (int i = 0; i < 30; i++)
        world_turn_at_most_ms(2);
    ck_assert_uint_le(requests, INITIAL);
}
END_TEST

/* ---- after a restart ---- */

#define SUSPENDED_LOG                                                                       \
    "\n<a@smtp.test>: x\nrecipient=a@smtp.test\noffset=100\nstatus=4.3.2\naction=delayed\n" \
    "reason=delivery suspended by administrator (#7): ticket\n\n"
#define OTHER_LOG                                                                           \
    "\n<a@smtp.test>: x\nrecipient=a@smtp.test\noffset=100\nstatus=4.4.1\naction=delayed\n" \
    "reason=refused\n\n"

static void note_before(const Service *service, const Request *request)
{
    LifeJobView view;

    on_request(service, request);
    if (life_view_job(world.life, 1, &view) && view.through_count == 0 && requests <= INITIAL)
        most_before = MAX(most_before, view.tried_count);
}

/* Rule 7 ended, or was taken back, before the process started. */
static void start_after_end(int due_in_s, const char *log)
{
    rules_raise_next_number(life_rules, 8);
    for (int i = 0; i < MAIL_COUNT; i++) {
        g_autofree char *id = mail_name(i), *path = g_build_filename("defer", id, NULL);

        world_file(path, log);
        world_mail(&(Mail){.id = id, .queue = "deferred", .due_in_s = due_in_s});
    }
    world_start();
}

START_TEST(held_mail_that_is_due_at_start_comes_by_a_job)
{
    world_find("smtp")->effect = note_before;
    start_after_end(_i == 0 ? -100 : 1000, SUSPENDED_LOG);
    run_until_told(MAIL_COUNT, ": removed");
    run_until_told(1, "control: end of job job=1 rule=7: done");
    ck_assert_uint_ge(most_before, _i == 0 ? INITIAL : 1); /* files are read one by one */
    ck_assert_uint_le(most_before, INITIAL);
    ck_assert_uint_eq(requests, MAIL_COUNT);
}
END_TEST

/* The pilot alone, whatever is found after it. */
START_TEST(held_mail_of_a_dead_site_is_not_tried_after_a_start)
{
    refuse();
    start_after_end(-100, SUSPENDED_LOG);
    run_until_told(1, "control: end of job");
    while (later_than(world.settings.minimal_backoff_s) < MAIL_COUNT)
        world_turn_at_most_ms(2);
    ck_assert_uint_le(requests, INITIAL);
    ck_assert_uint_eq(times_told(": begun"), 1);
}
END_TEST

START_TEST(other_mail_that_is_due_at_start_comes_at_once)
{
    start_after_end(-100, OTHER_LOG);
    run_until_told(MAIL_COUNT, ": removed");
    ck_assert_uint_eq(times_told("control:"), 0);
}
END_TEST

/* Where there never was a rule no log is looked at. */
START_TEST(no_log_is_read_without_rules)
{
    world_find("smtp")->effect = on_request;
    world_file("defer/A1", SUSPENDED_LOG);
    world_mail(&(Mail){.queue = "deferred", .due_in_s = -100});
    world_start();
    run_until_told(1, ": removed");
    ck_assert_uint_eq(times_told("control:"), 0);
}
END_TEST

START_TEST(held_mail_that_is_expired_by_hand_is_returned_after_a_start)
{
    rules_raise_next_number(life_rules, 8);
    world_file("defer/A1", SUSPENDED_LOG);
    world_mail(&(Mail){.queue = "deferred", .due_in_s = -100, .mode = 0710});
    world_start();
    run_until_told(1, "returned to sender");
    ck_assert_uint_eq(times_told("control:"), 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ended");

    tcase_add_checked_fixture(tcase, setup, rules_world_teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_test(tcase, rules_that_end_together_wait_in_line);
    tcase_add_test(tcase, no_run_takes_what_a_job_has_not_reached);
    tcase_add_loop_test(tcase, expedited_mail_does_not_wait_for_the_job, 0,
                        G_N_ELEMENTS(with_force));
    tcase_add_test(tcase, expedited_mail_of_a_rule_that_has_just_ended_is_taken);
    tcase_add_test(tcase, what_a_stopped_job_leaves_does_not_come_at_once);
    tcase_add_loop_test(tcase, held_mail_that_is_due_at_start_comes_by_a_job, 0, 2);
    tcase_add_test(tcase, held_mail_of_a_dead_site_is_not_tried_after_a_start);
    tcase_add_test(tcase, other_mail_that_is_due_at_start_comes_at_once);
    tcase_add_test(tcase, no_log_is_read_without_rules);
    tcase_add_test(tcase, held_mail_that_is_expired_by_hand_is_returned_after_a_start);
    return run_suite("life/ended", tcase, NULL);
}
