#ifndef EQMGR_CTL_DOCTOR_FACTS_INTERNAL_H
#define EQMGR_CTL_DOCTOR_FACTS_INTERNAL_H

/*
 * facts: what advice is made from, asked of the daemon and of postconf(1) at one moment. Bounded:
 * each listing has the first FACTS_ROWS rows.
 */

#include "src/ctl/session_internal.h"

#define FACTS_ROWS 100

/* Settings of main.cf, in seconds; -1: postconf(1) did not tell. */
typedef struct FactsSettings {
    int64_t queue_run_delay_s, minimal_backoff_s, maximal_backoff_s;
    int64_t queue_lifetime_s, bounce_lifetime_s;
} FactsSettings;

typedef struct Facts {
    Row status;
    int64_t now_s;          /* as the daemon said */
    GPtrArray *transports;  /* of Row *, as all of these */
    GPtrArray *waiting;     /* destinations, most delivery requests first */
    GPtrArray *deferred;    /* deferred mail by destination, most first */
    GPtrArray *connections; /* that have lasted FACTS_PENDING_S, oldest first */
    FactsSettings settings;
} Facts;

#define FACTS_PENDING_S "10"

/* Empty facts, to be filled by facts_take() or a test. Clear them. */
void facts_init(Facts *facts);
void facts_clear(Facts *facts);

/* On failure *ret_problem is a text for people. */
SessionStatus facts_take(Facts *facts, Session *session, char **ret_problem);

/* Reads the settings of the instance; what it cannot read stays unknown. config_directory may be
 * NULL. */
void facts_read_settings(Facts *facts, const char *config_directory);

/* "5d", "300s", "4000" as seconds, units as in main.cf; without one it is default_unit_s. -1: not
 * one. */
int64_t facts_parse_time(const char *text, int64_t default_unit_s);

#endif
