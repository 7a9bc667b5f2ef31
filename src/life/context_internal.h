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

/*
 * Sets a timer to at_us (Now.mono_us); INT64_MAX: it never comes. *set_us, INT64_MAX at first, says
 * to what it is set: the same again costs nothing. A far moment is waited for in pieces: so its
 * event sets *set_us to INT64_MAX, looks at what is due, and calls again.
 */
void life_set_timer(const Life *life, struct event *timer, int64_t *set_us, int64_t at_us);

/* Logs each line of the text as a warning of its own. NULL is allowed. */
void life_warn_lines(const char *text);

/* Logs a spool call that failed as one warning: the text, a colon, and the reason. */
void life_warn_spool(SpoolResult result, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Call after a move or a removal: true if the file is not there any more. */
bool life_is_away(const Life *life, SpoolQueue from, const char *queue_id, SpoolStatus status);

#endif
