#ifndef EQMGR_CONFIG_PARAMS_INTERNAL_H
#define EQMGR_CONFIG_PARAMS_INTERNAL_H

/*
 * params: the parameters of configuration.md 8 as tables, one row each.
 *
 * The rows of a table are in the order in which stock evaluates types, so that of two errors in a
 * configuration the same one is reported.
 */

#include "convert_internal.h"
#include "settings_internal.h"

/* The default in 3.7. */
#define PARAMS_PARENT_DOMAIN_MATCHES_SUBDOMAINS                                \
    "debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks," \
    "qmqpd_authorized_clients,relay_domains,smtpd_access_maps"

typedef enum ParamType {
    PARAM_STRING,
    PARAM_INT,
    PARAM_BOOL,
    PARAM_TIME,
} ParamType;

typedef enum ParamReader {
    READ_BY_ALL,
    READ_BY_PREEMPTIVE, /* qmgr alone; the default counts for oqmgr, whatever main.cf says */
    READ_BY_ROUND_ROBIN,
} ParamReader;

/* Looks at an expanded text; `settings` may be incomplete. */
typedef bool ParamCheckFn(const Settings *settings, const char *text, GError **error);

typedef struct Param {
    const char *name;
    ParamType type;
    const char *fallback; /* text of the default; NULL: entered elsewhere */
    Limits limits;        /* of the value, or of a string's length */
    size_t offset;        /* in struct Settings */
    char unit;            /* of a time */
    ParamReader reader;
    ParamCheckFn *check; /* of a string; or NULL */
} Param;

typedef struct ParamTable {
    const Param *rows;
    size_t count;
} ParamTable;

/* Before the host name is known; the rest of the library; eqmgr.cf; the queue manager proper. */
extern const ParamTable params_first, params_library, params_eqmgr, params_queue_manager;

/* Enters the defaults of all parameters, even of those that only `$name` refers to; the caller
 * enters those that depend on the installation. */
void params_set_defaults(Lexicon *lexicon);

/* Evaluates and checks the table's parameters into `settings`. */
bool params_evaluate(ParamTable table, Settings *settings,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

bool params_is_eqmgr(const char *name);
bool params_is_postfix(const char *name); /* one of main.cf, among those that are read */

#endif
