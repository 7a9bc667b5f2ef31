#include <limits.h>

#include "codec/resolve.h"
#include "sched/inspect.h"
#include "src/life/message_internal.h"
#include "src/life/suspended_internal.h"
#include "tests/support/life_rules.h"

/*
 * Suspensions (operations.md 8), at each place where a recipient can meet one, over at least two
 * attempts of the message. What a rule matches is tested in policy.
 */

#define TEXT "retry: nexthop 4.3.2 delivery suspended by administrator (#1): ticket"

static bool tell_life; /* of a rule that is set while mail is here */
static RuleObject next_object;
static const char *next_name;

static void setup(void)
{
    rules_world_setup();
    tell_life = false;
}

static void suspend_now(const Service *service, const Request *request)
{
    (void)service;
    (void)request;
    if (rules_count(life_rules) > 0)
        return;
    (void)suspend(next_object, next_name);
    if (tell_life)
        life_rules_changed(world.life);
}

/* The rule is set while the first delivery runs and all else waits. */
static void suspend_meanwhile(RuleObject object, const char *name)
{
    next_object = object;
    next_name = name;
    world.params.destination_concurrency_limit = 1;
    world.params.initial_destination_concurrency = 1;
    world_find("smtp")->effect = suspend_now;
}

/* ---- the places where it is checked ---- */

static const struct {
    RuleObject object;
    const char *name;
} objects[] = {
    {RULE_DOMAIN,      "smtp.test"},
    {RULE_DESTINATION, "smtp.test"},
    {RULE_TRANSPORT,   "smtp"     },
    {RULE_ALL,         ""         },
};

START_TEST(new_mail_is_held)
{
    (void)suspend(objects[_i].object, objects[_i].name);
    world_mail(&(Mail){0});
    world_start();
    world_run();
    ck_assert_uint_eq(times_told(TEXT), 1);
    ck_assert_uint_eq(times_told("smtp:"), 0);
    expect_long_wait("A1");
    ck_assert_uint_eq(suspended_count(world.life), 1);
}
END_TEST

/* With and without the call that redirects at once: the request is never sent. */
START_TEST(waiting_mail_is_held)
{
    tell_life = _i % 2 == 0;
    suspend_meanwhile(objects[_i / 2].object, objects[_i / 2].name);
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2"});
    world_mail(&(Mail){.id = "A3"});
    world_start();
    world_run();
    ck_assert_uint_eq(times_told("smtp:"), 1);
    ck_assert_uint_eq(times_told(": removed"), 1);
    ck_assert_uint_eq(times_told(TEXT), 2);
    ck_assert_uint_eq(suspended_count(world.life), 2);
}
END_TEST

/* All mail of a relayhost is one destination; the rule is about a domain. */
START_TEST(request_goes_without_those_who_are_held)
{
    static const Route routes[] = {
        {"x@a.test",             "smtp", "gw.test", "x@a.test", RESOLVE_CLASS_DEFAULT},
        {"y@b.test",             "smtp", "gw.test", "y@b.test", RESOLVE_CLASS_DEFAULT},
        {"z@a.test", "smtp", "gw.test", "z@a.test", RESOLVE_CLASS_DEFAULT},
        {0            }
    };

    service_routes = routes;
    tell_life = _i == 0;
    suspend_meanwhile(RULE_DOMAIN, "a.test");
    world_mail(&(Mail){.id = "L1", .recipients = "x@a.test y@b.test z@a.test"});
    world_mail(&(Mail){.id = "L2", .recipients = "x@a.test y@b.test z@a.test"});
    world_start();
    world_run();
    ck_assert_uint_eq(times_told("smtp:"), 2);
    ck_assert(was_told("smtp: nexthop gw.test from <sender@test> flags 6147 to y@b.test\n"));
    ck_assert(was_told(TEXT " from <sender@test> flags 3 to x@a.test z@a.test\n"));
    ck_assert_uint_eq(times_told(": removed"), 1);
    expect_long_wait(was_told("L1: removed") ? "L2" : "L1");
}
END_TEST

/* ---- much of it ---- */

#define MANY 600

static unsigned waiting_for(const char *transport)
{
    SchedDestinationView view;
    unsigned count = 0;

    for (uint32_t slot = 0; sched_view_next(world.sched, &slot, UINT_MAX, &view);)
        if (g_str_equal(view.transport, transport))
            count += view.waiting_count;
    return count;
}

/* All wait for one destination, of which one delivery runs; nobody takes what is redirected. */
static void wait_with_many(const char *others)
{
    static const Route gateway[] = {
        {"x@a.test",             "smtp", "gw.test", "x@a.test", RESOLVE_CLASS_DEFAULT},
        {"y@b.test",             "smtp", "gw.test", "y@b.test", RESOLVE_CLASS_DEFAULT},
        {0}
    };

    service_routes = gateway;
    world.settings.message_active_limit = 2 * MANY;
    world.params.destination_concurrency_limit = 1;
    world.params.initial_destination_concurrency = 1;
    world_find("smtp")->manner = "s";
    world_find("retry")->manner = "s";
    for (int i = 0; i < MANY; i++) {
        g_autofree char *id = g_strdup_printf("A%03d", i);

        world_mail(&(Mail){.id = id, .recipients = i % 50 == 0 ? others : "x@a.test"});
    }
    world_start();
    while (waiting_for("smtp") < MANY - 1)
        world_turn();
}

/* How many are redirected in a turn, at most, until `all` are. */
static unsigned most_in_a_turn(unsigned all)
{
    int64_t end_us = g_get_monotonic_time() + WORLD_GUARD_S * G_USEC_PER_SEC / 2;
    unsigned most = 0, before = waiting_for("retry");

    while (before < all && g_get_monotonic_time() < end_us) {
        unsigned now;

        world_turn_at_most_ms(1);
        now = waiting_for("retry");
        most = MAX(most, now > before ? now - before : 0);
        before = now;
    }
    ck_assert_uint_ge(before, all);
    return most;
}

START_TEST(much_mail_of_a_destination_is_redirected_in_pieces)
{
    wait_with_many("x@a.test");
    (void)suspend(RULE_DOMAIN, "a.test");
    life_rules_changed(world.life);
    ck_assert_uint_le(most_in_a_turn(MANY - 10), 220);
}
END_TEST

/* Some of it is not held: no agent need be free for what is. */
START_TEST(much_mail_behind_a_busy_relayhost_is_redirected)
{
    wait_with_many("y@b.test");
    (void)suspend(RULE_DOMAIN, "a.test");
    life_rules_changed(world.life);
    ck_assert_uint_le(most_in_a_turn(MANY * 49 / 50 - 10), 100);
    ck_assert_uint_le(waiting_for("smtp"), MANY / 50);
}
END_TEST

START_TEST(forced_mail_does_not_keep_the_rest_in_active)
{
    wait_with_many("x@a.test");
    message_hurry(message_find(world.life, "A007"), true);
    (void)suspend(RULE_DESTINATION, "gw.test");
    life_rules_changed(world.life);
    ck_assert_uint_le(most_in_a_turn(MANY - 12), 100);
    ck_assert_uint_eq(waiting_for("smtp"), 1);
}
END_TEST

/* However fast they change. */
START_TEST(mail_is_redirected_while_rules_change)
{
    int64_t end_us = g_get_monotonic_time() + WORLD_GUARD_S * G_USEC_PER_SEC / 2;

    wait_with_many("y@b.test");
    (void)suspend(RULE_DOMAIN, "a.test");
    while (waiting_for("smtp") > MANY / 50 && g_get_monotonic_time() < end_us) {
        life_rules_changed(world.life);
        world_turn_at_most_ms(1);
    }
    ck_assert_uint_le(waiting_for("smtp"), MANY / 50);
}
END_TEST

/* Some of it is not held, and nobody has told us to look: it is met when an agent is to have it. */
START_TEST(much_mail_behind_a_relayhost_is_redirected_in_pieces)
{
    Service *smtp = world_find("smtp");

    wait_with_many("y@b.test");
    (void)suspend(RULE_DOMAIN, "a.test");
    smtp->manner = "a";
    service_hang_up(smtp);
    ck_assert_uint_le(most_in_a_turn(MANY * 49 / 50 - 10), 100);
}
END_TEST

START_TEST(two_rules_split_a_request_in_three)
{
    static const Route routes[] = {
        {"x@a.test",             "smtp", "gw.test", "x@a.test", RESOLVE_CLASS_DEFAULT},
        {"y@b.test",             "smtp", "gw.test", "y@b.test", RESOLVE_CLASS_DEFAULT},
        {"z@c.test", "smtp", "gw.test", "z@c.test", RESOLVE_CLASS_DEFAULT},
        {0            }
    };

    service_routes = routes;
    (void)suspend(RULE_DOMAIN, "a.test");
    (void)suspend_until(RULE_DOMAIN, "c.test", world.start_s + 1000);
    world_mail(&(Mail){.id = "L1", .recipients = "x@a.test y@b.test z@c.test"});
    world_start();
    world_run();
    ck_assert_uint_eq(times_told("smtp:"), 1);
    ck_assert_uint_eq(times_told("retry:"), 2);
    ck_assert_int_ge(world_due_in_s("L1"), 1300); /* the first end counts */
    ck_assert_int_le(world_due_in_s("L1"), 1365);
}
END_TEST

/* The rule is set while the request waits, and retry is not there. */
START_TEST(free_recipients_go_without_retry)
{
    static const Route routes[] = {
        {"x@a.test",             "smtp", "gw.test", "x@a.test", RESOLVE_CLASS_DEFAULT},
        {"y@b.test",             "smtp", "gw.test", "y@b.test", RESOLVE_CLASS_DEFAULT},
        {"z@c.test", "smtp", "gw.test", "z@c.test", RESOLVE_CLASS_DEFAULT},
        {0            }
    };

    service_routes = routes;
    suspend_meanwhile(RULE_DOMAIN, "a.test");
    world_remove_service("retry");
    world_remove_service("local");
    world_mail(&(Mail){.id = "D1", .recipients = "d@local.test"}); /* it finds both dead */
    world_start();
    world_run();
    world_mail(&(Mail){.id = "L1", .recipients = "x@a.test y@b.test z@c.test"});
    world_mail(&(Mail){.id = "L2", .recipients = "x@a.test y@b.test z@c.test"});
    run_trigger("W");
    ck_assert(was_told("defer: append 0 x@a.test 4.3.2"));
    ck_assert_uint_eq(times_told("defer: append 0 y@b.test"), 0);
    ck_assert(was_told("to y@b.test z@c.test\n"));
    ck_assert_uint_eq(suspended_count(world.life), 1);
    expect_long_wait(was_told("L1: removed") ? "L2" : "L1");
}
END_TEST

/* ---- what nobody can suspend ---- */

START_TEST(mail_of_retry_and_error_is_not_held)
{
    (void)suspend(RULE_ALL, "");
    world_mail(&(Mail){.recipients = "a@error.test"});
    world_start();
    world_run();
    ck_assert_uint_eq(times_told("error: "), 1);
    ck_assert_uint_eq(times_told(TEXT), 0);
}
END_TEST

/* ---- lists ---- */

/* Others of the list failed: they are tried at their usual times, and the rule holds on. */
START_TEST(list_with_other_trouble_keeps_usual_times)
{
    (void)suspend(RULE_DOMAIN, "smtp.test");
    world_find("local")->status = -1;
    world_mail(&(Mail){.recipients = "a@smtp.test b@local.test"});
    world_start();
    world_run();
    ck_assert_int_lt(world_due_in_s("A1"), 300 + WORLD_SLOW_S);
    ck_assert_uint_eq(suspended_count(world.life), 0);
    world_find("local")->status = 0;
    run_trigger("AD");
    ck_assert_uint_eq(times_told("smtp:"), 0);
    ck_assert_uint_eq(times_told(TEXT), 1);
    expect_long_wait("A1");
}
END_TEST

/* ---- age ---- */

START_TEST(too_old_mail_is_not_returned_while_it_is_held)
{
    uint32_t number = suspend(RULE_DOMAIN, "smtp.test");

    world_mail(&(Mail){.age_s = 500000});
    world_start();
    world_run();
    ck_assert(!was_told("returned to sender"));
    expect_long_wait("A1");
    /* after the end: one attempt, which fails */
    world_find("smtp")->status = -1;
    ck_assert(rules_remove(life_rules, number));
    run_trigger("AD");
    ck_assert(was_told("smtp:"));
    ck_assert(was_told("status=expired, returned to sender"));
}
END_TEST

START_TEST(list_that_is_too_old_waits_for_those_who_are_held)
{
    (void)suspend(RULE_DOMAIN, "smtp.test");
    world_find("local")->status = -1;
    world_mail(&(Mail){.age_s = 500000, .recipients = "a@smtp.test b@local.test"});
    world_start();
    world_run();
    ck_assert(!was_told("returned to sender"));
}
END_TEST

START_TEST(mail_that_is_expired_by_hand_is_not_held)
{
    (void)suspend(RULE_DOMAIN, "smtp.test");
    world_mail(&(Mail){.mode = 0710});
    world_start();
    world_run();
    ck_assert(was_told("retry: nexthop 4.7.0 message is administratively expired"));
    ck_assert_uint_eq(suspended_count(world.life), 0);
}
END_TEST

/* ---- without the retry service ---- */

START_TEST(held_mail_is_deferred_without_retry)
{
    world_remove_service("retry");
    (void)suspend(RULE_DOMAIN, "smtp.test");
    world_mail(&(Mail){0});
    world_start();
    world_run();
    ck_assert_uint_eq(times_told("smtp:"), 0);
    ck_assert(was_told("defer: append 0 a@smtp.test 4.3.2"));
    expect_long_wait("A1");
    ck_assert_uint_eq(suspended_count(world.life), 1);
    run_trigger("AD"); /* the transport is dead by now */
    ck_assert_uint_eq(times_told("smtp:"), 0);
}
END_TEST

/* Whatever it dies of, while the first message is on its way there or another one after it. */
START_TEST(too_old_mail_is_not_returned_when_retry_dies)
{
    static const char *const manners[] = {"x", "w", "n", "c", "q", "g", "aq", "ax", "axaq"};
    uint32_t number = suspend(RULE_DOMAIN, "smtp.test");

    world.settings.daemon_timeout_s = 1;
    world_find("retry")->manner = manners[_i];
    world_mail(&(Mail){.id = "A1", .age_s = 500000});
    world_mail(&(Mail){.id = "A2", .age_s = 500000});
    world_start();
    world_run();
    for (int attempt = 0; attempt < 2; attempt++) {
        ck_assert(!was_told("returned to sender") && !was_told("smtp:"));
        ck_assert(!was_told("append 0 a@smtp.test 4.3.0"));
        run_trigger("FAD");
    }
    /* after the end: one attempt, which fails */
    world_find("smtp")->status = -1;
    ck_assert(rules_remove(life_rules, number));
    run_trigger("FAD");
    ck_assert_uint_eq(times_told("smtp:"), 2);
    ck_assert_uint_eq(times_told("status=expired, returned to sender"), 2);
}
END_TEST

/* As in stock, mail that no rule holds has its lifetime. */
START_TEST(too_old_mail_of_a_dead_transport_is_returned_without_retry)
{
    (void)suspend(RULE_DOMAIN, "local.test");
    world_remove_service("retry");
    world_remove_service("smtp");
    world_mail(&(Mail){.age_s = 500000});
    world_start();
    world_run();
    ck_assert(was_told("defer: append 0 a@smtp.test 4.3.0"));
    ck_assert_uint_eq(times_told("status=expired, returned to sender"), 1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("suspend");

    tcase_add_checked_fixture(tcase, setup, rules_world_teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, new_mail_is_held, 0, G_N_ELEMENTS(objects));
    tcase_add_loop_test(tcase, waiting_mail_is_held, 0, 2 * G_N_ELEMENTS(objects));
    tcase_add_loop_test(tcase, request_goes_without_those_who_are_held, 0, 2);
    tcase_add_test(tcase, much_mail_of_a_destination_is_redirected_in_pieces);
    tcase_add_test(tcase, much_mail_behind_a_relayhost_is_redirected_in_pieces);
    tcase_add_test(tcase, much_mail_behind_a_busy_relayhost_is_redirected);
    tcase_add_test(tcase, forced_mail_does_not_keep_the_rest_in_active);
    tcase_add_test(tcase, mail_is_redirected_while_rules_change);
    tcase_add_test(tcase, two_rules_split_a_request_in_three);
    tcase_add_test(tcase, free_recipients_go_without_retry);
    tcase_add_test(tcase, mail_of_retry_and_error_is_not_held);
    tcase_add_test(tcase, list_with_other_trouble_keeps_usual_times);
    tcase_add_test(tcase, too_old_mail_is_not_returned_while_it_is_held);
    tcase_add_test(tcase, list_that_is_too_old_waits_for_those_who_are_held);
    tcase_add_test(tcase, mail_that_is_expired_by_hand_is_not_held);
    tcase_add_test(tcase, held_mail_is_deferred_without_retry);
    tcase_add_loop_test(tcase, too_old_mail_is_not_returned_when_retry_dies, 0, 9);
    tcase_add_test(tcase, too_old_mail_of_a_dead_transport_is_returned_without_retry);
    return run_suite("life/suspend", tcase, NULL);
}
