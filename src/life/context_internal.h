#ifndef EQMGR_LIFE_CONTEXT_INTERNAL_H
#define EQMGR_LIFE_CONTEXT_INTERNAL_H

/*
 * context: what all rooms share: the clock of the turn, and lines that several of them log.
 */

#include "base/clock.h"
#include "src/life/life_internal.h"
#include "src/life/message_internal.h"

void context_init(Life *life);
void context_stop(Life *life);

/* The time of this turn; the clock is read at the first question after a wait. */
const Now *life_now(const Life *life);
SchedNow life_sched_now(const Life *life);
void context_before_wait(Life *life);

/* Each line as a warning of its own; NULL is no line. */
void life_warn_lines(const char *text);

/* Logs a spool call that failed as one warning: the text, a colon, and the reason. */
void life_warn_spool(SpoolResult result, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* After a move or a removal: the file is not there any more. */
bool life_is_away(const Life *life, SpoolQueue from, const char *queue_id, SpoolStatus status);

#endif
