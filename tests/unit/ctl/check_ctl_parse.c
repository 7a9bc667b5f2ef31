#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/ctl_line.h"
#include "tests/support/runner.h"

/* What a program writes to a descriptor, until it is asked for. */
static int begin_capture(int fd)
{
    int memory_fd = memfd_create("output", 0);

    ck_assert_int_ge(memory_fd, 0);
    ck_assert_int_eq(dup2(memory_fd, fd), fd);
    return memory_fd;
}

static char *end_capture(int memory_fd)
{
    char *text = g_malloc0(16384);

    (void)fflush(NULL);
    ck_assert_int_ge(pread(memory_fd, text, 16383, 0), 0);
    return text;
}

static const struct {
    const char *line, *verb, *request;
} good[] = {
    {"eqmgrctl status",                            "status",       ""                                     },
    {"eqmgrctl stat",                              "status",       ""                                     },
    {"eqmgrctl destination x",                     "destination",  "destination=x"                        }, /* a whole name is not ambiguous */
    {"eqmgrctl expl ABC",                          "explain",      "queue_id=ABC"                         },
    {"eqmgrctl destinations --state full a*",      "destinations", "state=full pattern=a*"                },
    {"eqmgrctl destinations a* -s full",           "destinations", "pattern=a* state=full"                },
    {"eqmgrctl destinations --sta full --int",     "destinations", "state=full internal=1"                },
    {"eqmgrctl destinations --state=full -T smtp", "destinations", "state=full transport=smtp"            },
    {"eqmgrctl messages --older 5m -f a@b",        "messages",     "older=300 sender=a@b"                 },
    {"eqmgrctl --level summary destinations",      "destinations", "level=summary"                        },
    {"eqmgrctl destinations --level summary",      "destinations", "level=summary"                        },
    {"eqmgrctl policy show /a",                    "policy",       "what=show first=/a"                   },
    {"eqmgrctl policy explain smtp a.test",        "policy",       "what=explain first=smtp second=a.test"},
    {"eqmgrctl destination -- -odd",               "destination",  "destination=-odd"                     },
};

START_TEST(a_command_line_becomes_a_request)
{
    int status = -1;
    Invocation *invocation = ctl_line_parse(good[_i].line, &status);
    g_autofree char *request = NULL;

    ck_assert_ptr_nonnull(invocation);
    ck_assert_str_eq(invocation->command->name, good[_i].verb);
    request = ctl_line_request(invocation);
    ck_assert_str_eq(request, good[_i].request);
    command_free(invocation);
}
END_TEST

START_TEST(options_of_all_verbs_come_before_or_after_the_verb)
{
    static const char *const lines[] = {
        "eqmgrctl -j -n 7 --all -t 3 -c /etc/other destinations",
        "eqmgrctl destinations --json --rows 7 --all --timeout 3 --config /etc/other",
        "eqmgrctl -jn7 --all destinations -t3 --conf=/etc/other",
    };
    int status = -1;
    Invocation *invocation = ctl_line_parse(lines[_i], &status);

    ck_assert_ptr_nonnull(invocation);
    ck_assert(invocation->json && invocation->all && !invocation->dry_run);
    ck_assert_int_eq(invocation->row_max, 7);
    ck_assert_int_eq(invocation->timeout_s, 3);
    ck_assert_str_eq(invocation->config_directory, "/etc/other");
    command_free(invocation);
}
END_TEST

START_TEST(further_words_belong_to_the_argument)
{
    int status = -1;
    Invocation *invocation = ctl_line_parse("eqmgrctl expedite A1 --force B2 C3", &status);

    ck_assert_str_eq(invocation->arguments->pdata[0], "queue_id");
    ck_assert_str_eq(invocation->arguments->pdata[1], "A1 B2 C3");
    ck_assert_str_eq(invocation->arguments->pdata[2], "force");
    command_free(invocation);
}
END_TEST

START_TEST(what_is_not_said_has_its_default)
{
    int status = -1;
    Invocation *invocation = ctl_line_parse("eqmgrctl events", &status);

    ck_assert(!invocation->json && !invocation->all);
    ck_assert_int_eq(invocation->row_max, ROWS_DEFAULT);
    ck_assert_int_eq(invocation->timeout_s, TIMEOUT_DEFAULT_S);
    ck_assert_ptr_null(invocation->config_directory);
    ck_assert_ptr_null(invocation->operand);
    ck_assert(!g_hash_table_contains(invocation->flags, "follow"));
    command_free(invocation);
    invocation = ctl_line_parse("eqmgrctl events -f", &status);
    ck_assert(g_hash_table_contains(invocation->flags, "follow"));
    command_free(invocation);
}
END_TEST

static const struct {
    const char *line, *says;
} bad[] = {
    {"eqmgrctl nonsense",                  "no such verb: 'nonsense'; see eqmgrctl help"                  },
    {"eqmgrctl Status",                    "no such verb: 'Status'; is it status?"                        },
    {"eqmgrctl statsu",                    "no such verb: 'statsu'; is it status? eqmgrctl help shows all"},
    {"eqmgrctl destinatoin",               "is it destination or destinations?"                           },
    {"eqmgrctl d",                         "'d' may be destinations, destination, due"                    },
    {"eqmgrctl destin",                    "'destin' may be destinations, destination"                    },
    {"eqmgrctl status more",               "status: 'more' is one word too many; see eqmgrctl help status"},
    {"eqmgrctl expedite",                  "expedite: QUEUE-ID... is missing"                             },
    {"eqmgrctl explain A B",               "explain: 'B' is one word too many"                            },
    {"eqmgrctl explain",                   "explain: QUEUE-ID is missing"                                 },
    {"eqmgrctl status --state full",       "--state"                                                      },
    {"eqmgrctl --state full destinations", "--state"                                                      }, /* belongs after its verb */
    {"eqmgrctl destinations --state",      "--state"                                                      },
    {"eqmgrctl -n 0 destinations",         "-n 0: a number of rows"                                       },
    {"eqmgrctl -n many destinations",      "-n many: a number of rows"                                    },
    {"eqmgrctl -n 1001 destinations",      "-n 1001: a number of rows, 1 to 1000; --all is all of them"   },
    {"eqmgrctl -n -1 destinations",        "-n -1: a number of rows"                                      },
    {"eqmgrctl -t 0 status",               "-t 0: seconds, 1 to 3600"                                     },
    {"eqmgrctl -t 3601 status",            "-t 3601: seconds"                                             },
    {"eqmgrctl -t 1s status",              "-t 1s: seconds"                                               },
    {"eqmgrctl messages --older soon",     "--older soon: a time such as 90s, 5m, 1h, 2d"                 },
    {"eqmgrctl -x status",                 "no such option: -x; see eqmgrctl help\n"                      },
    {"eqmgrctl status --foo",              "status: no such option: --foo; see eqmgrctl help status\n"    },
    {"eqmgrctl status -jx",                "status: no such option: -x; see eqmgrctl help status\n"       },
    {"eqmgrctl suspend a.test --for",      "suspend: --for needs a value; see eqmgrctl help suspend\n"    },
    {"eqmgrctl -t",                        "-t needs a value; see eqmgrctl help\n"                        },
    {"eqmgrctl events --help=x",           "events: no such option: --help=x"                             },
    {"eqmgrctl suspend a.test --fo 1h",    "suspend: --fo may be --for, --forever\n"                      },
};

START_TEST(what_is_not_understood_is_said)
{
    int status = -1, output = begin_capture(STDERR_FILENO);
    Invocation *invocation = ctl_line_parse(bad[_i].line, &status);
    g_autofree char *text = end_capture(output);

    ck_assert_ptr_null(invocation);
    ck_assert_int_eq(status, SESSION_USAGE);
    ck_assert_msg(strstr(text, bad[_i].says) != NULL, "'%s' lacks '%s'", text, bad[_i].says);
    ck_assert_msg(g_str_has_prefix(text, "eqmgrctl: "), "'%s'", text);
}
END_TEST

static const struct {
    const char *line, *says;
    int status;
} about[] = {
    {"eqmgrctl",                 "usage: eqmgrctl",                  SESSION_USAGE},
    {"eqmgrctl --help",          "usage: eqmgrctl [OPTION]... VERB", 0            },
    {"eqmgrctl -h",              "usage: eqmgrctl [OPTION]... VERB", 0            },
    {"eqmgrctl explain --help",  "usage: eqmgrctl explain QUEUE-ID", 0            },
    {"eqmgrctl destinations -h", "idle ready full",                  0            },
    {"eqmgrctl --version",       "eqmgrctl " EQMGR_VERSION "\n",     0            },
    {"eqmgrctl status -V",       "eqmgrctl " EQMGR_VERSION "\n",     0            },
};

START_TEST(help_and_version_are_printed_at_once)
{
    int status = -1, output = begin_capture(STDOUT_FILENO);
    Invocation *invocation = ctl_line_parse(about[_i].line, &status);
    g_autofree char *text = end_capture(output);

    ck_assert_ptr_null(invocation);
    ck_assert_int_eq(status, about[_i].status);
    ck_assert_msg(strstr(text, about[_i].says) != NULL, "'%s' lacks '%s'", text, about[_i].says);
}
END_TEST

/* What help lists is accepted, and no verb has an option of the name of a common one. */
START_TEST(each_option_of_help_is_accepted)
{
    const Command *command;
    int status = -1;

    for (const CommandOption *option = command_common_options(); option->name != NULL; option++) {
        g_autofree char *line = g_strdup_printf("eqmgrctl --%s%s status", option->name,
                                                option->operand != NULL ? " 1" : "");
        Invocation *invocation;

        if (g_str_equal(option->name, "help") || g_str_equal(option->name, "version"))
            continue;
        invocation = ctl_line_parse(line, &status);
        ck_assert_msg(invocation != NULL, "%s", line);
        command_free(invocation);
        for (unsigned i = 0; (command = command_at(i)) != NULL; i++)
            for (unsigned j = 0; j < COMMAND_OPTIONS_MAX && command->options[j].name; j++) {
                ck_assert_str_ne(command->options[j].name, option->name);
                ck_assert(option->letter == 0 || command->options[j].letter != option->letter);
            }
    }
}
END_TEST

/* Nagios takes 3 for "unknown"; 64 is none of its words. It shows the first line of output. */
START_TEST(a_check_that_is_not_understood_is_unknown)
{
    static const char *const lines[] = {"eqmgrctl check --warn", "eqmgrctl check more",
                                        "eqmgrctl check --dead"};
    int status = -1, output = begin_capture(STDOUT_FILENO);
    Invocation *invocation = ctl_line_parse(lines[_i], &status);
    g_autofree char *text = end_capture(output);

    ck_assert_ptr_null(invocation);
    ck_assert_msg(g_str_has_prefix(text, "EQMGR UNKNOWN - check: "), "'%s'", text);
    ck_assert_int_eq(status, 3);
}
END_TEST

/* What is wider is folded by a terminal of the usual width, in the middle of a word. */
START_TEST(help_fits_in_80_columns)
{
    const Command *command;

    for (unsigned i = 0; (command = command_at(i)) != NULL; i++) {
        int output = begin_capture(STDOUT_FILENO);
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;

        command_print_help(command);
        text = end_capture(output);
        lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line != NULL; line++)
            ck_assert_msg(strlen(*line) <= 80, "%s: %s", command->name, *line);
    }
}
END_TEST

int main(void)
{
    TCase *parsed = tcase_create("parse");

    tcase_add_loop_test(parsed, a_command_line_becomes_a_request, 0, G_N_ELEMENTS(good));
    tcase_add_loop_test(parsed, options_of_all_verbs_come_before_or_after_the_verb, 0, 3);
    tcase_add_test(parsed, further_words_belong_to_the_argument);
    tcase_add_test(parsed, what_is_not_said_has_its_default);
    tcase_add_loop_test(parsed, what_is_not_understood_is_said, 0, G_N_ELEMENTS(bad));
    tcase_add_loop_test(parsed, help_and_version_are_printed_at_once, 0, G_N_ELEMENTS(about));
    tcase_add_test(parsed, each_option_of_help_is_accepted);
    tcase_add_loop_test(parsed, a_check_that_is_not_understood_is_unknown, 0, 3);
    tcase_add_test(parsed, help_fits_in_80_columns);
    return run_suite("ctl/parse", parsed, NULL);
}
