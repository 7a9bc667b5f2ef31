#include <string.h>

#include "src/life/plans_internal.h"
#include "src/life/schedule_internal.h"
#include "tests/support/life_fixture.h"

/*
 * Which plan a destination has, and what an attempt leaves behind. When mail is tried again and
 * returned over several attempts is played in the laboratory (320 to 324).
 */

static Sites *sites;

static void add_site(const char *name, const char *domain, const char *schedule,
                     const char *lifetime)
{
    Site *site = sites_add(sites, name, sites_count(sites) + 1);

    ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, domain), NULL);
    if (schedule != NULL)
        ck_assert_pstr_eq(retry_plan_parse(&site->retry, RETRY_SCHEDULE, schedule), NULL);
    if (lifetime != NULL)
        ck_assert_pstr_eq(retry_plan_parse(&site->retry, RETRY_LIFETIME, lifetime), NULL);
}

static RetryPlan say(const char *transport, char **ret_name, void *ctx)
{
    RetryPlan plan = retry_plan_none();

    (void)ctx;
    *ret_name = NULL;
    if (!g_str_equal(transport, "relay"))
        return plan;
    *ret_name = g_strdup("relay_retry_schedule");
    ck_assert_pstr_eq(retry_plan_parse(&plan, RETRY_SCHEDULE, "7m"), NULL);
    plan.lifetime_s = 3600;
    return plan;
}

static void say_of_transports(void)
{
    world.settings.transport_retry = say;
    world.settings.shortest_lifetime_s = 3600;
}

static void setup(void)
{
    world_setup();
    sites = sites_new();
    world.settings.sites = sites;
}

static void teardown(void)
{
    world_teardown();
    sites_free(sites);
}

static void open_with_sites(void)
{
    sites_seal(sites);
    world_open();
}

static void assert_plan(const char *transport, const char *nexthop, int64_t first_wait_s,
                        int64_t lifetime_s, const char *origin)
{
    const Plan *plan = plans_at(world.life, plans_find(world.life, transport, nexthop));

    ck_assert_int_eq(plan->retry.schedule.count > 0 ? plan->retry.schedule.waits_s[0] : -1,
                     first_wait_s);
    ck_assert_int_eq(plan->retry.lifetime_s, lifetime_s);
    ck_assert_pstr_eq(plan->origin, origin);
}

START_TEST(what_a_section_does_not_say_is_the_transports)
{
    add_site("both", "both.test", "1m", "10m");
    add_site("life", "life.test", NULL, "20m");
    add_site("none", "none.test", NULL, NULL);
    say_of_transports();
    open_with_sites();
    ck_assert(plans_are_used(world.life));
    ck_assert_int_eq(plans_shortest_lifetime_s(world.life), 600);
    assert_plan("smtp", "both.test", 60, 600, "[site both] retry");
    assert_plan("relay", "both.test", 60, 600, "[site both] retry");
    assert_plan("smtp", "life.test", -1, 1200, NULL);
    assert_plan("relay", "life.test", 420, 1200, "relay_retry_schedule");
    assert_plan("relay", "none.test", 420, 3600, "relay_retry_schedule");
    assert_plan("relay", "other.test", 420, 3600, "relay_retry_schedule");
    assert_plan("smtp", "other.test", -1, RETRY_NOT_SAID, NULL);
}
END_TEST

START_TEST(the_same_plan_has_one_number)
{
    add_site("both", "both.test", "1m", "10m");
    open_with_sites();
    ck_assert_uint_eq(plans_find(world.life, "smtp", "other.test"), PLANS_NONE);
    ck_assert_uint_eq(plans_find(world.life, "lmtp", "a.test"), PLANS_NONE);
    ck_assert_uint_eq(plans_find(world.life, "smtp", "both.test"),
                      plans_find(world.life, "lmtp", "both.test"));
}
END_TEST

/* Recipients have room for so many numbers only. */
START_TEST(plans_beyond_the_last_number_are_ignored_with_one_warning)
{
    open_with_sites();
    for (int i = 1; i <= RECIPIENT_PLAN_MAX + 2; i++) {
        Plan *plan = g_new0(Plan, 1);
        uint16_t number;

        plan->retry = retry_plan_none();
        plan->retry.lifetime_s = i;
        number = plans_number(world.life, plan);
        ck_assert_uint_eq(number, i <= RECIPIENT_PLAN_MAX ? (unsigned)i : PLANS_NONE);
    }
    world_expect("warning: there are more than 4095 different retry plans: the others are "
                 "ignored\n");
}
END_TEST

START_TEST(without_plans_no_message_has_notes)
{
    add_site("none", "smtp.test", NULL, NULL);
    sites_seal(sites);
    world_find("smtp")->status = -1;
    world_find("defer")->manner = "s";
    world_mail(&(Mail){.age_s = 8640000});
    world_start();
    ck_assert(!plans_are_used(world.life));
    for (int i = 0; i < 20 && !was_told("status=expired"); i++) {
        world_turn();
        ck_assert_uint_eq(schedule_notes_count(world.life), 0);
    }
}
END_TEST

START_TEST(notes_end_with_the_attempt)
{
    add_site("short", "smtp.test", "1m", "10m");
    sites_seal(sites);
    world_find("smtp")->status = -1;
    world_mail(&(Mail){.age_s = 5});
    world_mail(&(Mail){.id = "B1"});
    world_start();
    world_run();
    ck_assert(was_told("A1: from=<sender@test>"));
    ck_assert_uint_eq(schedule_notes_count(world.life), 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("schedule");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_test(tcase, what_a_section_does_not_say_is_the_transports);
    tcase_add_test(tcase, the_same_plan_has_one_number);
    tcase_add_test(tcase, plans_beyond_the_last_number_are_ignored_with_one_warning);
    tcase_add_test(tcase, without_plans_no_message_has_notes);
    tcase_add_test(tcase, notes_end_with_the_attempt);
    return run_suite("life/schedule", tcase, NULL);
}
