#ifndef EQMGR_LIFE_SETTLE_INTERNAL_H
#define EQMGR_LIFE_SETTLE_INTERNAL_H

/*
 * settle: fetches what the scheduler has to say.
 */

#include "src/life/life_internal.h"

void settle_init(Life *life);
void settle_stop(Life *life); /* takes all recipients out of the scheduler, and frees them */
void settle_check(const Life *life);

/*
 * Call after each call of sched that may have produced notices or undeliverable entries, or may
 * have changed its timer.
 */
void settle_sched(Life *life);

/* Runs the scheduler's timers that are due, even if their event has not come yet. */
void settle_turn(Life *life);

#endif
