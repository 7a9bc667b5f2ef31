#include "tests/support/sched_notice.h"
#include "tests/support/sched_support.h"

/* Clog warnings (scheduling.md 15) and feedback debug lines (16). */

static World world;

static void setup(void)
{
    world_init(&world, SCHED_PREEMPTIVE);
    world.params.destination_recipient_limit = 1;
    world.settings.helpful_warnings = true;
    world.settings.message_active_limit = 10;
}

static void teardown(void)
{
    world_clear(&world);
}

/* All notices, one a line. */
static char *pop_notices(void)
{
    GString *text = g_string_new(NULL);
    SchedNotice notice;

    while (sched_pop_notice(world.sched, &notice)) {
        g_autofree char *line = notice_to_text(&notice);

        g_string_append_printf(text, "%s\n", line);
    }
    return g_string_free(text, FALSE);
}

static void assert_notices(const char *want)
{
    g_autofree char *got = pop_notices();

    ck_assert_str_eq(got, want);
}

static const struct {
    const char *mails[5];
    int limit, initial;
    const char *want;
} clogs[] = {
    {{"x:a x:a"},                      20, 1,  ""                                                                   }, /* a fifth of the active queue is no clog yet */
    {{"x:a x:a x:a"},                  1,  1,  "clogged t1 x limit 1 window 1 entries 3 running 0 of 1/10 among 1\n"},
    {{"y:a", "z:a", "x:a", "x:a x:a"},
     1,                                    1,
     "clogged t1 x limit 1 window 1 entries 3 running 0 of 4/10 among 3\n"                                          },
    {{"x:a", "x:a", "x:a"},
     20,                                   11,
     "clogged t1 x limit 20 window 11 entries 3 running 0 of 3/10 among 1\n"                                        },
    {{"y:a", "x:a", "x:a", "x:a"},
     20,                                   7,
     "clogged t1 x limit 20 window 7 entries 3 running 0 of 4/10 among 2\n"                                         },
    {{"x:a", "x:a", "x:a"},
     0,                                    10,
     "clogged t1 x limit 0 window 10 entries 3 running 0 of 3/10 among 1\n"                                         },
};

START_TEST(clogged_destination_is_warned_of)
{
    world.params.destination_concurrency_limit = clogs[_i].limit;
    world.params.initial_destination_concurrency = clogs[_i].initial;
    for (int i = 0; clogs[_i].mails[i] != NULL; i++)
        mail_add(&world, clogs[_i].mails[i]);
    assert_notices(clogs[_i].want);
}
END_TEST

static bool add_is_warned_of(void)
{
    g_autofree char *got = NULL;

    mail_add(&world, "x:a");
    got = pop_notices();
    return got[0] != '\0';
}

START_TEST(warnings_are_repeated_after_a_while)
{
    ck_assert(!add_is_warned_of());
    ck_assert(!add_is_warned_of());
    ck_assert(add_is_warned_of());
    ck_assert(!add_is_warned_of());
    world_wait(&world, 299);
    ck_assert(!add_is_warned_of());
    world_wait(&world, 1);
    ck_assert(add_is_warned_of());
}
END_TEST

START_TEST(warnings_can_be_turned_off)
{
    if (_i == 0)
        world.settings.helpful_warnings = false;
    else
        world.settings.clog_warn_s = 0;
    for (int i = 0; i < 5; i++)
        ck_assert(!add_is_warned_of());
}
END_TEST

START_TEST(redirected_mail_may_clog_as_well)
{
    g_autofree char *got = NULL;

    world.settings.message_active_limit = 20;
    world.params.initial_destination_concurrency = 1;
    mail_add(&world, "x:a x:a x:a x:a x:a x:a x:a");
    g_free(pop_notices());
    world_finish(&world, world_connect(&world), &refused);
    got = pop_notices();
    ck_assert(g_str_has_prefix(got, "clogged retry 4.4.1 delivery temporarily suspended: no route "
                                    "limit "));
    ck_assert_msg(strstr(got, " entries 5 running 0 of 1/20 among 1\n") != NULL, "%s", got);
}
END_TEST

/* ---- debug lines ---- */

START_TEST(windows_are_traced)
{
    world.settings.helpful_warnings = false;
    world.settings.feedback_debug = true;
    world.settings.initial_destination_concurrency = 4;
    world.params.positive = (SchedFeedback){1, true};
    world.params.positive_name = "t1_destination_concurrency_positive_feedback";
    world.params.negative = (SchedFeedback){0.5, false};
    world.params.initial_destination_concurrency = 3;
    mail_add(&world, "x:a x:b x:c x:d x:e");
    assert_notices("type t1 t1_destination_concurrency_positive_feedback 1 at 4: 0.25\n"
                   "type t1 default_destination_concurrency_negative_feedback 0 at 4: 0.5\n");
    world_finish(&world, world_connect(&world), &delivered);
    assert_notices("feedback 0.333333\n"
                   "window x limit 20 window 3 success 0.333333 failure 0 cohorts 0\n");
    world_finish(&world, world_connect(&world), &refused);
    assert_notices("feedback down 0.5\n"
                   "window down x limit 20 window 2 success 0 failure 0.5 cohorts 0.333333\n");
    world_finish(&world, world_connect(&world), &refused);
    world_finish(&world, world_connect(&world), &refused);
    g_free(pop_notices());
    world_wait(&world, 300);
    assert_notices("window x limit 20 window 3 success 0 failure 0 cohorts 0\n");
}
END_TEST

/* A death changes only the count of cohorts, and its step is not a feedback. */
START_TEST(death_is_traced)
{
    world.settings.helpful_warnings = false;
    world.settings.feedback_debug = true;
    world.params.destination_concurrency_limit = 1;
    mail_add(&world, "x:a");
    g_free(pop_notices());
    world_finish(&world, world_connect(&world), &refused);
    assert_notices("window down x limit 1 window 0 success 0 failure 0 cohorts 1\n");
}
END_TEST

START_TEST(internal_transports_are_not_traced)
{
    const char *const names[] = {"retry/x:a", "error/x:a"};

    world.settings.helpful_warnings = false;
    world.settings.feedback_debug = true;
    mail_add(&world, names[_i]);
    g_free(pop_notices());
    world_finish(&world, world_connect(&world), _i == 0 ? &delivered : &refused);
    assert_notices("");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("notice");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, clogged_destination_is_warned_of, 0, G_N_ELEMENTS(clogs));
    tcase_add_test(tcase, warnings_are_repeated_after_a_while);
    tcase_add_loop_test(tcase, warnings_can_be_turned_off, 0, 2);
    tcase_add_test(tcase, redirected_mail_may_clog_as_well);
    tcase_add_test(tcase, windows_are_traced);
    tcase_add_test(tcase, death_is_traced);
    tcase_add_loop_test(tcase, internal_transports_are_not_traced, 0, 2);
    return run_suite("sched/notice", tcase, NULL);
}
