#include "tests/support/ctl_line.h"
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

START_TEST(measure_has_a_value)
{
    int status = -1;
    Invocation *invocation = ctl_line_parse(lines[_i].line, &status);
    g_autofree char *request = NULL;

    if (lines[_i].request == NULL) {
        ck_assert_ptr_null(invocation);
        ck_assert_int_eq(status, SESSION_USAGE);
        return;
    }
    ck_assert_ptr_nonnull(invocation);
    request = ctl_line_request(invocation);
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
