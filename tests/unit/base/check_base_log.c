#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/support/runner.h"

static const struct {
    LogSeverity severity;
    bool utf8_allowed;
    const char *message, *want;
} cases[] = {
    {LOG_SEV_INFO,    false, "4F: removed",               "4F: removed"                       },
    {LOG_SEV_INFO,    false, "",                          ""                                  },
    {LOG_SEV_WARNING, false, "no space",                  "warning: no space"                 },
    {LOG_SEV_ERROR,   false, "x",                         "error: x"                          },
    {LOG_SEV_FATAL,   false, "x",                         "fatal: x"                          },
    {LOG_SEV_PANIC,   false, "x",                         "panic: x"                          },
    {LOG_SEV_INFO,    false, "a\tb\nc\r\x7f\x01",         "a?b?c???"                          },
    {LOG_SEV_INFO,    false, "\xc3\xbc",                  "??"                                },
    {LOG_SEV_INFO,    true,  "\xc3\xbc\xe2\x82\xac\t!",   "\xc3\xbc\xe2\x82\xac?!"            },
    {LOG_SEV_INFO,    true,  "\xf0\x9f\x93\xac",          "\xf0\x9f\x93\xac"                  },
    {LOG_SEV_INFO,    true,  "a\xff\x80z",                "a??z"                              },
    {LOG_SEV_INFO,    true,  "\xe2\x82z",                 "??z"                               },
    {LOG_SEV_INFO,    true,  "\xc0\x80\xed\xa0\x80",      "?????"                             },
    {LOG_SEV_INFO,    true,  "cut \xc3",                  "cut ?"                             },
    {LOG_SEV_WARNING, true,  "%s is not \xc3\xbc format", "warning: %s is not \xc3\xbc format"},
};

START_TEST(text_is_prefixed_and_printable)
{
    char got[LOG_LINE_MAX_BYTES];

    log_format(cases[_i].severity, cases[_i].message, cases[_i].utf8_allowed, got);
    ck_assert_str_eq(got, cases[_i].want);
}
END_TEST

START_TEST(message_is_cut_at_2000_bytes_not_counting_the_prefix)
{
    g_autofree char *long_message = g_strnfill(3000, 'A');
    char info[LOG_LINE_MAX_BYTES], fatal[LOG_LINE_MAX_BYTES], warning[LOG_LINE_MAX_BYTES];

    log_format(LOG_SEV_INFO, long_message, false, info);
    log_format(LOG_SEV_FATAL, long_message, false, fatal);
    log_format(LOG_SEV_WARNING, long_message, false, warning);
    ck_assert_uint_eq(strlen(warning), sizeof warning - 1);
    ck_assert_uint_eq(strlen(info), 2000);
    ck_assert_uint_eq(strlen(fatal), strlen("fatal: ") + 2000);
}
END_TEST

START_TEST(sequence_split_by_the_cut_is_not_printed)
{
    g_autofree char *filling = g_strnfill(LOG_TEXT_MAX_BYTES - 1, 'A');
    g_autofree char *message = g_strconcat(filling, "\xc3\xbc", NULL);
    char got[LOG_LINE_MAX_BYTES];

    log_format(LOG_SEV_INFO, message, true, got);
    ck_assert_uint_eq(strlen(got), 2000);
    ck_assert_str_eq(got + 1998, "A?");
}
END_TEST

static void collect(LogSeverity severity, const char *text, void *ctx)
{
    g_string_append_printf(ctx, "%d:%s\n", severity, text);
}

START_TEST(sink_receives_complete_texts)
{
    g_autoptr(GString) got = g_string_new(NULL);

    log_set_sink(collect, got);
    log_info("%s", "a\xc3\xbc");
    log_allow_utf8(true);
    log_warning("b %d \xc3\xbc", 7);
    log_allow_utf8(false);
    log_error("c %s", "d");
    log_set_sink(NULL, NULL);
    ck_assert_str_eq(got->str, "0:a??\n1:warning: b 7 \xc3\xbc\n2:error: c d\n");
}
END_TEST

static void to_pipe(LogSeverity severity, const char *text, void *ctx)
{
    (void)severity;
    (void)!write(*(int *)ctx, text, strlen(text));
}

/* Runs log_fatal() or log_panic() in a child and checks what it logs and how it ends. */
static void assert_dies(bool panic, const char *want_text, int *ret_wait_status)
{
    int fds[2];
    char got[100] = "";
    pid_t pid;

    ck_assert_int_eq(pipe(fds), 0);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        log_set_sink(to_pipe, &fds[1]);
        if (panic)
            log_panic("bad %s", "state");
        log_fatal("no %s", "space");
    }
    (void)close(fds[1]);
    ck_assert_int_eq(waitpid(pid, ret_wait_status, 0), pid);
    ck_assert_int_gt(read(fds[0], got, sizeof(got) - 1), 0);
    (void)close(fds[0]);
    ck_assert_str_eq(got, want_text);
}

START_TEST(fatal_ends_with_status_1)
{
    int status;

    assert_dies(false, "fatal: no space", &status);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}
END_TEST

START_TEST(panic_aborts)
{
    int status;

    assert_dies(true, "panic: bad state", &status);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("log");

    tcase_add_loop_test(tc, text_is_prefixed_and_printable, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tc, message_is_cut_at_2000_bytes_not_counting_the_prefix);
    tcase_add_test(tc, sequence_split_by_the_cut_is_not_printed);
    tcase_add_test(tc, sink_receives_complete_texts);
    tcase_add_test(tc, fatal_ends_with_status_1);
    tcase_add_test(tc, panic_aborts);
    return run_suite("base/log", tc, NULL);
}
