#ifndef EQMGR_LIFE_LEAVE_INTERNAL_H
#define EQMGR_LIFE_LEAVE_INTERNAL_H

/*
 * leave: the ways out of active.
 */

#include <event2/event.h>

#include "src/life/message_internal.h"

/* Visible for tests. */
typedef struct Leaving {
    MessageList stuck; /* whose file could not be moved or removed */
    struct event *stuck_timer;
} Leaving;

/* Only the caller holds the message: it ends, now or as soon as its file can be moved. */
void message_leave(Message *message, WayOut way);
void leave_init(Life *life);
void leave_stop(Life *life);
void leave_check(const Life *life);

#endif
