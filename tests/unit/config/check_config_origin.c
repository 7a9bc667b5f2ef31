#include <stdlib.h>
#include <unistd.h>
#include <utime.h>

#include "config/settings.h"
#include "tests/support/runner.h"

/* Which parameter gives a transport its value, for people who wonder. */

static const char main_cf[] = "smtp_destination_concurrency_limit = 5\n"
                              "default_destination_concurrency_limit = 6\n"
                              "default_destination_recipient_limit = 50\n" /* as it is anyway */
                              "initial_destination_concurrency = 7\n"
                              "lmtp_delivery_slot_cost = 9\n"
                              "smtp_transport_rate_delay = $default_transport_rate_delay\n";

static const struct {
    const char *suffix, *want; /* NULL: the built-in default */
} origins[] = {
    {"_destination_concurrency_limit",   "smtp_destination_concurrency_limit" },
    {"_destination_recipient_limit",     "default_destination_recipient_limit"},
    {"_initial_destination_concurrency", "initial_destination_concurrency"    },
    {"_delivery_slot_cost",              NULL                                 },
    {"_recipient_limit",                 "default_recipient_limit"            },
    {"_transport_rate_delay",            "smtp_transport_rate_delay"          },
};

static Settings *load_main_cf(void)
{
    char directory[] = "/tmp/eqmgr-origin-XXXXXX";
    g_autofree char *path = NULL;
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    const char *const overrides[] = {"default_recipient_limit=9", NULL};
    const SettingsSource source = {.config_directory = directory,
                                   .process_name = "qmgr",
                                   .service_name = "qmgr",
                                   .overrides = overrides,
                                   .start_directory = "/start"};
    Settings *settings;

    ck_assert_ptr_nonnull(mkdtemp(directory));
    path = g_build_filename(directory, "main.cf", NULL);
    ck_assert(g_file_set_contents(path, main_cf, -1, NULL));
    ck_assert_int_eq(utime(path, &(struct utimbuf){.actime = 1000, .modtime = 1000}), 0);
    settings = settings_load(&source, warnings, NULL);
    ck_assert_ptr_nonnull(settings);
    (void)unlink(path);
    (void)rmdir(directory);
    return settings;
}

START_TEST(a_setting_comes_from_the_parameter_that_somebody_has_set)
{
    Settings *settings = load_main_cf();
    g_autofree char *origin = settings_transport_origin(settings, "smtp", origins[_i].suffix);

    ck_assert_msg(g_strcmp0(origin, origins[_i].want) == 0, "%s: %s", origins[_i].suffix, origin);
    settings_free(settings);
}
END_TEST

/* local_destination_concurrency_limit has a default of its own. */
START_TEST(a_default_of_one_transport_is_not_what_somebody_has_set_for_all)
{
    Settings *settings = load_main_cf();

    ck_assert_ptr_null(settings_transport_origin(settings, "local", origins[0].suffix));
    settings_free(settings);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("origin");

    tcase_add_loop_test(tcase, a_setting_comes_from_the_parameter_that_somebody_has_set, 0,
                        G_N_ELEMENTS(origins));
    tcase_add_test(tcase, a_default_of_one_transport_is_not_what_somebody_has_set_for_all);
    return run_suite("config/origin", tcase, NULL);
}
