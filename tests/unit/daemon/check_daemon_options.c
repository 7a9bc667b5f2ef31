#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/options.h"
#include "tests/support/daemon_child.h"
#include "tests/support/runner.h"

/* "flags service type overrides extra"; "-" stands for what is absent. */
static char *describe(const DaemonOptions *options)
{
    GString *flags = g_string_new(NULL);
    g_autofree char *overrides = g_strjoinv("|", (char **)options->overrides->pdata);
    const struct {
        bool is_set;
        char letter;
    } all[] = {
        {options->chroot,          'c'},
        {options->foreground,      'd'},
        {options->debugger,        'D'},
        {options->want_help,       'h'},
        {options->sole_process,    'l'},
        {options->stand_alone,     'S'},
        {options->drop_privileges, 'u'},
        {options->log_to_stderr,   'V'},
        {options->want_version,    'x'},
        {options->want_release,    'r'},
    };
    char *text;

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        if (all[i].is_set)
            g_string_append_c(flags, all[i].letter);
    }
    for (int i = 0; i < options->verbose; i++)
        g_string_append_c(flags, 'v');
    text =
        g_strdup_printf("%s %s %s %s %s", flags->len > 0 ? flags->str : "-", options->service_name,
                        options->listen_type_text != NULL ? options->listen_type_text : "-",
                        *overrides != '\0' ? overrides : "-",
                        options->extra_argument != NULL ? options->extra_argument : "-");
    g_string_free(flags, TRUE);
    return text;
}

static const struct {
    const char *command, *want, *want_error;
} parse_cases[] = {
    {"qmgr",                               "- qmgr - - -",                              NULL                       },
    {"qmgr -l -t unix -u",                 "lu qmgr unix - -",                          NULL                       },
    {"../../x/eqmgr -l -n qmgr -tunix -u", "lu qmgr unix - -",                          NULL                       },
    {"eqmgr -clut fifo",                   "clu eqmgr fifo - -",                        NULL                       },
    {"qmgr -dDSVzvv",                      "dDSVvv qmgr - - -",                         NULL                       },
    {"qmgr -n ''",                         "-  - - -",                                  NULL                       },
    {"qmgr -o 'a = b' -i 5 -o c=d -m7",    "- qmgr - a = b|max_idle=5|c=d|max_use=7 -", NULL                       },
    {"qmgr -o --help",                     "- qmgr - --help -",                         NULL                       },
    {"qmgr -l extra -X",                   "l qmgr - - extra",                          NULL                       },
    {"qmgr -l -- -u",                      "l qmgr - - -u",                             NULL                       },
    {"qmgr -s 12abc",                      "- qmgr - - -",                              NULL                       },
    {"qmgr -s 99999999999",                "- qmgr - - -",                              NULL                       },
    {"qmgr -h",                            "h qmgr - - -",                              NULL                       },
    {"qmgr -lu --help",                    "hlu qmgr - - -",                            NULL                       },
    {"qmgr --version -l",                  "lx qmgr - - -",                             NULL                       },
    {"qmgr -V --postfix-release -o a=b",   "Vr qmgr - a=b -",                           NULL                       },
    {"qmgr -X",                            NULL,                                        "invalid option: X"        },
    {"qmgr -lX",                           NULL,                                        "invalid option: X"        },
    {"qmgr -o",                            NULL,                                        "invalid option: o"        },
    {"qmgr -l -i",                         NULL,                                        "invalid option: i"        },
    {"qmgr --nonsense",                    NULL,                                        "invalid option: -"        },
    {"qmgr -s 0 -X",                       NULL,                                        "invalid socket_count: 0"  },
    {"qmgr -s abc",                        NULL,                                        "invalid socket_count: abc"},
    {"qmgr -s -1",                         NULL,                                        "invalid socket_count: -1" },
};

START_TEST(command_line_is_read_as_stock_reads_it)
{
    g_auto(GStrv) argv = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *got = NULL;
    DaemonOptions options;
    int argc;

    ck_assert(g_shell_parse_argv(parse_cases[_i].command, &argc, &argv, NULL));
    if (daemon_options_parse(argc, argv, &options, &error)) {
        got = describe(&options);
        daemon_options_clear(&options);
    }
    ck_assert_pstr_eq(got, parse_cases[_i].want);
    ck_assert_pstr_eq(error != NULL ? error->message : NULL, parse_cases[_i].want_error);
}
END_TEST

START_TEST(program_name_is_the_base_name)
{
    char *argv[] = {(char[]){"../../dir/eqmgr"}, NULL};
    DaemonOptions options;

    ck_assert(daemon_options_parse(1, argv, &options, NULL));
    ck_assert_str_eq(options.program_name, "eqmgr");
    ck_assert_int_eq(options.socket_count, 1);
    daemon_options_clear(&options);
}
END_TEST

START_TEST(refused_command_line_leaves_what_is_needed_to_say_so)
{
    char *argv[] = {(char[]){"eqmgr"}, (char[]){"-Vn"},        (char[]){"qmgr"},
                    (char[]){"-oa=b"}, (char[]){"--nonsense"}, NULL};
    DaemonOptions options;

    ck_assert(!daemon_options_parse(5, argv, &options, NULL));
    ck_assert_str_eq(options.service_name, "qmgr");
    ck_assert(options.log_to_stderr);
    ck_assert_ptr_null(options.overrides);
}
END_TEST

START_TEST(missing_program_name_is_no_trouble)
{
    char *argv[] = {NULL};
    DaemonOptions options;

    ck_assert(daemon_options_parse(0, argv, &options, NULL));
    ck_assert_str_eq(options.program_name, "eqmgr");
    daemon_options_clear(&options);
}
END_TEST

START_TEST(environment_acts_like_v_and_D)
{
    char *argv[] = {(char[]){"qmgr"}, NULL};
    DaemonOptions options;

    ck_assert(g_setenv("MAIL_VERBOSE", "", TRUE) && g_setenv("MAIL_DEBUG", "", TRUE));
    ck_assert(daemon_options_parse(1, argv, &options, NULL));
    ck_assert_int_eq(options.verbose, 1);
    ck_assert(options.debugger);
    daemon_options_clear(&options);
}
END_TEST

static const struct {
    const char *command, *want_error;
    ListenType want_type;
} check_cases[] = {
    {"qmgr -l -t unix",      NULL,                                         LISTEN_UNIX},
    {"qmgr -l -t UNIX -z",   NULL,                                         LISTEN_UNIX},
    {"qmgr -l -t fifo",      NULL,                                         LISTEN_FIFO},
    {"qmgr -l -t Pass",      NULL,                                         LISTEN_PASS},
    {"qmgr -S",              NULL,                                         LISTEN_NONE},
    {"qmgr -S -t inet",      NULL,                                         LISTEN_NONE},
    {"qmgr",                 "service qmgr requires a process limit of 1", LISTEN_NONE},
    {"qmgr -n x -t inet -z", "service x requires a process limit of 1",    LISTEN_NONE},
    {"qmgr -l",              "no transport type specified",                LISTEN_NONE},
    {"qmgr -l -t inet",      "unsupported transport type: inet",           LISTEN_NONE},
    {"qmgr -l -t ''",        "unsupported transport type: ",               LISTEN_NONE},
};

START_TEST(start_is_refused_as_stock_refuses_it)
{
    g_auto(GStrv) argv = NULL;
    g_autoptr(GError) error = NULL;
    ListenType type = LISTEN_NONE;
    DaemonOptions options;
    int argc;

    ck_assert(g_shell_parse_argv(check_cases[_i].command, &argc, &argv, NULL));
    ck_assert(daemon_options_parse(argc, argv, &options, NULL));
    ck_assert_int_eq(daemon_options_check(&options, &type, &error),
                     check_cases[_i].want_error == NULL);
    ck_assert_int_eq(type, check_cases[_i].want_type);
    ck_assert_pstr_eq(error != NULL ? error->message : NULL, check_cases[_i].want_error);
    daemon_options_clear(&options);
}
END_TEST

static void check_on_terminal(void *ctx)
{
    int controller = posix_openpt(O_RDWR | O_NOCTTY), terminal;
    g_auto(GStrv) argv = NULL;
    DaemonOptions options;
    ListenType type;
    int argc;

    g_assert(controller >= 0 && grantpt(controller) == 0 && unlockpt(controller) == 0);
    terminal = open(ptsname(controller), O_RDWR | O_NOCTTY);
    g_assert(terminal >= 0 && dup2(terminal, STDIN_FILENO) == STDIN_FILENO);
    g_assert(g_shell_parse_argv(ctx, &argc, &argv, NULL));
    g_assert(daemon_options_parse(argc, argv, &options, NULL));
    g_assert(daemon_options_check(&options, &type, NULL));
    daemon_options_clear(&options);
}

START_TEST(start_by_hand_is_refused_on_standard_error)
{
    ChildEnd end = run_child(check_on_terminal, (char[]){"dir/qmgr -l -t unix"}, STDERR_FILENO);

    ck_assert_int_eq(end.exit_status, 1);
    ck_assert_str_eq(end.output, "qmgr: fatal: do not run this command by hand\n"
                                 "qmgr --help says how master(8) runs it\n");
}
END_TEST

START_TEST(debugging_on_a_terminal_is_not_by_hand)
{
    ChildEnd end = run_child(check_on_terminal, (char[]){"qmgr -d -l -t unix"}, STDERR_FILENO);

    ck_assert_int_eq(end.exit_status, CHILD_RETURNED);
    ck_assert_str_eq(end.output, "");
    end = run_child(check_on_terminal, (char[]){"qmgr -S"}, STDERR_FILENO);
    ck_assert_int_eq(end.exit_status, CHILD_RETURNED);
}
END_TEST

static void print_texts(void *ctx)
{
    daemon_print_version();
    daemon_print_help(ctx);
}

START_TEST(help_says_how_to_put_it_in_service)
{
    ChildEnd end = run_child(print_texts, (char[]){"dir-eqmgr"}, STDOUT_FILENO);

    ck_assert_int_eq(end.exit_status, CHILD_RETURNED);
    ck_assert_msg(g_str_has_prefix(end.output, "eqmgr " EQMGR_VERSION "\nUsage: dir-eqmgr -l"),
                  "%s", end.output);
    ck_assert_ptr_nonnull(strstr(end.output, "postconf -F 'qmgr/unix/command=eqmgr'"));
    ck_assert_ptr_nonnull(strstr(end.output, "master(8)"));
}
END_TEST

/* The tests may be run from a terminal, or with a debug environment. */
static void look_like_a_daemon(void)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    ck_assert_int_eq(dup2(null_fd, STDIN_FILENO), STDIN_FILENO);
    (void)close(null_fd);
    g_unsetenv("MAIL_VERBOSE");
    g_unsetenv("MAIL_DEBUG");
}

int main(void)
{
    TCase *parse = tcase_create("parse"), *check = tcase_create("check");

    tcase_add_checked_fixture(parse, look_like_a_daemon, look_like_a_daemon);
    tcase_add_loop_test(parse, command_line_is_read_as_stock_reads_it, 0,
                        G_N_ELEMENTS(parse_cases));
    tcase_add_test(parse, program_name_is_the_base_name);
    tcase_add_test(parse, refused_command_line_leaves_what_is_needed_to_say_so);
    tcase_add_test(parse, missing_program_name_is_no_trouble);
    tcase_add_test(parse, environment_acts_like_v_and_D);
    tcase_add_checked_fixture(check, look_like_a_daemon, look_like_a_daemon);
    tcase_add_loop_test(check, start_is_refused_as_stock_refuses_it, 0, G_N_ELEMENTS(check_cases));
    tcase_add_test(check, start_by_hand_is_refused_on_standard_error);
    tcase_add_test(check, debugging_on_a_terminal_is_not_by_hand);
    tcase_add_test(check, help_says_how_to_put_it_in_service);
    return run_suite("daemon/options", parse, check, NULL);
}
