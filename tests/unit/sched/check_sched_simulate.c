#include <string.h>

#include "tests/simulate/report.h"
#include "tests/support/runner.h"

/* The simulator (tests/simulate): scenarios are read as written, and runs come out as by hand. */

static const SchedStrategy strategies[] = {SCHED_PREEMPTIVE, SCHED_ROUND_ROBIN};

#define STRATEGIES 2

/* ---- scenarios ---- */

/* Lines that make a scenario complete, for tables about other lines. */
#define REST "duration 1m\ndestinations d 1 uniform constant 1s\nmail m recipients 1 to d at 0s\n"

static const struct {
    const char *text, *want;
} bad_texts[] = {
    {"nonsense",                                                      "1: 'nonsense' is neither a statement nor PARAMETER = VALUE"           },
    {"\n# comment\nnonsense 3",                                       "3: 'nonsense' is neither a statement nor PARAMETER = VALUE"           },
    {"",                                                              " there must be a duration, destinations and mail"                     },
    {"duration 1m\n",                                                 " there must be a duration, destinations and mail"                     },
    {"duration",                                                      "1: duration TIME"                                                     },
    {"duration 1m 2m",                                                "1: duration TIME"                                                     },
    {"duration 5",                                                    "1: '5' is not a time (250ms, 30s, 5m, 2h, 1d) from 1s to 2.592e+06s"  },
    {"duration -5s",                                                  "1: '-5s' is not a time (250ms, 30s, 5m, 2h, 1d) from 1s to 2.592e+06s"},
    {"duration 31d",                                                  "1: '31d' is not a time (250ms, 30s, 5m, 2h, 1d) from 1s to 2.592e+06s"},
    {"default_delivery_slot_price = 5",                               "1: unknown parameter 'default_delivery_slot_price'"                   },
    {"default_process_limit = 0",                                     "1: '0' is not a whole number from 1 to 100000"                        },
    {"default_process_limit = 1 2",                                   "1: '1 2' is not a whole number from 1 to 100000"                      },
    {"default_process_limit =",                                       "1: '' is not a whole number from 1 to 100000"                         },
    {"default_delivery_slot_discount = 101",                          "1: '101' is not a whole number from 0 to 100"                         },
    {"default_destination_recipient_limit = 1",
     "1: '1' is not a whole number from 2 to 1000000000"                                                                                     },
    {"minimal_backoff_time = 500ms",
     "1: '500ms' is not a time (250ms, 30s, 5m, 2h, 1d) from 1s to 1e+09s"                                                                   },
    {"minimal_backoff_time = 1500ms",                                 "1: '1500ms' is not a whole number of seconds"                         },
    {"default_destination_concurrency_negative_feedback = 2",
     "1: '2' is not a feedback: 0 to 1, or that per concurrency"                                                                             },
    {"destinations d",                                                "1: destinations NAME COUNT ..."                                       },
    {"destinations d 0 uniform constant 1s",                          "1: '0' is not a whole number from 1 to 2000000"                       },
    {"destinations d/e 1 uniform constant 1s",                        "1: 'd/e' is not a name"                                               },
    {"destinations a-name-that-goes-on-and-on 1 uniform constant 1s",
     "1: 'a-name-that-goes-on-and-on' is longer than 23 characters"                                                                          },
    {"destinations d 1",                                              "1: after the count: uniform, or zipf EXPONENT"                        },
    {"destinations d 1 zipf",                                         "1: after the count: uniform, or zipf EXPONENT"                        },
    {"destinations d 1 zipf inf constant 1s",                         "1: 'inf' is not a number from 0 to 4"                                 },
    {"destinations d 1 uniform constant",
     "1: at the end: constant, exponential or dead, and a time"                                                                              },
    {"destinations d 1 uniform often 1s",
     "1: at the end: constant, exponential or dead, and a time"                                                                              },
    {"destinations d 1 uniform dead 1s please",
     "1: at the end: constant, exponential or dead, and a time"                                                                              },
    {"destinations d 1 uniform dead 0s",
     "1: '0s' is not a time (250ms, 30s, 5m, 2h, 1d) from 0.001s to 3600s"                                                                   },
    {REST "destinations d 1 uniform constant 1s",
     "4: 'd': there is one already, or there are too many"                                                                                   },
    {REST "mail",                                                     "4: mail NAME ..., at most 16 times"                                   },
    {REST "mail n",                                                   "4: mail needs recipients, to, and either at or rate"                  },
    {REST "mail n recipients 1 to d",                                 "4: mail needs recipients, to, and either at or rate"                  },
    {REST "mail n recipients 1 to d at 0s rate 1",
     "4: mail needs recipients, to, and either at or rate"                                                                                   },
    {REST "mail n recipients 1 to d at 0s until 1s",
     "4: messages is for at; from and until are for rate"                                                                                    },
    {REST "mail n recipients 1 to d rate 1 messages 2",
     "4: messages is for at; from and until are for rate"                                                                                    },
    {REST "mail n recipients 1 to d:0 at 0s",                         "4: all weights are 0"                                                 },
    {REST "mail n recipients 1 to d:x at 0s",                         "4: 'x' is not a number from 0 to 1e+06"                               },
    {REST "mail n recipients 1 to d,e at 0s",                         "4: no destinations 'e' above"                                         },
    {REST "mail n recipients 0 to d at 0s",                           "4: '0' is not a whole number from 1 to 20000000"                      },
    {REST "mail n recipients 1 recipients 1 to d at 0s",
     "4: 'recipients' is unknown, or there twice, or has no value"                                                                           },
    {REST "mail n recipients 1 to d at",                              "4: 'at' is unknown, or there twice, or has no value"                  },
    {REST "mail n recipients 1 to d rate 0",                          "4: '0' is not a number from 1e-06 to 100000"                          },
    {REST "mail n recipients 20000000 to d at 0s",                    " 20000001 recipients are more than 20000000"                          },
    {REST "mail n recipients 1000 to d rate 1000",                    " 60000001 recipients are more than 20000000"                          },
};

START_TEST(bad_scenarios_are_refused_with_their_place)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *want = g_strconcat("x.sim:", bad_texts[_i].want, NULL);

    ck_assert_ptr_null(scenario_parse("x.sim", bad_texts[_i].text, &error));
    ck_assert_str_eq(error->message, want);
}
END_TEST

START_TEST(a_missing_file_is_an_error)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(scenario_load("/nonexistent/x.sim", &error));
    ck_assert_ptr_nonnull(strstr(error->message, "/nonexistent/x.sim"));
}
END_TEST

static Scenario *parse(const char *text)
{
    GError *error = NULL;
    Scenario *scenario = scenario_parse("folder/sm'all.sim", text, &error);

    ck_assert_msg(scenario != NULL, "%s", error != NULL ? error->message : "");
    return scenario;
}

static char *tell_scenario(const Scenario *scenario)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%s '%s' %g s, %d %d %d\n", scenario->name, scenario->title,
                           (double)scenario->duration_us / US_PER_S, scenario->transport.slot_cost,
                           scenario->settings.minimal_backoff_s,
                           scenario->transport.negative.per_window);
    for (unsigned i = 0; i < scenario->site_class_count; i++) {
        const SiteClass *site = &scenario->sites[i];

        g_string_append_printf(text, "%s %u+%u %g %d %d ms\n", site->name, site->first, site->count,
                               site->zipf_exponent, site->service, (int)site->service_us / 1000);
    }
    for (unsigned i = 0; i < scenario->mail_class_count; i++) {
        const MailClass *mail = &scenario->mails[i];

        g_string_append_printf(text, "%s %ux%u to %g,%g, %g/s %g-%g s\n", mail->name,
                               mail->message_count, mail->recipient_count, mail->weights[0],
                               mail->weights[1], mail->rate_per_s, (double)mail->from_us / US_PER_S,
                               (double)mail->until_us / US_PER_S);
    }
    return g_string_free(text, FALSE);
}

START_TEST(scenarios_are_read_as_written)
{
    g_autoptr(Scenario) scenario =
        parse("title two  words # and a comment\n\n"
              "default_delivery_slot_cost=7\nminimal_backoff_time = 2m\r\n"
              "default_destination_concurrency_negative_feedback = 1 / concurrency\n"
              "duration 1.5h\n"
              "destinations fast 10 zipf 1.5 constant 250ms\n"
              "destinations gone 20 uniform dead 30s\n"
              "mail a recipients 3 to gone,fast:9 rate 0.5 from 1m until 2h\n"
              "mail b to fast messages 4 recipients 1 at 10s\n");
    g_autofree char *text = tell_scenario(scenario);

    ck_assert_str_eq(text, "sm_all 'two words' 5400 s, 7 120 1\n"
                           "fast 0+10 1.5 0 250 ms\n"
                           "gone 10+20 0 2 30000 ms\n"
                           "a 1x3 to 9,1, 0.5/s 60-5400 s\n"
                           "b 4x1 to 1,0, 0/s 10-5400 s\n");
}
END_TEST

START_TEST(parameters_start_as_in_main_cf)
{
    g_autoptr(Scenario) scenario = parse(REST);

    ck_assert_int_eq(scenario->process_limit, 100);
    ck_assert_int_eq(scenario->settings.message_recipient_limit, 20000);
    ck_assert_int_eq(scenario->transport.slot_cost, 5);
    ck_assert_int_eq(scenario->transport.refill_delay_s, 5);
    ck_assert_double_eq(scenario->transport.positive.value, 1);
}
END_TEST

START_TEST(recipient_limit_is_not_below_active_limit)
{
    g_autoptr(Scenario) scenario =
        parse("qmgr_message_recipient_limit = 10\nqmgr_message_active_limit = 30\n" REST);

    ck_assert_int_eq(scenario->settings.message_recipient_limit, 30);
}
END_TEST

/* ---- runs ---- */

/* Runs to the end; verifies the core after every event, and that no recipient is lost or doubled.
 */
static Run run_to_the_end(const Scenario *scenario, SchedStrategy strategy, uint64_t seed)
{
    Run run = {.strategy = strategy};
    World *world = world_new(scenario, strategy, seed);
    uint64_t count = 0, known = world_waiting_count(world);

    while ((run.state = world_advance(world, 1)) == WORLD_RUNNING)
        world_check(world);
    known += world_waiting_count(world);
    run.time_us = world_time_us(world);
    run.tally = world_steal_tally(world);
    world_free(world);
    tally_sort(run.tally);
    for (unsigned i = 0; i < scenario->mail_class_count; i++) {
        const TallyMail *mail = &run.tally->mails[i];

        count += mail->recipient_count;
        known += mail->delays_us->len + mail->deferred_count;
    }
    ck_assert_uint_eq(known, count);
    ck_assert_int_ne(run.state, WORLD_STUCK);
    return run;
}

/* "name 1*50 2*50 deferred 3/4": delays in seconds, how many there are; deferred now/ever. */
static void tell_mail(GString *story, const char *name, const TallyMail *mail)
{
    const GArray *delays = mail->delays_us;

    g_string_append(story, name);
    for (guint i = 0, next; i < delays->len; i = next) {
        int64_t delay_us = g_array_index(delays, int64_t, i);

        next = i + 1;
        while (next < delays->len && g_array_index(delays, int64_t, next) == delay_us)
            next++;
        g_string_append_printf(story, " %g", (double)delay_us / US_PER_S);
        if (next - i > 1)
            g_string_append_printf(story, "*%u", next - i);
    }
    if (mail->deferral_count > 0)
        g_string_append_printf(story, " deferred %u/%u", (unsigned)mail->deferred_count,
                               (unsigned)mail->deferral_count);
    g_string_append(story, "; ");
}

static char *tell(const Scenario *scenario, const Run *run)
{
    GString *story = g_string_new(NULL);

    for (unsigned i = 0; i < scenario->mail_class_count; i++)
        tell_mail(story, scenario->mails[i].name, &run->tally->mails[i]);
    g_string_append_printf(story, "until %g", (double)run->time_us / US_PER_S);
    return g_string_free(story, FALSE);
}

#define ONE_SITE   "destinations d 1 uniform constant 1s\n"
#define ONE_AGENT  "default_process_limit = 1\n"
#define TWO_AGENTS "default_process_limit = 2\n"
#define DEAD_SITE  "destinations d 1 uniform dead 10s\n"

static const struct {
    const char *text, *want_preemptive, *want_round_robin; /* the latter NULL: the same */
} by_hand[] = {
  /* one after the other */
    {ONE_SITE ONE_AGENT "duration 1m\nmail m recipients 1 to d messages 10 at 0s",
     "m 1 2 3 4 5 6 7 8 9 10; until 10",                                                                                                NULL                           },
 /* two at a time */
    {ONE_SITE TWO_AGENTS "duration 1m\nmail m recipients 1 to d messages 5 at 0s",
     "m 1*2 2*2 3; until 3",                                                                                                            NULL                           },
 /* the window is in the way, not the agents; it grows by one with each success */
    {ONE_SITE "initial_destination_concurrency = 1\n"
              "duration 1m\nmail m recipients 1 to d messages 7 at 0s",                            "m 1 2*2 3*4; until 3",         NULL                           },
    {ONE_SITE "default_destination_concurrency_limit = 1\n"
              "duration 1m\nmail m recipients 1 to d messages 3 at 0s",                            "m 1 2 3; until 3",             NULL                           },
 /* recipients share deliveries */
    {ONE_SITE ONE_AGENT "duration 1m\nmail m recipients 120 to d at 0s",
     "m 1*50 2*50 3*20; until 3",                                                                                                       NULL                           },
 /* time is over before the mail is */
    {ONE_SITE ONE_AGENT "duration 3s\nmail m recipients 1 to d messages 10 at 0s",
     "m 1 2 3; until 3",                                                                                                                NULL                           },
 /* a pause after each delivery */
    {ONE_SITE "default_destination_rate_delay = 5s\n"
              "duration 1m\nmail m recipients 1 to d messages 3 at 0s",                            "m 1 7 13; until 13",           NULL                           },
 /* and before each one */
    {ONE_SITE "default_transport_rate_delay = 5s\n"
              "duration 1m\nmail m recipients 1 to d messages 3 at 0s",                            "m 6 12 18; until 18",          NULL                           },
 /* a message that comes later waits for its turn, or goes first (scheduling.md 18.3) */
    {ONE_SITE ONE_AGENT "default_destination_recipient_limit = 2\nduration 1m\n"
                        "mail list recipients 40 to d at 0s\nmail single recipients 1 to d at 0s", "list 1*2 3*2 4*2 5*2 6*2 7*2 8*2 9*2 10*2 11*2 12*2 13*2 14*2 15*2 16*2 17*2 18*2 19*2 20*2 "
     "21*2; single 2; until 21", "list 1*2 2*2 3*2 4*2 5*2 6*2 7*2 8*2 9*2 10*2 11*2 12*2 13*2 14*2 15*2 16*2 17*2 18*2 19*2 "
     "20*2; single 21; until 21"},
 /* attempts at 0, 310 and 920 s, 10 s each; the next one would be at 2130 s */
    {DEAD_SITE "duration 20m\nmail m recipients 1 to d at 0s",                                          "m deferred 1/3; until 1200",   NULL                           },
    {DEAD_SITE "maximal_backoff_time = 300s\nduration 15m\nmail m recipients 1 to d at 0s",
     "m deferred 1/3; until 900",                                                                                                       NULL                           },
 /* three failures kill a destination; what waits for it is deferred unseen, at once */
    {DEAD_SITE ONE_AGENT "duration 1m\nmail m recipients 1 to d messages 100 at 0s",
     "m deferred 100/100; until 60",                                                                                                    NULL                           },
    {DEAD_SITE ONE_AGENT "duration 29s\nmail m recipients 1 to d messages 100 at 0s",
     "m deferred 2/2; until 29",                                                                                                        NULL                           },
};

static const char *wanted_story(size_t row, SchedStrategy strategy)
{
    if (strategy == SCHED_ROUND_ROBIN && by_hand[row].want_round_robin != NULL)
        return by_hand[row].want_round_robin;
    return by_hand[row].want_preemptive;
}

START_TEST(small_scenarios_end_as_by_hand)
{
    size_t row = (size_t)_i / STRATEGIES;
    SchedStrategy strategy = strategies[_i % STRATEGIES];
    g_autoptr(Scenario) scenario = parse(by_hand[row].text);
    Run run = run_to_the_end(scenario, strategy, 1);
    g_autofree char *story = tell(scenario, &run);

    ck_assert_str_eq(story, wanted_story(row, strategy));
    tally_free(run.tally);
}
END_TEST

/* A little of everything, and limits that are reached all the time. */
static const char mixed[] = "default_process_limit = 20\n"
                            "default_destination_recipient_limit = 3\n"
                            "qmgr_message_active_limit = 40\n"
                            "qmgr_message_recipient_limit = 60\n"
                            "default_recipient_limit = 40\n"
                            "default_extra_recipient_limit = 10\n"
                            "default_recipient_refill_limit = 5\n"
                            "minimal_backoff_time = 20s\n"
                            "maximal_backoff_time = 60s\n"
                            "duration 3m\n"
                            "destinations good 30 zipf 1 exponential 1s\n"
                            "destinations slow 3 uniform exponential 5s\n"
                            "destinations gone 20 zipf 1 dead 4s\n"
                            "mail list recipients 300 to good:9,slow at 5s messages 2\n"
                            "mail group recipients 7 to good,gone rate 0.2\n"
                            "mail single recipients 1 to good,slow rate 4 until 2m\n";

START_TEST(every_recipient_is_somewhere_once)
{
    g_autoptr(Scenario) scenario = parse(mixed);
    Run run = run_to_the_end(scenario, strategies[_i % STRATEGIES], (uint64_t)_i / STRATEGIES);

    ck_assert_uint_gt(run.tally->mails[0].delays_us->len, 100);
    ck_assert_uint_gt(run.tally->mails[1].deferral_count, 10);
    tally_free(run.tally);
}
END_TEST

static char *table_of(const Scenario *scenario, SchedStrategy strategy, uint64_t seed)
{
    Run run = run_to_the_end(scenario, strategy, seed);
    char *table = report_table(scenario, 0, &run, 1);

    tally_free(run.tally);
    return table;
}

START_TEST(same_seed_gives_same_run)
{
    g_autoptr(Scenario) scenario = parse(mixed);
    g_autofree char *one = table_of(scenario, strategies[_i], 7);
    g_autofree char *same = table_of(scenario, strategies[_i], 7);
    g_autofree char *other = table_of(scenario, strategies[_i], 8);

    ck_assert_str_eq(one, same);
    ck_assert_str_ne(one, other);
}
END_TEST

START_TEST(strategies_meet_the_same_mail)
{
    g_autoptr(Scenario) scenario = parse(mixed);
    Run one = run_to_the_end(scenario, SCHED_PREEMPTIVE, 3);
    Run other = run_to_the_end(scenario, SCHED_ROUND_ROBIN, 3);

    for (unsigned i = 0; i < scenario->mail_class_count; i++)
        ck_assert_uint_eq(one.tally->mails[i].message_count, other.tally->mails[i].message_count);
    tally_free(one.tally);
    tally_free(other.tally);
}
END_TEST

/* ---- numbers ---- */

START_TEST(delays_are_summed_up)
{
    g_autoptr(GArray) delays_us = g_array_new(FALSE, FALSE, sizeof(int64_t));
    TallyDelays delays = tally_delays(delays_us);

    ck_assert(delays.mean_s == 0 && delays.p99_s == 0 && delays.max_s == 0);
    for (int64_t i = 1; i <= 200; i++) {
        int64_t delay_us = i * US_PER_S;

        g_array_append_val(delays_us, delay_us);
    }
    delays = tally_delays(delays_us);
    ck_assert_double_eq_tol(delays.mean_s, 100.5, 1e-9);
    ck_assert_double_eq_tol(delays.p99_s, 198, 1e-9);
    ck_assert_double_eq_tol(delays.max_s, 200, 1e-9);
}
END_TEST

/* In delivery times of 1 s and 10 s: 2 and 2 are fair, 2 and 1 are 9/10. */
START_TEST(fairness_is_in_delivery_times)
{
    g_autoptr(Scenario) scenario = parse("duration 1m\ndestinations fast 2 uniform constant 1s\n"
                                         "destinations slow 1 uniform constant 10s\n"
                                         "mail m recipients 1 to fast at 0s\n");
    Tally *tally = tally_new(scenario);
    uint32_t served = 0;

    ck_assert_double_eq(tally_fairness(tally, scenario, &served), 0);
    tally_delivered(tally, 0, 1, 1 * US_PER_S);
    tally_delivered(tally, 0, 1, 3 * US_PER_S);
    tally_delivered(tally, 0, 2, 20 * US_PER_S);
    ck_assert_double_eq_tol(tally_fairness(tally, scenario, &served), 1, 1e-9);
    ck_assert_uint_eq(served, 2);
    tally_delivered(tally, 0, 2, 0);
    ck_assert_double_eq_tol(tally_fairness(tally, scenario, &served), 0.9, 1e-9);
    tally_free(tally);
}
END_TEST

/* ---- plots ---- */

START_TEST(without_gnuplot_the_numbers_remain)
{
    g_autoptr(Scenario) scenario = parse(ONE_SITE "duration 1m\nmail m recipients 1 to d at 0s");
    Run run = run_to_the_end(scenario, SCHED_PREEMPTIVE, 1);
    g_autofree char *folder = g_dir_make_tmp("simulateXXXXXX", NULL);
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);
    g_autofree char *path = g_strdup(g_getenv("PATH"));
    g_autofree char *data = g_build_filename(folder, "sm_all.dat", NULL), *text = NULL;

    g_setenv("PATH", folder, TRUE);
    ck_assert(report_plot(scenario, folder, &run, 1, NULL));
    g_setenv("PATH", path, TRUE);
    ck_assert(g_file_get_contents(data, &text, NULL, NULL));
    ck_assert_str_eq(text, "# delay in seconds, share of the recipients that had no longer\n"
                           "# m, preemptive\n1.000 1.0000\n\n\n");
    ck_assert(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
    tally_free(run.tally);
}
END_TEST

int main(void)
{
    TCase *scenarios = tcase_create("scenarios");
    TCase *runs = tcase_create("runs");

    tcase_add_loop_test(scenarios, bad_scenarios_are_refused_with_their_place, 0,
                        G_N_ELEMENTS(bad_texts));
    tcase_add_test(scenarios, a_missing_file_is_an_error);
    tcase_add_test(scenarios, scenarios_are_read_as_written);
    tcase_add_test(scenarios, parameters_start_as_in_main_cf);
    tcase_add_test(scenarios, recipient_limit_is_not_below_active_limit);
    tcase_set_timeout(runs, LONG_TEST_S);
    tcase_add_loop_test(runs, small_scenarios_end_as_by_hand, 0,
                        G_N_ELEMENTS(by_hand) * STRATEGIES);
    tcase_add_loop_test(runs, every_recipient_is_somewhere_once, 0, 5 * STRATEGIES);
    tcase_add_loop_test(runs, same_seed_gives_same_run, 0, STRATEGIES);
    tcase_add_test(runs, strategies_meet_the_same_mail);
    tcase_add_test(runs, delays_are_summed_up);
    tcase_add_test(runs, fairness_is_in_delivery_times);
    tcase_add_test(runs, without_gnuplot_the_numbers_remain);
    return run_suite("sched/simulate", scenarios, runs, NULL);
}
