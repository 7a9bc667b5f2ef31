#include <stdio.h>
#include <stdlib.h>

#include "src/ctl/table_internal.h"
#include "tests/support/ctl_row.h"
#include "tests/support/runner.h"

#define NOW_S 1000000

static const Field fields[] = {
    {"name",   FIELD_TEXT,  "NAME", ""},
    {"hidden", FIELD_TEXT,  NULL,   ""},
    {"count",  FIELD_COUNT, "RUN",  ""},
    {"since",  FIELD_AGE,   "AGE",  ""},
    {"why",    FIELD_TEXT,  "WHY",  ""},
    {NULL,     FIELD_TEXT,  NULL,   ""},
};
static const View view = {"thing", fields};

static void add(Table *table, Row row)
{
    table_add(table, &row);
    g_hash_table_destroy(row.values);
}

static char *printed(const Table *table, int width)
{
    char *text = NULL;
    size_t size_bytes;
    FILE *out = open_memstream(&text, &size_bytes);

    table_print(table, out, width);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

static void assert_printed(Table *table, int width, const char *want)
{
    char *text = printed(table, width);

    ck_assert_str_eq(text, want);
    free(text);
    table_free(table);
}

START_TEST(columns_are_as_wide_as_what_is_in_them)
{
    Table *table = table_new(&view, NOW_S);

    add(table, ROW("name", "gmail.com", "hidden", "not seen", "count", "4120", "since", "999870"));
    add(table, ROW("name", "a", "count", "7", "since", "999999", "why", "4.4.1 refused"));
    assert_printed(table, 0,
                   "NAME         RUN    AGE  WHY\n"
                   "gmail.com  4,120  2m10s  -\n"
                   "a              7     1s  4.4.1 refused\n");
}
END_TEST

START_TEST(a_table_without_rows_has_its_headings)
{
    assert_printed(table_new(&view, NOW_S), 80, "NAME  RUN  AGE  WHY\n");
}
END_TEST

START_TEST(wide_characters_keep_the_columns_straight)
{
    Table *table = table_new(&view, NOW_S);

    add(table, ROW("name", "\xe6\x97\xa5\xe6\x9c\xac", "count", "1"));
    add(table, ROW("name", "abcdef", "count", "22"));
    assert_printed(table, 0,
                   "NAME    RUN  AGE  WHY\n"
                   "\xe6\x97\xa5\xe6\x9c\xac      1    -  -\n"
                   "abcdef   22    -  -\n");
}
END_TEST

START_TEST(the_last_column_is_cut_at_the_edge_of_the_terminal)
{
    Table *table = table_new(&view, NOW_S);

    add(table, ROW("name", "abcd", "count", "1", "why", "fits in its 12"));
    add(table, ROW("name", "abcd", "count", "1", "why", "this text is too long for it"));
    assert_printed(table, 30,
                   "NAME  RUN  AGE  WHY\n"
                   "abcd    1    -  fits in its 12\n"
                   "abcd    1    -  this text i...\n");
}
END_TEST

START_TEST(wide_characters_are_cut_at_the_edge_too)
{
    Table *table = table_new(&view, NOW_S);

    add(table, ROW("name", "abcd", "why",
                   "\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac"
                   "\xe6\x97\xa5\xe6\x9c\xac"));
    assert_printed(
        table, 30,
        "NAME  RUN  AGE  WHY\n"
        "abcd    -    -  \xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5...\n");
}
END_TEST

START_TEST(no_cell_holds_an_escape_sequence)
{
    Table *table = table_new(&view, NOW_S);

    add(table, ROW("name", "\x1b[2J", "count", "\x1b[2J", "why", "a\nb\xff"));
    assert_printed(table, 0,
                   "NAME  RUN  AGE  WHY\n"
                   "?[2J    0    -  a?b?\n");
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table");

    tcase_add_test(table, columns_are_as_wide_as_what_is_in_them);
    tcase_add_test(table, a_table_without_rows_has_its_headings);
    tcase_add_test(table, wide_characters_keep_the_columns_straight);
    tcase_add_test(table, the_last_column_is_cut_at_the_edge_of_the_terminal);
    tcase_add_test(table, wide_characters_are_cut_at_the_edge_too);
    tcase_add_test(table, no_cell_holds_an_escape_sequence);
    return run_suite("ctl/table", table, NULL);
}
