#include <string.h>

#include "life/inspect.h"
#include "policy/reply_rules.h"
#include "policy/rules.h"
#include "policy/site.h"
#include "src/life/limit_internal.h"
#include "src/life/slowed_internal.h"
#include "tests/support/life_fixture.h"

/*
 * Warnings of a clogged queue: whoever has limited or suspended a destination himself is not told
 * that it is slow, nor what would make it faster (traffic.md 8, trap 24).
 */

#define ACTIVE_LIMIT 10
#define MAIL_COUNT   8

static Rules *rules;
static Sites *sites;

static void setup(void)
{
    world_setup();
    rules = rules_new();
    sites = sites_new();
    world.settings.rules = rules;
    world.settings.sites = sites;
    world.settings.message_active_limit = ACTIVE_LIMIT;
    world.sched_settings.message_active_limit = ACTIVE_LIMIT;
    world.sched_settings.helpful_warnings = true;
    world.sched_settings.clog_warn_s = 300;
    world.params.destination_concurrency_limit = 20;
}

static void teardown(void)
{
    world_teardown();
    rules_free(rules);
    sites_free(sites);
}

static void put_rule(RuleKind kind, RuleMeasure measure, RuleObject object, int most)
{
    const Rule rule = {.kind = kind,
                       .measure = measure,
                       .object = object,
                       .name = "smtp.test",
                       .most = most,
                       .period_s = measure == RULE_RATE ? 3600 : 0,
                       .made_s = 1,
                       .end_s = RULE_FOREVER,
                       .reason = "ticket"};

    (void)rules_put(rules, &rule);
}

static void put_site(int concurrency, unsigned rate)
{
    Site *site = sites_add(sites, "slow", 1);

    ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, "smtp.test"), NULL);
    site->concurrency = concurrency;
    site->setting_lines[SITE_CONCURRENCY] = concurrency > 0 ? 2 : 0;
    site->rate = (MeterLimit){rate, 3600, 1};
    site->setting_lines[SITE_RATE] = rate > 0 ? 3 : 0;
}

/* All of it is here before the first delivery ends. */
static void run_with_much_mail(const char *until)
{
    world_find("smtp")->manner = "s";
    world_find("retry")->manner = "s";
    for (int i = 0; i < MAIL_COUNT; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        world_mail(&(Mail){.id = id});
    }
    if (world.life == NULL) {
        sites_seal(sites);
        world_start();
    }
    life_trigger(world.life, "I", 1);
    while (sched_message_count(world.sched) < MAIL_COUNT)
        world_turn_at_most_ms(2);
    if (until != NULL)
        world_run_until(until);
}

static void expect_holder(const char *holder)
{
    run_with_much_mail("qmgr_clog_warn_time = 0");
    ck_assert(was_told("warning: mail for smtp.test is using up "));
    ck_assert_msg(was_told(holder), "no %s in\n%s", holder, world.told->str);
    ck_assert(!was_told("you may need"));
    ck_assert(!was_told("avoid flushing"));
}

/* As with stock. */
START_TEST(advice_is_given_where_nobody_has_set_a_limit)
{
    put_rule(RULE_LIMIT, RULE_CONCURRENCY, RULE_TRANSPORT, 1); /* of another one */
    run_with_much_mail("qmgr_clog_warn_time = 0");
    ck_assert(was_told("warning: mail for smtp.test is using up "));
    ck_assert(was_told("warning: you may need"));
    ck_assert(was_told("warning: please avoid flushing"));
}
END_TEST

static const RuleObject objects[] = {RULE_DOMAIN, RULE_DESTINATION};

START_TEST(limit_of_an_administrator_is_named)
{
    put_rule(RULE_LIMIT, RULE_CONCURRENCY, objects[_i], 1);
    expect_holder("warning: limit #1 of an administrator keeps it to concurrency 1: ticket\n");
}
END_TEST

START_TEST(rate_of_an_administrator_is_named)
{
    put_rule(RULE_LIMIT, RULE_RATE, objects[_i], 2);
    expect_holder("warning: limit #1 of an administrator keeps it to rate 2/1h: ticket\n");
}
END_TEST

START_TEST(limit_of_the_policy_file_is_named)
{
    put_site(1, 0);
    expect_holder("warning: section [site slow] of the policy file keeps it to concurrency 1\n");
}
END_TEST

START_TEST(rate_of_the_policy_file_is_named)
{
    put_site(0, 2);
    expect_holder("warning: section [site slow] of the policy file keeps it to rate 2/1h");
}
END_TEST

static bool say_rate(const char *transport, TransportRate rate, MeterLimit *ret_limit,
                     char **ret_name, void *ctx)
{
    (void)ctx;
    if (!g_str_equal(transport, "smtp") || rate != TRANSPORT_RATE_RECIPIENTS)
        return false;
    *ret_limit = (MeterLimit){2, 3600, 2};
    if (ret_name != NULL)
        *ret_name = g_strdup("default_destination_recipient_rate_limit");
    return true;
}

START_TEST(rate_of_eqmgr_cf_is_named)
{
    world.settings.transport_rate = say_rate;
    expect_holder("warning: default_destination_recipient_rate_limit keeps it to 2/1h\n");
}
END_TEST

/* It is below the limit, and what there is to say. Each row: it, or its transport as a whole. */
static const struct {
    const char *name;
    bool is_shared;
    const char *told;
} levels[] = {
    {"smtp.test",  false,
     "warning: [reply rate] of the policy file has slowed it to 1 at a time: 421 slower\n"},
    {SLOWED_WHOLE, true,
     "warning: [reply rate] of the policy file has slowed all of smtp to 1 at a time: 421 "
     "slower\n"                                                                           },
};

START_TEST(answer_that_has_slowed_it_is_named)
{
    ReplyRule *rule = reply_rules_add(sites_replies(sites), "rate", 1);
    SlowedSite *slowed;
    int64_t now_us;

    put_rule(RULE_LIMIT, RULE_CONCURRENCY, RULE_DOMAIN, 2);
    ck_assert_pstr_eq(reply_action_parse("concurrency 1/2", rule), NULL);
    ck_assert_pstr_eq(reply_rules_add_pattern(sites_replies(sites), "4.7.28"), NULL);
    rule->is_for_transport = levels[_i].is_shared;
    sites_seal(sites);
    world_mail(&(Mail){.id = "B1"});
    world_start();
    world_run();
    slowed = slowed_find_key(world.life, &(SiteKey){"smtp", levels[_i].name, levels[_i].is_shared});
    ck_assert_ptr_nonnull(slowed);
    now_us = life_clock(world.life)->mono_us;
    ck_assert_int_eq(level_answer(&slowed->level, &rule->step, 2, now_us, now_us), LEVEL_STEPPED);
    slowed->rule = g_strdup("rate");
    slowed->reason = g_strdup("421 slower");
    slowed_changed(world.life, slowed, LEVEL_STEPPED);
    limit_transport(world.life, sched_transport_find(world.sched, "smtp"));
    expect_holder(levels[_i].told);
    ck_assert(!was_told("limit #1"));
}
END_TEST

/* The limit is not what makes it slow: its window is smaller. */
START_TEST(advice_is_given_where_a_limit_does_not_matter)
{
    put_rule(RULE_LIMIT, RULE_CONCURRENCY, RULE_DOMAIN, 20);
    run_with_much_mail("qmgr_clog_warn_time = 0");
    ck_assert(was_told("warning: you may need"));
    ck_assert(!was_told("limit #1"));
}
END_TEST

/* All of it is with retry, which is no site. */
START_TEST(suspended_mail_is_not_complained_about)
{
    put_rule(RULE_SUSPEND, RULE_NOTHING, RULE_DOMAIN, 0);
    run_with_much_mail(NULL);
    world_run_until("retry: nexthop 4.3.2 delivery suspended by administrator (#1): ticket");
    ck_assert(!was_told("is using up"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("clog");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_test(tcase, advice_is_given_where_nobody_has_set_a_limit);
    tcase_add_loop_test(tcase, limit_of_an_administrator_is_named, 0, G_N_ELEMENTS(objects));
    tcase_add_loop_test(tcase, rate_of_an_administrator_is_named, 0, G_N_ELEMENTS(objects));
    tcase_add_test(tcase, limit_of_the_policy_file_is_named);
    tcase_add_test(tcase, rate_of_the_policy_file_is_named);
    tcase_add_test(tcase, rate_of_eqmgr_cf_is_named);
    tcase_add_loop_test(tcase, answer_that_has_slowed_it_is_named, 0, G_N_ELEMENTS(levels));
    tcase_add_test(tcase, advice_is_given_where_a_limit_does_not_matter);
    tcase_add_test(tcase, suspended_mail_is_not_complained_about);
    return run_suite("life/clog", tcase, NULL);
}
