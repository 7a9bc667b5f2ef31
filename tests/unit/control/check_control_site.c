#include "src/life/slowed_internal.h"
#include "tests/support/control_fixture.h"

/* Where it is shown that destinations share a site, and that it holds one. */

static SchedNow now(void)
{
    return (SchedNow){.timer_s = world.start_s, .mono_us = g_get_monotonic_time()};
}

/* One message is delivered and does not end, one waits for it, at another member. */
static void begin_with_two_members(const SchedShared *shared)
{
    world_find("smtp")->manner = "s";
    sched_destination_share(control_destination("smtp", "smtp.test"), shared, now());
    sched_destination_share(control_destination("smtp", "b.test"), shared, now());
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2", .recipients = "b@smtp.test"});
    life_trigger(world.life, "I", 1);
    world_run_until("smtp:");
}

static const char *waiting_id(void)
{
    return was_told("to a@smtp.test") ? "verb explain queue_id A2" : "verb explain queue_id A1";
}

START_TEST(full_site_is_said_to_hold_its_members)
{
    static const SchedShared one = {.name = "site provider", .concurrency = 1};

    begin_with_two_members(&one);
    expect_answer(client, "verb destinations", "state|full|running|1|");
    expect_answer(client, "verb destination destination smtp.test",
                  "site|site provider|site_running|1|site_limit|1|waiting|1|");
    expect_answer(client, "verb destinations", "why|site provider: 1 of 1 running|");
    expect_answer(client, "verb destination destination b.test",
                  "state|idle|running|0|window|5|limit|20|site|site provider|site_running|1|");
    expect_answer(client, waiting_id(), "bound_by|site provider: 1 of 1 running|");
}
END_TEST

START_TEST(paced_site_says_when_the_next_begins)
{
    static const MeterLimit one_a_day = {1, 86400, 1};
    static const SchedShared paced = {.name = "nexthop provider.test", .deliveries = &one_a_day};

    begin_with_two_members(&paced);
    expect_answer(client, "verb throttled", "destination|smtp.test|state|paced|running|1|");
    expect_answer(client, "verb throttled",
                  "why|nexthop provider.test: paced, the next begins in 86");
    expect_answer(client, "verb throttled", "|until|");
    expect_answer(client, waiting_id(), "bound_by|nexthop provider.test: paced");
}
END_TEST

/* It is said of the transport, and of the destination that waits though it is ready. */
START_TEST(transport_that_waits_for_its_rate_says_so)
{
    static const MeterLimit one_a_day = {1, 86400, 1};

    sched_transport_pace(sched_destination_transport(control_destination("smtp", "smtp.test")),
                         &one_a_day, now());
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2"});
    life_trigger(world.life, "I", 1);
    world_run_until("smtp:");
    expect_answer(client, "verb transports", "transport|smtp|state|paced|running|1|pending|0|");
    expect_answer(client, "verb throttled", "transport|smtp|state|paced|");
    expect_answer(client, "verb destination destination smtp.test", "state|ready,blocked|");
    expect_answer(client, "verb destination destination smtp.test", "the rate of its transport|");
}
END_TEST

/* A site that is slowed by its concurrency alone stands still nowhere, and is told of all the same;
 * so is a transport, and what has no mail now. */
START_TEST(what_is_slowed_is_listed_with_what_stands_still)
{
    static const struct {
        const char *transport, *name;
        bool is_shared;
        const char *row;
    } all[] = {
        {"smtp", "smtp.test",   false,
         "object|slowed|transport|smtp|destination|smtp.test|state|slowed|slowed|5 at a time|"
         "slowed_by|r|since|"                                                              },
        {"bulk", "site google", true,
         "object|slowed|transport|bulk|site|site google|state|slowed|"                     },
        {"",     "site over",   true,  "object|slowed|site|site over|state|slowed|"        },
        {"smtp", SLOWED_WHOLE,  true,
         "object|slowed|transport|smtp|site|all destinations|state|slowed|"                },
        {"lmtp", "u@b.test",    false, "transport|lmtp|destination|*@nexthop|state|slowed|"},
    };
    LevelNote note = {
        .rule = "r",
        .reason = "421 u@b.test: too much",
        .level = {.base = {0, 10}, .now = {0, 5}, .hold_s = 1800}
    };

    (void)control_destination("smtp", "smtp.test");
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        note.transport = all[i].transport;
        note.name = all[i].name;
        note.is_shared = all[i].is_shared;
        note.level.stepped_us = now().mono_us - (int64_t)i * G_USEC_PER_SEC;
        slowed_take(world.life, &note);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        expect_answer(client, "verb throttled level summary", all[i].row);
    expect_answer(client, "verb throttled limit 2", "destination|smtp.test|state|slowed|");
    expect_answer(client, "verb throttled limit 2", "2 of 5 slowed sites");
    expect_answer(client, "verb throttled level summary", "why|421 *@b.test: too much|");
    expect_answer(client, "verb transports", "state|ready|running|0|slowed|5 at a time|");
}
END_TEST

START_TEST(destination_that_shares_nothing_says_nothing_of_sites)
{
    (void)control_destination("smtp", "smtp.test");
    expect_answer_without(client, "verb destination destination smtp.test", "|site");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("site");

    tcase_add_checked_fixture(tcase, control_setup, control_teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_test(tcase, full_site_is_said_to_hold_its_members);
    tcase_add_test(tcase, paced_site_says_when_the_next_begins);
    tcase_add_test(tcase, transport_that_waits_for_its_rate_says_so);
    tcase_add_test(tcase, what_is_slowed_is_listed_with_what_stands_still);
    tcase_add_test(tcase, destination_that_shares_nothing_says_nothing_of_sites);
    return run_suite("control/site", tcase, NULL);
}
