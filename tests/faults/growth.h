#ifndef EQMGR_TESTS_FAULTS_GROWTH_H
#define EQMGR_TESTS_FAULTS_GROWTH_H

/*
 * tests/faults/growth: the message set round after round in one process, under new queue IDs and
 * partly for new destinations: heap, descriptors and watches must not grow.
 */

#include <stdbool.h>

#include "tests/faults/run.h"

/* Prints what it finds. false: something grows, or a round went wrong. */
bool growth_play(const RunOptions *options, unsigned rounds);

#endif
