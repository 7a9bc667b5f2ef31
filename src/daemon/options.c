#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error_internal.h"

/*
 * The command line: the options that master(8) gives to each of its daemons, which must all be
 * accepted with stock's meaning, and a few of our own for use by hand.
 */

/* The stock letters and our h. "+": end at the first argument that is not an option. */
static const char OPTION_LETTERS[] = "+:cdDhi:lm:n:o:s:St:uvVz";

enum { OPTION_VERSION = 256, OPTION_POSTFIX_RELEASE };

static const struct option long_options[] = {
    {"help",            no_argument, NULL, 'h'                   },
    {"version",         no_argument, NULL, OPTION_VERSION        },
    {"postfix-release", no_argument, NULL, OPTION_POSTFIX_RELEASE},
    {NULL,              0,           NULL, 0                     },
};

static const char *base_name(const char *path)
{
    const char *slash;

    if (path == NULL)
        return "eqmgr";
    slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* The field that an option without argument switches on, or NULL. */
static bool *flag_of(DaemonOptions *options, int letter)
{
    switch (letter) {
    case 'c':
        return &options->chroot;
    case 'd':
        return &options->foreground;
    case 'D':
        return &options->debugger;
    case 'h':
        return &options->want_help;
    case 'l':
        return &options->sole_process;
    case 'S':
        return &options->stand_alone;
    case 'u':
        return &options->drop_privileges;
    case 'V':
        return &options->log_to_stderr;
    case OPTION_VERSION:
        return &options->want_version;
    case OPTION_POSTFIX_RELEASE:
        return &options->want_release;
    default:
        return NULL;
    }
}

/* As atoi() in stock: leading digits count, what follows is ignored. */
static bool set_socket_count(DaemonOptions *options, const char *text, GError **error)
{
    long count = strtol(text, NULL, 10);

    if (count <= 0)
        return daemon_fail(error, "invalid socket_count: %s", text);
    options->socket_count = (int)MIN(count, G_MAXINT);
    return true;
}

/* getopt_long() gives the code of a long option that it cannot use here, or 0 for an unknown one.
 * Stock has only letters, and reports the second dash in both cases. */
static bool options_refuse(GError **error)
{
    char blamed = optopt > 0 && optopt < OPTION_VERSION ? (char)optopt : '-';

    return daemon_fail(error, "invalid option: %c", blamed);
}

/* Options that take an argument, -v, -z, and words that are not options. */
static bool apply(DaemonOptions *options, int letter, const char *argument, GError **error)
{
    switch (letter) {
    case 'i':
        g_ptr_array_add(options->overrides, g_strconcat("max_idle=", argument, NULL));
        return true;
    case 'm':
        g_ptr_array_add(options->overrides, g_strconcat("max_use=", argument, NULL));
        return true;
    case 'n':
        options->service_name = argument;
        return true;
    case 'o':
        g_ptr_array_add(options->overrides, g_strdup(argument));
        return true;
    case 's':
        return set_socket_count(options, argument, error);
    case 't':
        options->listen_type_text = argument;
        return true;
    case 'v':
        options->verbose++;
        return true;
    case 'z': /* "no process limit": only -l matters */
        return true;
    default:
        return options_refuse(error);
    }
}

static bool options_parse_all(int argc, char *const *argv, DaemonOptions *options, GError **error)
{
    int letter;

    optind = 0; /* GNU: start afresh, also after an earlier parse in this process */
    while ((letter = getopt_long(argc, argv, OPTION_LETTERS, long_options, NULL)) != -1) {
        bool *flag = flag_of(options, letter);

        if (flag != NULL)
            *flag = true;
        else if (!apply(options, letter, optarg, error))
            return false;
    }
    if (optind < argc)
        options->extra_argument = argv[optind];
    return true;
}

bool daemon_options_parse(int argc, char *const *argv, DaemonOptions *ret_options, GError **error)
{
    DaemonOptions options = {
        .program_name = base_name(argv[0]),
        .verbose = getenv("MAIL_VERBOSE") != NULL,
        .debugger = getenv("MAIL_DEBUG") != NULL,
        .socket_count = 1,
        .overrides = g_ptr_array_new_with_free_func(g_free),
    };
    bool parsed;

    options.service_name = options.program_name;
    parsed = options_parse_all(argc, argv, &options, error);
    if (parsed)
        g_ptr_array_add(options.overrides, NULL);
    else
        daemon_options_clear(&options);
    *ret_options = options;
    return parsed;
}

void daemon_options_clear(DaemonOptions *options)
{
    if (options->overrides != NULL)
        g_ptr_array_unref(options->overrides);
    options->overrides = NULL;
}

static void refuse_terminal(const DaemonOptions *options)
{
    if (options->foreground || !isatty(STDIN_FILENO))
        return;
    (void)fprintf(stderr,
                  "%s: fatal: do not run this command by hand\n"
                  "%s --help says how master(8) runs it\n",
                  options->program_name, options->program_name);
    exit(EXIT_FAILURE);
}

static bool parse_listen_type(const char *text, ListenType *ret_type, GError **error)
{
    static const struct {
        const char *name;
        ListenType type;
    } types[] = {
        {"unix", LISTEN_UNIX},
        {"fifo", LISTEN_FIFO},
        {"pass", LISTEN_PASS},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_ascii_strcasecmp(text, types[i].name) == 0) {
            *ret_type = types[i].type;
            return true;
        }
    }
    return daemon_fail(error, "unsupported transport type: %s", text);
}

bool daemon_options_check(const DaemonOptions *options, ListenType *ret_type, GError **error)
{
    if (options->stand_alone) {
        *ret_type = LISTEN_NONE;
        return true;
    }
    refuse_terminal(options);
    if (!options->sole_process)
        return daemon_fail(error, "service %s requires a process limit of 1",
                           options->service_name);
    if (options->listen_type_text == NULL)
        return daemon_fail(error, "no transport type specified");
    return parse_listen_type(options->listen_type_text, ret_type, error);
}
