#ifndef EQMGR_BASE_LOOP_H
#define EQMGR_BASE_LOOP_H

/*
 * base/loop: the only ways to add an event to the event loop.
 *
 * event_add() can fail: the kernel has no memory to watch one more descriptor (ENOMEM), or watches
 * as many as it may (ENOSPC), or cannot watch one of this kind (EPERM). An event that was not added
 * never comes, so whoever waits for it would wait for ever, without a line in the log. Therefore
 * each caller says whether it can go on without the event. `make lint` finds calls of event_add()
 * elsewhere.
 *
 * Adding a timer cannot fail, since the process ends when its memory is out
 * (event_set_mem_functions); nor can adding a pending event again with another time limit.
 */

#include <stdbool.h>

#include <event2/event.h>
#include <glib.h>

/* Ends the process with a line in the log if it fails: for timers, and for events that the process
 * cannot do without. `limit` may be NULL. */
void loop_add(struct event *event, const struct timeval *limit);

/* False, with the reason in errno: the event is not added, and the caller deals with that. */
bool loop_try_add(struct event *event, const struct timeval *limit) G_GNUC_WARN_UNUSED_RESULT;

#endif
