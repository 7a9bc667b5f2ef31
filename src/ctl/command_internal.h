#ifndef EQMGR_CTL_COMMAND_INTERNAL_H
#define EQMGR_CTL_COMMAND_INTERNAL_H

/*
 * command: what can be typed. Each verb is a row of the table in commands.c: from it come the
 * command line that is accepted, the help texts, and the request.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "src/ctl/session_internal.h"

#define COMMAND_OPTIONS_MAX 8
#define ROWS_DEFAULT        20
#define ROWS_MAX            1000 /* of a sorted listing; --all is not sorted */
#define TIMEOUT_DEFAULT_S   30
#define TIMEOUT_ALL_S       600 /* with --all: a daemon that has much to do answers slowly */

typedef struct CommandOption {
    const char *name;    /* long, without dashes; NULL: no more */
    char letter;         /* or 0 */
    const char *operand; /* its name in help; NULL: it is a flag */
    const char *wire; /* argument of the request; NULL: for the client. "until" is a time: "18:30"
                         is sent as the wall-clock second */
    const char *meaning;
    bool is_duration;    /* "5m" is sent as seconds */
    const char *choices; /* what the operand may be, separated by blanks; NULL: anything */
} CommandOption;

struct Invocation;

typedef struct Command {
    const char *name;
    const char *level;       /* needed: summary, view, control; "" for none */
    const char *summary;     /* one line */
    const char *operand;     /* in help: "NAME", "[PATTERN]"; NULL: none */
    const char *wire;        /* argument of the request for it */
    const char *second_wire; /* it may have two words: the argument for the second; or NULL */
    const char *third_wire;  /* likewise */
    const char *measures;    /* words behind WHAT, each with a value: arguments; NULL: none */
    bool operand_required;
    bool has_more_operands; /* further words are part of the argument, after a blank */
    bool has_done_rows;     /* the answer matches rows that were done; fewer: status 1 */
    const char *choices;    /* what the operand may be, separated by blanks; NULL: anything */
    CommandOption options[COMMAND_OPTIONS_MAX];
    const char *details;      /* help: what the answer means, and examples */
    int usage_status;         /* exit status if its words are not understood; 0: SESSION_USAGE */
    const char *usage_prefix; /* of the text then, on standard output; NULL: standard error */
    int (*run)(const struct Invocation *invocation);
} Command;

/* A command line, understood. */
typedef struct Invocation {
    const Command *command;
    const char *config_directory; /* NULL: the default */
    bool json, all, dry_run;
    int64_t row_max;
    int timeout_s;
    const char *level;                    /* less than one may; or NULL */
    const char *operand, *second, *third; /* or NULL */
    const char *measure;                  /* the word of command->measures, once it was said */
    bool is_measured;                     /* ... and its value */
    GPtrArray *arguments; /* of the request: names and values in turn, NULL at the end; owned */
    GHashTable *flags;    /* options for the client: values by name, "" for flags */
} Invocation;

/* Options that all verbs have; a name of NULL ends them. */
const CommandOption *command_common_options(void);

const Command *command_at(unsigned i); /* NULL after the last one */

/* The command whose name begins so, if there is one only; else NULL, and a text for people. */
const Command *command_find(const char *name, char **ret_problem);

/*
 * Understands the command line; NULL at once for --help and --version, which it prints, and for
 * what it does not understand, which it says. *ret_status is the exit status then.
 */
Invocation *command_parse(int argc, char **argv, int *ret_status) G_GNUC_WARN_UNUSED_RESULT;
void command_free(Invocation *invocation);

void command_print_help(const Command *command);
void command_print_overview(void);

#endif
