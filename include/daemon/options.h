#ifndef EQMGR_DAEMON_OPTIONS_H
#define EQMGR_DAEMON_OPTIONS_H

/*
 * daemon/options: the command line as master(8) gives it (daemon.md 2).
 *
 * Parsing stops at the first argument that is not an option, as master's children do. Every option
 * of the stock queue manager is accepted; -h, --help, --version and --postfix-release are ours, and
 * win over all others.
 */

#include <stdbool.h>

#include <glib.h>

typedef enum ListenType { LISTEN_NONE, LISTEN_UNIX, LISTEN_FIFO, LISTEN_PASS } ListenType;

typedef struct DaemonOptions {
    const char *program_name; /* base name of argv[0] */
    const char *service_name; /* -n, else program_name */
    bool chroot, debugger, sole_process, stand_alone, drop_privileges, log_to_stderr, foreground;
    int verbose;
    int socket_count;             /* -s; not used, since a queue manager has one socket */
    const char *listen_type_text; /* -t, or NULL */
    GPtrArray *overrides;         /* "name=value" of -o, -i, -m, NULL-terminated when parsed */
    const char *extra_argument;   /* first argument after the options, or NULL */
    bool want_help, want_version; /* -h, --help, --version: ours alone */
    bool want_release;            /* --postfix-release: ours alone */
} DaemonOptions;

/*
 * Errors carry the stock fatal text. Strings are borrowed from argv; `overrides` is owned: clear.
 * After an error *ret_options has the options before it, without overrides: enough to log the
 * error. MAIL_VERBOSE and MAIL_DEBUG in the environment act like -v and -D. The syntax of an
 * override is not checked here: config does that.
 */
bool daemon_options_parse(int argc, char *const *argv, DaemonOptions *ret_options,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void daemon_options_clear(DaemonOptions *options);

/*
 * The checks after the configuration was read: terminal, -l, -t, type; LISTEN_NONE with -S.
 * With a terminal as standard input (and neither -d nor -S) it does not return: as in stock the
 * text goes to standard error alone, and the status is 1.
 */
bool daemon_options_check(const DaemonOptions *options, ListenType *ret_type,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Help and version texts, to standard output. */
void daemon_print_help(const char *program_name);
void daemon_print_version(void);

#endif
