#include <stdio.h>
#include <string.h>

#include "config/policy_file.h"
#include "src/ctl/policy/sections_internal.h"
#include "src/ctl/view_internal.h"
#include "tests/support/runner.h"

/* Policy files as texts, and what is shown of them. */

static char directory[] = "/tmp/eqmgr-policy-XXXXXX";
static Settings *settings;

static void put_file(const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    ck_assert(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
}

static void set_up(void)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);

    strcpy(directory + strlen(directory) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(g_mkdtemp(directory));
    put_file("main.cf", "ours = b.test A.test\n");
    put_file("list", "# three\nx.test\n!y.test\n\n*.z.test\n");
    settings = settings_load(&(SettingsSource){.config_directory = directory,
                                               .process_name = "qmgr",
                                               .service_name = "qmgr",
                                               .start_directory = "/start"},
                             warnings, NULL);
    ck_assert_ptr_nonnull(settings);
}

static void tear_down(void)
{
    static const char *const names[] = {"main.cf", "list"};

    settings_free(settings);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(directory, names[i], NULL);

        ck_assert_int_eq(remove(path), 0);
    }
    ck_assert_int_eq(remove(directory), 0);
}

static Sites *parse(const char *text)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    g_autofree char *path = g_build_filename(directory, "policy", NULL);
    Sites *sites = policy_file_parse(path, bytes, settings, errors, warnings);

    ck_assert_msg(sites != NULL, "%s", errors->len > 0 ? (char *)errors->pdata[0] : "");
    return sites;
}

/* Rows as lines: values of these fields, "-" where there is none. */
static char *lines_of(const GPtrArray *rows, const char *const *fields)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < rows->len; i++)
        for (const char *const *field = fields; *field != NULL; field++) {
            const char *value = row_text(rows->pdata[i], *field);

            g_string_append_printf(text, "%s%c", value != NULL ? value : "-",
                                   field[1] != NULL ? '|' : '\n');
        }
    return g_string_free(text, FALSE);
}

/* ---- show ---- */

/* clang-format off */
static const struct {
    const char *text, *shown;
} files[] = {
    {"", ""},
    {"# nothing\n", ""},
    {"[site a]\ndomain = $ours,\n  !c.test file:list\n",
     "[site a]|1|2|domain|b.test A.test !c.test file:list (3 words)\n"
     "[site a]|1|-|shared|no\n"},
    {"\n[site a]\nrate = 60/1m\nshared = Over-Transports\ndestination = [x]:*\ntransport = smtp lmtp\n"
     "concurrency = 07\nrecipient_rate=1/1s burst 3\nretry = 5m 60m\njitter = 10\nlifetime = 48h\nbounce_lifetime = 0\n",
     "[site a]|2|6|transport|smtp lmtp\n"
     "[site a]|2|5|destination|[x]:*\n"
     "[site a]|2|7|concurrency|7\n"
     "[site a]|2|3|rate|60/1m\n"
     "[site a]|2|8|recipient_rate|1/1s burst 3\n"
     "[site a]|2|4|shared|over-transports\n"
     "[site a]|2|9|retry|5m 1h\n"
     "[site a]|2|10|jitter|10%\n"
     "[site a]|2|11|lifetime|2d\n"
     "[site a]|2|12|bounce_lifetime|0\n"},
    {"[site a]\ndomain = *\nramp = 2026-12-01 50/1d x2 each 2d to 20000/1d\n",
     "[site a]|1|2|domain|*\n"
     "[site a]|1|-|shared|no\n"
     "[site a]|1|3|ramp|2026-12-01 50/1d x2 each 2d to 20000/1d\n"},
    {"[reply r]\nmatch = 4.7. /Too Many/\naction = slow 1/2\nsite = b, a\n[site a]\ndomain=a\n[site b]\ndomain=b\n"
     "[reply s]\naction = suspend 90m\ntrigger = 3\nmatch = 5.7.1\nscope = site\n",
     "[site a]|5|6|domain|a\n"
     "[site a]|5|-|shared|no\n"
     "[site b]|7|8|domain|b\n"
     "[site b]|7|-|shared|no\n"
     "[reply r]|1|4|site|b a\n"
     "[reply r]|1|2|match|4.7. /Too Many/\n"
     "[reply r]|1|3|action|slow 1/2 floor 1/1d\n"
     "[reply r]|1|-|hold|30m\n"
     "[reply r]|1|-|trigger|1 in 10m\n"
     "[reply r]|1|-|scope|site\n"
     "[reply s]|9|12|match|5.7.1\n"
     "[reply s]|9|10|action|suspend 90m\n"
     "[reply s]|9|11|trigger|3 in 10m\n"
     "[reply s]|9|13|scope|site\n"},
};
/* clang-format on */

START_TEST(sections_are_shown_as_they_are_understood)
{
    static const char *const fields[] = {"section", "section_line", "line",
                                         "setting", "value",        NULL};
    Sites *sites = parse(files[_i].text);
    g_autoptr(GPtrArray) rows = sections_rows(sites);
    g_autofree char *shown = lines_of(rows, fields);

    ck_assert_str_eq(shown, files[_i].shown);
    sites_free(sites);
}
END_TEST

/* So what is shown can be written into a file again. */
START_TEST(what_is_shown_can_be_read_again)
{
    Sites *sites = parse(files[_i].text), *again;
    g_autoptr(GPtrArray) rows = sections_rows(sites), rows_again = NULL;
    static const char *const fields[] = {"section", "setting", "value", NULL};
    g_autofree char *shown = lines_of(rows, fields), *shown_again = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    const char *section = "";

    for (guint i = 0; i < rows->len; i++) {
        if (!g_str_equal(section, row_text(rows->pdata[i], "section")))
            g_string_append_printf(text, "%s\n", row_text(rows->pdata[i], "section"));
        section = row_text(rows->pdata[i], "section");
        g_string_append_printf(text, "%s = %s\n", row_text(rows->pdata[i], "setting"),
                               row_text(rows->pdata[i], "value"));
    }
    (void)g_string_replace(text, " (3 words)", "", 0);
    again = parse(text->str);
    rows_again = sections_rows(again);
    shown_again = lines_of(rows_again, fields);
    ck_assert_str_eq(shown_again, shown);
    sites_free(sites);
    sites_free(again);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("policy");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, sections_are_shown_as_they_are_understood, 0, G_N_ELEMENTS(files));
    tcase_add_loop_test(tcase, what_is_shown_can_be_read_again, 0, G_N_ELEMENTS(files));
    return run_suite("ctl/policy", tcase, NULL);
}
