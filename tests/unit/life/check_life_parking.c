#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "life/expedite.h"
#include "life/inspect.h"
#include "life/jobs.h"
#include "sched/inspect.h"
#include "src/life/jobs_internal.h"
#include "src/life/parking_internal.h"
#include "src/life/pilot_internal.h"
#include "src/life/scan_internal.h"
#include "tests/support/life_fixture.h"

/*
 * Mail beyond the share of its site. What happens over several attempts, and where it meets rules,
 * is played in the laboratory (331 to 334); here is what needs a world that others change.
 */

static Sites *sites;

static void setup(void)
{
    world_setup();
    world.settings.message_active_limit = 20; /* so a share of 5 percent is one place */
    world.settings.destination_share_percent = 5;
    world.settings.destination_horizon_s = 300;
    world.settings.maximal_backoff_s = 4000;
    world.sched_settings.counts_messages = true;
}

static void teardown(void)
{
    world_teardown();
    sites_free(sites);
    sites = NULL;
}

/* A1, A2, ... in the order of their arrival. */
static void write_mail(int count)
{
    for (int i = 1; i <= count; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        world_mail(&(Mail){.id = id, .age_s = 100 - i});
    }
}

static void run_until_parked(unsigned count)
{
    while (life_parked_count(world.life) != count)
        world_turn();
}

static void run_until_told(unsigned count, const char *text)
{
    while (times_told(text) < count)
        world_turn();
}

/* One is delivered to, whichever was met first; the others wait. */
static void begin_with_waiting(int count, const char *manner)
{
    world_find("smtp")->manner = manner;
    world_mail(&(Mail){.id = "A0"});
    world_start();
    world_run_until("smtp:");
    write_mail(count);
    life_trigger(world.life, "I", 1);
    run_until_parked((unsigned)count);
}

START_TEST(mail_beyond_the_share_waits_untried)
{
    LifeParked parked;

    begin_with_waiting(2, "s");
    ck_assert_uint_eq(times_told("smtp:"), 1);
    ck_assert_uint_eq(times_told("defer:"), 0);
    ck_assert_int_ge(world_due_in_s("A1"), 290); /* one of the two was met first */
    ck_assert_int_le(world_due_in_s("A1"), 610);
    ck_assert_int_ge(world_due_in_s("A2"), 290);
    ck_assert_int_le(world_due_in_s("A2"), 610);
    ck_assert(life_view_parked(world.life, "A2", &parked));
    ck_assert_str_eq(parked.transport, "smtp");
    ck_assert_str_eq(parked.destination, "smtp.test");
    ck_assert_uint_eq(parked.place, 2);
    ck_assert_uint_eq(parked.waiting_count, 2);
    ck_assert_uint_eq(parked.active_count, 1);
    ck_assert(!life_view_parked(world.life, "A0", &parked));
    ck_assert(!life_view_parked(world.life, "none", &parked));
}
END_TEST

START_TEST(all_mail_of_a_site_goes_through_one_place)
{
    write_mail(9);
    world_start();
    run_until_told(9, ": removed");
    ck_assert_uint_eq(life_parked_count(world.life), 0);
    ck_assert_uint_eq(times_told("smtp: "), 9);
}
END_TEST

START_TEST(mail_is_called_in_the_order_of_arrival)
{
    begin_with_waiting(3, "sa");
    world_forget();
    service_hang_up(world_find("smtp"));
    run_until_told(3, ": removed");
    ck_assert_ptr_nonnull(strstr(world.told->str, "A1: removed"));
    ck_assert(strstr(world.told->str, "A1: removed") < strstr(world.told->str, "A2: removed"));
    ck_assert(strstr(world.told->str, "A2: removed") < strstr(world.told->str, "A3: removed"));
}
END_TEST

START_TEST(a_flush_of_all_mail_leaves_it)
{
    begin_with_waiting(1, "s");
    life_trigger(world.life, "DAF", 3);
    do
        world_turn();
    while (scan_is_running(&world.life->scans->deferred));
    ck_assert_uint_eq(life_parked_count(world.life), 1);
    ck_assert_uint_eq(times_told("smtp:"), 1);
}
END_TEST

/* postqueue -i sets the bit. */
START_TEST(mail_that_somebody_wants_passes)
{
    begin_with_waiting(2, "s");
    ck_assert_int_eq(chmod("deferred/A2", 0740), 0);
    life_trigger(world.life, "DAF", 3);
    run_until_told(2, "smtp:");
    ck_assert_uint_eq(life_parked_count(world.life), 1);
    ck_assert(was_told("A2: from="));
}
END_TEST

START_TEST(expedited_mail_passes)
{
    begin_with_waiting(2, "s");
    ck_assert_int_eq(life_expedite(world.life, "A2", SPOOL_DEFERRED, false), LIFE_EXPEDITE_NEXT);
    run_until_told(2, "smtp:");
    ck_assert_uint_eq(life_parked_count(world.life), 1);
}
END_TEST

START_TEST(mail_that_others_removed_stops_nobody)
{
    begin_with_waiting(3, "sa");
    ck_assert_int_eq(unlink("deferred/A1"), 0);
    ck_assert_int_eq(rename("deferred/A2", "corrupt/A2"), 0);
    service_hang_up(world_find("smtp"));
    world_run_until("A3: removed");
    ck_assert_uint_eq(life_parked_count(world.life), 0);
}
END_TEST

/* Each has a destination of its own, which nothing would forget if it stayed. */
START_TEST(waiting_mail_leaves_no_destinations)
{
    static const Route routes[] = {
        {"a@smtp.test", "smtp", "a.test", "a@smtp.test", 0},
        {"b@smtp.test", "smtp", "b.test", "b@smtp.test", 0},
        {"c@smtp.test", "smtp", "c.test", "c@smtp.test", 0},
        {NULL,          NULL,   NULL,     NULL,          0},
    };
    SchedSummary summary;
    Site *site;

    sites = sites_new();
    site = sites_add(sites, "three", 1);
    ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, ".test"), NULL);
    site->shared = SITE_SHARED_YES;
    sites_seal(sites);
    world.settings.sites = sites;
    service_routes = routes;
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "A0"});
    world_start();
    world_run_until("smtp:");
    world_mail(&(Mail){.id = "A1", .recipients = "b@smtp.test c@smtp.test"});
    life_trigger(world.life, "I", 1);
    run_until_parked(1);
    sched_summarize(world.sched, &summary);
    ck_assert_int_eq(summary.destination_count, 1);
}
END_TEST

START_TEST(without_shares_nothing_waits)
{
    world.settings.destination_share_percent = 0;
    write_mail(9);
    world_start();
    ck_assert(!parking_is_used(world.life));
    world_run();
    ck_assert_uint_eq(times_told(": removed"), 9);
}
END_TEST

/* The defer log of the attempt before goes when there is an attempt. */
START_TEST(the_log_stays_while_it_waits)
{
    begin_with_waiting(0, "sa");
    world_mail(&(Mail){.id = "A1", .queue = "deferred"});
    world_file("defer/A1", "<a@smtp.test>: later\n");
    life_trigger(world.life, "D", 1);
    run_until_parked(1);
    ck_assert_int_eq(access("defer/A1", F_OK), 0);
    service_hang_up(world_find("smtp"));
    world_run_until("A1: removed");
    ck_assert_int_ne(access("defer/A1", F_OK), 0);
}
END_TEST

static bool is_of_smtp(const Rule *about, const char *transport, const char *destination)
{
    (void)destination;
    return g_str_equal(about->name, transport);
}

static LifeJobView view_first_job(void)
{
    LifeJobView view;

    ck_assert(life_view_job(world.life, 1, &view));
    return view;
}

/* A0 is delivered to, and five others wait. */
static void begin_job_with_waiting(void)
{
    static const Rule about = {.object = RULE_TRANSPORT, .name = "smtp"};
    static const LifeJobOrder order = {.about = &about, .matches = is_of_smtp, .verb = "flush"};
    g_autofree char *problem = NULL;

    world_find("smtp")->manner = "sa";
    for (int i = 1; i <= 5; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        world_mail(&(Mail){.id = id, .queue = "deferred", .due_in_s = 1000});
    }
    world_mail(&(Mail){.id = "A0"});
    world_start();
    world_run_until("smtp:");
    life_learn_deferred(world.life);
    ck_assert_uint_ne(life_job_start(world.life, &order, &problem), 0);
}

/* What has no place yet says nothing against the site: its turn comes. */
START_TEST(a_job_does_not_stop_at_mail_that_waits)
{
    begin_job_with_waiting();
    while (view_first_job().state < LIFE_JOB_DONE)
        world_turn_at_most_ms(5);
    ck_assert_msg(view_first_job().state == LIFE_JOB_DONE, "%s", view_first_job().reason);
    ck_assert_uint_eq(life_parked_count(world.life), 5);
    ck_assert(was_told(": done: 5 wait for their turn in the active queue; tried=0, through=0, "
                       "back=0, left=5\n"));
    service_hang_up(world_find("smtp"));
    run_until_told(5, ": removed"); /* A0 was deferred */
}
END_TEST

/* A1 is called in while the job looks for others, and comes back at once. */
START_TEST(a_job_waits_for_what_is_called_in_while_it_looks)
{
    ReleaseJob *job;

    begin_job_with_waiting();
    job = jobs_find(world.life, 1);
    while (job->round.later_count < 5 || !pilot_is_picking(job)) {
        ck_assert_int_lt(view_first_job().state, LIFE_JOB_DONE);
        world_turn_at_most_ms(5);
    }
    jobs_note_taken(world.life, "A1");
    while (view_first_job().state < LIFE_JOB_DONE)
        world_turn_at_most_ms(5);
    ck_assert(was_told("; tried=0, through=0, back=0, left=5\n"));
}
END_TEST

static bool is_any(const Rule *about, const char *transport, const char *destination)
{
    (void)about;
    (void)transport;
    (void)destination;
    return true;
}

static void run_until_tried(uint32_t count)
{
    while (view_first_job().tried_count != count)
        world_turn_at_most_ms(5);
}

/* A1 and A2 wait behind A0. B1, which another agent has, keeps the job from its end meanwhile. */
START_TEST(a_job_tries_mail_when_its_turn_comes)
{
    static const Route routes[] = {
        {"b@other.test", "other", "other.test", "b@other.test", 0},
        {NULL,           NULL,    NULL,         NULL,           0},
    };
    static const Rule about = {.object = RULE_ALL, .name = ""};
    static const LifeJobOrder order = {.about = &about, .matches = is_any, .verb = "flush"};
    g_autofree char *problem = NULL;

    service_routes = routes;
    world_agent("other")->manner = "s";
    world_find("smtp")->manner = "sa";
    for (int i = 1; i <= 2; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        world_mail(&(Mail){.id = id, .queue = "deferred", .due_in_s = 1000});
    }
    world_mail(
        &(Mail){.id = "B1", .queue = "deferred", .recipients = "b@other.test", .due_in_s = 1000});
    world_mail(&(Mail){.id = "A0"});
    world_start();
    world_run_until("smtp:");
    life_learn_deferred(world.life);
    ck_assert_uint_ne(life_job_start(world.life, &order, &problem), 0);
    while (life_parked_count(world.life) < 2 || view_first_job().left_count != 2)
        world_turn_at_most_ms(5);
    run_until_tried(1);
    ck_assert_uint_eq(view_first_job().back_count, 0);
    life_trigger(world.life, "DAF", 3); /* which takes none of them */
    do
        world_turn_at_most_ms(5);
    while (scan_is_running(&world.life->scans->deferred));
    ck_assert_uint_eq(life_parked_count(world.life), 2);
    service_hang_up(world_find("smtp"));
    run_until_told(2, ": removed");
    run_until_tried(3);
    ck_assert_uint_eq(view_first_job().left_count, 0);
    service_hang_up(world_find("other"));
    world_run_until("; tried=4, through=3, back=1, left=0\n"); /* A0 was deferred */
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("parking");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_test(tcase, mail_beyond_the_share_waits_untried);
    tcase_add_test(tcase, all_mail_of_a_site_goes_through_one_place);
    tcase_add_test(tcase, mail_is_called_in_the_order_of_arrival);
    tcase_add_test(tcase, a_flush_of_all_mail_leaves_it);
    tcase_add_test(tcase, mail_that_somebody_wants_passes);
    tcase_add_test(tcase, expedited_mail_passes);
    tcase_add_test(tcase, mail_that_others_removed_stops_nobody);
    tcase_add_test(tcase, waiting_mail_leaves_no_destinations);
    tcase_add_test(tcase, without_shares_nothing_waits);
    tcase_add_test(tcase, the_log_stays_while_it_waits);
    tcase_add_test(tcase, a_job_does_not_stop_at_mail_that_waits);
    tcase_add_test(tcase, a_job_waits_for_what_is_called_in_while_it_looks);
    tcase_add_test(tcase, a_job_tries_mail_when_its_turn_comes);
    return run_suite("life/parking", tcase, NULL);
}
