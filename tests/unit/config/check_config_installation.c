#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "config/installation.h"
#include "config/settings.h"
#include "tests/support/runner.h"

/*
 * Two directories with programs: "daemons" with master, "elsewhere" without. The links are what
 * /proc/PID/exe would be; main.cf stands beside them.
 */
static char *top;

static char *below(const char *name)
{
    return g_build_filename(top, name, NULL);
}

/* Dated back, so that nobody waits until it is stable. */
static void put(const char *name, const char *text)
{
    g_autofree char *path = below(name);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
    ck_assert_int_eq(utime(path, &(struct utimbuf){.actime = 1, .modtime = 1}), 0);
}

static void make_directory(const char *name)
{
    g_autofree char *path = below(name);

    ck_assert_int_eq(g_mkdir(path, 0700), 0);
}

static void make_link(const char *name, const char *target)
{
    g_autofree char *path = below(name);
    g_autofree char *target_path = below(target);

    (void)g_unlink(path);
    ck_assert_int_eq(symlink(target_path, path), 0);
}

static void set_up(void)
{
    top = g_dir_make_tmp("eqmgr-installation-XXXXXX", NULL);
    make_directory("daemons");
    make_directory("elsewhere");
    put("daemons/master", "mail_version=3.9.4\n");
    put("daemons/eqmgr", "");
    put("elsewhere/eqmgr", "");
    put("main.cf", "");
}

static void tear_down(void)
{
    static const char *const names[] = {"daemons/master",  "daemons/eqmgr", "daemons/smtp",
                                        "daemons",         "program",       "parent",
                                        "elsewhere/eqmgr", "elsewhere",     "main.cf"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = below(names[i]);

        (void)g_remove(path);
    }
    ck_assert_int_eq(g_rmdir(top), 0);
    g_clear_pointer(&top, g_free);
}

static Installation find(const char *program, const char *parent)
{
    g_autofree char *program_link = below("program");
    g_autofree char *parent_link = below("parent");

    make_link("program", program);
    make_link("parent", parent);
    return installation_find(program_link, parent_link);
}

static const struct {
    const char *program, *parent;
    const char *want_directory; /* NULL: not found */
    bool want_master;
} cases[] = {
    {"daemons/eqmgr",           "elsewhere/sh",             "daemons", false},
    {"daemons/eqmgr",           "daemons/master",           "daemons", true },
    {"elsewhere/eqmgr",         "daemons/master",           "daemons", true },
    {"elsewhere/eqmgr",         "daemons/master (deleted)", "daemons", true }, /* replaced */
    {"daemons/eqmgr (deleted)", "elsewhere/sh",             "daemons", false},
    {"elsewhere/eqmgr",         "elsewhere/master",         NULL,      true }, /* gone by now */
    {"elsewhere/eqmgr",         "elsewhere/sh",             NULL,      false},
};

START_TEST(directory_is_where_master_is)
{
    Installation found = find(cases[_i].program, cases[_i].parent);
    g_autofree char *want =
        cases[_i].want_directory != NULL ? below(cases[_i].want_directory) : NULL;

    ck_assert_pstr_eq(found.daemon_directory, want);
    ck_assert_int_eq(found.master_program != NULL, cases[_i].want_master);
    installation_clear(&found);
}
END_TEST

START_TEST(links_that_cannot_be_read_tell_nothing)
{
    Installation found = installation_find("/nonexistent/a", "/nonexistent/b");

    ck_assert_ptr_null(found.daemon_directory);
    ck_assert_ptr_null(found.master_program);
    installation_clear(&found);
}
END_TEST

/* What settings make of it: the version, then daemon_directory below `top`. */
static char *load(const char *main_cf, const char *program, const char *parent)
{
    Installation found = find(program, parent);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    const SettingsSource source = {
        .config_directory = top,
        .process_name = "qmgr",
        .service_name = "qmgr",
        .start_directory = "/start",
        .daemon_directory = found.daemon_directory,
        .master_program = found.master_program,
    };
    Settings *settings;
    GString *told;

    put("main.cf", main_cf);
    settings = settings_load(&source, warnings, &error);
    ck_assert_msg(settings != NULL, "%s", error != NULL ? error->message : "");
    told = g_string_new(settings_values(settings)->postfix_version);
    g_string_append_printf(told, " %d %s", settings_values(settings)->postfix_release,
                           settings_values(settings)->daemon_directory);
    (void)g_string_replace(told, top, "@", 0);
    settings_free(settings);
    installation_clear(&found);
    return g_string_free(told, FALSE);
}

START_TEST(release_is_that_of_the_directory_that_was_found)
{
    g_autofree char *told = load("", "daemons/eqmgr", "elsewhere/sh");

    ck_assert_str_eq(told, "3.9.4 30904 @/daemons");
}
END_TEST

START_TEST(main_cf_wins_over_what_was_found)
{
    g_autofree char *told =
        load("daemon_directory = /nonexistent\n", "daemons/eqmgr", "elsewhere/sh");

    ck_assert_str_eq(told, " 0 /nonexistent");
}
END_TEST

START_TEST(running_master_tells_the_release_if_the_directory_does_not)
{
    g_autofree char *told =
        load("daemon_directory = /nonexistent\n", "elsewhere/eqmgr", "daemons/master");

    ck_assert_str_eq(told, "3.9.4 30904 /nonexistent");
}
END_TEST

static const struct {
    const char *version, *want;
} name_cases[] = {
    {"mail_version=3.11.7\n",        "given"},
    {"mail_version=3.12-20260821\n", "qmgr" },
};

START_TEST(process_name_cannot_be_changed_since_3_12)
{
    static const char *const overrides[] = {"process_name=given", "syslog_name=$process_name",
                                            NULL};
    g_autofree char *daemons = below("daemons");
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    Settings *settings;

    put("daemons/master", name_cases[_i].version);
    settings = settings_load(&(SettingsSource){.config_directory = top,
                                               .process_name = "qmgr",
                                               .service_name = "qmgr",
                                               .overrides = overrides,
                                               .start_directory = "/start",
                                               .daemon_directory = daemons},
                             warnings, &error);
    ck_assert_msg(settings != NULL, "%s", error != NULL ? error->message : "");
    ck_assert_str_eq(settings_values(settings)->syslog_name, name_cases[_i].want);
    settings_free(settings);
}
END_TEST

/* An upgrade has replaced the agents, and the old master still runs. */
START_TEST(agents_count_more_than_the_running_master)
{
    g_autofree char *master = below("elsewhere/master");
    g_autofree char *told = NULL;

    put("elsewhere/master", "mail_version=3.7.11\n");
    told = load("", "daemons/eqmgr", "elsewhere/master");
    ck_assert_str_eq(told, "3.9.4 30904 @/daemons");
    ck_assert_int_eq(g_unlink(master), 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("installation");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, directory_is_where_master_is, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tcase, links_that_cannot_be_read_tell_nothing);
    tcase_add_test(tcase, release_is_that_of_the_directory_that_was_found);
    tcase_add_test(tcase, main_cf_wins_over_what_was_found);
    tcase_add_test(tcase, running_master_tells_the_release_if_the_directory_does_not);
    tcase_add_loop_test(tcase, process_name_cannot_be_changed_since_3_12, 0,
                        G_N_ELEMENTS(name_cases));
    tcase_add_test(tcase, agents_count_more_than_the_running_master);
    return run_suite("config/installation", tcase, NULL);
}
