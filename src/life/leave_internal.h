#ifndef EQMGR_LIFE_LEAVE_INTERNAL_H
#define EQMGR_LIFE_LEAVE_INTERNAL_H

/*
 * leave: ends a message: its file leaves active, and it leaves memory.
 */

#include <event2/event.h>

#include "src/life/message_internal.h"

/* Visible for tests. */
typedef struct Leaving {
    MessageList stuck; /* messages whose file could not be moved or removed */
    struct event *stuck_timer;
} Leaving;

/*
 * Ends a message that only the caller holds, now or as soon as its file can be moved. The caller's
 * hold is used up.
 */
void message_leave(Message *message, WayOut way);
void leave_init(Life *life);
void leave_stop(Life *life);
void leave_check(const Life *life);

#endif
