#ifndef EQMGR_TESTS_BENCH_ARRIVALS_H
#define EQMGR_TESTS_BENCH_ARRIVALS_H

/*
 * tests/bench/arrivals: new mail that comes one by one, as from cleanup: the file appears in
 * incoming, then the queue manager gets a trigger. The time of both is noted in stand->latency.
 */

#include "tests/bench/stand.h"

typedef struct Arrivals Arrivals;

/* From now on, `per_s` letters of the stage arrive each second: `count` in all, from
 * `first_serial` on. */
Arrivals *arrivals_start(Stand *stand, unsigned first_serial, unsigned count, unsigned per_s);

/* How many letters have arrived. */
unsigned arrivals_count(const Arrivals *arrivals);

/* No more letters arrive. */
void arrivals_stop(Arrivals *arrivals);

#endif
