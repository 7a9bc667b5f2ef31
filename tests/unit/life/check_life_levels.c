#include "policy/meter_book.h"
#include "policy/reply_rules.h"
#include "sched/inspect.h"
#include "src/life/slowed_internal.h"
#include "tests/support/life_fixture.h"

/* What a site has answered slows it in the next process, too (policy/level_book). */

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
    world_teardown();
    sites_free(sites);
}

static MeterBook *book;

/* kill -9: what is on the disk is all that the next process has. */
static void restart(void)
{
    static const MeterBookOwner owner = {"h", "i"};
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
    world_find("smtp")->status = 1;
    world_find("smtp")->dsn = "4.7.28";
    world_find("smtp")->reason = "421 4.7.28 an unusual rate of mail";
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
    ck_assert_uint_eq(life_count_slowed(world.life).slowed_count, 1);
    if (!restarts[_i].has_rule)
        world.settings.sites = none;
    world_find("smtp")->manner = "s";
    world_set_due("deferred/A1", g_get_real_time() / G_USEC_PER_SEC - 10);
    restart();
    ck_assert_uint_eq(life_count_slowed(world.life).slowed_count, restarts[_i].has_rule);
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

START_TEST(level_that_has_ended_does_not_come_back)
{
    SlowedSite *slowed;

    begin_with_book();
    sites_seal(sites);
    world_mail(&(Mail){.id = "A1"});
    world_start();
    world_run();
    ck_assert_uint_eq(level_book_count(world.settings.levels), 1);
    slowed = slowed_find_key(world.life, &(SlowedKey){"smtp", "smtp.test", false});
    slowed->level = (SiteLevel){.hold_s = 0};
    slowed_changed(world.life, slowed, LEVEL_ENDED);
    ck_assert_uint_eq(level_book_count(world.settings.levels), 0);
    restart();
    ck_assert_uint_eq(life_count_slowed(world.life).slowed_count, 0);
    world_close();
    meter_book_free(book);
}
END_TEST

int main(void)
{
    TCase *rows = tcase_create("levels");

    tcase_add_checked_fixture(rows, setup, teardown);
    tcase_add_loop_test(rows, second_attempt_meets_the_level_after_a_restart, 0,
                        G_N_ELEMENTS(restarts));
    tcase_add_test(rows, level_that_has_ended_does_not_come_back);
    return run_suite("life/levels", rows, NULL);
}
