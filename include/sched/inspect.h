#ifndef EQMGR_SCHED_INSPECT_H
#define EQMGR_SCHED_INSPECT_H

/*
 * sched/inspect: what the scheduler knows, for somebody who only looks (operations.md 1).
 *
 * Nothing here changes a decision. Texts in views are borrowed until the next call that changes the
 * core. Walks go by slots (base/slot_table.h): a destination that exists during the whole walk
 * comes exactly once.
 */

#include <stdbool.h>
#include <stdint.h>

#include "policy/allowance.h"
#include "sched/sched.h"

/* What a destination is, worst first; the one that is said of it is the first that holds. */
typedef enum SchedState {
    SCHED_STATE_THROTTLED, /* dead: it is tried again at a time */
    SCHED_STATE_PACED,     /* it waits for its rate delay */
    SCHED_STATE_FULL,      /* as many deliveries run as may, and others wait */
    SCHED_STATE_READY,     /* deliveries run or wait */
    SCHED_STATE_IDLE,
    SCHED_STATE_COUNT
} SchedState;

const char *sched_state_str(SchedState state); /* "throttled" */

/* False if there is none of that name. */
bool sched_state_parse(const char *name, SchedState *ret_state);

/* Whose rate it is that mail has waited for. */
typedef enum SchedPaced {
    SCHED_PACED_BY_DESTINATION, /* by itself */
    SCHED_PACED_BY_SITE,        /* that destinations share */
    SCHED_PACED_BY_TRANSPORT,
    SCHED_PACED_COUNT
} SchedPaced;

typedef struct SchedTransportView {
    const char *name;
    const SchedTransportParams *params;
    bool is_internal; /* retry and error */
    bool is_dead, is_rate_locked;
    bool is_held_by_rate;        /* alive, with mail that waits for its rate, or */
    bool is_held_by_limit;       /* ... for the end of one of its deliveries */
    int limit;                   /* of the deliveries of all together; 0: none */
    const char *status, *reason; /* of its death; NULL if it is alive */
    int64_t since_s, until_s;    /* of its death, or pause by its rate, timer_s; 0: neither */
    int pending_count, running_count;
    int64_t waiting_count; /* delivery requests */
    int64_t destination_count;
    int64_t paced_us[SCHED_PACED_COUNT]; /* as SchedSummary */
} SchedTransportView;

typedef struct SchedDestinationView {
    const char *name, *nexthop, *transport;
    bool is_internal; /* of retry and error: its name is a reason */
    bool is_user;     /* user@nexthop: the recipient limit of its transport is 1 */
    SchedState state;
    bool is_blocked; /* its transport is dead, or waits for a rate delay, a rate or its limit: */
    bool is_blocked_by_rate, is_blocked_by_limit;
    int window, limit; /* limit 0: none */
    int waiting_count, running_count;
    const char *status, *reason;         /* of its death; NULL if it is alive */
    int64_t since_s, until_s;            /* of its death or pause, timer_s; 0: neither */
    bool is_held_by_rate;                /* paced by a rate: its own, or that of its site */
    const char *site;                    /* that it shares; NULL: none */
    int site_running, site_limit;        /* deliveries of all members; 0: no limit */
    bool is_held_by_site;                /* full or paced because of that only */
    int64_t last_success_wall_s;         /* 0: none that is remembered */
    uint64_t done_count, deferred_count; /* deliveries since it is known */
    const AllowanceMeasure *measure;     /* the same, of the last minute */
} SchedDestinationView;

typedef struct SchedSummary {
    unsigned transport_count, dead_transport_count;
    int64_t destination_count;
    int64_t destinations[SCHED_STATE_COUNT];
    int64_t standing_count; /* of these, those that sched_view_next_standing() meets */
    int64_t recipient_count;
    /* How long mail that could go else has waited for a rate over transports, the sum of all these;
     * it grows when the wait has ended, or something else happens there. */
    int64_t paced_us;
} SchedSummary;

typedef enum SchedChangeKind {
    SCHED_TRANSPORT_DIED,
    SCHED_TRANSPORT_REVIVED,
    SCHED_DESTINATION_DIED,
    SCHED_DESTINATION_REVIVED,
} SchedChangeKind;

typedef struct SchedChange {
    SchedChangeKind kind;
    const char *transport; /* lives as long as the core */
    char *destination;     /* NULL: it concerns the transport */
    char *reason;          /* of a death: status and text; else NULL */
} SchedChange;

/* The oldest one that was not fetched yet; clear it. */
bool sched_pop_change(Sched *sched, SchedChange *ret_change);
void sched_change_clear(SchedChange *change);

/* O(transports). */
void sched_summarize(const Sched *sched, SchedSummary *ret_summary);

/* The first transport by name that comes after this name (NULL: of all); false if there is none.
 * O(log transports). */
bool sched_view_transport(const Sched *sched, const char *after, SchedTransportView *ret_view);

/* Of the first used slot from *slot on, as slot_table_next(). */
bool sched_view_next(const Sched *sched, uint32_t *slot, unsigned patience,
                     SchedDestinationView *ret_view);
bool sched_view_is_end(const Sched *sched, uint32_t slot);

/*
 * The same walk over those alone that are throttled or paced by themselves: few among many, as a
 * rule. One that goes on and stands still again meanwhile may be met twice.
 */
bool sched_view_next_standing(const Sched *sched, uint32_t *slot, unsigned patience,
                              SchedDestinationView *ret_view);
bool sched_view_standing_is_end(const Sched *sched, uint32_t slot);

/* The destination of that name; `transport` may be NULL: of some transport but retry and error. */
bool sched_view_destination(const Sched *sched, const char *transport, const char *name,
                            SchedDestinationView *ret_view);

/*
 * Preemptive: how many delivery requests wait that stand before those of the message in the order
 * of this transport. Looks at `max` messages at most; *ret_is_cut: there are more. O(max). -1: it
 * has no place there; in round-robin, where destinations take turns, none has.
 */
int64_t sched_view_before(const SchedMessage *message, const char *transport, unsigned max,
                          bool *ret_is_cut);

/* One destination of a message, with how many of its delivery requests wait and run. */
typedef struct SchedShare {
    SchedDestinationView destination;
    unsigned waiting_count, running_count;
} SchedShare;

#define SCHED_SHARES_MAX 100

/*
 * Preemptive: the destinations that the message has delivery requests for, the first
 * SCHED_SHARES_MAX of them; returns how many these are. Round-robin keeps no list of them: 0.
 */
unsigned sched_view_shares(const SchedMessage *message, SchedShare ret_shares[SCHED_SHARES_MAX]);

/*
 * The same with both strategies, for one message only: in round-robin it looks at all delivery
 * requests there are, some tens of microseconds for each 10,000.
 */
unsigned sched_find_shares(const Sched *sched, const SchedMessage *message,
                           SchedShare ret_shares[SCHED_SHARES_MAX]);

#endif
