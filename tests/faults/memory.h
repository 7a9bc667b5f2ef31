#ifndef EQMGR_TESTS_FAULTS_MEMORY_H
#define EQMGR_TESTS_FAULTS_MEMORY_H

/*
 * tests/faults/memory: the message set in an address space that may grow by so little that the
 * daemon ends: it must say why in the mail log, and lose nothing.
 */

#include <stdint.h>

#include "tests/faults/run.h"

/* Master tries a few times under the limit, then without. `ret_ended`: the limit was met. */
Verdict memory_play(const RunOptions *options, uint64_t more_bytes, bool *ret_ended);

#endif
