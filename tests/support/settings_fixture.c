#include "tests/support/settings_fixture.h"

#include <unistd.h>
#include <utime.h>

SettingsFixture settings_fixture;

static char *path_of(const char *name)
{
    return g_build_filename(settings_fixture.directory, name, NULL);
}

/* Dated back, so that nobody waits until it is stable. */
static void put_file(const char *name, const char *text)
{
    g_autofree char *path = path_of(name);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
    ck_assert_int_eq(utime(path, &(struct utimbuf){.actime = 1, .modtime = 1}), 0);
}

void settings_fixture_set_up(void)
{
    settings_fixture = (SettingsFixture){
        .directory = g_dir_make_tmp("eqmgr-settings-XXXXXX", NULL),
        .warnings = g_ptr_array_new_with_free_func(g_free),
    };
    ck_assert_ptr_nonnull(settings_fixture.directory);
}

void settings_fixture_tear_down(void)
{
    g_autofree char *main_cf = path_of("main.cf"), *eqmgr_cf = path_of("eqmgr.cf");

    settings_free(settings_fixture.settings);
    g_ptr_array_unref(settings_fixture.warnings);
    ck_assert_int_eq(unlink(main_cf), 0);
    ck_assert_int_eq(unlink(eqmgr_cf), 0);
    ck_assert_int_eq(rmdir(settings_fixture.directory), 0);
    g_free(settings_fixture.directory);
}

bool settings_fixture_load(const char *main_cf, const char *eqmgr_cf, GError **error)
{
    const SettingsSource source = {.config_directory = settings_fixture.directory,
                                   .process_name = "qmgr",
                                   .service_name = "qmgr",
                                   .start_directory = "/start"};

    put_file("main.cf", main_cf);
    put_file("eqmgr.cf", eqmgr_cf);
    settings_fixture.settings = settings_load(&source, settings_fixture.warnings, error);
    return settings_fixture.settings != NULL;
}

char *settings_fixture_short(const char *text)
{
    GString *all = g_string_new(text);
    g_autofree char *prefix = g_strconcat(settings_fixture.directory, "/", NULL);

    (void)g_string_replace(all, prefix, "", 0);
    return g_string_free(all, FALSE);
}

char *settings_fixture_warnings(void)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (guint i = 0; i < settings_fixture.warnings->len; i++)
        g_string_append_printf(all, "%s\n", (const char *)settings_fixture.warnings->pdata[i]);
    return settings_fixture_short(all->str);
}
