#include "sched/inspect.h"
#include "tests/support/control_fixture.h"

/* The verb limit over the socket, and where its rules are shown. */

static void setup(void)
{
    control_setup();
    world.params.destination_concurrency_limit = 20;
}

static int limit_of(const char *name)
{
    SchedDestinationView view;

    ck_assert(sched_view_destination(world.sched, "smtp", name, &view));
    return view.limit;
}

#define LIMIT(what, n) "verb limit what " what " concurrency " n " for 60 reason r"

static const struct {
    const char *words, *part;
} refused[] = {
    {LIMIT("example.com",              "5") " level view",                    "code|denied|"},
    {"verb limit what example.com for 60 reason r",                                "code|usage|text|how much?"                        },
    {"verb limit what example.com rate 0/1m for 60 reason r",                                "rate: "},
    {"verb limit what example.com rate 5 for 60 reason r",                                "rate: "                           },
    {"verb limit what example.com rate 5/1m_burst_4 for 60 reason r",                                "rate: "},
    {"verb limit what example.com rate 5/1m concurrency 4 for 60 reason r",                                "how much?"                     },
    {"verb limit what example.com concurrency x for 60 reason r",                                "a number of deliveries"},
    {LIMIT("example.com",                                "0"),                                                              "at all is what suspend does"},
    {LIMIT("example.com",   "-1"),"at all is what suspend does"},
    {LIMIT("example.com",                         "100001"),                                                       "the limit is above 100000"},
    {"verb limit what example.com concurrency 5 reason r",              "until when?"                 },
    {"verb limit what example.com concurrency 5 for 60",                                "a reason is missing"                 },
    {LIMIT("transport name retry",                                "5"),   "neither suspended nor limited"},
    {LIMIT("exmaple.com",                                "5"),
     "no destination has this nexthop, and a limit is for destinations, not for domains of "
     "recipients; is it example.com?; add --new to limit it all the same"},
    {LIMIT("transport name smpt", "5"),                                    "is it smtp?"},
    {LIMIT("destination name nothing.test","5"),    "is not dead; add --new to limit it"},
    {LIMIT("[example.com]:25",      "5") " new 1",
     "no brackets and no port; say destination [example.com]:25"},
    {"verb resume what example.com",                                "no rule is about example.com"                                },
};

START_TEST(what_cannot_be_a_limit_is_refused)
{
    (void)control_destination("smtp", "example.com");
    expect_answer(client, refused[_i].words, refused[_i].part);
    ck_assert_uint_eq(rules_count(rules), 0);
}
END_TEST

static const struct {
    const char *words, *part;
    int limit;
} accepted[] = {
    {LIMIT("example.com",                  "5"),          "about|domain|name|example.com|limit|concurrency 5|concurrency|5|",
     5                                                                                                                          },
    {LIMIT("destination name example.com", "50"),         "about|destination|",                                               50},
    {LIMIT("transport name smtp",          "1"),          "about|transport|name|smtp|",                                       1 },
    {LIMIT("all",                          "7"),          "about|all|",                                                       7 },
    {LIMIT("new.test",                     "5") " new 1", "name|new.test|",                                                   20},
};

START_TEST(limit_is_set_shown_and_taken_back)
{
    (void)control_destination("smtp", "example.com");
    expect_answer(client, accepted[_i].words, accepted[_i].part);
    ck_assert_int_eq(limit_of("example.com"), accepted[_i].limit);
    expect_answer(client, "verb rules", accepted[_i].part);
    expect_answer(client, "verb status", "kind|limited|");
    expect_answer(client, "verb status", "text|1 limit; the next ends in ");
    expect_answer(client, "verb metrics", "name|eqmgr_rules|label_kind|limit|value|1|");
    expect_answer(client, "verb metrics", "name|eqmgr_rules|label_kind|suspend|value|0|");
    expect_answer(client, "verb events", "kind|limited|");
    expect_answer(client, "verb resume what #1 dry_run 1", "nothing was changed");
    ck_assert_uint_eq(rules_count(rules), 1);
    expect_answer(client, "verb resume what 1",
                  "have the limits of other rules, or of main.cf, again");
    ck_assert_uint_eq(rules_count(rules), 0);
    ck_assert_int_eq(limit_of("example.com"), 20);
    expect_answer(client, "verb events", "kind|unlimited|");
    ck_assert(was_told("control: resume #1 "));
}
END_TEST

static const struct {
    const char *words;
    int limit;
} of_hosts[] = {
    {LIMIT("mx.example.com",                        "5"),          5 },
    {LIMIT("domain name MX.example.com",            "5"),          5 },
    {LIMIT(".example.com",                          "5"),          5 },
    {LIMIT("mx.example.com",                        "5") " new 1", 5 },
    {LIMIT("destination name [mx.example.com]:587", "5"),          5 },
    {LIMIT("destination name [mx.example.com]:25",  "5") " new 1", 20},
};

/* Brackets and port are not part of a domain. */
START_TEST(limit_of_a_domain_is_for_nexthops_with_a_port)
{
    (void)control_destination("smtp", "[mx.example.com]:587");
    expect_answer(client, of_hosts[_i].words, "row|end|rows|1|");
    ck_assert_int_eq(limit_of("[mx.example.com]:587"), of_hosts[_i].limit);
    if (of_hosts[_i].limit == 5)
        expect_answer(client, "verb destination destination [mx.example.com]:587",
                      "limit|5|limit_rule|1|");
}
END_TEST

START_TEST(rate_is_set_and_shown)
{
    (void)control_destination("smtp", "example.com");
    expect_answer(client, "verb limit what example.com rate 100/1m for 60 reason because",
                  "name|example.com|limit|rate 100/1m|rate_count|100|rate_period|60|");
    ck_assert(was_told("control: limit #1 domain=example.com rate=100/1m until="));
    expect_answer(client, "verb destination destination example.com", "|rate|100/1m|rate_rule|1|");
    expect_answer(client, "verb destinations", "why|limit #1 (100/1m): because|");
    expect_answer(client, LIMIT("example.com", "5"), "number|2|"); /* beside it */
    expect_answer(client, "verb destination destination example.com", "limit|5|limit_rule|2|rate|");
    expect_answer(client, "verb resume what 1", "number|1|");
    ck_assert_uint_eq(rules_count(rules), 1);
}
END_TEST

START_TEST(mail_that_waits_for_a_rate_says_so)
{
    (void)control_destination("smtp", "smtp.test");
    expect_answer(client, "verb limit what smtp.test rate 1/1h for 60 reason because", "row|end|");
    for (int i = 0; i < 4; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        world_mail(&(Mail){.id = id});
    }
    life_trigger(world.life, "I", 1);
    for (int turns = 0; times_told(": removed") < 2 && turns < TURNS_MAX; turns++)
        turn_control();
    expect_answer(client, "verb destinations", "state|paced|running|0|");
    expect_answer(client, "verb destinations", "waiting|2|");
    expect_answer(client, "verb destinations", "why|limit #1 (1/1h): because|");
    expect_answer(client, "verb throttled", "why|limit #1 (1/1h): because|");
    ck_assert_uint_eq(times_told(": removed"), 2);
    expect_answer(client, "verb resume what 1", "number|1|");
    for (int turns = 0; times_told(": removed") < 4 && turns < TURNS_MAX; turns++)
        turn_control();
    ck_assert_uint_eq(times_told(": removed"), 4);
}
END_TEST

START_TEST(dry_run_of_a_limit_changes_nothing)
{
    (void)control_destination("smtp", "example.com");
    expect_answer(client, LIMIT("example.com", "5") " dry_run 1",
                  "note|nothing was changed; it would be about 1 destination|");
    ck_assert_uint_eq(rules_count(rules), 0);
    ck_assert_int_eq(limit_of("example.com"), 20);
}
END_TEST

START_TEST(limit_ends_by_itself)
{
    (void)control_destination("smtp", "example.com");
    expect_answer(client, "verb limit what example.com concurrency 5 for 2 reason because",
                  "row|end|");
    ck_assert(limit_of("example.com") == 5 || was_told("end of limit"));
    world_run_until("control: end of limit #1 domain=example.com concurrency=5: because");
    expect_answer(client, "verb rules", "row|end|rows|0|");
    ck_assert_int_eq(limit_of("example.com"), 20);
}
END_TEST

/* The gentle end of a suspension is not taken away with it. */
START_TEST(resume_by_name_leaves_a_limit)
{
    (void)control_destination("smtp", "example.com");
    expect_answer(client, LIMIT("example.com", "5"), "row|end|");
    expect_answer(client, "verb resume what example.com",
                  "example.com is not suspended; eqmgrctl resume 1 ends its limit");
    expect_answer(client, "verb suspend what example.com for 60 reason r", "row|end|");
    expect_answer(client, "verb status", "text|1 suspension and 1 limit; the next ends in ");
    expect_answer(client, "verb throttled",
                  "row|end|rows|2|"); /* the destination, the suspension */
    expect_answer(client, "verb resume what example.com", "number|2|kind|suspend|");
    ck_assert_uint_eq(rules_count(rules), 1);
    ck_assert_int_eq(limit_of("example.com"), 5);
    expect_answer(client, "verb throttled", "row|end|rows|0|");
}
END_TEST

START_TEST(the_same_again_changes_the_limit)
{
    (void)control_destination("smtp", "example.com");
    expect_answer(client, LIMIT("example.com", "5"), "number|1|");
    expect_answer(client, LIMIT("example.com", "9"), "number|1|");
    ck_assert_uint_eq(rules_count(rules), 1);
    ck_assert_int_eq(limit_of("example.com"), 9);
}
END_TEST

/* ---- where it is shown ---- */

START_TEST(destination_says_whose_limit_it_is)
{
    (void)control_destination("smtp", "example.com");
    (void)control_destination("smtp", "other.test");
    expect_answer(client, "verb limit what example.com concurrency 5 for 60 reason because",
                  "row|end|");
    expect_answer(client, "verb destination destination example.com", "limit|5|limit_rule|1|");
    expect_answer(client, "verb destinations pattern example.com", "why|limit #1: because|");
    expect_answer(client, "verb destination destination other.test", "limit|20|waiting|");
}
END_TEST

START_TEST(rate_delay_makes_a_limit_nobodys)
{
    world.params.destination_rate_delay_s = 5;
    (void)control_destination("smtp", "example.com");
    expect_answer(client, LIMIT("example.com", "5"), "row|end|");
    expect_answer(client, "verb destination destination example.com", "limit|1|waiting|");
}
END_TEST

/* One message is delivered and does not end, one waits for it. */
START_TEST(mail_that_waits_for_a_limit_says_so)
{
    bool is_a1_first;

    world_find("smtp")->manner = "s";
    (void)control_destination("smtp", "smtp.test");
    expect_answer(client, "verb limit what smtp.test concurrency 1 for 60 reason because",
                  "row|end|");
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2", .recipients = "b@smtp.test"});
    life_trigger(world.life, "I", 1);
    world_run_until("smtp:");
    is_a1_first = was_told("to a@smtp.test");
    expect_answer(client, "verb destinations",
                  "state|full|running|1|window|1|limit|1|limit_rule|1|");
    expect_answer(client, "verb destinations", "why|limit #1: because|");
    expect_answer(client, is_a1_first ? "verb explain queue_id A2" : "verb explain queue_id A1",
                  "bound_by|limit #1: because|rule|1|");
    expect_answer(client, is_a1_first ? "verb explain queue_id A1" : "verb explain queue_id A2",
                  "bound_by|an agent delivers it now|recipients|");
    (void)control_destination("lmtp", "x.test");
    expect_answer(client, LIMIT("all", "9"), "note|2 destinations|");
}
END_TEST

START_TEST(destination_with_more_than_the_limit_is_told)
{
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2"});
    life_trigger(world.life, "I", 1);
    world_run_until("smtp:");
    while (strstr(strstr(world.told->str, "smtp:") + 1, "smtp:") == NULL)
        world_turn();
    expect_answer(client, LIMIT("smtp.test", "1"),
                  "note|1 destination; 1 of them runs more deliveries now, and begins none until "
                  "fewer run|");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("limit");

    tcase_add_checked_fixture(tcase, setup, control_teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, what_cannot_be_a_limit_is_refused, 0, G_N_ELEMENTS(refused));
    tcase_add_loop_test(tcase, limit_is_set_shown_and_taken_back, 0, G_N_ELEMENTS(accepted));
    tcase_add_loop_test(tcase, limit_of_a_domain_is_for_nexthops_with_a_port, 0,
                        G_N_ELEMENTS(of_hosts));
    tcase_add_test(tcase, rate_is_set_and_shown);
    tcase_add_test(tcase, mail_that_waits_for_a_rate_says_so);
    tcase_add_test(tcase, dry_run_of_a_limit_changes_nothing);
    tcase_add_test(tcase, limit_ends_by_itself);
    tcase_add_test(tcase, resume_by_name_leaves_a_limit);
    tcase_add_test(tcase, the_same_again_changes_the_limit);
    tcase_add_test(tcase, destination_says_whose_limit_it_is);
    tcase_add_test(tcase, rate_delay_makes_a_limit_nobodys);
    tcase_add_test(tcase, mail_that_waits_for_a_limit_says_so);
    tcase_add_test(tcase, destination_with_more_than_the_limit_is_told);
    return run_suite("control/limit", tcase, NULL);
}
