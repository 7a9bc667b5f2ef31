#include <string.h>

#include "src/ctl/command_internal.h"
#include "tests/support/runner.h"

/* What a limit is of: the words behind WHAT, each with a value. */

/* A command line, and the request as "name=value ..."; NULL: it is refused. */
static const struct {
    const char *line, *request;
} lines[] = {
    {"eqmgrctl limit a.test concurrency 5",             "what=a.test concurrency=5"              },
    {"eqmgrctl limit all concurrency 5 -f 1h",          "what=all concurrency=5 for=3600"        },
    {"eqmgrctl limit transport smtp concurrency 5",     "what=transport name=smtp concurrency=5" },
    {"eqmgrctl limit domain concurrency concurrency 5",
     "what=domain name=concurrency concurrency=5"                                                },
    {"eqmgrctl limit concurrency concurrency -r x 5",   "what=concurrency reason=x concurrency=5"},
    {"eqmgrctl limit",                                  NULL                                     },
    {"eqmgrctl limit all rate 100/1m",                  "what=all rate=100/1m"                   },
    {"eqmgrctl limit all rate 100/1m concurrency 5",    NULL                                     },
    {"eqmgrctl limit a.test",                           NULL                                     },
    {"eqmgrctl limit a.test concurrency",               NULL                                     },
    {"eqmgrctl limit all concurrency 5 6",              NULL                                     },
    {"eqmgrctl limit all concurrency 5 concurrency 6",  NULL                                     },
    {"eqmgrctl limit domain concurrency 5",             NULL                                     },
};

static char *request_of_limit(const Invocation *invocation)
{
    GString *out = g_string_new(NULL);
    char **words = (char **)invocation->arguments->pdata;

    for (; words[0] != NULL; words += 2)
        if (words[1] != NULL)
            g_string_append_printf(out, "%s%s=%s", out->len > 0 ? " " : "", words[0], words[1]);
    return g_string_free(out, FALSE);
}

START_TEST(measure_has_a_value)
{
    g_auto(GStrv) words = g_strsplit(lines[_i].line, " ", -1);
    int status = -1;
    Invocation *invocation = command_parse((int)g_strv_length(words), words, &status);
    g_autofree char *request = NULL;

    if (lines[_i].request == NULL) {
        ck_assert_ptr_null(invocation);
        ck_assert_int_eq(status, SESSION_USAGE);
        return;
    }
    ck_assert_ptr_nonnull(invocation);
    request = request_of_limit(invocation);
    ck_assert_str_eq(request, lines[_i].request);
    command_free(invocation);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("measure");

    tcase_add_loop_test(tcase, measure_has_a_value, 0, G_N_ELEMENTS(lines));
    return run_suite("ctl/measure", tcase, NULL);
}
