#include "sched/inspect.h"
#include "tests/support/control_fixture.h"

/* What status says in words, and what it counts by looking at destinations. */

static unsigned dead_transport_count(void)
{
    SchedSummary summary;

    sched_summarize(world.sched, &summary);
    return summary.dead_transport_count;
}

/* Nobody listens at its socket. */
START_TEST(a_dead_transport_is_named_with_its_times_and_reason)
{
    expect_answer_without(client, "verb status", "dead_transports");
    world_mail(&(Mail){.recipients = "a@gone.test"});
    life_trigger(world.life, "I", 1);
    for (int i = 0; i < TURNS_MAX && dead_transport_count() == 0; i++)
        turn_control();
    expect_answer(client, "verb status", "|transports_dead|1|dead_transports|gone|");
    expect_answer(client, "verb status", "|kind|transport-dead|text|gone dead ");
    expect_answer(client, "verb status", "s: 4.3.0 mail transport unavailable|");
}
END_TEST

START_TEST(suspended_destinations_are_counted)
{
    (void)control_destination("smtp", "a.test");
    (void)control_destination("smtp", "b.test");
    (void)control_destination("lmtp", "a.test");
    expect_answer(client, "verb status", "|destinations_paced|0|destinations_suspended|0|");
    expect_answer(client, "verb suspend what a.test for 4800 reason because", "row|end|");
    expect_answer(client, "verb status", "|destinations_suspended|2|");
    expect_answer(client, "verb status", "|kind|suspended|text|1 suspension; the next ends in 1h");
    expect_answer(client, "verb status", " (#1 a.test: because); 0 messages known to be held");
    expect_answer(client, "verb suspend what all forever 1 reason all", "row|end|");
    expect_answer(client, "verb status", "|destinations_suspended|3|");
}
END_TEST

/* An answer takes one step: what would take longer is left out. */
START_TEST(they_are_not_counted_among_very_many)
{
    control_destinations("smtp", 5000);
    expect_answer(client, "verb status", "|destinations_suspended|0|");
    expect_answer(client, "verb suspend what site1.test for 60 reason r", "row|end|");
    expect_answer(client, "verb status", "|destinations|5000|");
    expect_answer_without(client, "verb status", "destinations_suspended");
}
END_TEST

/* Of two rules the one that was set before the other: whoever forgets it is told by an alert. */
START_TEST(metrics_tell_since_when_the_oldest_rule_is)
{
    Rule rule = {.kind = RULE_SUSPEND, .object = RULE_ALL, .name = "", .end_s = RULE_FOREVER};

    expect_answer(client, "verb metrics", "|name|eqmgr_rules_oldest_timestamp_seconds|value|0||");
    rule.reason = "r";
    rule.number = 1;
    rule.made_s = 2000;
    (void)rules_put(rules, &rule);
    rule.object = RULE_DOMAIN;
    rule.name = "a.test";
    rule.number = 2;
    rule.made_s = 1000;
    (void)rules_put(rules, &rule);
    expect_answer(client, "verb metrics",
                  "|name|eqmgr_rules_oldest_timestamp_seconds|value|1000||");
}
END_TEST

START_TEST(a_user_is_not_named_in_status_below_level_view)
{
    world.params.destination_recipient_limit = 1;
    (void)control_destination("box", "joe@b.test");
    expect_answer(client, "verb suspend what destination name joe@b.test for 60 reason r",
                  "row|end|");
    expect_answer(client, "verb status", "(#1 joe@b.test: r)");
    expect_answer(client, "verb status level summary", "(#1 *@nexthop: r)");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("status");

    tcase_add_checked_fixture(tcase, control_setup, control_teardown);
    tcase_add_test(tcase, a_dead_transport_is_named_with_its_times_and_reason);
    tcase_add_test(tcase, suspended_destinations_are_counted);
    tcase_add_test(tcase, they_are_not_counted_among_very_many);
    tcase_add_test(tcase, metrics_tell_since_when_the_oldest_rule_is);
    tcase_add_test(tcase, a_user_is_not_named_in_status_below_level_view);
    return run_suite("control/status", tcase, NULL);
}
