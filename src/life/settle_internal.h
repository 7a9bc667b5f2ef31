#ifndef EQMGR_LIFE_SETTLE_INTERNAL_H
#define EQMGR_LIFE_SETTLE_INTERNAL_H

/*
 * settle: what the scheduler has to say after a call of it.
 */

#include "src/life/life_internal.h"

void settle_init(Life *life);
void settle_stop(Life *life); /* empties the scheduler: all recipients are handed back and freed */
void settle_check(const Life *life);

/* After any call into sched that may have produced them: notices, undeliverable entries, timer. */
void settle_sched(Life *life);

/* Runs the scheduler's timers that are due before their event has come. */
void settle_turn(Life *life);

#endif
