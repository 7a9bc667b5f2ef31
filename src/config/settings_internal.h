#ifndef EQMGR_CONFIG_SETTINGS_INTERNAL_H
#define EQMGR_CONFIG_SETTINGS_INTERNAL_H

/* The body of Settings, filled by the tables of params.c and transport.c. */

#include "config/settings.h"
#include "lexicon_internal.h"

/* Evaluated and checked, but not needed outside this layer. */
typedef struct CheckedTexts {
    const char *compatibility_level, *default_privs, *setgid_group, *maillog_file_prefixes;
    const char *default_verp_delimiters, *relayhost, *parent_domain_matches_subdomains;
    const char *eqmgr_postfix_release;
} CheckedTexts;

struct Settings {
    SettingsValues values;
    CheckedTexts checked;

    /* For a transport without parameters of its own; the texts of feedback belong to `texts`. */
    TransportSettings fallback;
    const char *fallback_positive_feedback, *fallback_negative_feedback;

    bool round_robin;
    char *main_cf; /* path, for errors */
    GStringChunk *texts;
    Lexicon lexicon;
    GPtrArray *extra_names;   /* of parameters in eqmgr.cf (extra.c); NULL: none */
    GHashTable *retry_plans;  /* transport -> RetryPlan; NULL: nothing is said */
    GHashTable *rates;        /* transport -> RatesOfTransport (rate.c); likewise */
    GPtrArray *late_warnings; /* of settings_transport() */
};

#endif
