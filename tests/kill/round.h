#ifndef EQMGR_TESTS_KILL_ROUND_H
#define EQMGR_TESTS_KILL_ROUND_H

/*
 * tests/kill/round: one workload in a queue directory of its own, with processes killed as the dice
 * say, then some peace in which everything has to be delivered, then the verdict.
 *
 * The workloads are those of tests/bench that have their counterpart here under the same name, in
 * sizes that keep the queue manager busy for a few seconds. One round per process: it changes the
 * working directory.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct RoundOptions {
    const char *program; /* the queue manager */
    const char *parent;  /* where the queue directory is made */
    int64_t window_ms;   /* in which processes are killed */
    uint32_t seed;
} RoundOptions;

typedef struct RoundCounts {
    uint64_t managers, rewriters, carriers; /* killed */
    uint64_t recipients, unmarked, late;
} RoundCounts;

extern const char *const round_workloads[]; /* names, NULL-terminated */

/* False if something went wrong, which has been told on standard error; the queue directory is
 * left to look at then. */
bool round_run(const char *workload, const RoundOptions *options, RoundCounts *ret_counts);

#endif
