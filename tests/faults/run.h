#ifndef EQMGR_TESTS_FAULTS_RUN_H
#define EQMGR_TESTS_FAULTS_RUN_H

/*
 * tests/faults/run: the message set from start to end in one laboratory, with at most one fault,
 * and what the judge says about it.
 *
 * The driver is the master: a daemon that ended is started again. Once the queues are empty (or the
 * time for that is over) it is stopped and started once more, without any fault. A process plays
 * one run; the working directory changes.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "tests/faults/fault_page.h"
#include "tests/faults/world.h"

/* What happens at the nth call of a site, or the nth step of an agent ("agent:smtp/mark"). */
typedef struct Fault {
    FaultMode mode;
    const char *site; /* not used if all calls are only counted */
    unsigned nth;
    int error;
    int64_t lasts_s; /* 0: one call */
} Fault;

typedef struct RunOptions {
    WorldOptions world; /* what is kept goes to standard error, too */
    const char *set_path;
} RunOptions;

#define RUN_ACCOUNTS_MAX 1024

/* How a run went: the call sites, and when each recipient ended, in the order of the set. */
typedef struct RunCourse {
    FaultPage page;
    unsigned account_count;
    int64_t ended_s[RUN_ACCOUNTS_MAX];
} RunCourse;

typedef struct Verdict {
    GPtrArray *complaints; /* of char * */
    bool is_met;           /* the fault happened */
    int64_t drained_s;     /* virtual time until the queues were empty */
    int64_t delay_s;       /* of the recipient that ended latest, compared with the usual course */
} Verdict;

/* `usual` is a course without faults, or NULL; `ret_course` may be NULL. */
Verdict run_play(const RunOptions *options, const Fault *fault, const RunCourse *usual,
                 RunCourse *ret_course);

/* Performs the steps of the set alone, as long as the world lasts. */
void run_play_set(World *world, const char *path);
void verdict_clear(Verdict *verdict);

#endif
