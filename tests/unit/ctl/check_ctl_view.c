#include <string.h>

#include "src/ctl/completion_internal.h"
#include "src/ctl/schema_internal.h"
#include "src/ctl/view_internal.h"
#include "tests/support/ctl_row.h"
#include "tests/support/runner.h"

static void assert_json(const char *object, Row row, const char *want)
{
    g_autofree char *line = view_json(view_find(object), &row);

    ck_assert_str_eq(line, want);
    g_hash_table_destroy(row.values);
}

START_TEST(json_has_the_fields_that_the_row_has)
{
    assert_json("destination",
                ROW("object", "destination", "destination", "example.com", "state", "full,blocked",
                    "running", "20", "unheard-of", "1"),
                "{\"object\":\"destination\",\"destination\":\"example.com\","
                "\"state\":[\"full\",\"blocked\"],\"running\":20}");
    assert_json("status", ROW("index_complete", "1", "in_minutes", "0,3,12"),
                "{\"object\":\"status\",\"index_complete\":true,\"in_minutes\":[0,3,12]}");
    assert_json("status", ROW("dead_transports", "123,smtp", "done_minutes", "1,odd,-3"),
                "{\"object\":\"status\",\"done_minutes\":[1,0,-3],"
                "\"dead_transports\":[\"123\",\"smtp\"]}");
    assert_json("connection", ROW("slow", "0"), "{\"object\":\"connection\",\"slow\":false}");
}
END_TEST

START_TEST(json_of_odd_bytes_is_json)
{
    assert_json("attention", ROW("kind", "a\xff", "text", "\x1b[31m<b>\"\\\n\xc3"),
                "{\"object\":\"attention\",\"kind\":\"a\xef\xbf\xbd\","
                "\"text\":\"\\u001B[31m<b>\\\"\\\\\\n\xef\xbf\xbd\"}");
    assert_json("transport", ROW("state", "\xff,ready", "running", "many"),
                "{\"object\":\"transport\",\"state\":[\"\xef\xbf\xbd\",\"ready\"],\"running\":0}");
}
END_TEST

static const struct {
    FieldKind kind;
    const char *value, *text;
} format_cases[] = {
    {FIELD_TEXT,    NULL,                   "-"                  },
    {FIELD_TEXT,    "a\x1b",                "a?"                 },
    {FIELD_COUNT,   "1234",                 "1,234"              },
    {FIELD_COUNT,   "odd",                  "0"                  },
    {FIELD_NUMBER,  "1234",                 "1234"               },
    {FIELD_SECONDS, "90",                   "1m30s"              },
    {FIELD_BYTES,   "-1",                   "0 bytes"            },
    {FIELD_AGE,     "940",                  "1m00s"              },
    {FIELD_AGE,     "-9223372036854775808", "106751991167300d15h"},
    {FIELD_UNTIL,   "1060",                 "1m00s"              },
    {FIELD_UNTIL,   "-9223372036854775808", "0s"                 },
    {FIELD_BOOL,    "1",                    "yes"                },
    {FIELD_BOOL,    "0",                    "no"                 },
};

START_TEST(values_are_as_people_read_them)
{
    const Field field = {"x", format_cases[_i].kind, "X", ""};
    Row row = ROW("y", "z");
    g_autofree char *text = NULL;

    if (format_cases[_i].value != NULL)
        (void)g_hash_table_insert(row.values, g_strdup("x"), g_strdup(format_cases[_i].value));
    text = view_format(&field, &row, 1000);
    ck_assert_str_eq(text, format_cases[_i].text);
    g_hash_table_destroy(row.values);
}
END_TEST

/* What programs rely on: a change of the file is a change of the interface. */
START_TEST(the_schema_that_is_shipped_is_that_of_the_table)
{
    g_autofree char *text = schema_text(), *file = NULL;

    ck_assert(g_file_get_contents("conf/eqmgrctl.schema.json", &file, NULL, NULL));
    ck_assert_msg(g_str_equal(text, file), "run: make schema");
}
END_TEST

static void assert_names(const char *shell, const char *script, const char *before,
                         const char *name)
{
    g_autofree char *wanted = g_strconcat(before, name, NULL);

    ck_assert_msg(strstr(script, wanted) != NULL, "%s: there is no '%s'", shell, wanted);
}

static void assert_options(const char *shell, const char *script, const CommandOption *options)
{
    const char *before = g_str_equal(shell, "fish") ? "-l " : "--";

    for (unsigned i = 0; i < COMMAND_OPTIONS_MAX && options[i].name != NULL; i++) {
        assert_names(shell, script, before, options[i].name);
        if (options[i].choices != NULL)
            assert_names(shell, script, "", options[i].choices);
    }
}

START_TEST(a_shell_completes_each_verb_and_option)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    const char *shell = shells[_i];
    g_autofree char *script = completion_text(shell);
    const CommandOption *common = command_common_options();
    const Command *command;

    for (unsigned i = 0; (command = command_at(i)) != NULL; i++) {
        assert_names(shell, script, "", command->name);
        assert_options(shell, script, command->options);
    }
    assert_options(shell, script, common);
    ck_assert_ptr_null(completion_text("tcsh"));
}
END_TEST

int main(void)
{
    TCase *view = tcase_create("view");

    tcase_add_test(view, json_has_the_fields_that_the_row_has);
    tcase_add_test(view, json_of_odd_bytes_is_json);
    tcase_add_loop_test(view, values_are_as_people_read_them, 0, G_N_ELEMENTS(format_cases));
    tcase_add_test(view, the_schema_that_is_shipped_is_that_of_the_table);
    tcase_add_loop_test(view, a_shell_completes_each_verb_and_option, 0, 3);
    return run_suite("ctl/view", view, NULL);
}
