#ifndef EQMGR_TESTS_FAULTS_GROWTH_H
#define EQMGR_TESTS_FAULTS_GROWTH_H

/*
 * tests/faults/growth: the same mail round after round in one process, under new queue IDs: heap,
 * descriptors and watches must not grow.
 */

#include <stdbool.h>

#include "tests/faults/run.h"

/* Both print what they find. false: something grows, or a round went wrong. */

/* The message set, partly for new destinations. */
bool growth_play_set(const RunOptions *options, unsigned rounds);

/* Mail for a site that is suspended, and comes through active in bursts when it is resumed. */
bool growth_play_bursts(const RunOptions *options, unsigned rounds);

#endif
