#ifndef EQMGR_DAEMON_OPTIONS_H
#define EQMGR_DAEMON_OPTIONS_H

/*
 * daemon/options: the command line as master(8) gives it (daemon.md 2).
 */

#include <stdbool.h>

#include <glib.h>

typedef enum ListenType { LISTEN_NONE, LISTEN_UNIX, LISTEN_FIFO, LISTEN_PASS } ListenType;

typedef struct DaemonOptions {
    const char *program_name; /* base name of argv[0] */
    const char *service_name; /* -n, else program_name */
    bool chroot, debugger, sole_process, stand_alone, drop_privileges, log_to_stderr, foreground;
    int verbose;
    int socket_count;
    const char *listen_type_text; /* -t, or NULL */
    GPtrArray *overrides;         /* "name=value" of -o, -i, -m, NULL-terminated when parsed */
    const char *extra_argument;   /* first argument behind the options, or NULL */
    bool want_help, want_version; /* -h, --help, --version: ours alone */
} DaemonOptions;

/* Errors carry the stock fatal text. Strings are borrowed from argv. */
bool daemon_options_parse(int argc, char *const *argv, DaemonOptions *ret_options,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void daemon_options_clear(DaemonOptions *options);

/* The checks after the configuration was read: terminal, -l, -t, type. */
bool daemon_options_check(const DaemonOptions *options, ListenType *ret_type,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Help and version texts, to standard output. */
void daemon_print_help(const char *program_name);
void daemon_print_version(void);

#endif
