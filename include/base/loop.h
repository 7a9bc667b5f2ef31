#ifndef EQMGR_BASE_LOOP_H
#define EQMGR_BASE_LOOP_H

/*
 * base/loop: the only ways to add an event to the event loop.
 *
 * event_add() can fail: the kernel has no memory to watch one more descriptor (ENOMEM), or watches
 * as many as it may (ENOSPC), or cannot watch one of this kind (EPERM). An event that was not added
 * never comes, so whoever waits for it waits for ever, and nobody tells. Therefore each caller says
 * whether it can go on without. `make lint` finds calls of event_add() elsewhere.
 *
 * Timers cannot fail, as memory of the process is never wanting (event_set_mem_functions); nor can
 * an event that is pending already and gets a new time limit.
 */

#include <stdbool.h>

#include <event2/event.h>
#include <glib.h>

/* Ends the process with a line if it fails: for timers, and for what the process cannot do without.
 * `limit` may be NULL. */
void loop_add(struct event *event, const struct timeval *limit);

/* False, with errno: the event is not added, and the caller does something about it. */
bool loop_try_add(struct event *event, const struct timeval *limit) G_GNUC_WARN_UNUSED_RESULT;

#endif
