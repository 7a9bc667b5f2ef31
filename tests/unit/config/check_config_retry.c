#include "tests/support/settings_fixture.h"

/* Parameters of eqmgr.cf that say when mail of a transport is tried again. */

#define EXACT "eqmgr_retry_exact = yes\n"

/* Each part as text, "-" if it is not said, with the parameter that says it. */
static char *told(const char *transport)
{
    RetryPlan plan = settings_retry(settings_fixture.settings, transport);
    GString *all = g_string_new(NULL);

    for (RetryPart part = 0; part < RETRY_PART_COUNT; part++) {
        g_autofree char *origin = settings_retry_origin(settings_fixture.settings, transport, part);
        g_autofree char *text =
            retry_plan_says(&plan, part) ? retry_plan_format(&plan, part) : g_strdup("-");

        ck_assert((origin != NULL) == retry_plan_says(&plan, part));
        g_string_append_printf(all, "%s (%s) ", text, origin != NULL ? origin : "");
    }
    return g_string_free(all, FALSE);
}

START_TEST(a_transport_has_its_own_then_that_of_all)
{
    g_autofree char *smtp = NULL, *relay = NULL, *retry = NULL, *noise = NULL;

    ck_assert(settings_fixture_load(
        "hours = 1h 4h\n",
        EXACT "smtp_retry_schedule = 5m 15m\n  $hours\nsmtp_queue_lifetime = 2d\n"
              "default_retry_jitter = 10\ndefault_queue_lifetime = 1d\n"
              "default_bounce_lifetime = 6h\n",
        NULL));
    smtp = told("smtp");
    ck_assert_str_eq(smtp, "5m 15m 1h 4h (smtp_retry_schedule) 10% (default_retry_jitter) "
                           "2d (smtp_queue_lifetime) 6h (default_bounce_lifetime) ");
    relay = told("relay");
    ck_assert_str_eq(relay, "- () 10% (default_retry_jitter) 1d (default_queue_lifetime) "
                            "6h (default_bounce_lifetime) ");
    retry = told("retry");
    ck_assert_str_eq(retry, "- () - () - () - () ");
    noise = settings_fixture_warnings();
    ck_assert_str_eq(noise, "");
    ck_assert(settings_has_retry(settings_fixture.settings));
}
END_TEST

/* Names of that shape may be somebody's own there. */
START_TEST(main_cf_has_no_such_parameters)
{
    RetryPlan plan;

    ck_assert(settings_fixture_load("smtp_retry_schedule = whatever\ndefault_queue_lifetime = 7\n",
                                    "", NULL));
    plan = settings_retry(settings_fixture.settings, "smtp");
    ck_assert(retry_plan_is_none(&plan));
    ck_assert(!settings_has_retry(settings_fixture.settings));
}
END_TEST

/* Their names are of that shape, too. */
START_TEST(lifetimes_of_postfix_are_not_of_transports)
{
    g_autofree char *noise = NULL;

    ck_assert(settings_fixture_load("maximal_queue_lifetime = 4d\nbounce_queue_lifetime = 36h\n",
                                    "maximal_queue_lifetime = 1d\nbounce_queue_lifetime = 1h\n",
                                    NULL));
    noise = settings_fixture_warnings();
    ck_assert_str_eq(noise, "eqmgr.cf: unused parameter: bounce_queue_lifetime=1h\n"
                            "eqmgr.cf: unused parameter: maximal_queue_lifetime=1d\n");
    ck_assert_int_eq(settings_values(settings_fixture.settings)->maximal_queue_lifetime_s,
                     4 * 86400);
    ck_assert_int_eq(settings_values(settings_fixture.settings)->bounce_queue_lifetime_s,
                     36 * 3600);
    ck_assert(!settings_has_retry(settings_fixture.settings));
}
END_TEST

/* clang-format off */
static const struct {
    const char *eqmgr_cf, *error;
} bad[] = {
    {"smtp_retry_schedule = 5\n",
     "eqmgr.cf, line 1: smtp_retry_schedule = 5: a schedule is one time or more, as in 5m 15m 1h 4h: the last one is repeated"},
    {"smtp_retry_schedule =\n",
     "eqmgr.cf, line 1: smtp_retry_schedule = : a schedule is one time or more, as in 5m 15m 1h 4h: the last one is repeated"},
    {"# nothing\n\ndefault_retry_jitter = 60\n",
     "eqmgr.cf, line 3: default_retry_jitter = 60: jitter is a number of percent, 0 to 50"},
    {"a_queue_lifetime =\n\t5\n",
     "eqmgr.cf, line 1: a_queue_lifetime = 5: a lifetime is a time, as in 2d, or 0: one attempt"},
    {"a_bounce_lifetime = 2d\na_bounce_lifetime = 200d\n",
     "eqmgr.cf, line 2: a_bounce_lifetime = 200d: a lifetime must be 0 to 100d"},
};
/* clang-format on */

START_TEST(a_broken_value_is_fatal_at_start)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    ck_assert(!settings_fixture_load("", bad[_i].eqmgr_cf, &error));
    text = settings_fixture_short(error->message);
    ck_assert_str_eq(text, bad[_i].error);
}
END_TEST

/* In the order of the file; the last one ends it. */
START_TEST(all_broken_values_are_told_at_once)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL, *before = NULL;

    ck_assert(
        !settings_fixture_load("",
                               "smtp_retry_jitter = x\nb_destination_rate_limit = 5\n"
                               "a_queue_lifetime = $loop\nloop = 1\na_bounce_lifetime = never\n",
                               &error));
    before = settings_fixture_warnings();
    text = settings_fixture_short(error->message);
    ck_assert_str_eq(before,
                     "eqmgr.cf: unused parameter: loop=1\n"
                     "eqmgr.cf, line 1: smtp_retry_jitter = x: jitter is a number of percent, 0 to "
                     "50\n"
                     "eqmgr.cf, line 2: b_destination_rate_limit = 5: a limit is NUMBER/TIME or "
                     "NUMBER/TIME burst NUMBER, as in 100/1m\n"
                     "eqmgr.cf, line 3: a_queue_lifetime = : a lifetime is a time, as in 2d, or 0: "
                     "one attempt\n");
    ck_assert_str_eq(text, "eqmgr.cf, line 5: a_bounce_lifetime = never: a lifetime is a time, as "
                           "in 2d, or 0: one attempt");
}
END_TEST

static const struct {
    const char *eqmgr_cf, *told;
} doubtful[] = {
    {"smtp_retry_jitter = 10\n",       "smtp_retry_jitter has little effect without eqmgr_retry_exact = "
                                 "yes: a queue run takes all that is due\n"},
    {EXACT "smtp_retry_jitter = 10\n", ""                                                                  },
    {"smtp_retry_jitter = 0\n",        ""                                                                  },
    {"smtp_queue_lifetime = 6d\n",
     "smtp_queue_lifetime is above maximal_queue_lifetime = 4d, and counts\n"                              },
    {"smtp_queue_lifetime = 4d\n",     ""                                                                  },
    {"smtp_bounce_lifetime = 2d\n",
     "smtp_bounce_lifetime is above bounce_queue_lifetime = 36h, and counts\n"                             },
    {"retry_retry_schedule = 5m\n",    "eqmgr.cf: unused parameter: retry_retry_schedule=5m\n"             },
    {"_retry_schedule = 5m\n",         "eqmgr.cf: unused parameter: _retry_schedule=5m\n"                  },
};

START_TEST(what_may_not_be_meant_is_warned_of)
{
    g_autofree char *noise = NULL;

    ck_assert(settings_fixture_load("maximal_queue_lifetime = 4d\nbounce_queue_lifetime = 36h\n",
                                    doubtful[_i].eqmgr_cf, NULL));
    noise = settings_fixture_warnings();
    ck_assert_str_eq(noise, doubtful[_i].told);
}
END_TEST

int main(void)
{
    TCase *files = tcase_create("files");

    tcase_add_checked_fixture(files, settings_fixture_set_up, settings_fixture_tear_down);
    tcase_add_test(files, a_transport_has_its_own_then_that_of_all);
    tcase_add_test(files, main_cf_has_no_such_parameters);
    tcase_add_test(files, lifetimes_of_postfix_are_not_of_transports);
    tcase_add_loop_test(files, a_broken_value_is_fatal_at_start, 0, G_N_ELEMENTS(bad));
    tcase_add_test(files, all_broken_values_are_told_at_once);
    tcase_add_loop_test(files, what_may_not_be_meant_is_warned_of, 0, G_N_ELEMENTS(doubtful));
    return run_suite("config/retry", files, NULL);
}
