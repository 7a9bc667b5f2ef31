#ifndef EQMGR_STATS_RING_H
#define EQMGR_STATS_RING_H

/*
 * stats/ring: the last negative results of deliveries, and the last changes of state.
 *
 * Both are rings of fixed size, 1.3 MB together: the newest entry replaces the oldest. Texts are
 * cut, never refused; they are whatever a remote server said, so whoever shows them makes them
 * harmless. Entries have serial numbers from 1 on without gaps, by which a reader goes on where it
 * stopped and sees what it missed.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#define FAILURE_MAX 4096
#define EVENT_MAX   1000

/* One delivery that did not go well. */
typedef struct Failure {
    uint64_t serial;
    int64_t wall_s;
    uint32_t hash; /* of transport and destination */
    char transport[20], destination[48];
    char status[8]; /* DSN, such as 4.4.1; or "" */
    char reason[160];
} Failure;

typedef struct FailureRing FailureRing;

FailureRing *failure_ring_new(void) G_GNUC_WARN_UNUSED_RESULT;
void failure_ring_free(FailureRing *ring);

/* NULL for the ring is a no-op. */
void failure_add(FailureRing *ring, int64_t wall_s, const char *transport, const char *destination,
                 const char *status, const char *reason);

/*
 * The newest one of this destination with a serial below `before` (UINT64_MAX: of all), or NULL.
 * Long names are compared by their beginning and their hash. Looks at each entry once.
 */
const Failure *failure_find(const FailureRing *ring, const char *transport, const char *destination,
                            uint64_t before);

typedef enum EventKind {
    EVENT_STARTED,
    EVENT_TRANSPORT_DIED,
    EVENT_TRANSPORT_REVIVED,
    EVENT_DESTINATION_DIED,
    EVENT_DESTINATION_REVIVED,
    EVENT_INDEX_COMPLETE, /* all deferred mail is known */
    EVENT_INDEX_LOST,     /* and why */
    EVENT_CLOCK_JUMPED,   /* the wall clock, and how */
    EVENT_SUSPENDED,      /* by an administrator */
    EVENT_RESUMED,
    EVENT_LIMITED,   /* by an administrator */
    EVENT_UNLIMITED, /* that is over */
    EVENT_JOB_BEGUN, /* deferred mail is let go, piece by piece */
    EVENT_JOB_ENDED, /* and how */
    EVENT_KIND_COUNT
} EventKind;

const char *event_kind_str(EventKind kind); /* "transport-died" */

/* A change of state. */
typedef struct Event {
    uint64_t serial;
    int64_t wall_s;
    EventKind kind;
    char transport[20], destination[48]; /* "" where it concerns none */
    char reason[160];
} Event;

typedef struct EventRing EventRing;

EventRing *event_ring_new(void) G_GNUC_WARN_UNUSED_RESULT;
void event_ring_free(EventRing *ring);

/* Names and reason may be NULL; NULL for the ring is a no-op. */
void event_add_change(EventRing *ring, int64_t wall_s, EventKind kind, const char *transport,
                      const char *destination, const char *reason);

/* The oldest one with a serial above `after` that is still there, or NULL. */
const Event *event_next(const EventRing *ring, uint64_t after);

/* The serial of the newest one; 0: there was none yet. */
uint64_t event_last_serial(const EventRing *ring);

#endif
