#ifndef EQMGR_TESTS_SCHED_PROPERTY_H
#define EQMGR_TESTS_SCHED_PROPERTY_H

/*
 * tests/sched/property: whether the core decides as the model does, for one seed. What fails is
 * made as short as possible and printed, step by step, if `explain` says so.
 */

#include "tests/sched/lockstep.h"

bool property_holds(uint32_t seed, SchedStrategy strategy, size_t operation_count, bool explain);

/* The digest of what the core decides for the seed. */
uint64_t property_digest(uint32_t seed, SchedStrategy strategy, size_t operation_count);

#endif
