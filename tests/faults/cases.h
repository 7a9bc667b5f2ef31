#ifndef EQMGR_TESTS_FAULTS_CASES_H
#define EQMGR_TESTS_FAULTS_CASES_H

/*
 * tests/faults/cases: which faults there are, and their names.
 *
 *   spool_move<-move_to<-leave_go/rename/ENOSPC/2nd       the second call from there fails
 *   spool_move<-move_to<-leave_go/rename/ENOSPC/2nd+600s  and all that follow for ten minutes
 *   agent:smtp/mark/KILL/3rd                               the end of all before an agent's third
 * mark
 *
 * The sample of a seed is the same as long as the names are; a change elsewhere does not shuffle
 * it.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "tests/faults/fault_page.h"
#include "tests/faults/run.h"

typedef struct Case {
    char *name, *site;
    Fault fault; /* its site is ours */
} Case;

void case_free(void *data);

/* NULL: not a name of a case. */
Case *case_parse(const char *name);

/* All cases of the sites that a run without faults has met; of Case. `mode`: FAULT_FAIL or
 * FAULT_KILL. */
GPtrArray *cases_of(const FaultPage *page, FaultMode mode);

/* Puts those that a file names, one a line, before the others. false: a line is not a case. */
bool cases_add_from(GPtrArray *cases, const char *path, FaultMode mode, GError **error);

/* Keeps `count` of them, from as many sites as possible. */
void cases_sample(GPtrArray *cases, unsigned count, unsigned seed);

#endif
