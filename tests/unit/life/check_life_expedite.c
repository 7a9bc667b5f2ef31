#include <string.h>

#include "life/inspect.h"
#include "src/life/expedite_internal.h"
#include "src/life/suspended_internal.h"
#include "tests/support/life_rules.h"

/* One message next (operations.md 8), from each queue, and past a rule, over two attempts. */

static void expect_order(const char *first, const char *second)
{
    const char *one = strstr(world.told->str, first), *other = strstr(world.told->str, second);

    ck_assert_msg(one != NULL && other != NULL && one < other, "%s is not before %s:\n%s", first,
                  second, world.told->str);
}

static LifeExpedite expedite(const char *id, SpoolQueue from, bool is_forced)
{
    LifeExpedite would = life_would_expedite(world.life, id, is_forced);
    LifeExpedite outcome = life_expedite(world.life, id, from, is_forced);

    ck_assert_int_eq(would, outcome);
    return outcome;
}

/* Active has room for one at a time: the one that is expedited is not the last one. */
START_TEST(new_mail_is_taken_before_others)
{
    world.settings.message_active_limit = 1;
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2"});
    world_mail(&(Mail){.id = "A3"});
    world_start();
    for (int twice = 0; twice < 2; twice++)
        ck_assert_int_eq(expedite("A2", SPOOL_INCOMING, false), LIFE_EXPEDITE_NEXT);
    ck_assert_uint_eq(life_expedited_count(world.life), 1);
    world_run();
    expect_order("A2: removed", "A1: from");
    expect_order("A2: removed", "A3: from");
    ck_assert_uint_eq(life_expedited_count(world.life), 0);
}
END_TEST

/* The site is dead, and the message not due for minutes. */
START_TEST(deferred_mail_is_tried_at_once_though_its_site_was_dead)
{
    Service *smtp = world_find("smtp");

    smtp->status = -1;
    smtp->dsn = "4.4.1";
    smtp->reason = "refused";
    world.params.initial_destination_concurrency = 1;
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2"});
    world_start();
    world_run();
    smtp->status = 0;
    smtp->dsn = smtp->reason = "";
    world_forget();
    ck_assert_int_eq(expedite("A2", SPOOL_DEFERRED, false), LIFE_EXPEDITE_NEXT);
    world_run();
    ck_assert(was_told("smtp:") && was_told("A2: removed") && !was_told("A1: removed"));
}
END_TEST

static void suspend_smtp(void)
{
    (void)rules_put(life_rules, &(Rule){.kind = RULE_SUSPEND,
                                        .object = RULE_DOMAIN,
                                        .name = "smtp.test",
                                        .made_s = 1,
                                        .end_s = RULE_FOREVER,
                                        .reason = "ticket"});
}

/* A probe of a suspended site: one attempt, then the rule holds as before. */
START_TEST(force_passes_a_rule_once)
{
    suspend_smtp();
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2"});
    world_start();
    world_run();
    ck_assert_int_eq(expedite("A1", SPOOL_DEFERRED, false), LIFE_EXPEDITE_HELD);
    world_find("smtp")->status = -1;
    world_find("smtp")->reason = "try later";
    world_forget();
    ck_assert_int_eq(expedite("A1", SPOOL_DEFERRED, true), LIFE_EXPEDITE_NEXT);
    world_run();
    ck_assert(was_told("smtp:") && !was_told("A2: from"));
    ck_assert_uint_eq(suspended_count(world.life), 1);
    world_forget();
    life_trigger(world.life, "FAD", 3);
    world_run();
    ck_assert(was_told("A1: from") && !was_told("smtp:") && !was_told("A2: from"));
    ck_assert_uint_eq(suspended_count(world.life), 2);
}
END_TEST

static const char *forced; /* one that waited when the rule came */

static void suspend_and_force(const Service *service, const Request *request)
{
    static const char *const ids[] = {"A1", "A2", "A3"};
    LifeMessageView message;

    (void)service;
    (void)request;
    if (rules_count(life_rules) > 0)
        return;
    suspend_smtp();
    life_rules_changed(world.life);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        if (life_view_message(world.life, ids[i], &message) && message.phase == LIFE_WAITING)
            forced = ids[i];
    ck_assert_int_eq(expedite(forced, SPOOL_ACTIVE, true), LIFE_EXPEDITE_ACTIVE);
}

/* The rule comes while both wait in active for a site with room for one. */
START_TEST(forced_mail_in_active_stays_when_a_rule_comes)
{
    g_autofree char *removed = NULL;

    world.params.destination_concurrency_limit = world.params.initial_destination_concurrency = 1;
    world_find("smtp")->effect = suspend_and_force;
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2"});
    world_mail(&(Mail){.id = "A3"});
    world_start();
    world_run();
    removed = g_strdup_printf("%s: removed", forced);
    ck_assert(was_told(removed));
    ck_assert_uint_eq(suspended_count(world.life), 1);
}
END_TEST

static void force_it(const Service *service, const Request *request)
{
    (void)service;
    (void)request;
    ck_assert_int_eq(expedite("A1", SPOOL_ACTIVE, true), LIFE_EXPEDITE_ACTIVE);
    world_find("retry")->effect = NULL;
}

/* It is forced while retry has it, and is told that it goes: so it does, and once only. */
START_TEST(force_is_kept_for_mail_on_its_way_to_retry)
{
    suspend_smtp();
    world_find("retry")->effect = force_it;
    if (_i > 0) {
        world_find("smtp")->status = -1;
        world_find("smtp")->reason = "try later";
    }
    if (_i > 1) /* what no rule has said does not bring it back for ever */
        world_find("smtp")->reason = "delivery suspended by administrator (#1): ticket";
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2"});
    world_start();
    world_run();
    ck_assert_uint_eq(times_told("smtp:"), 1);
    ck_assert_uint_eq(times_told("A1: from"), 2);
    ck_assert_uint_eq(times_told("A2: from"), 1);
    ck_assert_uint_eq(times_told("A1: removed"), _i == 0 ? 1 : 0);
    ck_assert_uint_eq(life_expedited_count(world.life), 0);
}
END_TEST

START_TEST(file_that_has_gone_is_passed_over)
{
    world_mail(&(Mail){.id = "A1"});
    world_start();
    ck_assert_int_eq(expedite("A0", SPOOL_INCOMING, false), LIFE_EXPEDITE_NEXT);
    ck_assert_int_eq(expedite("B0", SPOOL_DEFERRED, true), LIFE_EXPEDITE_NEXT);
    world_run();
    ck_assert(was_told("A1: removed") && !was_told("A0") && !was_told("B0"));
}
END_TEST

START_TEST(line_is_bounded)
{
    world.settings.message_active_limit = 0; /* none is taken */
    world_start();
    for (int i = 0; i < LIFE_EXPEDITE_MAX; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        ck_assert_int_eq(expedite(id, SPOOL_INCOMING, false), LIFE_EXPEDITE_NEXT);
    }
    ck_assert_int_eq(expedite("B0", SPOOL_INCOMING, false), LIFE_EXPEDITE_FULL);
    ck_assert_int_eq(expedite("A7", SPOOL_INCOMING, true), LIFE_EXPEDITE_NEXT);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("expedite");

    tcase_add_checked_fixture(tcase, rules_world_setup, rules_world_teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_test(tcase, new_mail_is_taken_before_others);
    tcase_add_test(tcase, deferred_mail_is_tried_at_once_though_its_site_was_dead);
    tcase_add_test(tcase, force_passes_a_rule_once);
    tcase_add_test(tcase, forced_mail_in_active_stays_when_a_rule_comes);
    tcase_add_loop_test(tcase, force_is_kept_for_mail_on_its_way_to_retry, 0, 3);
    tcase_add_test(tcase, file_that_has_gone_is_passed_over);
    tcase_add_test(tcase, line_is_bounded);
    return run_suite("life/expedite", tcase, NULL);
}
