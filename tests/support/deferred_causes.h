#ifndef EQMGR_TESTS_SUPPORT_DEFERRED_CAUSES_H
#define EQMGR_TESTS_SUPPORT_DEFERRED_CAUSES_H

/*
 * tests/support/deferred_causes: the index of deferred_fixture after a walk, and what it knows of
 * the causes of its files. Their transport is always smtp.
 */

#include "spool/deferred_cause.h"
#include "tests/support/deferred_fixture.h"

/* A test case whose tests have `deferred`, with an index that is complete and empty. */
TCase *cause_tcase(const char *name);

/* How many files wait for this destination. */
unsigned count_of(const char *destination);

/* "a.test 4.4.1 2;": each row of the view, "-" for what it does not tell, in alphabetical order.
 * Free with g_free(). */
char *view_all(DeferredGrouping grouping);

/* For deferred_pick_new(): `ctx` is the name of the destination that is wanted. */
bool is_wanted(const char *transport, const char *destination, void *ctx);

#endif
