#ifndef EQMGR_DAEMON_TRIGGER_INTERNAL_H
#define EQMGR_DAEMON_TRIGGER_INTERNAL_H

/*
 * daemon/trigger: one accepted connection, waiting for the bytes of its trigger.
 *
 * With LISTEN_PASS the bytes come from a descriptor that the connection passes first. `done` is
 * called exactly once, never from trigger_start(), with the outcome of the one read: a count of
 * bytes, 0 for a client that closed, TRIGGER_UNREADABLE for an error; or TRIGGER_NOTHING if the
 * time ran out first, or no descriptor came. The connection stays open until `done` has
 * returned; then the trigger is gone. trigger_cancel() guarantees no `done`.
 */

#include <sys/queue.h>
#include <sys/types.h>

#include <event2/event.h>

#include "daemon/options.h"

#define TRIGGER_WAIT_MS 20 /* for the NUL of a client that writes it by itself */

enum { TRIGGER_UNREADABLE = -1, TRIGGER_NOTHING = -2 };

typedef struct Trigger Trigger;
TAILQ_HEAD(TriggerList, Trigger);

typedef void TriggerDoneFn(const char *bytes, ssize_t count, void *ctx);

typedef struct TriggerOwner {
    struct event_base *base;
    struct TriggerList waiting; /* every trigger is in here from start to end, the oldest first */
    int count;
    ListenType type;
    int event_priority;
    struct timeval wait_limit;
    TriggerDoneFn *done;
    void *ctx;
} TriggerOwner;

/* Takes ownership of `fd`, which is non-blocking. The owner must outlive the trigger. */
void trigger_start(TriggerOwner *owner, int fd);
void trigger_cancel(Trigger *trigger);

/* Ends the wait: the bytes that have come are the trigger; without any it is TRIGGER_NOTHING. May
 * call `done`. */
void trigger_hurry(Trigger *trigger);

#endif
