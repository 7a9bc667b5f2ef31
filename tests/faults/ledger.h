#ifndef EQMGR_TESTS_FAULTS_LEDGER_H
#define EQMGR_TESTS_FAULTS_LEDGER_H

/*
 * tests/faults/ledger: what has become of each recipient, told by the played processes as they do
 * it (the witness of tests/lab/core.h), never by the daemon.
 *
 * A recipient that a log names is returned to the sender when a service accepts the request to send
 * that log; an entry that was gone by then was not returned.
 */

#include <stdbool.h>

#include <glib.h>

#include "tests/lab/core.h"

typedef struct Account {
    char *id, *recipient;
    bool is_probe, is_redirected;
    bool is_silent; /* wants no notice: it may be returned again, and nobody hears of it */
    bool in_doubt;  /* the daemon was not told, or not so that it could understand */
    unsigned delivered, returned, probed;
    int64_t ended_s; /* virtual time of the first of these */
} Account;

typedef struct Ledger Ledger;

/* `core` gets the ledger as its witness. `on_step` decides about each step of an agent. */
typedef bool LedgerStepFn(void *ctx, const char *transport, const char *step);
Ledger *ledger_new(Core *core, LedgerStepFn *on_step, void *ctx);
void ledger_free(Ledger *ledger);

/* Opens accounts for all recipients of a queue file that are not done, and forgets none. */
void ledger_enrol(Ledger *ledger, const char *id, const char *path);

/* An entry that was in a log before anybody played. */
void ledger_note_entry(Ledger *ledger, const char *log, const char *id, const char *recipient);

/* What was done since the last call has been answered; `in_doubt`: in a way that nobody
 * understands, so the daemon may have it done again. */
void ledger_answered(Ledger *ledger, bool in_doubt);

/* In the order of enrolment. */
const GPtrArray *ledger_accounts(const Ledger *ledger);

/* Requests to send a log that did not exist: the sender gets a notice about nothing. Not those of
 * messages in doubt. */
unsigned ledger_empty_notices(const Ledger *ledger);

#endif
