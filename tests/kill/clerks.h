#ifndef EQMGR_TESTS_KILL_CLERKS_H
#define EQMGR_TESTS_KILL_CLERKS_H

/*
 * tests/kill/clerks: the services bounce, defer and trace (ipc.md 5) with what they do to the logs:
 * a record is appended; a log that was sent to the sender is removed, and its recipients are noted
 * in the ledger as returned.
 */

#include "tests/kill/common.h"
#include "tests/lab/core.h"

typedef struct Clerks Clerks;

/* Both borrowed. */
Clerks *clerks_new(const Core *core, const Common *common);
void clerks_free(Clerks *clerks);

#endif
