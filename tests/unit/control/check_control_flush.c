#include <string.h>
#include <sys/stat.h>

#include "life/jobs.h"
#include "tests/support/control_fixture.h"

/* The verbs flush, unthrottle, jobs, cancel, expedite and reresolve over the socket. */

static const struct {
    const char *words, *part;
    unsigned removed_count;
    const char *line;
} flushes[] = {
    {"verb flush what smtp.test",                  "revived|1|messages|2|",      2,
     "control: flush domain=smtp.test uid=0: messages=2, revived=1"                                  },
    {"verb flush what transport name smtp",        "revived|1|messages|2|",      2, "control: flush "},
    {"verb flush what destination name smtp.test", "messages|2|",                2, "control: flush "},
    {"verb flush what smtp.test dry_run 1",        "messages|2|",                0, NULL             },
    {"verb flush what smtp.test no_pilot 1",       "revived|1|messages|2||row|", 2,
     "control: flush domain=smtp.test uid=0: messages=2, revived=1"                                  },
    {"verb flush what smtp.test",                  "messages|2|job|1|",          2,
     "control: end of job job=1 domain=smtp.test: done; tried=2, through=2, back=0, left=0"          },
    {"verb unthrottle what smtp.test no_pilot 1",  "code|usage|",                0, NULL             },
    {"verb flush what local.test",                 "revived|0|messages|1|",      0, "control: flush "},
    {"verb unthrottle what smtp.test",             "revived|1|messages|0|",      0,
     "control: unthrottle domain=smtp.test uid=0: messages=0, revived=1"                             },
    {"verb flush what smpt.test",                  "code|not-found|",            0, NULL             },
    {"verb flush",                                 "code|usage|text|what?",      0, NULL             },
    {"verb flush level view what all",             "code|denied|",               0, NULL             },
};

START_TEST(deferred_mail_of_what_is_named_is_tried_now)
{
    control_make_dead_site();
    expect_answer(client, flushes[_i].words, flushes[_i].part);
    control_run_until_quiet();
    ck_assert_uint_eq(was_told("A1: removed") + was_told("A2: removed"), flushes[_i].removed_count);
    ck_assert(flushes[_i].line == NULL ? !was_told("control: ") : was_told(flushes[_i].line));
}
END_TEST

/* A1 and A2 have been tried since, so that rule #1 is known to hold them. */
static void hold_mail_of_dead_site(void)
{
    control_make_dead_site();
    expect_answer(client, "verb suspend what smtp.test for 600 reason r", "row|end|");
    expect_answer(client, "verb flush what smtp.test no_pilot 1", "messages|2|");
    control_run_until_quiet();
}

START_TEST(flush_leaves_suspended_mail)
{
    hold_mail_of_dead_site();
    ck_assert(!was_told("A1: removed") && !was_told("A2: removed"));
    expect_answer(client, "verb flush what smtp.test", "messages|0|");
    expect_answer(client, "verb rules", "suspended|2|");
}
END_TEST

/* Its rule is over, and the job after that still has the pilot. */
START_TEST(flush_does_not_count_what_another_job_keeps)
{
    hold_mail_of_dead_site();
    world_find("smtp")->manner = "s";
    expect_answer(client, "verb resume what 1", "2 deferred messages of it come by pilot");
    while (sched_message_count(world.sched) < 1)
        turn_control();
    expect_answer(client, "verb rules", "row|end|rows|0|");
    expect_answer(client, "verb flush what smtp.test dry_run 1", "messages|0|");
    expect_answer(client, "verb flush what all dry_run 1", "messages|1|");
    expect_answer(client, "verb flush what all", "messages|1|job|");
    expect_answer(client, "verb flush what smtp.test no_pilot 1", "messages|0|");
}
END_TEST

/* The site is down still: it stops at the first one. */
START_TEST(job_is_shown_and_cancelled)
{
    control_make_dead_site();
    world_find("smtp")->manner = "s";
    expect_answer(client, "verb jobs", "row|end|rows|0|");
    expect_answer(client, "verb flush what smtp.test", "job|1|");
    expect_answer(client, "verb flush what smtp.test", "code|failed|text|job 1 is at it already");
    expect_answer(client, "verb flush what smtp.test dry_run 1", "messages|");
    while (world_find("smtp")->request_count < 2)
        turn_control();
    expect_answer(client, "verb jobs",
                  "object|job|number|1|verb|flush|about|domain|name|smtp.test|state|pilot|tried|");
    expect_answer(client, "verb cancel level view job 1", "code|denied|");
    expect_answer(client, "verb cancel", "code|usage|text|which job?");
    expect_answer(client, "verb cancel job x", "code|usage|");
    expect_answer(client, "verb cancel job 2", "code|not-found|text|there is no job 2");
    expect_answer(client, "verb cancel job 1 dry_run 1", "nothing was changed");
    expect_answer(client, "verb jobs", "state|pilot|");
    expect_answer(client, "verb cancel job 1", "state|cancelled|");
    expect_answer(client, "verb cancel job 1", "code|failed|text|job 1 has ended already");
    expect_answer(client, "verb events", "kind|job-ended|");
    expect_answer(client, "verb jobs", "state|cancelled|");
    expect_answer(client, "verb metrics", "eqmgr_jobs|label_state|cancelled|value|1|");
    expect_answer(client, "verb metrics", "eqmgr_jobs|label_state|pilot|value|0|");
}
END_TEST

START_TEST(resume_lets_mail_go_by_a_job)
{
    hold_mail_of_dead_site();
    expect_answer(client, "verb rules", "suspended|2|");
    expect_answer(client, "verb resume what 1", "2 deferred messages of it come by pilot");
    control_run_until_quiet();
    ck_assert(was_told("A1: removed") && was_told("A2: removed"));
    expect_answer(client, "verb jobs",
                  "verb|resume|about|domain|name|smtp.test|state|done|tried|2|");
}
END_TEST

static bool is_nothing(const Rule *about, const char *transport, const char *destination)
{
    (void)about;
    (void)transport;
    (void)destination;
    return false;
}

/* As many as may be; they have nothing to do, and end in the next turns. */
static void start_other_jobs(void)
{
    for (int i = 0; i < LIFE_JOBS_RUNNING_MAX; i++) {
        g_autofree char *name = g_strdup_printf("d%d.test", i), *problem = NULL;
        const Rule about = {.object = RULE_DOMAIN, .name = name};
        const LifeJobOrder order = {.about = &about, .matches = is_nothing, .verb = "flush"};

        (void)life_job_start(world.life, &order, &problem);
    }
}

/* They are there whenever the rule may be written. */
START_TEST(resume_does_not_wait_for_jobs_of_flush)
{
    hold_mail_of_dead_site();
    steer_remove(steer, 1, 0, LIFE_RELEASE_BY_JOB, NULL, NULL);
    start_other_jobs();
    while (rules_count(rules) > 0)
        (void)event_base_loop(world.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    control_run_until_quiet();
    ck_assert(was_told("control: resume job=11 domain=smtp.test"));
}
END_TEST

static const struct {
    const char *query, *want;
} expeditions[] = {
    {"verb expedite",                                     "which messages?"                                           },
    {"verb expedite queue_id ../x",                       "not a queue ID: ../x"                                      },
    {"verb expedite level view queue_id A1",              "code|denied|"                                              },
    {"verb expedite queue_id N0",                         "queue_id|N0|place|nowhere|state|not done"                  },
    {"verb expedite queue_id H1",                         "place|hold|state|not done|text|it is on hold; postsuper -H"},
    {"verb expedite queue_id A1",                         "suspended by #1: r; --force passes"                        },
    {"verb expedite queue_id A1 force 1 dry_run 1",       "state|next|"                                               },
    {"verb expedite queue_id B1 dry_run 1",
     "a rule that suspends its recipients holds them still: --force"                                                  },
    {"verb expedite queue_id B1 force 1 dry_run 1",
     "state|next|text|it is taken into active before all others|"                                                     },
    {"verb expedite queue_id \t\n",                       "which messages?"                                           },
    {"verb expedite queue_id \tB1\t\tN0\nB1\n dry_run 1", "end|rows|2|matched|1|"                                     },
    {"verb expedite queue_id A1 force 1",                 "end|rows|1|matched|1|"                                     },
};

START_TEST(messages_are_expedited_past_rules)
{
    hold_mail_of_dead_site();
    ck_assert_int_eq(mkdir("hold", 0700), 0);
    world_mail(&(Mail){.id = "H1", .queue = "hold"});
    world_forget();
    for (size_t i = 0; i < G_N_ELEMENTS(expeditions); i++)
        expect_answer(client, expeditions[i].query, expeditions[i].want);
    control_run_until_quiet();
    ck_assert(was_told("control: expedite A1 --force uid=0"));
    ck_assert(was_told("A1: removed") && !was_told("A2: removed") && !was_told("B1: removed"));
}
END_TEST

/* What is left of it passes rules from now on, which is a change, and told. */
START_TEST(force_of_a_message_that_is_delivered_is_told)
{
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "A1"});
    life_trigger(world.life, "I", 1);
    world_run_until("smtp:");
    expect_answer(client, "verb expedite queue_id A1", "place|active|state|not done|");
    expect_answer(client, "verb expedite queue_id A1 force 1 dry_run 1",
                  "place|active|state|next|");
    ck_assert(!was_told("control: expedite"));
    expect_answer(client, "verb expedite queue_id A1 force 1", "no rule holds what is left of it");
    ck_assert(was_told("control: expedite A1 --force uid=0"));
}
END_TEST

static const struct {
    const char *query, *want;
} reresolutions[] = {
    {"verb reresolve",                                   "what?"                                    },
    {"verb reresolve level view what all",               "code|denied|"                             },
    {"verb reresolve what exmaple.com",
     "no domain \"exmaple.com\" has mail in active; is it example.com?; deferred mail asks anyway"  },
    {"verb reresolve what transport name smpt",          "is it smtp?"                              },
    {"verb reresolve what all dry_run 1",                "note|nothing was changed|"                },
    {"verb reresolve what example.com dry_run 1",        "about|domain|name|example.com|requests|0|"},
    {"verb reresolve what destination name example.com", "requests|0|recipients|0|job|1|"           },
    {"verb reresolve what transport name smtp",          "about|transport|name|smtp|"               },
    {"verb jobs",                                        "number|1|verb|reresolve|"                 },
};

START_TEST(waiting_mail_asks_again)
{
    (void)control_destination("smtp", "example.com");
    for (size_t i = 0; i < G_N_ELEMENTS(reresolutions); i++)
        expect_answer(client, reresolutions[i].query, reresolutions[i].want);
    control_run_until_quiet();
    ck_assert(was_told("control: reresolve job=1 destination=example.com uid=0: begun"));
}
END_TEST

/* Where mail goes that is still being resolved is not known, which is what is said. */
START_TEST(name_of_mail_that_is_being_resolved_is_not_called_unknown)
{
    world_find("rewrite")->manner = "s";
    world_mail(&(Mail){.id = "A1"});
    life_trigger(world.life, "I", 1);
    for (int i = 0; i < 1000 && world_is_quiet(); i++)
        world_turn_at_most_ms(1);
    expect_answer(client, "verb reresolve what smtp.test", "still being resolved: 1: ask again");
    expect_answer(client, "verb reresolve what all", "about|all|");
}
END_TEST

/* ---- --dry-run of each verb that changes something; of cancel: above ---- */

static const struct {
    const char *words, *part;
} dry_runs[] = {
    {"verb suspend what smtp.test for 60 reason r",  "name|smtp.test|"      },
    {"verb suspend what other.test for 60 reason r", "name|other.test|"     },
    {"verb resume what other.test",                  "name|other.test|"     },
    {"verb resume what 1 later 1",                   "name|other.test|"     },
    {"verb resume what 1 no_pilot 1",                "name|other.test|"     },
    {"verb flush what smtp.test",                    "revived|1|messages|2|"},
    {"verb flush what smtp.test no_pilot 1",         "revived|1|messages|2|"},
    {"verb flush what all",                          "revived|1|messages|3|"},
    {"verb unthrottle what smtp.test",               "revived|1|messages|0|"},
    {"verb unthrottle what transport name smtp",     "revived|1|messages|0|"},
    {"verb expedite queue_id B1",                    "queue_id|B1|"         },
    {"verb expedite queue_id A1 force 1",            "queue_id|A1|"         },
};

/* All rows: the header has the time. */
static char *rules_in_force(void)
{
    g_autofree char *answer = NULL;

    client_ask(client, "verb rules");
    answer = client_answer(client);
    return g_strdup(strstr(answer, "row|data"));
}

START_TEST(dry_run_says_what_it_would_do_and_does_nothing)
{
    g_autofree char *words = g_strconcat(dry_runs[_i].words, " dry_run 1", NULL);
    g_autofree char *rules_before = NULL, *rules_after = NULL;

    control_make_dead_site();
    expect_answer(client, "verb suspend what other.test new 1 for 600 reason why", "row|end|");
    rules_before = rules_in_force();
    expect_answer(client, words, dry_runs[_i].part);
    expect_answer(client, words, "nothing was changed");
    control_run_until_quiet();
    rules_after = rules_in_force();
    ck_assert_str_eq(rules_before, rules_after);
    expect_answer(client, "verb jobs", "row|end|rows|0|");
    expect_answer(client, "verb destination destination smtp.test", "state|throttled|");
    ck_assert(!was_told("A1: removed") && !was_told("A2: removed") && !was_told("B1: removed"));
    ck_assert(!was_told("control: resume") && !was_told("control: flush") &&
              !was_told("control: unthrottle") && !was_told("control: suspend #2"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("flush");

    tcase_add_checked_fixture(tcase, control_setup, control_teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, deferred_mail_of_what_is_named_is_tried_now, 0,
                        G_N_ELEMENTS(flushes));
    tcase_add_test(tcase, flush_leaves_suspended_mail);
    tcase_add_test(tcase, flush_does_not_count_what_another_job_keeps);
    tcase_add_test(tcase, job_is_shown_and_cancelled);
    tcase_add_test(tcase, resume_lets_mail_go_by_a_job);
    tcase_add_test(tcase, resume_does_not_wait_for_jobs_of_flush);
    tcase_add_test(tcase, messages_are_expedited_past_rules);
    tcase_add_test(tcase, force_of_a_message_that_is_delivered_is_told);
    tcase_add_test(tcase, waiting_mail_asks_again);
    tcase_add_test(tcase, name_of_mail_that_is_being_resolved_is_not_called_unknown);
    tcase_add_loop_test(tcase, dry_run_says_what_it_would_do_and_does_nothing, 0,
                        G_N_ELEMENTS(dry_runs));
    return run_suite("control/flush", tcase, NULL);
}
