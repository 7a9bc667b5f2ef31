#include "tests/support/policy_fixture.h"

#include <stdlib.h>
#include <unistd.h>
#include <utime.h>

PolicyFixture policy_fixture;

char *policy_fixture_path(const char *name)
{
    return g_build_filename(policy_fixture.directory, name, NULL);
}

void policy_fixture_put(const char *name, const char *text, mode_t mode)
{
    g_autofree char *path = policy_fixture_path(name);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
    ck_assert_int_eq(chmod(path, mode), 0);
    ck_assert_int_eq(utime(path, &(struct utimbuf){.actime = 1000, .modtime = 1000}), 0);
}

void policy_fixture_remove(const char *name)
{
    g_autofree char *path = policy_fixture_path(name);

    (void)unlink(path);
}

void policy_fixture_set_up(void)
{
    SettingsSource source = {
        .process_name = "qmgr", .service_name = "qmgr", .start_directory = "/start"};
    PolicyFixture *f = &policy_fixture;

    f->directory = g_dir_make_tmp("eqmgr-policy-XXXXXX", NULL);
    ck_assert_ptr_nonnull(f->directory);
    source.config_directory = f->directory;
    f->errors = g_ptr_array_new_with_free_func(g_free);
    f->warnings = g_ptr_array_new_with_free_func(g_free);
    policy_fixture_put("main.cf", "big = gmail.com googlemail.com\nloop = $loop\n", 0644);
    f->settings = settings_load(&source, f->warnings, NULL);
    ck_assert_ptr_nonnull(f->settings);
    g_ptr_array_set_size(f->warnings, 0);
}

void policy_fixture_tear_down(void)
{
    PolicyFixture *f = &policy_fixture;

    settings_free(f->settings);
    g_ptr_array_unref(f->errors);
    g_ptr_array_unref(f->warnings);
    policy_fixture_remove("main.cf");
    policy_fixture_remove("policy");
    policy_fixture_remove("list");
    ck_assert_int_eq(rmdir(f->directory), 0);
    g_free(f->directory);
}
