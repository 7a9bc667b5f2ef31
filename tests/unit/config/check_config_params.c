#include <string.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "config/settings.h"
#include "src/config/params_internal.h"
#include "tests/support/runner.h"

/* Each parameter of the tables, with texts that it has to refuse. */
static GArray *params; /* of const Param * */

static char *directory, *main_cf, *eqmgr_cf;

static void set_up(void)
{
    directory = g_dir_make_tmp("eqmgr-params-XXXXXX", NULL);
    main_cf = g_build_filename(directory, "main.cf", NULL);
    eqmgr_cf = g_build_filename(directory, "eqmgr.cf", NULL);
}

static void tear_down(void)
{
    (void)g_unlink(main_cf);
    (void)g_unlink(eqmgr_cf);
    (void)g_rmdir(directory);
    g_free(main_cf);
    g_free(eqmgr_cf);
    g_free(directory);
}

/* Dates the file an hour back, so that nobody waits until it is stable. */
static void write_file(const char *path, const char *name, const char *text)
{
    g_autofree char *line = g_strdup_printf("%s = %s\n", name, text);

    ck_assert(g_file_set_contents(path, line, -1, NULL));
    ck_assert_int_eq(utime(path, &(struct utimbuf){.actime = 1, .modtime = 1}), 0);
}

/* The error for the parameter, or NULL if it takes the text. */
static char *complaint_about(const Param *param, const char *text)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    const bool round_robin = param->reader == READ_BY_ROUND_ROBIN;
    static const char *const no_overrides[] = {NULL};
    const SettingsSource source = {
        .config_directory = directory,
        .process_name = round_robin ? "oqmgr" : "qmgr",
        .service_name = "qmgr",
        .overrides = no_overrides,
        .start_directory = "/",
        .round_robin = round_robin,
    };
    Settings *settings;

    write_file(main_cf, "mail_name", "Test");
    write_file(params_is_eqmgr(param->name) ? eqmgr_cf : main_cf, param->name, text);
    settings = settings_load(&source, warnings, &error);
    settings_free(settings);
    ck_assert_int_eq(settings == NULL, error != NULL);
    return error != NULL ? g_strdup(error->message) : NULL;
}

static void assert_refused(const Param *param, const char *text)
{
    g_autofree char *said = complaint_about(param, text);

    ck_assert_msg(said != NULL && strstr(said, param->name) != NULL, "%s = %s: %s", param->name,
                  text, said != NULL ? said : "is taken");
}

START_TEST(numbers_refuse_what_is_none)
{
    static const char *const texts[] = {
        "", "x", "1x", "0x10", "1.5", "1 2", "--", "\xff", "99999999999999999999"};
    const Param *param = g_array_index(params, const Param *, _i);

    if (param->type == PARAM_STRING)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        assert_refused(param, texts[i]);
}
END_TEST

START_TEST(limits_are_kept)
{
    const Param *param = g_array_index(params, const Param *, _i);
    const char *unit = param->type == PARAM_TIME ? "s" : "";
    g_autofree char *low = g_strdup_printf("%d%s", param->limits.min - 1, unit);
    g_autofree char *high = g_strdup_printf("%d%s", param->limits.max + 1, unit);

    if (param->type != PARAM_INT && param->type != PARAM_TIME)
        return;
    if (param->limits.min != 0)
        assert_refused(param, low);
    if (param->limits.max != 0)
        assert_refused(param, high);
}
END_TEST

START_TEST(strings_that_are_needed_are_not_empty)
{
    const Param *param = g_array_index(params, const Param *, _i);

    if (param->type == PARAM_STRING && param->limits.min > 0)
        assert_refused(param, "");
}
END_TEST

START_TEST(broken_references_are_refused)
{
    static const char *const texts[] = {"${", "${x", "${{a} == {b", "${{a} ~ {b} ? c}"};
    const Param *param = g_array_index(params, const Param *, _i);

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *said = complaint_about(param, texts[i]);

        ck_assert_msg(said != NULL, "%s = %s is taken", param->name, texts[i]);
    }
}
END_TEST

static void collect(ParamTable table)
{
    for (const Param *param = table.rows; param < table.rows + table.count; param++)
        if (strcmp(param->name, "config_directory") != 0) /* is where main.cf was found */
            g_array_append_val(params, param);
}

int main(void)
{
    TCase *table = tcase_create("params");
    int status, count;

    params = g_array_new(FALSE, FALSE, sizeof(const Param *));
    collect(params_first);
    collect(params_library);
    collect(params_eqmgr);
    collect(params_queue_manager);
    count = (int)params->len;
    tcase_add_checked_fixture(table, set_up, tear_down);
    tcase_add_loop_test(table, numbers_refuse_what_is_none, 0, count);
    tcase_add_loop_test(table, limits_are_kept, 0, count);
    tcase_add_loop_test(table, strings_that_are_needed_are_not_empty, 0, count);
    tcase_add_loop_test(table, broken_references_are_refused, 0, count);
    status = run_suite("config/params", table, NULL);
    g_array_unref(params);
    return status;
}
