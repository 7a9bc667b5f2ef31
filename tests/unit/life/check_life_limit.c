#include "sched/inspect.h"
#include "src/life/limit_internal.h"
#include "tests/support/life_rules.h"

/*
 * Limits of an administrator as the scheduler gets them: with destinations that are made after the
 * rule, and with those that were there before. What a limit does is tested in sched.
 */

#define CONFIGURED 7

static Sites *sites;

static void setup(void)
{
    rules_world_setup();
    world.params.destination_concurrency_limit = CONFIGURED;
}

static void teardown(void)
{
    rules_world_teardown();
    sites_free(sites);
    sites = NULL;
}

static uint32_t put_until(RuleObject object, const char *name, int most, int64_t end_s)
{
    const Rule rule = {.kind = RULE_LIMIT,
                       .measure = RULE_CONCURRENCY,
                       .object = object,
                       .name = name,
                       .most = most,
                       .made_s = 1,
                       .end_s = end_s,
                       .reason = "slow"};

    return rules_put(life_rules, &rule)->number;
}

static uint32_t put(RuleObject object, const char *name, int most)
{
    return put_until(object, name, most, RULE_FOREVER);
}

/* The limit of the destination NAME.test in transport NAME; -1: there is none of the name. */
static int limit_of(const char *transport)
{
    g_autofree char *name = g_strconcat(transport, ".test", NULL);
    SchedDestinationView view;

    return sched_view_destination(world.sched, transport, name, &view) ? view.limit : -1;
}

/* Mail for smtp.test is here, and its first delivery does not end. */
static void begin_with_mail(void)
{
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){0});
    world_start();
    world_run_until("smtp:");
}

static void walk(void)
{
    life_rules_changed(world.life);
    while (limit_turn(world.life))
        ;
}

static const struct {
    RuleObject object;
    const char *name;
    int limit;
} objects[] = {
    {RULE_DESTINATION, "smtp.test",  3         },
    {RULE_DOMAIN,      "smtp.test",  3         },
    {RULE_DOMAIN,      ".test",      3         },
    {RULE_TRANSPORT,   "smtp",       3         },
    {RULE_ALL,         "",           3         },
    {RULE_DESTINATION, "other.test", CONFIGURED},
    {RULE_TRANSPORT,   "lmtp",       CONFIGURED},
};

START_TEST(new_destination_has_the_limit)
{
    (void)put(objects[_i].object, objects[_i].name, 3);
    begin_with_mail();
    ck_assert_int_eq(limit_of("smtp"), objects[_i].limit);
}
END_TEST

START_TEST(destination_that_is_there_gets_the_limit)
{
    begin_with_mail();
    ck_assert_int_eq(limit_of("smtp"), CONFIGURED);
    (void)put(objects[_i].object, objects[_i].name, 3);
    walk();
    ck_assert_int_eq(limit_of("smtp"), objects[_i].limit);
}
END_TEST

START_TEST(the_same_again_changes_the_limit)
{
    (void)put(RULE_ALL, "", 3);
    begin_with_mail();
    (void)put(RULE_ALL, "", 30);
    walk();
    ck_assert_int_eq(limit_of("smtp"), 30);
    (void)put(RULE_DOMAIN, "smtp.test", 1);
    walk();
    ck_assert_int_eq(limit_of("smtp"), 1);
}
END_TEST

START_TEST(without_its_rule_a_limit_is_no_more)
{
    uint32_t number = put(RULE_ALL, "", 3);

    begin_with_mail();
    ck_assert(rules_remove(life_rules, number));
    walk();
    ck_assert_int_eq(limit_of("smtp"), CONFIGURED);
}
END_TEST

START_TEST(rule_whose_end_has_come_limits_nothing)
{
    begin_with_mail();
    (void)put_until(RULE_ALL, "", 3, world.start_s - 1); /* and nobody has removed it */
    walk();
    ck_assert_int_eq(limit_of("smtp"), CONFIGURED);
}
END_TEST

/* As limits meet suspensions: nothing is delivered, and the limit is there afterwards. */
START_TEST(limit_and_suspension_hold_both)
{
    Rule suspension = {.kind = RULE_SUSPEND, .end_s = RULE_FOREVER, .reason = "ticket", .name = ""};

    (void)put(RULE_TRANSPORT, "smtp", 3);
    ck_assert_ptr_nonnull(rules_put(life_rules, &suspension));
    world_find("retry")->status = -1;
    world_mail(&(Mail){0});
    world_start();
    world_run();
    ck_assert(!was_told("smtp:"));
    ck_assert(was_told("delivery suspended by administrator"));
}
END_TEST

/* Each destination is looked at, however often rules change meanwhile. */
START_TEST(walk_comes_to_its_end_though_rules_change)
{
    static const int count = 5000;
    SchedTransport *transport;
    int turns = 0;

    begin_with_mail();
    transport = sched_transport_find(world.sched, "smtp");
    for (int i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("d%d.test", i);

        (void)sched_destination_get(world.sched, transport, name, name);
    }
    (void)put(RULE_ALL, "", 3);
    life_rules_changed(world.life);
    while (limit_turn(world.life) && turns++ < 100)
        if (turns < 30)
            life_rules_changed(world.life);
    ck_assert_int_lt(turns, 60);
    for (int i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("d%d.test", i);
        SchedDestinationView view;

        ck_assert(sched_view_destination(world.sched, "smtp", name, &view));
        ck_assert_int_eq(view.limit, 3);
    }
}
END_TEST

START_TEST(without_limits_nobody_is_asked)
{
    Rule suspension = {.kind = RULE_SUSPEND,
                       .object = RULE_DOMAIN,
                       .end_s = RULE_FOREVER,
                       .reason = "ticket",
                       .name = "other.test"};
    SchedTransport *transport;

    ck_assert_ptr_nonnull(rules_put(life_rules, &suspension));
    begin_with_mail();
    life_rules_changed(world.life);
    ck_assert(!limit_turn(world.life));
    transport = sched_transport_find(world.sched, "smtp");
    ck_assert(!sched_destination_limit_is_given(
        sched_destination_get(world.sched, transport, "smtp.test", "smtp.test")));
}
END_TEST

/* ---- the policy file ---- */

static Site *section; /* of site_of() */

static Sites *site_of(SiteCondition condition, const char *word, SiteShared shared)
{
    Sites *made = sites_new();
    Site *site = sites_add(made, "a", 1);

    ck_assert_pstr_eq(sites_add_word(made, condition, word), NULL);
    site->concurrency = 3;
    site->setting_lines[SITE_CONCURRENCY] = 2;
    site->shared = shared;
    section = site;
    sites_seal(made);
    world.settings.sites = made;
    return made;
}

/* A word of a section, and what holds for smtp.test in transport smtp. */
static const struct {
    SiteCondition condition;
    const char *word;
    SiteShared shared;
    int limit;
} sections[] = {
    {SITE_DOMAIN,      "smtp.test",  SITE_SHARED_NO,              3         },
    {SITE_DOMAIN,      ".test",      SITE_SHARED_NO,              3         },
    {SITE_DESTINATION, "smtp.test",  SITE_SHARED_NO,              3         },
    {SITE_TRANSPORT,   "smtp",       SITE_SHARED_NO,              3         },
    {SITE_DOMAIN,      "other.test", SITE_SHARED_NO,              CONFIGURED},
    {SITE_DOMAIN,      "smtp.test",  SITE_SHARED_YES,             CONFIGURED},
    {SITE_DOMAIN,      "smtp.test",  SITE_SHARED_OVER_TRANSPORTS, CONFIGURED},
};

START_TEST(destination_has_the_concurrency_of_its_section)
{
    sites = site_of(sections[_i].condition, sections[_i].word, sections[_i].shared);
    begin_with_mail();
    ck_assert_int_eq(limit_of("smtp"), sections[_i].limit);
    walk();
    ck_assert_int_eq(limit_of("smtp"), sections[_i].limit);
}
END_TEST

/* NULL: it shares none. */
static const char *site_shared_by(const char *destination, int *ret_limit)
{
    SchedDestinationView view;

    ck_assert(sched_view_destination(world.sched, "smtp", destination, &view));
    *ret_limit = view.site_limit;
    return view.site;
}

/* Whether a destination of transport smtp shares what its section says. */
START_TEST(destination_shares_the_numbers_of_its_section)
{
    static const char *const names[SITE_SHARED_COUNT] = {
        [SITE_SHARED_NO] = NULL,
        [SITE_SHARED_YES] = "site a",
        [SITE_SHARED_OVER_TRANSPORTS] = "site a",
    };
    int limit;

    sites = site_of(SITE_DOMAIN, "smtp.test", (SiteShared)_i);
    begin_with_mail();
    ck_assert_pstr_eq(site_shared_by("smtp.test", &limit), names[_i]);
    ck_assert_int_eq(limit, names[_i] != NULL ? 3 : 0);
}
END_TEST

/* traffic.md 8, trap 3: each recipient is a destination, but the numbers are for the nexthop. */
START_TEST(recipients_of_one_nexthop_share_the_numbers)
{
    int limit;

    world.params.destination_recipient_limit = 1;
    sites = site_of(SITE_TRANSPORT, "smtp", SITE_SHARED_NO);
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.recipients = "a@smtp.test b@smtp.test c@smtp.test d@smtp.test"});
    world_start();
    world_run_until("smtp:");
    ck_assert_str_eq(site_shared_by("a@smtp.test", &limit), "nexthop smtp.test");
    ck_assert_str_eq(site_shared_by("d@smtp.test", &limit), "nexthop smtp.test");
    ck_assert_int_eq(limit, 3);
}
END_TEST

/* As if the file had changed: a destination enters a site, and leaves it, while it delivers. */
START_TEST(change_of_the_file_moves_destinations)
{
    SchedDestinationView view;
    int limit;

    sites = site_of(SITE_DOMAIN, "smtp.test", SITE_SHARED_NO);
    begin_with_mail();
    ck_assert_pstr_eq(site_shared_by("smtp.test", &limit), NULL);
    section->shared = SITE_SHARED_YES;
    walk();
    ck_assert_str_eq(site_shared_by("smtp.test", &limit), "site a");
    ck_assert_int_eq(limit_of("smtp"), CONFIGURED);
    ck_assert(sched_view_destination(world.sched, "smtp", "smtp.test", &view));
    ck_assert_int_eq(view.site_running, 1);
    section->shared = SITE_SHARED_NO;
    walk();
    ck_assert_pstr_eq(site_shared_by("smtp.test", &limit), NULL);
    ck_assert_int_eq(limit_of("smtp"), 3);
}
END_TEST

/* One delivery in an hour, for each destination by itself; as a rate, or as that of today. */
START_TEST(destination_is_kept_to_the_rate_of_its_section)
{
    SchedDestinationView view;
    Site *site;

    sites = sites_new();
    world.settings.sites = sites;
    site = sites_add(sites, "a", 1);
    site->rate = (MeterLimit){1, 3600, 1};
    site->ramp = (Ramp){.first_day = ramp_local_day(time(NULL)) - 7,
                        .from_count = 1,
                        .to_count = 1,
                        .period_s = 3600,
                        .factor_percent = 200,
                        .step_days = 1};
    site->setting_lines[_i == 0 ? SITE_RATE : SITE_RAMP] = 2;
    ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, "smtp.test"), NULL);
    sites_seal(sites);
    world_mail(&(Mail){0});
    if (_i == 1) /* its burst is 2 */
        world_mail(&(Mail){.id = "C3"});
    world_mail(&(Mail){.id = "B2"});
    world_start();
    world_run_until("smtp:");
    ck_assert(sched_view_destination(world.sched, "smtp", "smtp.test", &view));
    ck_assert_int_eq(view.state, SCHED_STATE_PACED);
    ck_assert(view.is_held_by_rate);
    ck_assert_int_eq(view.waiting_count, 1);
    ck_assert_int_ge(view.until_s - view.since_s, 3599);
}
END_TEST

START_TEST(limit_is_in_place_of_the_section_while_it_lasts)
{
    uint32_t number = put(RULE_ALL, "", 5);

    sites = site_of(SITE_DOMAIN, "smtp.test", SITE_SHARED_NO);
    begin_with_mail();
    ck_assert_int_eq(limit_of("smtp"), 5);
    ck_assert(rules_remove(life_rules, number));
    walk();
    ck_assert_int_eq(limit_of("smtp"), 3);
    number = put(RULE_DOMAIN, "smtp.test", 1);
    walk();
    ck_assert_int_eq(limit_of("smtp"), 1);
}
END_TEST

/* One an hour, in a burst of two; then 50 an hour, which leaves what is owed; then no rule. */
START_TEST(rate_holds_what_is_above_it_until_the_rule_ends)
{
    uint32_t number = limit_rate(1, 3600);

    for (int i = 0; i < 5; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        world_mail(&(Mail){.id = id});
    }
    world_start();
    turn_for_a_while();
    ck_assert_uint_eq(times_told(": removed"), 2);
    ck_assert_uint_eq(limit_rate(50, 3600), number);
    life_rules_changed(world.life);
    turn_for_a_while();
    ck_assert_uint_eq(times_told(": removed"), 2);
    ck_assert(rules_remove(life_rules, number));
    life_rules_changed(world.life);
    world_run();
    ck_assert_uint_eq(times_told(": removed"), 5);
}
END_TEST

START_TEST(sections_need_no_rules)
{
    sites = site_of(SITE_DOMAIN, "smtp.test", SITE_SHARED_NO);
    world.settings.rules = NULL;
    begin_with_mail();
    ck_assert_int_eq(limit_of("smtp"), 3);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("limit");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, new_destination_has_the_limit, 0, G_N_ELEMENTS(objects));
    tcase_add_loop_test(tcase, destination_that_is_there_gets_the_limit, 0, G_N_ELEMENTS(objects));
    tcase_add_test(tcase, the_same_again_changes_the_limit);
    tcase_add_test(tcase, without_its_rule_a_limit_is_no_more);
    tcase_add_test(tcase, rule_whose_end_has_come_limits_nothing);
    tcase_add_test(tcase, limit_and_suspension_hold_both);
    tcase_add_test(tcase, walk_comes_to_its_end_though_rules_change);
    tcase_add_test(tcase, without_limits_nobody_is_asked);
    tcase_add_loop_test(tcase, destination_has_the_concurrency_of_its_section, 0,
                        G_N_ELEMENTS(sections));
    tcase_add_loop_test(tcase, destination_shares_the_numbers_of_its_section, 0, SITE_SHARED_COUNT);
    tcase_add_test(tcase, recipients_of_one_nexthop_share_the_numbers);
    tcase_add_test(tcase, change_of_the_file_moves_destinations);
    tcase_add_loop_test(tcase, destination_is_kept_to_the_rate_of_its_section, 0, 2);
    tcase_add_test(tcase, limit_is_in_place_of_the_section_while_it_lasts);
    tcase_add_test(tcase, rate_holds_what_is_above_it_until_the_rule_ends);
    tcase_add_test(tcase, sections_need_no_rules);
    return run_suite("life/limit", tcase, NULL);
}
