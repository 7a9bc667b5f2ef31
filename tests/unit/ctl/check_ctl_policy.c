#include <stdio.h>
#include <string.h>

#include "config/policy_file.h"
#include "src/ctl/policy/affected_internal.h"
#include "src/ctl/policy/differences_internal.h"
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
     "concurrency = 07\nrecipient_rate=1/1s burst 3\nretry = 5m 60m\njitter = 10\nlifetime = 48h\nbounce_lifetime = 0\nread_bounces = Yes\n",
     "[site a]|2|6|transport|smtp lmtp\n"
     "[site a]|2|5|destination|[x]:*\n"
     "[site a]|2|7|concurrency|7\n"
     "[site a]|2|3|rate|60/1m\n"
     "[site a]|2|8|recipient_rate|1/1s burst 3\n"
     "[site a]|2|4|shared|over-transports\n"
     "[site a]|2|9|retry|5m 1h\n"
     "[site a]|2|10|jitter|10%\n"
     "[site a]|2|11|lifetime|2d\n"
     "[site a]|2|12|bounce_lifetime|0\n"
     "[site a]|2|13|read_bounces|yes\n"},
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
    {"[reply t]\nmatch = 4.2.2\nretry = 60m 4h\n[reply u]\nmatch = 4.7.28\nretry = 3m\naction = suspend 1h\n",
     "[reply t]|1|2|match|4.2.2\n"
     "[reply t]|1|3|retry|1h 4h\n"
     "[reply u]|4|5|match|4.7.28\n"
     "[reply u]|4|7|action|suspend 1h\n"
     "[reply u]|4|-|trigger|1 in 10m\n"
     "[reply u]|4|-|scope|site\n"
     "[reply u]|4|6|retry|3m\n"},
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

/* ---- diff ---- */

#define SITE_A "[site a]\ndomain = a.test b.test\nrate = 60/1m\n"
#define SITE_B "[site b]\ndomain = file:list\nconcurrency = 3\n"
#define SITE_C "[site c]\ndestination = c*\n"
#define REPLY  "[reply r]\nmatch = 4.7.28\naction = slow 1/2\n"

/* clang-format off */
static const struct {
    const char *before, *after, *rows;
} pairs[] = {
    {"", "", ""},
    {SITE_A SITE_B REPLY, "# other lines\n\n" SITE_A SITE_B REPLY, ""},
    {SITE_A, SITE_A SITE_C, "added|[site c]|destination|-|c*\n"},
    {SITE_A SITE_C, SITE_C, "removed|[site a]|domain|a.test b.test|-\nremoved|[site a]|rate|60/1m|-\n"},
    {SITE_A, "[site A]\ndomain = B.test a.test\nrate = 1/1s burst 2\n", "changed|[site A]|rate|60/1m|1/1s\n"},
    {SITE_A, "[site a]\ndomain = a.test !c.test *.d.test .a.test\nrecipient_rate = 60/1m\nshared = yes\n",
     "words|[site a]|domain|b.test|!c.test *.d.test .a.test\n"
     "changed|[site a]|rate|60/1m|-\n"
     "changed|[site a]|recipient_rate|-|60/1m\n"
     "changed|[site a]|shared|no|yes\n"},
    {SITE_B, "[site b]\ndomain = x.test *.z.test !y.test\nconcurrency = 03\n", ""},
    {SITE_B, "[site b]\ndomain = a1 a2 a3 a4 a5 a6 a7 x.test !y.test *.z.test\nconcurrency = 3\n",
     "words|[site b]|domain|-|a1 a2 a3 a4 a5 and 2 more\n"},
    {SITE_A SITE_B SITE_C, SITE_B SITE_A SITE_C, "moved|[site]|order|a b|b a\n"},
    {SITE_A SITE_B SITE_C, SITE_C SITE_A, "removed|[site b]|domain|file:list (3 words)|-\n"
     "removed|[site b]|concurrency|3|-\nmoved|[site]|order|a c|c a\n"},
    {SITE_A, "[site new]\ndomain = x\n" SITE_A, "added|[site new]|domain|-|x\n"},
    {SITE_A REPLY, SITE_A "[reply r]\nmatch = 4.7.29\naction = slow 1/2\nhold = 30m\nsite = a\n",
     "changed|[reply r]|site|-|a\nchanged|[reply r]|match|4.7.28|4.7.29\n"},
};
/* clang-format on */

START_TEST(files_are_compared_section_by_section)
{
    static const char *const fields[] = {"change", "section", "setting", "before", "after", NULL};
    Sites *before = parse(pairs[_i].before), *after = parse(pairs[_i].after);
    g_autoptr(GPtrArray) rows = differences_of(before, after);
    g_autofree char *text = lines_of(rows, fields);

    ck_assert_str_eq(text, pairs[_i].rows);
    sites_free(before);
    sites_free(after);
}
END_TEST

static void add(Affected *affected, const char *transport, const char *nexthop)
{
    Row row = row_empty();

    (void)g_hash_table_insert(row.values, g_strdup("transport"), g_strdup(transport));
    (void)g_hash_table_insert(row.values, g_strdup("destination"),
                              g_strdup_printf("d-%s", nexthop));
    if (*nexthop != '\0')
        (void)g_hash_table_insert(row.values, g_strdup("nexthop"), g_strdup(nexthop));
    affected_add(&row, affected);
    g_hash_table_destroy(row.values);
}

/* What is the same is not told; what is the same for many is told once. */
START_TEST(destinations_for_which_the_same_changes_are_one_row)
{
    static const char *const fields[] = {"transport", "destinations", "example", "setting",
                                         "before",    "after",        NULL};
    Sites *before = parse(SITE_A SITE_B REPLY);
    Sites *after = parse("[site a]\ndomain = a.test b.test\nrate = 30/1m\nconcurrency = 4\n" SITE_B
                         "[site c]\ntransport = smtp\ndestination = c*\nretry = 5m\n");
    Affected *affected = affected_new(
        &(PolicyPair){.settings = settings, .before = before, .after = after, .day = 0});
    g_autoptr(GPtrArray) rows = NULL;
    g_autofree char *text = NULL;
    AffectedCounts counts;

    add(affected, "smtp", "a.test");
    add(affected, "smtp", "b.test");
    add(affected, "smtp", "x.test");
    add(affected, "smtp", "[c]:25");
    add(affected, "smtp", "c.test");
    add(affected, "relay", "[a.test]:587");
    add(affected, "relay", "c.test");
    add(affected, "relay", "");
    add(affected, "retry", "4.3.0 c.test");
    rows = affected_rows(affected, &counts, NULL);
    text = lines_of(rows, fields);
    ck_assert_str_eq(text, "relay|1|d-c.test|[reply r]|slow 1/2 floor 1/1d|-\n"
                           "relay|1|d-[a.test]:587|concurrency|20|4\n"
                           "relay|1|d-[a.test]:587|rate|60/1m|30/1m\n"
                           "relay|1|d-[a.test]:587|[reply r]|slow 1/2 floor 1/1d|-\n"
                           "smtp|1|d-[c]:25|[reply r]|slow 1/2 floor 1/1d|-\n"
                           "smtp|1|d-c.test|section|none|[site c]\n"
                           "smtp|1|d-c.test|[reply r]|slow 1/2 floor 1/1d|-\n"
                           "smtp|1|d-c.test|retry|its age, 5m to 4000s|5m\n"
                           "smtp|1|d-c.test|shared|-|no\n"
                           "smtp|2|d-a.test|concurrency|20|4\n"
                           "smtp|2|d-a.test|rate|60/1m|30/1m\n"
                           "smtp|2|d-a.test|[reply r]|slow 1/2 floor 1/1d|-\n"
                           "smtp|1|d-x.test|[reply r]|slow 1/2 floor 1/1d|-\n");
    ck_assert_uint_eq(counts.seen_count, 8);
    ck_assert_uint_eq(counts.changed_count, 7);
    ck_assert_uint_eq(counts.unseen_count, 1);
    affected_free(affected);
    sites_free(before);
    sites_free(after);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("policy");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, sections_are_shown_as_they_are_understood, 0, G_N_ELEMENTS(files));
    tcase_add_loop_test(tcase, files_are_compared_section_by_section, 0, G_N_ELEMENTS(pairs));
    tcase_add_test(tcase, destinations_for_which_the_same_changes_are_one_row);
    tcase_add_loop_test(tcase, what_is_shown_can_be_read_again, 0, G_N_ELEMENTS(files));
    return run_suite("ctl/policy", tcase, NULL);
}
