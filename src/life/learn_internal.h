#ifndef EQMGR_LIFE_LEARN_INTERNAL_H
#define EQMGR_LIFE_LEARN_INTERNAL_H

/*
 * learn: finds out what deferred mail waits for that this process has not deferred itself, by
 * reading its files (operations.md 1).
 */

#include "src/life/life_internal.h"

void learn_init(Life *life);
void learn_stop(Life *life);

/* A question is out. For tests. */
bool learn_is_asking(const Life *life);

/* A piece of a turn: reading goes on if there is something to read. */
void learn_turn(Life *life);

#endif
