#ifndef EQMGR_LIFE_CONTEXT_INTERNAL_H
#define EQMGR_LIFE_CONTEXT_INTERNAL_H

/*
 * context: what all rooms share: the time of the turn, and log lines that several of them write.
 */

#include <stdbool.h>

#include "base/check.h"
#include "base/clock.h"
#include "src/life/life_internal.h"
#include "src/life/message_internal.h"

/* Visible for tests. */
typedef struct TurnClock {
    Clock clock;
    ClockEvent event; /* noticed, not logged yet */
    bool is_stale;
} TurnClock;

void context_init(Life *life);
void context_stop(Life *life);

/* The time of this turn: the first call after a wait reads the clock. */
const Now *life_now(const Life *life);
SchedNow life_sched_now(const Life *life);
void context_before_wait(Life *life);

/* Logs each line of the text as a warning of its own. NULL is allowed. */
void life_warn_lines(const char *text);

/* Logs a spool call that failed as one warning: the text, a colon, and the reason. */
void life_warn_spool(SpoolResult result, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Call after a move or a removal: true if the file is not there any more. */
bool life_is_away(const Life *life, SpoolQueue from, const char *queue_id, SpoolStatus status);

#endif
