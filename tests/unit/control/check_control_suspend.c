#include <string.h>
#include <unistd.h>

#include "tests/support/control_fixture.h"

/* The verbs suspend, resume and rules over the socket. */

static const struct {
    const char *words, *part;
} refused[] = {
    {"verb suspend level view what a.test for 60 reason r",             "code|denied|"                          },
    {"verb suspend for 60 reason r",                                    "code|usage|text|what?"                 },
    {"verb suspend what destination name  for 60 reason r",             "destination: which one?"               },
    {"verb suspend what odd name x for 60 reason r",                    "odd is not domain"                     },
    {"verb suspend what all name x for 60 reason r",                    "all is not domain"                     },
    {"verb suspend what example.com reason r",                          "until when?"                           },
    {"verb suspend what example.com for 60 until 99999999999 reason r", "until when?"                           },
    {"verb suspend what example.com for x reason r",                    "a number of seconds"                   },
    {"verb suspend what example.com until 5 reason r",                  "that time has passed"                  },
    {"verb suspend what example.com for 60",                            "a reason is missing"                   },
    {"verb suspend what transport name retry for 60 reason r",          "neither suspended nor limited"         },
    {"verb suspend what exmaple.com for 60 reason r",
     "no domain \"exmaple.com\" is known: no next hop of this name has mail or is dead, and mail "
     "of its recipients may go to another one; is it example.com or examples.com?"                              },
    {"verb suspend what transport name smpt for 60 reason r",           "is it smtp?"                           },
    {"verb suspend what nothing.test for 60 reason r",                  "go to another one; add --new"          },
    {"verb resume",                                                     "what?"                                 },
    {"verb resume what 7",                                              "code|not-found|text|no rule is about 7"},
    {"verb resume what example.com",                                    "no rule is about example.com"          },
};

START_TEST(what_cannot_be_a_rule_is_refused)
{
    (void)control_destination("smtp", "example.com");
    (void)control_destination("smtp", "examples.com");
    expect_answer(client, refused[_i].words, refused[_i].part);
    ck_assert_uint_eq(rules_count(rules), 0);
    expect_answer(client, "verb rules", "row|end|rows|0|");
}
END_TEST

static const struct {
    const char *words, *part;
} accepted[] = {
    {"verb suspend what example.com for 60 reason r",                  "about|domain|name|example.com|"},
    {"verb suspend what .com for 60 reason r",                         "name|.com|"                    },
    {"verb suspend what domain name EXAMPLE.COM forever 1 reason r",   "name|example.com|"             },
    {"verb suspend what destination name example.com for 60 reason r", "about|destination|"            },
    {"verb suspend what transport name smtp for 60 reason r",          "about|transport|name|smtp|"    },
    {"verb suspend what all for 60 reason r",                          "about|all|"                    },
    {"verb suspend what new.test new 1 for 60 reason r",               "name|new.test|"                },
};

START_TEST(rule_is_made_shown_and_taken_back)
{
    (void)control_destination("smtp", "example.com");
    expect_answer(client, accepted[_i].words, accepted[_i].part);
    ck_assert_uint_eq(rules_count(rules), 1);
    expect_answer(client, "verb rules", accepted[_i].part);
    expect_answer(client, "verb status", "kind|suspended|");
    expect_answer(client, "verb metrics", "name|eqmgr_rules|label_kind|suspend|value|1|");
    expect_answer(client, "verb events", "kind|suspended|");
    expect_answer(client, "verb resume what #1 dry_run 1", "nothing was changed");
    ck_assert_uint_eq(rules_count(rules), 1);
    expect_answer(client, "verb resume what 1", "row|end|rows|1|");
    ck_assert_uint_eq(rules_count(rules), 0);
    expect_answer(client, "verb resume what 1", "no rule is about 1");
}
END_TEST

START_TEST(a_watched_destination_tells_that_it_is_suspended)
{
    (void)control_destination("smtp", "example.com");
    ck_assert(stats_watch(stats, "example.com"));
    expect_answer(client, "verb metrics",
                  "eqmgr_destination_suspended|label_destination|example.com|value|0|");
    expect_answer(client, "verb suspend what example.com for 60 reason r", "about|domain|");
    expect_answer(client, "verb metrics",
                  "eqmgr_destination_suspended|label_destination|example.com|value|1|");
}
END_TEST

START_TEST(dry_run_changes_nothing)
{
    (void)control_destination("smtp", "example.com");
    expect_answer(client, "verb suspend what example.com for 60 reason r dry_run 1",
                  "nothing was changed; it would be about 1 destination,");
    ck_assert_uint_eq(rules_count(rules), 0);
    expect_answer(client, "verb suspend what example.com for 60 reason r dry_run 1",
                  "object|rule|kind|suspend|");
    expect_answer(client, "verb limit what example.com concurrency 5 for 60 reason r dry_run 1",
                  "object|rule|kind|limit|");
}
END_TEST

/* The number is known then. */
START_TEST(dry_run_names_the_rule_that_would_be_replaced)
{
    (void)control_destination("smtp", "example.com");
    expect_answer(client, "verb suspend what all for 60 reason r", "object|rule|number|1|");
    expect_answer(client, "verb suspend what example.com for 60 reason r", "object|rule|number|2|");
    expect_answer(client, "verb suspend what example.com for 90 reason r dry_run 1",
                  "object|rule|number|2|");
}
END_TEST

START_TEST(suspended_destination_says_so)
{
    (void)control_destination("smtp", "example.com");
    expect_answer(client, "verb suspend what example.com for 60 reason because", "row|end|");
    expect_answer(client, "verb destination destination example.com", "state|suspended,idle|");
    expect_answer(client, "verb destination destination example.com", "rule|1|");
    (void)control_destination("smtp", "other.test");
    expect_answer(client, "verb destinations state suspended", "row|end|rows|1|");
    expect_answer(client, "verb destination destination example.com",
                  "why|delivery suspended by administrator (#1): because|");
}
END_TEST

/* The place of a part in an answer, which must have it. */
static ptrdiff_t place_of(const char *answer, const char *part)
{
    const char *found = strstr(answer, part);

    ck_assert_msg(found != NULL, "no %s in %s", part, answer);
    return found - answer;
}

START_TEST(what_stands_still_has_the_rules_by_their_ends)
{
    g_autofree char *answer = NULL;

    (void)control_destination("smtp", "held.test");
    (void)control_destination("smtp", "other.test");
    expect_answer(client, "verb suspend what later.test new 1 forever 1 reason r", "row|end|");
    expect_answer(client, "verb suspend what held.test for 600 reason because", "row|end|");
    expect_answer(client, "verb suspend what soon.test new 1 for 60 reason r", "row|end|");
    client_ask(client, "verb throttled limit 20");
    answer = client_answer(client);
    ck_assert_int_lt(place_of(answer, "name|soon.test|"), place_of(answer, "name|held.test|"));
    ck_assert_int_lt(place_of(answer, "name|held.test|"), place_of(answer, "name|later.test|"));
    ck_assert_int_lt(place_of(answer, "name|later.test|"),
                     place_of(answer, "destination|held.test|state|suspended,idle|"));
    ck_assert_ptr_null(strstr(answer, "other.test"));
    ck_assert_ptr_nonnull(strstr(answer, "row|end|rows|4|"));
    expect_answer(client, "verb throttled limit 2", "name|held.test|");
    expect_answer(client, "verb throttled limit 2", "row|end|rows|3|matched|1|truncated|1|");
    expect_answer(client, "verb throttled limit 2", "note|2 of 3 rules|");
    expect_answer(client, "verb throttled limit 0", "row|end|rows|4|");
}
END_TEST

/* It is made all the same: whether the answer arrives is another question. */
START_TEST(client_that_has_gone_harms_nothing)
{
    int other = client_connect();

    client_ask(other, "verb suspend what all for 60 reason r");
    turn_control();
    turn_control();
    (void)close(other);
    while (rules_count(rules) == 0)
        turn_control();
    expect_answer(client, "verb rules", "row|end|rows|1|");
}
END_TEST

/* Of two held messages one is so old that it passes its lifetime in 500 s. */
START_TEST(mail_that_outlives_its_lifetime_is_counted)
{
    int old_s = world.settings.maximal_queue_lifetime_s - 500;

    world_find("retry")->status = -1;
    expect_answer(client, "verb suspend what smtp.test new 1 for 600 reason r",
                  "status tells how many pass their lifetime before the end");
    world_mail(&(Mail){.id = "A1", .age_s = old_s});
    world_mail(&(Mail){.id = "A2"});
    life_trigger(world.life, "W", 1);
    control_run_until_quiet();
    expect_answer(client, "verb status", "suspended|2|outliving|1|outliving_known|2|");
    expect_answer(client, "verb status",
                  "held, 1 of 2 passes its lifetime before the end: eqmgrctl");
    expect_answer(client, "verb suspend what smtp.test for 60 reason r dry_run 1",
                  "; 0 of 2 held messages pass their lifetime before the end");
    expect_answer(client, "verb suspend what smtp.test for 700 reason r",
                  "; 1 of 2 held messages passes its lifetime before the end");
    expect_answer(client, "verb suspend what smtp.test forever 1 reason r dry_run 1",
                  "; all of it passes its lifetime before the end");
}
END_TEST

/* What a site said may be the reason of a rule, and remote servers name recipients. */
START_TEST(reasons_of_rules_name_no_user_below_level_view)
{
    static const struct {
        const char *words, *shown, *hidden;
    } places[] = {
        {"verb rules",                          "why|[reply auth] 421 joe@b.test: no|",
         "why|[reply auth] 421 *@b.test: no|"    },
        {"verb status",                         "a.test: [reply auth] 421 joe@b.test: no)",
         "a.test: [reply auth] 421 *@b.test: no)"},
        {"verb throttled",                      "(#1): [reply auth] 421 joe@b.test: no|",
         "(#1): [reply auth] 421 *@b.test: no|"  },
        {"verb destination destination c.test", "why|limit #2: joe@b.test|",
         "why|limit #2: *@b.test|"               },
    };

    (void)control_destination("smtp", "a.test");
    (void)control_destination("smtp", "c.test");
    steer_suspend_by_answer(steer, RULE_DESTINATION, "a.test", 60,
                            "[reply auth] 421 joe@b.test: no");
    while (rules_count(rules) == 0)
        turn_control();
    expect_answer(client, "verb limit what c.test concurrency 5 for 600 reason joe@b.test",
                  "row|end|");
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *summary = g_strconcat(places[i].words, " level summary", NULL);

        expect_answer(client, places[i].words, places[i].shown);
        expect_answer(client, summary, places[i].hidden);
        expect_answer_without(client, summary, "joe@");
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("suspend");

    tcase_add_checked_fixture(tcase, control_setup, control_teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, what_cannot_be_a_rule_is_refused, 0, G_N_ELEMENTS(refused));
    tcase_add_loop_test(tcase, rule_is_made_shown_and_taken_back, 0, G_N_ELEMENTS(accepted));
    tcase_add_test(tcase, a_watched_destination_tells_that_it_is_suspended);
    tcase_add_test(tcase, dry_run_changes_nothing);
    tcase_add_test(tcase, dry_run_names_the_rule_that_would_be_replaced);
    tcase_add_test(tcase, suspended_destination_says_so);
    tcase_add_test(tcase, what_stands_still_has_the_rules_by_their_ends);
    tcase_add_test(tcase, client_that_has_gone_harms_nothing);
    tcase_add_test(tcase, mail_that_outlives_its_lifetime_is_counted);
    tcase_add_test(tcase, reasons_of_rules_name_no_user_below_level_view);
    return run_suite("control/suspend", tcase, NULL);
}
