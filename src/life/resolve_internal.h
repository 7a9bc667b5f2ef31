#ifndef EQMGR_LIFE_RESOLVE_INTERNAL_H
#define EQMGR_LIFE_RESOLVE_INTERNAL_H

/*
 * resolve: asks trivial-rewrite(8) where recipients go.
 */

#include "src/life/message_internal.h"

void resolve_init(Life *life);
void resolve_stop(Life *life); /* drops all questions */
void resolve_check(const Life *life);

/*
 * Takes the recipients out of `reading`, holds the message, and binds them when all answers are
 * there.
 */
void resolve_batch(Message *message, SpoolReading *reading);

/* Messages whose batch is being resolved: all, and those that were taken from this queue. */
unsigned resolve_count(const Life *life);
unsigned resolve_count_from(const Life *life, SpoolQueue queue);

/* True if the pool has connections on which nothing is asked. */
bool resolve_has_spare(const Life *life);

/* Forgets all answers that are remembered. */
void resolve_forget(Life *life);

#endif
