#ifndef EQMGR_TESTS_SCHED_LOCKSTEP_H
#define EQMGR_TESTS_SCHED_LOCKSTEP_H

/*
 * tests/sched/lockstep: the core and the model do the same things; every decision, text and counter
 * that callers can see is compared after each step.
 *
 * A run is a shape (which settings, how much of what), a seed for the settings, and a list of
 * operations that are plain numbers: any part of the list is a valid list, too, so a failing run
 * can be made short.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "tests/model/model.h"

typedef enum OperationKind {
    OPERATION_MAIL, /* its recipients come from `seed` */
    OPERATION_CONNECT,
    OPERATION_ANSWER, /* of the agent: select and run */
    OPERATION_FAIL,   /* a connection fails */
    OPERATION_FINISH,
    OPERATION_ASSIGN, /* a few recipients of an open batch */
    OPERATION_WAIT,
    OPERATION_FLUSH,
    OPERATION_REVIVE,
    OPERATION_LIMIT, /* an administrator's, of one destination */
    OPERATION_SHARE, /* a destination enters or leaves a site */
} OperationKind;
#define OPERATION_KINDS (OPERATION_SHARE + 1)

typedef struct Operation {
    OperationKind kind;
    uint32_t seed; /* of its own dice */
} Operation;

typedef struct Scenario {
    uint32_t seed; /* of the settings */
    SchedStrategy strategy;
    const Operation *operations;
    size_t count;
} Scenario;

/* `count` operations that fit the seed; the caller's. */
Operation *lockstep_roll(uint32_t seed, size_t count);

/*
 * Runs it in lockstep, to the end of all mail. Returns NULL, or what differed first (the caller's).
 * Broken invariants abort. `trace`: every operation is printed. *ret_digest (may be NULL) is that
 * of all that was compared, the same on every machine.
 */
char *lockstep_run(const Scenario *scenario, bool trace, uint64_t *ret_digest);

#endif
