#include <limits.h>

#include "tests/support/sched_notice.h"
#include "tests/support/sched_support.h"

/* Concurrency windows: the trajectories of scheduling.md 18.6 to 18.8, seen in the debug lines. */

#define ANY        (-1.0)
#define EVENTS_MAX 16

typedef struct Event {
    char what; /* success, failure, a site that says it is too much ('t'), or 0 at the end */
    int window;
    double success, failure, cohorts;
} Event;

static const struct {
    SchedFeedback positive, negative;
    int initial, limit, cohort_limit;
    Event events[EVENTS_MAX];
} trajectories[] = {
  /* 18.6 */
    {.positive = {1, false},
     .negative = {1, false},
     .initial = 2,
     .limit = 6,
     .cohort_limit = 1,
     .events = {{'s', 3, ANY, ANY, 0},
                {'s', 4, ANY, ANY, 0},
                {'s', 5, ANY, ANY, 0},
                {'s', 6, ANY, ANY, 0},
                {'s', 6, ANY, ANY, 0},
                {'s', 6, ANY, ANY, 0},
                {'s', 6, ANY, ANY, 0},
                {'f', 4, ANY, 1, .1667},
                {'f', 3, ANY, 1, .4167},
                {'s', 4, ANY, 0, 0},
                {'f', 2, ANY, 1, .25},
                {'s', 3, ANY, ANY, 0},
                {'s', 4, ANY, ANY, 0},
                {'f', 2, ANY, 1, .25},
                {'f', 1, ANY, 1, .75}}                                        },
 /* 18.7 */
    {.positive = {1, true},
     .negative = {1, true},
     .initial = 2,
     .limit = 6,
     .cohort_limit = 10,
     .events = {{'s', 2, .5, ANY, 0},
                {'s', 3, 0, ANY, 0},
                {'s', 3, .3333, ANY, 0},
                {'s', 3, .6667, ANY, 0},
                {'s', 4, 0, ANY, 0},
                {'s', 4, .25, ANY, 0},
                {'s', 4, .5, ANY, 0},
                {'f', 3, ANY, .75, ANY},
                {'f', 3, ANY, .4167, ANY},
                {'s', 3, .3333, ANY, 0},
                {'f', 2, ANY, 1.0833, ANY},
                {'s', 2, .5, ANY, 0},
                {'s', 3, 0, 0, 0},
                {'f', 2, ANY, .6667, ANY},
                {'f', 1, ANY, 1.1667, ANY}}                                   },
 /* 18.8 */
    {.positive = {1.0 / 3, false},
     .negative = {.5, false},
     .initial = 2,
     .limit = 6,
     .cohort_limit = 10,
     .events = {{'s', 2, ANY, ANY, 0},
                {'s', 2, ANY, ANY, 0},
                {'s', 3, ANY, ANY, 0},
                {'s', 3, ANY, ANY, 0},
                {'s', 3, ANY, ANY, 0},
                {'s', 4, ANY, ANY, 0},
                {'s', 4, .3333, ANY, 0},
                {'f', 3, ANY, .5, ANY},
                {'f', 2, ANY, 1, ANY},
                {'s', 2, ANY, ANY, 0},
                {'f', 2, ANY, .5, ANY},
                {'s', 2, .6667, ANY, 0},
                {'s', 3, 0, 0, 0},
                {'f', 2, ANY, .5, ANY},
                {'f', 1, ANY, 1, ANY}}                                        },
 /* 18.6, default settings and failures only: the third one kills */
    {.positive = {1, false},
     .negative = {1, false},
     .initial = 5,
     .limit = 20,
     .cohort_limit = 1,
     .events = {{'f', 3, 0, 1, .2},
                {'f', 2, 0, 1, .5333},
                {'f', 0, ANY, ANY, 1.0333},
                {'s', 2, 0, 0, 0}}                                            },
 /* never dead without a cohort limit */
    {.positive = {1, false},
     .negative = {1, false},
     .initial = 1,
     .limit = 0,
     .cohort_limit = 0,
     .events = {{'f', 1, ANY, ANY, 1},
                {'f', 1, ANY, ANY, 2},
                {'f', 1, ANY, ANY, 3},
                {'s', 2, ANY, ANY, 0}}                                        },
 /* the per-window value is that of the window before the change */
    {.positive = {.5, true},
     .negative = {0, false},
     .initial = 1,
     .limit = 1,
     .cohort_limit = 0,
     .events = {{'s', 1, 0, 0, 0}, {'f', 1, 0, 0, 1}, {'f', 1, 0, 0, 2}}      },
 /* traffic.md 6: what is too much for a site makes the window smaller, and never kills it */
    {.positive = {1, false},
     .negative = {1, false},
     .initial = 5,
     .limit = 20,
     .cohort_limit = 1,
     .events = {{'t', 3, 0, 1, 0},
                {'t', 2, 0, 1, 0},
                {'t', 1, 0, 1, 0},
                {'t', 1, 0, ANY, 0},
                {'f', 0, ANY, ANY, 1}}                                        },
 /* half of the feedback is enough for the last part of a step */
    {.positive = {.45, false},
     .negative = {1, false},
     .initial = 2,
     .limit = 6,
     .cohort_limit = 0,
     .events = {{'s', 2, .45, 0, 0}, {'s', 3, -.1, 0, 0}, {'s', 3, .35, 0, 0}}},
};

static World world;
static GQueue running = G_QUEUE_INIT;

static void setup(void)
{
    world_init(&world, SCHED_PREEMPTIVE);
    world.settings.feedback_debug = true;
    world.params.destination_recipient_limit = 1;
}

static void teardown(void)
{
    g_queue_clear(&running);
    world_clear(&world);
}

static void drop_notices(void)
{
    SchedNotice notice;

    while (sched_pop_notice(world.sched, &notice))
        sched_notice_clear(&notice);
}

/* The last window of all notices. */
static Event last_window(void)
{
    Event seen = {.window = -1};
    SchedNotice notice;

    while (sched_pop_notice(world.sched, &notice)) {
        if (notice.kind == SCHED_WINDOW)
            seen = (Event){.window = notice.window,
                           .success = notice.success,
                           .failure = notice.failure,
                           .cohorts = notice.cohorts};
        sched_notice_clear(&notice);
    }
    return seen;
}

static void assert_close(double got, double want)
{
    if (want != ANY)
        ck_assert_double_eq_tol(got, want, 0.00005);
}

/* As at MAIL FROM: the reply has no text (traffic.md 0). */
static const SchedResult too_much = {
    .deferred = true, .is_slowed = true, .status = "", .reason = ""};

static void play(const Event *event)
{
    SchedEntry *entry;
    Event seen;

    while ((entry = world_connect(&world)) != NULL)
        g_queue_push_tail(&running, entry);
    drop_notices();
    world_finish(&world, g_queue_pop_head(&running),
                 event->what == 's'   ? &delivered
                 : event->what == 't' ? &too_much
                                      : &refused);
    seen = last_window();
    ck_assert_int_eq(seen.window, event->window);
    assert_close(seen.success, event->success);
    assert_close(seen.failure, event->failure);
    assert_close(seen.cohorts, event->cohorts);
    sched_check(world.sched);
}

START_TEST(window_follows_feedback)
{
    Mail *mail = mail_add_unread(&world, "x:a");

    for (int i = 0; i < 40; i++)
        mail_add_recipient(mail, "t1", "x", "a");
    world.params.positive = trajectories[_i].positive;
    world.params.negative = trajectories[_i].negative;
    world.params.initial_destination_concurrency = trajectories[_i].initial;
    world.params.destination_concurrency_limit = trajectories[_i].limit;
    world.params.failed_cohort_limit = trajectories[_i].cohort_limit;
    mail_read(&world, mail);
    for (int i = 0; i < EVENTS_MAX && trajectories[_i].events[i].what != '\0'; i++)
        play(&trajectories[_i].events[i]);
}
END_TEST

/* Feedback without load would only prove that one connection works. */
START_TEST(window_grows_only_as_far_as_it_is_used)
{
    world.params.initial_destination_concurrency = 2;
    for (int i = 0; i < 5; i++) {
        mail_add(&world, "x:a");
        mail_add(&world, "x:b");
        drop_notices();
        world_finish(&world, world_connect(&world), &delivered);
        ck_assert_int_eq(last_window().window, 3);
        world_finish(&world, world_connect(&world), &delivered);
        ck_assert_int_eq(last_window().window, 3);
    }
}
END_TEST

START_TEST(window_stays_within_its_type)
{
    world.params.initial_destination_concurrency = INT_MAX;
    world.params.destination_concurrency_limit = 0;
    for (int i = 0; i < 3; i++) {
        mail_add(&world, "x:a");
        drop_notices();
        world_finish(&world, world_connect(&world), &delivered);
        ck_assert_int_eq(last_window().window, INT_MAX);
    }
}
END_TEST

static const struct {
    SchedResult result;
    const char *text_start; /* of the last notice, or NULL */
} replies[] = {
    {{.status = "", .reason = ""},                                             "window x limit"     },
    {{.deferred = true, .status = "", .reason = ""},                           "window x limit"     },
    {{.deferred = true, .status = "4.1.1", .reason = "text"},                  "window down x limit"},
    {{.deferred = true, .status = "4.1.1", .reason = ""},                      "window down x limit"},
    {{.deferred = true, .status = "", .reason = "text"},                       NULL                 },
    {{.status = "2.0.0", .reason = "text"},                                    NULL                 },
    {{.status = "", .reason = "text"},                                         NULL                 },
    {{.crashed = true, .status = "", .reason = ""},                            NULL                 },
    {{.crashed = true, .deferred = true, .status = "4.1.1", .reason = "text"}, NULL                 },
};

/* 11.2 */
START_TEST(some_replies_are_feedback)
{
    SchedNotice notice;
    g_autofree char *last = NULL;

    mail_add(&world, "x:a");
    drop_notices();
    world_finish(&world, world_connect(&world), &replies[_i].result);
    while (sched_pop_notice(world.sched, &notice)) {
        g_free(last);
        last = notice_to_text(&notice);
    }
    ck_assert_int_eq(last != NULL, replies[_i].text_start != NULL);
    if (last != NULL)
        ck_assert(g_str_has_prefix(last, replies[_i].text_start));
}
END_TEST

START_TEST(failures_of_a_dead_destination_say_nothing_new)
{
    SchedEntry *first, *second;

    world.params.initial_destination_concurrency = 2;
    world.params.failed_cohort_limit = 1;
    world.params.negative.value = 0;
    mail_add(&world, "x:a x:b x:c");
    first = world_connect(&world);
    second = world_connect(&world);
    world_finish(&world, first, &refused);
    mail_add(&world, "x:d");
    first = world_connect(&world);
    world_finish(&world, second, &refused); /* the second half of the cohort */
    drop_notices();
    ck_assert(sched_destination_is_dead(sched_entry_destination(first), NULL, NULL));
    world_finish(&world, first, &refused);
    ck_assert_int_eq(last_window().window, -1);
    sched_check(world.sched);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("window");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, window_follows_feedback, 0, G_N_ELEMENTS(trajectories));
    tcase_add_test(tcase, window_grows_only_as_far_as_it_is_used);
    tcase_add_test(tcase, window_stays_within_its_type);
    tcase_add_loop_test(tcase, some_replies_are_feedback, 0, G_N_ELEMENTS(replies));
    tcase_add_test(tcase, failures_of_a_dead_destination_say_nothing_new);
    return run_suite("sched/window", tcase, NULL);
}
