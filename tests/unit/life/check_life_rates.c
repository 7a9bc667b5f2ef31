#include "life/inspect.h"
#include "sched/inspect.h"
#include "src/life/limit_internal.h"
#include "tests/support/life_rules.h"

/*
 * Rates that eqmgr.cf says of a transport, as the scheduler gets them: beside sections of the
 * policy file, and limits of an administrator. What a rate does is tested in sched, and over
 * several attempts in the laboratory (340, 341).
 */

static Sites *sites;

static void teardown(void)
{
    rules_world_teardown();
    sites_free(sites);
    sites = NULL;
}

/* A section for smtp.test that says this, and nothing else. */
static void put_section(SiteShared shared, SiteSetting setting)
{
    Site *site;

    sites = sites_new();
    site = sites_add(sites, "a", 1);
    ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, "smtp.test"), NULL);
    site->shared = shared;
    site->setting_lines[setting] = 2;
    if (setting == SITE_CONCURRENCY)
        site->concurrency = 3;
    else
        site->rate = (MeterLimit){1000, 1, 100};
    sites_seal(sites);
    world.settings.sites = sites;
}

static bool say_rate(const char *transport, TransportRate rate, MeterLimit *ret_limit,
                     char **ret_name, void *ctx)
{
    (void)ctx;
    if (!g_str_equal(transport, "smtp") || rate != TRANSPORT_RATE_DELIVERIES)
        return false;
    *ret_limit = (MeterLimit){1, 3600, 1};
    if (ret_name != NULL)
        *ret_name = g_strdup("smtp_destination_rate_limit");
    return true;
}

/* clang-format off */
/* Two messages for smtp.test, of which one is delivered if that, or the site that it shares, is
 * kept to the rate of the transport. */
static const struct {
    SiteShared shared;
    SiteSetting setting; /* that the section says; COUNT: there is no section */
    bool is_one_recipient;
    const char *held_by; /* what tools show; NULL: it is not held */
    bool is_own;         /* the destination keeps it by itself */
} inheritances[] = {
    {SITE_SHARED_NO,              SITE_SETTING_COUNT,  false, "smtp_destination_rate_limit = 1/1h burst 1", true },
    {SITE_SHARED_NO,              SITE_CONCURRENCY,    false, "smtp_destination_rate_limit = 1/1h burst 1", true },
    {SITE_SHARED_NO,              SITE_RATE,           false, NULL,                                         true },
    {SITE_SHARED_YES,             SITE_CONCURRENCY,    false, "smtp_destination_rate_limit = 1/1h burst 1", true },
    {SITE_SHARED_YES,             SITE_RATE,           false, NULL,                                         true },
    {SITE_SHARED_OVER_TRANSPORTS, SITE_CONCURRENCY,    false, "smtp_destination_rate_limit = 1/1h burst 1", true },
    {SITE_SHARED_NO,              SITE_SETTING_COUNT,  true,  "smtp_destination_rate_limit = 1/1h burst 1", false},
    {SITE_SHARED_NO,              SITE_CONCURRENCY,    true,  "smtp_destination_rate_limit = 1/1h burst 1", false},
    {SITE_SHARED_YES,             SITE_CONCURRENCY,    true,  "smtp_destination_rate_limit = 1/1h burst 1", false},
    {SITE_SHARED_OVER_TRANSPORTS, SITE_CONCURRENCY,    true,  NULL,                                         false},
};
/* clang-format on */

START_TEST(what_a_section_does_not_say_of_rates_is_the_transports)
{
    bool is_held = inheritances[_i].held_by != NULL;
    g_autofree char *told = NULL;
    SchedDestinationView view;

    world.settings.transport_rate = say_rate;
    world.params.destination_recipient_limit = inheritances[_i].is_one_recipient ? 1 : 0;
    if (inheritances[_i].setting != SITE_SETTING_COUNT)
        put_section(inheritances[_i].shared, inheritances[_i].setting);
    world_mail(&(Mail){.recipients = "a@smtp.test"});
    world_mail(&(Mail){.id = "B2", .recipients = "b@smtp.test"});
    world_start();
    turn_for_a_while();
    ck_assert_uint_eq(times_told(": removed"), is_held ? 1 : 2);
    if (!is_held)
        return;
    ck_assert(sched_view_destination(
        world.sched, "smtp", inheritances[_i].is_one_recipient ? "b@smtp.test" : "smtp.test",
        &view));
    ck_assert_int_eq(view.state, SCHED_STATE_PACED);
    ck_assert(view.is_held_by_site == !inheritances[_i].is_own);
    told = life_view_rate(world.life, "smtp", "smtp.test");
    ck_assert_str_eq(told, inheritances[_i].held_by);
}
END_TEST

/* Ten an hour in a burst of two, in place of one. */
START_TEST(limit_is_in_place_of_the_transports_rate_while_it_lasts)
{
    uint32_t number = limit_rate(10, 3600);

    world.settings.transport_rate = say_rate;
    for (int i = 0; i < 4; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        world_mail(&(Mail){.id = id});
    }
    world_start();
    turn_for_a_while();
    ck_assert_uint_eq(times_told(": removed"), 2);
    ck_assert(rules_remove(life_rules, number));
    life_rules_changed(world.life);
    turn_for_a_while();
    ck_assert_uint_eq(times_told(": removed"), 2);
}
END_TEST

static bool say_whole(const char *transport, TransportRate rate, MeterLimit *ret_limit,
                      char **ret_name, void *ctx)
{
    (void)ctx;
    if (!g_str_equal(transport, "smtp") || rate != TRANSPORT_RATE_WHOLE)
        return false;
    *ret_limit = (MeterLimit){1, 3600, 1};
    if (ret_name != NULL)
        *ret_name = g_strdup("smtp_transport_rate_limit");
    return true;
}

/* Two destinations of it, and one of another transport; a limit that lets more begin helps
 * neither. */
START_TEST(all_destinations_of_a_transport_keep_its_rate_together)
{
    g_autofree char *told = NULL;
    SchedDestinationView view;

    (void)limit_rate(1000, 1);
    world.settings.transport_rate = say_whole;
    world.params.destination_recipient_limit = 1;
    world_mail(&(Mail){.recipients = "a@smtp.test b@smtp.test"});
    world_mail(&(Mail){.id = "B2", .recipients = "c@local.test"});
    world_start();
    turn_for_a_while();
    ck_assert_uint_eq(times_told("smtp:"), 1);
    ck_assert_uint_eq(times_told("local:"), 1);
    ck_assert_uint_eq(times_told(": removed"), 1);
    ck_assert(sched_view_destination(world.sched, "smtp", "b@smtp.test", &view));
    ck_assert(view.is_blocked_by_rate && view.site == NULL);
    told = life_view_transport_rate(world.life, "smtp");
    ck_assert_str_eq(told, "smtp_transport_rate_limit = 1/1h burst 1");
}
END_TEST

START_TEST(other_transports_have_no_rate)
{
    world.settings.transport_rate = say_rate;
    world_mail(&(Mail){.recipients = "a@local.test"});
    world_mail(&(Mail){.id = "B2", .recipients = "b@local.test"});
    world_start();
    world_run();
    ck_assert_uint_eq(times_told("local:"), 2);
    ck_assert_uint_eq(times_told(": removed"), 2);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("rates");

    tcase_add_checked_fixture(tcase, rules_world_setup, teardown);
    tcase_add_loop_test(tcase, what_a_section_does_not_say_of_rates_is_the_transports, 0,
                        G_N_ELEMENTS(inheritances));
    tcase_add_test(tcase, limit_is_in_place_of_the_transports_rate_while_it_lasts);
    tcase_add_test(tcase, all_destinations_of_a_transport_keep_its_rate_together);
    tcase_add_test(tcase, other_transports_have_no_rate);
    return run_suite("life/rates", tcase, NULL);
}
