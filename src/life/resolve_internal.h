#ifndef EQMGR_LIFE_RESOLVE_INTERNAL_H
#define EQMGR_LIFE_RESOLVE_INTERNAL_H

/*
 * resolve: where recipients go is asked of trivial-rewrite(8).
 */

#include "src/life/message_internal.h"

void resolve_init(Life *life);
void resolve_stop(Life *life); /* drops all questions */
void resolve_check(const Life *life);

/* Takes the recipients out of `reading`; goes on to bind when all answers are there. */
void resolve_batch(Message *message, SpoolReading *reading);

/* Messages whose batch is being resolved: all, and those that were taken from this queue. */
unsigned resolve_count(const Life *life);
unsigned resolve_count_from(const Life *life, SpoolQueue queue);

/* The pool has connections that nothing is asked on. */
bool resolve_has_spare(const Life *life);

/* Answers that are remembered are not to be used any more. */
void resolve_forget(Life *life);

#endif
