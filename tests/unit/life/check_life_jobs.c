#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "life/inspect.h"
#include "life/jobs.h"
#include "src/life/deferred_internal.h"
#include "src/life/jobs_internal.h"
#include "src/life/suspended_internal.h"
#include "tests/support/life_rules.h"

/*
 * Deferred mail that a job lets go (operations.md 8): how many before the first success, and what
 * stops it. There are MAIL_COUNT messages for smtp.test in each test, due in 1000 s and later.
 */

#define MAIL_COUNT  10
#define PATIENCE_US (60 * INT64_C(1000000))
#define INITIAL     2
#define PORTION     3

static uint32_t number;                              /* of the job */
static unsigned requests, most_running, most_before; /* most_before: until the first success */
static unsigned act_at;                              /* the request at which `act` is called */
static void (*act)(void);

static LifeJobView job_now(void)
{
    LifeJobView view;

    ck_assert(life_view_job(world.life, number, &view));
    ck_assert_uint_eq(view.number, number);
    return view;
}

static void on_request(const Service *service, const Request *request)
{
    LifeJobView view = job_now();

    (void)request;
    requests++;
    most_running = MAX(most_running, view.running_count);
    if (view.through_count == 0 && service->status == 0 && requests <= INITIAL)
        most_before = MAX(most_before, view.tried_count);
    if (requests == act_at)
        act();
}

static void setup(void)
{
    rules_world_setup();
    world.settings.message_active_limit = PORTION * 10;
    world.settings.initial_destination_concurrency = INITIAL;
    world.params.initial_destination_concurrency = INITIAL;
    requests = most_running = most_before = act_at = number = 0;
}

static char *mail_name(int i)
{
    return g_strdup_printf("A%d", i);
}

static void put_messages(int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *id = mail_name(i);

        world_mail(&(Mail){.id = id, .queue = "deferred", .due_in_s = 1000 + i * 100});
    }
}

static void put_mail(void)
{
    put_messages(MAIL_COUNT);
}

static uint32_t known(void)
{
    LifeSummary life;

    life_summarize(world.life, &life);
    return life.known_count;
}

static void read_messages(uint32_t count)
{
    int64_t end_us = g_get_monotonic_time() + PATIENCE_US;

    life_learn_deferred(world.life);
    while (known() < count && g_get_monotonic_time() < end_us)
        world_turn_at_most_ms(1);
    ck_assert_uint_eq(known(), count);
    world_forget();
}

static void read_all(void)
{
    read_messages(MAIL_COUNT);
}

static bool is_smtp_test(const Rule *about, const char *transport, const char *destination)
{
    (void)transport;
    return g_str_equal(about->name, destination);
}

static const Rule about = {.object = RULE_DOMAIN, .name = "smtp.test"};
static const LifeJobOrder order = {.about = &about, .matches = is_smtp_test, .verb = "flush"};

static void start_job(void)
{
    g_autofree char *problem = NULL;

    number = life_job_start(world.life, &order, &problem);
    ck_assert_msg(number != 0, "%s", problem);
    world_find("smtp")->effect = on_request;
}

static void prepare(void)
{
    put_mail();
    world_start();
    world_run();
    read_all();
}

static void run_until_it_ends(void)
{
    int64_t end_us = g_get_monotonic_time() + PATIENCE_US;

    while (job_now().state < LIFE_JOB_DONE && g_get_monotonic_time() < end_us)
        world_turn_at_most_ms(5);
    ck_assert_int_ge(job_now().state, LIFE_JOB_DONE);
}

static void run_job(void)
{
    run_until_it_ends();
    while (sched_message_count(world.sched) > 0)
        world_turn_at_most_ms(5);
}

/* Messages that still have the times that they had at first. */
static unsigned untouched(void)
{
    unsigned count = 0;

    for (int i = 0; i < MAIL_COUNT; i++) {
        g_autofree char *id = mail_name(i), *path = g_build_filename("deferred", id, NULL);
        struct stat st;

        if (lstat(path, &st) == 0 && st.st_mtime >= world.start_s + 1000 &&
            (st.st_mtime - world.start_s) % 100 == 0)
            count++;
    }
    return count;
}

static void refuse(void)
{
    Service *smtp = world_find("smtp");

    smtp->status = -1;
    smtp->dsn = "4.4.1";
    smtp->reason = "refused";
}

START_TEST(all_comes_when_the_site_is_up)
{
    prepare();
    start_job();
    run_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_DONE);
    ck_assert_uint_eq(job_now().tried_count, MAIL_COUNT);
    ck_assert_uint_eq(job_now().through_count, MAIL_COUNT);
    ck_assert_uint_eq(job_now().left_count, 0);
    ck_assert_uint_eq(requests, MAIL_COUNT);
    ck_assert_uint_eq(most_before, INITIAL);
    ck_assert_uint_eq(most_running, PORTION);
    ck_assert(was_told("control: flush job=1 domain=smtp.test uid=0: begun"));
    ck_assert(was_told("control: end of job job=1 domain=smtp.test: done; tried=10, through=10, "
                       "back=0, left=0"));
}
END_TEST

START_TEST(rest_keeps_its_times_when_the_site_is_down)
{
    prepare();
    refuse();
    start_job();
    run_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_STOPPED);
    ck_assert_uint_eq(job_now().tried_count, INITIAL);
    ck_assert_uint_eq(job_now().left_count, MAIL_COUNT - INITIAL);
    ck_assert_uint_eq(untouched(), MAIL_COUNT - INITIAL);
    ck_assert(was_told("stopped: none came through: 4.4.1 delivery temporarily "
                       "suspended: refused; tried=2"));
}
END_TEST

/* A rule that is over has held some of it, which the job for that keeps until it has the turn. */
START_TEST(mail_that_another_job_keeps_is_not_left)
{
    const unsigned kept_count = 3;

    prepare();
    for (unsigned i = 0; i < kept_count; i++) {
        g_autofree char *id = mail_name((int)i);

        suspended_add(world.life, id, &(SuspendedBy){.first = 1}, world.start_s + 5000, 0);
    }
    ck_assert(suspended_keep(world.life, 1));
    refuse();
    start_job();
    run_job();
    ck_assert_uint_eq(job_now().tried_count, INITIAL);
    ck_assert_uint_eq(job_now().left_count, MAIL_COUNT - INITIAL - kept_count);
    ck_assert_uint_eq(suspended_count(world.life), kept_count);
}
END_TEST

/* A pilot of 2, a portion of 3; the next one meets a site that is down. */
START_TEST(rest_keeps_its_times_when_the_site_dies_again)
{
    prepare();
    act_at = INITIAL + PORTION + 1;
    act = refuse;
    start_job();
    run_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_STOPPED);
    ck_assert_uint_eq(job_now().through_count, INITIAL + PORTION);
    ck_assert_uint_eq(job_now().back_count, PORTION);
    ck_assert_uint_eq(job_now().left_count, MAIL_COUNT - INITIAL - 2 * PORTION);
    ck_assert_uint_eq(untouched(), MAIL_COUNT - INITIAL - 2 * PORTION);
    ck_assert(was_told("stopped: died again: 4.4.1 delivery temporarily suspended: refused; "
                       "tried=8, through=5, back=3, left=2"));
}
END_TEST

static void cancel_it(void)
{
    ck_assert(life_job_cancel(world.life, number, 7));
    ck_assert(!life_job_cancel(world.life, number, 7));
}

START_TEST(rest_keeps_its_times_when_it_is_cancelled)
{
    prepare();
    act_at = INITIAL + 1;
    act = cancel_it;
    start_job();
    run_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_CANCELLED);
    ck_assert_uint_eq(requests + untouched(), MAIL_COUNT);
    ck_assert_uint_ge(untouched(), MAIL_COUNT - INITIAL - PORTION);
    ck_assert_uint_eq(job_now().left_count, untouched());
    ck_assert(was_told("control: end of job job=1 domain=smtp.test uid=7: cancelled; "));
}
END_TEST

START_TEST(same_job_is_refused_while_it_runs)
{
    g_autofree char *problem = NULL, *none = NULL;

    prepare();
    start_job();
    ck_assert_uint_eq(life_job_start(world.life, &order, &problem), 0);
    ck_assert_str_eq(problem, "job 1 is at it already; eqmgrctl jobs shows how far, eqmgrctl "
                              "cancel 1 ends it");
    run_job();
    none = life_job_why_not(world.life, &order);
    ck_assert_ptr_null(none);
    ck_assert_uint_eq(requests, MAIL_COUNT);
}
END_TEST

static bool is_anything(const Rule *what, const char *transport, const char *destination)
{
    (void)what;
    (void)transport;
    (void)destination;
    return true;
}

/* Two jobs that are about the same mail in other words try each message once, all the same. */
START_TEST(jobs_that_overlap_share_the_mail)
{
    const Rule all = {.object = RULE_ALL, .name = ""};
    const LifeJobOrder other = {.about = &all, .matches = is_anything, .verb = "flush"};
    g_autofree char *problem = NULL;
    LifeJobView view;

    prepare();
    ck_assert_uint_eq(life_job_start(world.life, &other, &problem), 1);
    start_job();
    run_job();
    while (life_view_job(world.life, 1, &view) && view.state < LIFE_JOB_DONE)
        world_turn_at_most_ms(5);
    ck_assert_uint_eq(requests, MAIL_COUNT);
    ck_assert_uint_eq(view.tried_count + job_now().tried_count, MAIL_COUNT);
}
END_TEST

START_TEST(there_are_not_too_many_jobs)
{
    g_autofree char *problem = NULL;

    prepare();
    for (int i = 0; i <= LIFE_JOBS_RUNNING_MAX; i++) {
        g_autofree char *name = g_strdup_printf("d%d.test", i);
        const Rule what = {.object = RULE_DOMAIN, .name = name};
        const LifeJobOrder one = {.about = &what, .matches = is_smtp_test, .verb = "flush"};

        g_clear_pointer(&problem, g_free);
        number = life_job_start(world.life, &one, &problem);
        ck_assert_uint_eq(number, i < LIFE_JOBS_RUNNING_MAX ? i + 1 : 0);
    }
    ck_assert_str_eq(problem, "10 jobs run already; eqmgrctl jobs shows them");
    for (number = 1; number <= LIFE_JOBS_RUNNING_MAX; number++)
        run_job(); /* nothing is to be done */
}
END_TEST

static void put_rule(void)
{
    const Rule rule = {.kind = RULE_SUSPEND,
                       .object = RULE_DOMAIN,
                       .name = "smtp.test",
                       .made_s = 1,
                       .end_s = world.start_s + 50000,
                       .reason = "ticket"};

    ck_assert_ptr_nonnull(rules_put(life_rules, &rule));
}

static void suspend_it(void)
{
    put_rule();
    life_rules_changed(world.life);
}

START_TEST(job_stops_when_a_rule_holds_its_mail_again)
{
    prepare();
    act_at = INITIAL + 1;
    act = suspend_it;
    start_job();
    run_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_STOPPED);
    ck_assert_ptr_nonnull(strstr(job_now().reason, "suspended by administrator (#1): ticket"));
    ck_assert_uint_ge(untouched(), MAIL_COUNT - INITIAL - 2 * PORTION);
}
END_TEST

/* One that is due and not taken yet, or is in active, and one whose turn has not come. */
static void delete_some(void)
{
    ck_assert_int_eq(unlink("deferred/A9"), 0);
    (void)unlink("deferred/A1");
    (void)unlink("active/A1");
}

START_TEST(message_may_be_deleted_meanwhile)
{
    prepare();
    act_at = 1;
    act = delete_some;
    start_job();
    run_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_DONE);
    ck_assert_uint_eq(job_now().tried_count, MAIL_COUNT - 1);
    ck_assert_uint_eq(untouched(), 0);
}
END_TEST

/* The whole pilot, while it is picked. */
START_TEST(pilot_may_be_deleted_meanwhile)
{
    prepare();
    start_job();
    for (int i = 0; i < _i; i++)
        world_turn_at_most_ms(0);
    ck_assert_int_eq(unlink("deferred/A0"), 0);
    ck_assert_int_eq(unlink("deferred/A1"), 0);
    run_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_DONE);
    ck_assert_uint_eq(requests, MAIL_COUNT - INITIAL);
    ck_assert_uint_eq(untouched(), 0);
}
END_TEST

START_TEST(job_waits_for_the_index)
{
    put_mail();
    world_start();
    ck_assert(!deferred_is_known(world.life));
    life_learn_deferred(world.life);
    start_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_WAITING);
    run_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_DONE);
    ck_assert_uint_eq(job_now().through_count, MAIL_COUNT);
}
END_TEST

/* Held by a rule, which is taken back. */
static void prepare_held(void)
{
    put_rule();
    for (int i = 0; i < MAIL_COUNT; i++) {
        g_autofree char *id = mail_name(i);

        world_mail(&(Mail){.id = id});
    }
    world_start();
    world_run();
    ck_assert_uint_eq(suspended_count_of(world.life, 1), MAIL_COUNT);
    world_forget();
    ck_assert(rules_remove(life_rules, 1));
}

static void start_release(void)
{
    const LifeJobOrder release = {.about = &about, .rule_number = 1, .verb = "resume"};
    g_autofree char *problem = NULL;

    number = life_job_start(world.life, &release, &problem);
    ck_assert_uint_eq(number, 1);
    world_find("smtp")->effect = on_request;
}

START_TEST(held_mail_comes_when_the_site_is_up)
{
    prepare_held();
    start_release();
    run_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_DONE);
    ck_assert_uint_eq(job_now().through_count, MAIL_COUNT);
    ck_assert_uint_eq(most_before, INITIAL);
    ck_assert_uint_eq(most_running, PORTION);
}
END_TEST

START_TEST(held_mail_keeps_its_times_when_the_site_is_down)
{
    prepare_held();
    refuse();
    start_release();
    run_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_STOPPED);
    ck_assert_uint_eq(job_now().tried_count, INITIAL);
    ck_assert_uint_eq(job_now().left_count, MAIL_COUNT - INITIAL);
    while (suspended_count(world.life) > 0)
        world_turn_at_most_ms(1);
}
END_TEST

static void record(const char *id, const char *status, const char *reason)
{
    g_autofree char *path = g_strconcat("defer/", id, NULL);
    g_autofree char *text = g_strdup_printf(
        "\n<a@smtp.test>: x\nrecipient=a@smtp.test\noffset=100\nstatus=%s\naction=delayed\n"
        "reason=%s\n\n",
        status, reason);

    world_file(path, text);
}

/* The agent has recorded what it does not tell. */
static void refuse_in_silence(const Service *service, const Request *request)
{
    on_request(service, request);
    record(request_get(request, "queue_id"), "4.2.0", "host said: 450 later");
}

/* What was held is left untried, with the record of its rule. */
START_TEST(reason_is_that_of_a_message_that_was_tried)
{
    prepare_held();
    for (int i = 0; i < MAIL_COUNT; i++) {
        g_autofree char *id = mail_name(i);

        record(id, "4.3.2", "delivery suspended by administrator (#1): ticket");
    }
    start_release();
    world_find("smtp")->status = -1;
    world_find("smtp")->effect = refuse_in_silence;
    run_job();
    ck_assert_int_eq(job_now().state, LIFE_JOB_STOPPED);
    ck_assert_uint_eq(job_now().left_count, MAIL_COUNT - INITIAL);
    ck_assert_str_eq(job_now().reason, "none came through: 4.2.0 host said: 450 later");
}
END_TEST

/* ---- what it costs ---- */

#define MANY (100 * PORTION)

/* Two messages are all that may be in active for the site, and its agents answer neither. */
static void fill_share(void)
{
    world.settings.message_active_limit = 40;
    world.settings.destination_share_percent = 5;
    world.settings.destination_horizon_s = 300;
    world.settings.maximal_backoff_s = 4000;
    world.sched_settings.counts_messages = true;
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "B1"});
    world_mail(&(Mail){.id = "B2"});
}

/* A site that takes mail, and one whose share of the active queue is full. */
START_TEST(mail_is_walked_over_once_in_however_many_rounds)
{
    bool is_full = _i == 1;

    if (is_full)
        fill_share();
    put_messages(MANY);
    world_start();
    while (is_full && times_told("smtp: ") < 2)
        world_turn_at_most_ms(5);
    read_messages(MANY);
    start_job();
    run_until_it_ends();
    ck_assert_int_eq(job_now().state, LIFE_JOB_DONE);
    ck_assert_uint_eq(job_now().through_count, is_full ? 0 : MANY);
    ck_assert_uint_eq(job_now().left_count, is_full ? MANY : 0);
    ck_assert_uint_le(jobs_find(world.life, number)->looked_at, 2 * MANY); /* and once at the end */
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("jobs");

    tcase_add_checked_fixture(tcase, setup, rules_world_teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_test(tcase, all_comes_when_the_site_is_up);
    tcase_add_test(tcase, rest_keeps_its_times_when_the_site_is_down);
    tcase_add_test(tcase, mail_that_another_job_keeps_is_not_left);
    tcase_add_test(tcase, rest_keeps_its_times_when_the_site_dies_again);
    tcase_add_test(tcase, rest_keeps_its_times_when_it_is_cancelled);
    tcase_add_test(tcase, same_job_is_refused_while_it_runs);
    tcase_add_test(tcase, jobs_that_overlap_share_the_mail);
    tcase_add_test(tcase, there_are_not_too_many_jobs);
    tcase_add_test(tcase, job_stops_when_a_rule_holds_its_mail_again);
    tcase_add_test(tcase, message_may_be_deleted_meanwhile);
    tcase_add_loop_test(tcase, pilot_may_be_deleted_meanwhile, 0, 3);
    tcase_add_test(tcase, job_waits_for_the_index);
    tcase_add_test(tcase, held_mail_comes_when_the_site_is_up);
    tcase_add_test(tcase, held_mail_keeps_its_times_when_the_site_is_down);
    tcase_add_test(tcase, reason_is_that_of_a_message_that_was_tried);
    tcase_add_loop_test(tcase, mail_is_walked_over_once_in_however_many_rounds, 0, 2);
    return run_suite("life/jobs", tcase, NULL);
}
