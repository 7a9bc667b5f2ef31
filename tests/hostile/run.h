#ifndef EQMGR_TESTS_HOSTILE_RUN_H
#define EQMGR_TESTS_HOSTILE_RUN_H

/*
 * tests/hostile/run: the message set of tests/faults from start to end in one laboratory, among ill
 * peers, then among healthy ones until it is through, and what the judge says about it.
 *
 * A process plays one run; the working directory changes.
 */

#include <stdbool.h>

#include <glib.h>

#include "tests/hostile/tampering.h"

typedef struct HostileOptions {
    const char *program_directory; /* where the binary "qmgr" is */
    const char *clock_library;
    const char *set_path;
    bool keep; /* the directory, and the trace on standard error */
} HostileOptions;

typedef struct HostileCase {
    TamperingPlan plan;
    bool has_callers; /* strangers at the trigger socket */
    bool has_master;  /* who is ill, too */
} HostileCase;

/* Each complaint is one line of text. */
void hostile_play(const HostileOptions *options, const HostileCase *one, GPtrArray *complaints);

#endif
