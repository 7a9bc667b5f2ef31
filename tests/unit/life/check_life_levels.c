#include "codec/resolve.h"
#include "policy/meter_book.h"
#include "policy/reply_rules.h"
#include "sched/inspect.h"
#include "src/life/slowed_internal.h"
#include "tests/support/life_fixture.h"

/* What a site has answered slows all destinations that share it, and in the next process, too
 * (policy/level_book). */

static Sites *sites;
static Site *google;

static void setup(void)
{
    ReplyRule *rule;

    world_setup();
    sites = sites_new();
    google = sites_add(sites, "google", 1);
    ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, "smtp.test"), NULL);
    rule = reply_rules_add(sites_replies(sites), "everything", 1);
    ck_assert_pstr_eq(reply_action_parse("concurrency 1/2", rule), NULL);
    ck_assert_pstr_eq(reply_rules_add_pattern(sites_replies(sites), "4."), NULL);
    world.settings.sites = sites;
    world.params.initial_destination_concurrency = 5;
}

static void teardown(void)
{
    service_routes = NULL;
    world_teardown();
    sites_free(sites);
}

static void refuse(void)
{
    world_find("smtp")->status = 1;
    world_find("smtp")->dsn = "4.7.28";
    world_find("smtp")->reason = "421 4.7.28 an unusual rate of mail";
}

/* ---- sites that destinations share ---- */

static void share_with_other(SiteShared manner)
{
    static const Route routes[] = {
        {"b@other.test", "smtp", "other.test", "b@other.test", RESOLVE_CLASS_DEFAULT},
        {"c@other.test", "smtp", "other.test", "c@other.test", RESOLVE_CLASS_DEFAULT},
        {NULL,           NULL,   NULL,         NULL,           0                    },
    };

    service_routes = routes;
    google->shared = manner;
    ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, "other.test"), NULL);
}

static SchedDestinationView view_of(const char *name)
{
    SchedDestinationView view;

    ck_assert_msg(sched_view_destination(world.sched, "smtp", name, &view), "%s", name);
    return view;
}

static const SlowedSite *find_site(const char *transport)
{
    return slowed_find_key(world.life, &(SiteKey){transport, "site google", true});
}

static const struct {
    SiteShared manner;
    const char *transport, *line;
} shares[] = {
    {SITE_SHARED_YES,             "smtp", "smtp/site google: slowed to 1 at a time by [reply everything]: "},
    {SITE_SHARED_OVER_TRANSPORTS, "",     "site google: slowed to 1 at a time by [reply everything]: "     },
};

/* One is answered so, and the other is slowed. */
START_TEST(what_one_member_is_answered_slows_the_site)
{
    share_with_other(shares[_i].manner);
    sites_seal(sites);
    world.params.destination_concurrency_limit = 20;
    refuse();
    world_mail(&(Mail){.id = "A1"});
    world_start();
    world_run();
    ck_assert(was_told(shares[_i].line));
    ck_assert_ptr_nonnull(find_site(shares[_i].transport));
    ck_assert_int_eq(level_concurrency(&find_site(shares[_i].transport)->level), 1);
    ck_assert_ptr_null(slowed_find_key(world.life, &(SiteKey){"smtp", "smtp.test", false}));

    /* The site has its level from the beginning, though there was none meanwhile. */
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "A2", .recipients = "b@other.test c@other.test b@smtp.test"});
    life_trigger(world.life, "I", 1);
    while (world_find("smtp")->request_count < 2)
        world_turn();
    ck_assert_int_eq(view_of("other.test").site_limit, 1);
    ck_assert_int_eq(view_of("other.test").limit, 20);
    ck_assert_int_eq(view_of("smtp.test").site_limit, 1);
    ck_assert_int_eq(view_of("smtp.test").site_running, 1);
    ck_assert_uint_eq(world_find("smtp")->request_count, 2);
}
END_TEST

/* ---- over a restart ---- */

static MeterBook *book;

/* kill -9: what is on the disk is all that the next process has. */
static void restart(void)
{
    static const MeterBookOwner owner = {"h", "i", NULL};
    int64_t now_us = life_clock(world.life)->mono_us;
    GString *text = meter_book_write(book, &owner, now_us, g_get_real_time());

    world_close();
    meter_book_free(book);
    book = meter_book_new(now_us, false);
    ck_assert_pstr_eq(
        meter_book_read(book, text->str, text->len, &owner, now_us, g_get_real_time()), NULL);
    (void)g_string_free(text, TRUE);
    world.settings.levels = meter_book_levels(book);
    world_start();
}

static void begin_with_book(void)
{
    book = meter_book_new(0, true);
    world.settings.levels = meter_book_levels(book);
    world.params.destination_concurrency_limit = 20;
    refuse();
}

/* Each row: destinations share a site or not, the file still has the rule or not. */
static const struct {
    SiteShared shared;
    bool has_rule;
} restarts[] = {
    {SITE_SHARED_NO,              true },
    {SITE_SHARED_YES,             true },
    {SITE_SHARED_OVER_TRANSPORTS, true },
    {SITE_SHARED_NO,              false},
    {SITE_SHARED_YES,             false},
};

START_TEST(second_attempt_meets_the_level_after_a_restart)
{
    bool is_shared = restarts[_i].shared != SITE_SHARED_NO;
    Sites *none = sites_new();
    int expected = restarts[_i].has_rule ? 1 : 20;
    SchedDestinationView view;

    begin_with_book();
    google->shared = restarts[_i].shared;
    sites_seal(sites);
    sites_seal(none);
    world_mail(&(Mail){.id = "A1"});
    world_start();
    world_run();
    ck_assert_uint_eq(life_count_slowed(world.life), 1);
    if (!restarts[_i].has_rule)
        world.settings.sites = none;
    world_find("smtp")->manner = "s";
    world_set_due("deferred/A1", g_get_real_time() / G_USEC_PER_SEC - 10);
    restart();
    ck_assert_uint_eq(life_count_slowed(world.life), restarts[_i].has_rule);
    ck_assert_uint_eq(level_book_count(world.settings.levels), restarts[_i].has_rule);
    while (world_find("smtp")->request_count < 2)
        world_turn();
    ck_assert(sched_view_destination(world.sched, "smtp", "smtp.test", &view));
    ck_assert_int_eq(is_shared && restarts[_i].has_rule ? view.site_limit : view.limit, expected);
    world_close();
    meter_book_free(book);
    sites_free(none);
}
END_TEST

/* Each row: the rule is for transports in the next process, too, or for sites by then. */
START_TEST(level_of_a_whole_transport_comes_back_if_that_is_still_said)
{
    ReplyRule *rule = (ReplyRule *)reply_rules_find(sites_replies(sites), "everything");
    SchedTransportView view;

    begin_with_book();
    rule->is_for_transport = true;
    sites_seal(sites);
    world_mail(&(Mail){.id = "A1"});
    world_start();
    world_run();
    ck_assert_uint_eq(life_count_slowed(world.life), 1);
    rule->is_for_transport = _i == 0;
    world_find("smtp")->manner = "s";
    world_set_due("deferred/A1", g_get_real_time() / G_USEC_PER_SEC - 10);
    restart();
    ck_assert_uint_eq(life_count_slowed(world.life), _i == 0);
    while (world_find("smtp")->request_count < 2)
        world_turn();
    ck_assert(sched_view_transport(world.sched, "retrz", &view));
    ck_assert_str_eq(view.name, "smtp");
    ck_assert_int_eq(view.limit, _i == 0 ? 1 : 0);
    world_close();
    meter_book_free(book);
}
END_TEST

/* The rule is for another section now. */
START_TEST(level_stays_until_its_time_is_over_if_no_rule_is_for_the_site)
{
    Sites *others = sites_new();
    ReplyRule *rule = reply_rules_add(sites_replies(others), "everything", 1);
    const SlowedSite *slowed;

    (void)sites_add(others, "yahoo", 1);
    ck_assert_pstr_eq(sites_add_word(others, SITE_DOMAIN, "yahoo.test"), NULL);
    ck_assert_pstr_eq(reply_action_parse("concurrency 1/2", rule), NULL);
    ck_assert_pstr_eq(reply_rules_add_pattern(sites_replies(others), "4."), NULL);
    reply_rules_add_site(sites_replies(others), "yahoo");
    begin_with_book();
    sites_seal(sites);
    sites_seal(others);
    world_mail(&(Mail){.id = "A1"});
    world_start();
    world_run();
    ck_assert(was_told("slowed"));
    world.settings.sites = others;
    world_set_due("deferred/A1", g_get_real_time() / G_USEC_PER_SEC - 10);
    world_forget();
    restart();
    world_run();
    ck_assert_uint_eq(world_find("smtp")->request_count, 2);
    ck_assert(!was_told("slowed"));
    slowed = slowed_find_key(world.life, &(SiteKey){"smtp", "smtp.test", false});
    ck_assert(slowed->is_looked_up && !slowed->is_concerned);
    ck_assert(level_is_active(&slowed->level));
    ck_assert_uint_eq(life_count_slowed(world.life), 1);
    ck_assert_uint_eq(life_slowed_steps(world.life, 0)->down_count, 0);
    world_close();
    meter_book_free(book);
    sites_free(others);
}
END_TEST

START_TEST(level_that_has_ended_does_not_come_back)
{
    SlowedSite *slowed;

    begin_with_book();
    sites_seal(sites);
    world_mail(&(Mail){.id = "A1"});
    world_start();
    world_run();
    ck_assert_uint_eq(level_book_count(world.settings.levels), 1);
    slowed = slowed_find_key(world.life, &(SiteKey){"smtp", "smtp.test", false});
    slowed->level = (SiteLevel){.hold_s = 0};
    slowed_changed(world.life, slowed, LEVEL_ENDED);
    ck_assert_uint_eq(level_book_count(world.settings.levels), 0);
    restart();
    ck_assert_uint_eq(life_count_slowed(world.life), 0);
    world_close();
    meter_book_free(book);
}
END_TEST

/* Each has its timer, and none is due before a tenth of its hold time is over. */
START_TEST(as_many_levels_come_back_as_are_remembered)
{
    LevelNote note = {
        false,        "smtp", "",
        "everything", "421",  {.base = {8, 0}, .now = {4, 0}, .hold_s = 1800, .stepped_us = 0}
    };

    begin_with_book();
    sites_seal(sites);
    note.level.stepped_us = g_get_monotonic_time();
    for (int i = 0; i < LEVEL_BOOK_MAX; i++) {
        g_autofree char *name = g_strdup_printf("%d.test", i);

        note.name = name;
        level_book_put(world.settings.levels, &note);
    }
    world_start();
    restart();
    ck_assert_uint_eq(life_count_slowed(world.life), LEVEL_BOOK_MAX);
    ck_assert_int_ge(slowed_next_us(world.life),
                     life_clock(world.life)->mono_us + 150 * G_USEC_PER_SEC);
    ck_assert_ptr_null(slowed_next_due(world.life));
    world_close();
    meter_book_free(book);
}
END_TEST

int main(void)
{
    TCase *rows = tcase_create("levels");

    tcase_add_checked_fixture(rows, setup, teardown);
    tcase_add_loop_test(rows, what_one_member_is_answered_slows_the_site, 0, G_N_ELEMENTS(shares));
    tcase_add_test(rows, as_many_levels_come_back_as_are_remembered);
    tcase_add_loop_test(rows, second_attempt_meets_the_level_after_a_restart, 0,
                        G_N_ELEMENTS(restarts));
    tcase_add_loop_test(rows, level_of_a_whole_transport_comes_back_if_that_is_still_said, 0, 2);
    tcase_add_test(rows, level_stays_until_its_time_is_over_if_no_rule_is_for_the_site);
    tcase_add_test(rows, level_that_has_ended_does_not_come_back);
    return run_suite("life/levels", rows, NULL);
}
