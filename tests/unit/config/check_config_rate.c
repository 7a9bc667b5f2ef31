#include "tests/support/settings_fixture.h"

/* Parameters of eqmgr.cf that say rates of a transport. */

/* What is said of each rate, "-" if nothing is, with the parameter that says it. */
static char *told(const char *transport)
{
    GString *all = g_string_new(NULL);

    for (TransportRate rate = 0; rate < TRANSPORT_RATE_COUNT; rate++) {
        g_autofree char *name = NULL, *text = NULL;
        MeterLimit limit;
        bool is_said = settings_rate(settings_fixture.settings, transport, rate, &limit, &name);

        ck_assert((name != NULL) == is_said);
        text = is_said && limit.count > 0 ? meter_limit_format(&limit) : g_strdup("none");
        g_string_append_printf(all, "%s (%s) ", is_said ? text : "-", is_said ? name : "");
    }
    return g_string_free(all, FALSE);
}

/* clang-format off */
static const struct {
    const char *eqmgr_cf, *transport, *told;
} files[] = {
    {"", "smtp", "- () - () - () "},
    {"smtp_destination_rate_limit = 100/1m\n", "smtp", "100/1m (smtp_destination_rate_limit) - () - () "},
    {"smtp_destination_rate_limit = 100/1m\n", "relay", "- () - () - () "},
    {"smtp_destination_recipient_rate_limit = 100/60s burst 1\n", "smtp",
     "- () 100/1m burst 1 (smtp_destination_recipient_rate_limit) - () "},
    {"default_destination_rate_limit = $n/1h\n", "smtp", "40/1h (default_destination_rate_limit) - () - () "},
    {"default_destination_rate_limit = 5/1h\nsmtp_destination_rate_limit = 7/1h\n", "smtp",
     "7/1h (smtp_destination_rate_limit) - () - () "},
    {"default_destination_rate_limit = 5/1h\nsmtp_destination_rate_limit =\n", "smtp",
     "none (smtp_destination_rate_limit) - () - () "},
    {"default_destination_rate_limit = 5/1h\nsmtp_destination_recipient_rate_limit = 9/1h\n", "smtp",
     "5/1h (default_destination_rate_limit) 9/1h (smtp_destination_recipient_rate_limit) - () "},
    {"default_destination_rate_limit = 5/1h\ndefault_transport_rate_limit = 5/1h\n", "retry", "- () - () - () "},
    {"default_destination_rate_limit = 5/1h\ndefault_destination_recipient_rate_limit = 5/1h\n", "error", "- () - () - () "},
    {"default_transport_rate_limit = 9/1s\nsmtp_transport_rate_limit = 2000/1m\n", "smtp",
     "- () - () 2000/1m (smtp_transport_rate_limit) "},
    {"default_transport_rate_limit = 9/1s\nsmtp_transport_rate_limit =\n", "smtp",
     "- () - () none (smtp_transport_rate_limit) "},
    {"default_transport_rate_limit = 9/1s\n", "relay", "- () - () 9/1s (default_transport_rate_limit) "},
};
/* clang-format on */

START_TEST(a_transport_has_its_own_rate_then_that_of_all)
{
    g_autofree char *text = NULL, *noise = NULL;

    ck_assert(settings_fixture_load("n = 40\n", files[_i].eqmgr_cf, NULL));
    text = told(files[_i].transport);
    ck_assert_str_eq(text, files[_i].told);
    noise = settings_fixture_warnings();
    ck_assert_str_eq(noise, "");
    ck_assert(settings_has_rates(settings_fixture.settings) == (*files[_i].eqmgr_cf != '\0'));
}
END_TEST

/* There names of that shape may be somebody's own; the two transports are never held. */
START_TEST(other_places_have_no_such_parameters)
{
    g_autofree char *noise = NULL;

    ck_assert(settings_fixture_load(
        "smtp_destination_rate_limit = whatever\n",
        "retry_destination_rate_limit = 1/1h\nerror_destination_rate_limit = 1/1h\n"
        "_destination_rate_limit = 1/1h\n",
        NULL));
    noise = settings_fixture_warnings();
    ck_assert_str_eq(noise, "eqmgr.cf: unused parameter: _destination_rate_limit=1/1h\n"
                            "eqmgr.cf: unused parameter: error_destination_rate_limit=1/1h\n"
                            "eqmgr.cf: unused parameter: retry_destination_rate_limit=1/1h\n");
    ck_assert(!settings_has_rates(settings_fixture.settings));
}
END_TEST

/* clang-format off */
static const struct {
    const char *eqmgr_cf, *error;
} bad[] = {
    {"smtp_destination_rate_limit = 100\n",
     "eqmgr.cf, line 1: smtp_destination_rate_limit = 100: a limit is NUMBER/TIME or NUMBER/TIME burst NUMBER, as in 100/1m"},
    {"\ndefault_destination_recipient_rate_limit = 0/1m\n",
     "eqmgr.cf, line 2: default_destination_recipient_rate_limit = 0/1m: the number of units must be 1 to 1000000000"},
    {"a_destination_rate_limit = 1/32d\n",
     "eqmgr.cf, line 1: a_destination_rate_limit = 1/32d: the time must be 1s to 31d"},
};
/* clang-format on */

START_TEST(a_broken_rate_is_fatal_at_start)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *prefix = g_strconcat(settings_fixture.directory, "/", NULL);
    const char *text;

    ck_assert(!settings_fixture_load("", bad[_i].eqmgr_cf, &error));
    text = strstr(error->message, "eqmgr.cf");
    ck_assert(g_str_has_prefix(error->message, prefix));
    ck_assert_str_eq(text, bad[_i].error);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("files");

    tcase_add_checked_fixture(tcase, settings_fixture_set_up, settings_fixture_tear_down);
    tcase_add_loop_test(tcase, a_transport_has_its_own_rate_then_that_of_all, 0,
                        G_N_ELEMENTS(files));
    tcase_add_test(tcase, other_places_have_no_such_parameters);
    tcase_add_loop_test(tcase, a_broken_rate_is_fatal_at_start, 0, G_N_ELEMENTS(bad));
    return run_suite("config/rate", tcase, NULL);
}
