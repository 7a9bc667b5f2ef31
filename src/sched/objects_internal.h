#ifndef EQMGR_SCHED_OBJECTS_INTERNAL_H
#define EQMGR_SCHED_OBJECTS_INTERNAL_H

/*
 * The objects of the scheduler: what there is, and what it is part of. The ground of the layer,
 * with site_objects_internal.h and job_objects_internal.h; numbers in parentheses are sections of
 * scheduling.md.
 *
 *   Sched -> SchedTransport -> SchedDestination -> SchedEntry
 *       who may be delivered to
 *   Sched -> SchedMessage -> Job (x transport) -> Peer (x destination) -> SchedEntry
 *       in what order
 *
 * Round-robin has no jobs and peers: `peer` of its entries is NULL.
 *
 * Members below a line "index" belong to the indexes (index_internal.h): rules neither read nor
 * write them.
 *
 * A message with one recipient takes four pieces of memory from slabs: itself, its job, that job's
 * peer, and an entry. What hardly any job needs is in JobExtra.
 */

#include <sys/queue.h>

#include "base/check.h"
#include "base/element.h"
#include "base/heap.h"
#include "base/order.h"
#include "base/slab.h"
#include "base/slot_table.h"
#include "base/tree.h"
#include "sched/inspect.h"
#include "sched/sched.h"
#include "site_objects_internal.h"

#define SCHED_RETRY_NAME "retry"
#define SCHED_ERROR_NAME "error"
#define WINDOW_DEAD      0
#define WINDOW_SUSPENDED (-1)

typedef struct Strategy Strategy;
typedef struct Job Job;
typedef struct JobExtra JobExtra;
typedef struct Peer Peer;
typedef struct CandidateClass CandidateClass;

/* Why something is dead or could not be delivered; shared by reference count. */
typedef struct Cause {
    char *status, *reason;
    char *was_for; /* nexthop of retry from which mail was given up; NULL: none */
} Cause;

/* Where redirected recipients of a message were to go; shared as a cause is. */
typedef struct Origin {
    SchedTransport *transport;
    char destination[];
} Origin;

typedef struct Timer {
    HeapNode node;        /* first: the heap's elements are timers */
    bool is_of_transport; /* else of a destination */
} Timer;

TAILQ_HEAD(WalkList, SchedWalk);

struct Sched {
    SchedSettings settings;
    const Strategy *strategy;
    GHashTable *transports_by_name; /* keys owned by the transports */
    GHashTable *sites_by_name;      /* over transports; keys owned by the sites */
    Ring transports;                /* by in_sched */
    Tree transport_names;           /* the same, by in_names: for those who look */
    Slab messages, jobs, peers, entries;
    Chain undeliverable;       /* entries that were not popped yet */
    Chain changes;             /* deaths and revivals, oldest first */
    Chain notices;             /* oldest first */
    Heap timers;               /* by SchedNow.timer_s */
    Heap pace_timers;          /* by SchedNow.mono_us */
    struct PaceList disk_line; /* paces that wait for the disk */
    GHashTable *charges;       /* of running entries, where there are rates (pace.c); or NULL */
    uint64_t meter_lives;
    int64_t paced_us;            /* for which mail has waited for rates over transports */
    int64_t recipient_count;     /* G (10.1) */
    int64_t destination_count;   /* D (12.4) */
    SlotTable destination_slots; /* all of them, for walks (inspect.c) */
    SlotTable standing_slots;    /* those that are throttled or paced (state.c) */
    int64_t state_counts[SCHED_STATE_COUNT];
    struct WalkList walks; /* those that go on (walk.c) */
    uint64_t next_serial;
    unsigned message_count;
};

/* Trees of those jobs of a transport that have something in common; the links are in JobExtra. */
typedef enum JobTree {
    JOB_TREE_UNBLOCKED, /* passed jobs that have their turn again */
    JOB_TREE_TO_VISIT,  /* jobs that must be looked at when they are passed */
    JOB_TREE_SIGNPOSTS, /* jobs from which the place of a new one is found */
    JOB_TREE_UNREAD,    /* jobs with recipients to be read, in the order of arrival */
    JOB_TREE_COUNT
} JobTree;

/* Where a selection goes on that stopped to let a message read its next batch (8). */
typedef enum WalkStage {
    WALK_FRESH,       /* the job was not looked at yet */
    WALK_REFILLED,    /* its refill check was followed */
    WALK_LAST_REFILL, /* ... and the one for a job that has nothing to deliver */
} WalkStage;

struct SchedTransport {
    Sched *sched;
    char *name;
    SchedTransportParams params; /* adjusted (3) */
    OrderNode in_sched;
    TreeNode in_names;
    GHashTable *destinations_by_name;    /* keys owned by the destinations */
    GHashTable *sites_by_name;           /* of this transport alone; NULL: none yet */
    Ring destinations;                   /* by in_transport */
    Cause *cause;                        /* of death; NULL: alive */
    Timer timer;                         /* of death */
    int64_t since_s;                     /* of death, timer_s */
    int64_t waiting_count;               /* entries of all its destinations */
    int pending_count;                   /* connections that wait for their agent's announcement */
    int running_count;                   /* deliveries */
    int limit;                           /* of these; 0: none */
    SitePace *pace;                      /* of all its destinations together; NULL: no rate */
    int64_t paced_us[SCHED_PACED_COUNT]; /* for which its mail has waited for rates */
    bool rate_locked;
    bool is_internal; /* "retry" or "error" */

    /* Preemptive only. */
    Job *current;  /* where selections begin: all jobs before it are blocked */
    Job *walk_job; /* where a selection goes on after SCHED_REFILL, or NULL */
    WalkStage walk_stage;
    bool cache_valid; /* (9.5) */
    Job *cache_job, *cache_candidate;
    int64_t cache_steady_s;
    int64_t pool;      /* P (10.1) */
    Job *first_unread; /* U (10.1) */

    /* index */
    Tree deliverable; /* destinations that could take an entry now */
    int64_t capacity; /* how many entries they could take */

    /* index, preemptive only */
    Order jobs;             /* J: scheduler order */
    uint64_t label_spreads; /* how often labels of jobs have changed */
    Job *frontier;          /* jobs before it were passed; NULL: all */
    Tree job_trees[JOB_TREE_COUNT];
    uint32_t latest_queued_s; /* of the latest job in order of arrival, and its serial */
    uint64_t latest_serial;
    Tree classes;     /* jobs by size, as candidates (9.3) */
    GPtrArray *dirty; /* jobs whose class may be another one by now; or NULL */
};

struct SchedDestination {
    /* index. The label is that of the first job that waits for it, copied when labels of the
     * transport had changed so often. */
    TreeNode in_deliverable;
    uint64_t first_label, label_spreads;

    SchedTransport *transport;
    int window; /* >= 1: ready; else WINDOW_DEAD or WINDOW_SUSPENDED */
    int limit;  /* of the window; 0: none */
    int waiting_count, running_count;
    char *name, *nexthop;
    OrderNode in_transport;
    SchedEntry *given_back;              /* waits to be redirected, not entered; or NULL */
    uint32_t late_count;                 /* of late entries so far (waiting.c) */
    double success, failure, cohorts;    /* (11) */
    Cause *cause;                        /* of death, else NULL */
    Timer timer;                         /* of death or suspension */
    SitePace *pace;                      /* NULL: it has no rate of its own */
    SiteMember *member;                  /* NULL: it shares no site */
    GHashTable *crowd;                   /* who has entries (crowd.c); NULL: nobody counts */
    int64_t since_s;                     /* of death or suspension, timer_s */
    int64_t last_done_wall_s;            /* whatever came of it */
    AllowanceMeasure measure;            /* the same, of the last minute: for those who look */
    int64_t last_success_wall_s;         /* 0: none */
    uint64_t done_count, deferred_count; /* deliveries since it is known */
    int64_t next_clog_warning_s;
    bool may_load_session, may_save_session; /* (14) */
    bool limit_is_given;                     /* by the caller, since it was made */
    uint8_t counted_state;                   /* SchedState, in the counts of these */
    bool is_deliverable;                     /* index: in the tree of these */
    uint32_t slot;                           /* in the table of all destinations */
    uint32_t standing_slot;                  /* in that of what stands still, if it does */

    /* index */
    int counted_capacity; /* its part of the transport's */
    Tree waiting;         /* preemptive: peers, by job; round-robin: entries (waiting.c) */
};

struct SchedMessage {
    void *owner;
    Origin *origin;                 /* NULL: nothing of it was redirected */
    Job *jobs;                      /* in the order of creation; NULL in round-robin */
    SchedEntry *batch_entry;        /* round-robin: the one that the next recipient may join */
    uint64_t serial;                /* order of being taken in */
    uint32_t queued_s, last_read_s; /* steady time */
    uint32_t unread_count;          /* recipients still in the file */
    uint32_t recipient_count;       /* C(m) */
    uint32_t unassigned_count;      /* of the open batch */
    uint32_t entry_count;           /* waiting or running */
    uint32_t created_count;         /* entries so far */
    uint32_t undeliverable_count : 27;
    bool was_read : 1;   /* the first batch has ended */
    bool being_read : 1; /* a batch is open */
    bool fully_read : 1;
    bool batch_is_last : 1, batch_single_recipient : 1;
};

typedef enum EntryState { ENTRY_WAITING, ENTRY_RUNNING, ENTRY_UNDELIVERABLE } EntryState;

/* More would not be one delivery. */
#define ENTRY_RECIPIENTS_MAX ((1U << 26) - 1)

struct SchedEntry {
    union {
        Link in_peer;            /* while waiting */
        TreeNode in_destination; /* while waiting in round-robin; index */
        struct {                 /* undeliverable */
            Link in_sched;       /* until popped */
            Cause *cause;
        };
    };
    Chain recipients;
    SchedMessage *message;
    SchedDestination *destination; /* NULL: undeliverable */
    Peer *peer;                    /* NULL in round-robin */
    uint32_t late_count;           /* of its destination when it was created: its place there */
    uint32_t number;               /* order of creation within the message */
    uint32_t recipient_count : 26;
    unsigned state : 2;                              /* EntryState */
    bool is_late : 1;                                /* not of the first batch of its message */
    bool may_load_session : 1, may_save_session : 1; /* (14) */
};

/* ---- small questions ---- */

/* The next one whose turn it is, NULL at the end. After NULL: the first. */
static inline SchedTransport *transport_next(const Sched *sched, const SchedTransport *transport)
{
    OrderNode *node = transport == NULL ? ring_first(&sched->transports)
                                        : ring_next(&sched->transports, &transport->in_sched);

    return node != NULL ? ELEMENT(node, SchedTransport, in_sched) : NULL;
}

static inline SchedDestination *destination_next(const SchedTransport *transport,
                                                 const SchedDestination *destination)
{
    const Ring *ring = &transport->destinations;
    OrderNode *node =
        destination == NULL ? ring_first(ring) : ring_next(ring, &destination->in_transport);

    return node != NULL ? ELEMENT(node, SchedDestination, in_transport) : NULL;
}

static inline bool sched_is_preemptive(const Sched *sched)
{
    return sched->settings.strategy == SCHED_PREEMPTIVE;
}

/* At a window of at least 1. */
static inline double feedback_at(SchedFeedback feedback, int window)
{
    return feedback.per_window ? feedback.value / window : feedback.value;
}

static inline bool destination_is_ready(const SchedDestination *destination)
{
    return destination->window >= 1;
}

/* As many deliveries run as may, of all destinations together. */
static inline bool transport_is_full(const SchedTransport *transport)
{
    return transport->limit > 0 && transport->running_count >= transport->limit;
}

/* Its own rates let a delivery begin. */
static inline bool destination_is_free(const SchedDestination *destination)
{
    return pace_is_free(destination->pace);
}

/* The site that it shares, or NULL. */
static inline SchedSite *destination_site(const SchedDestination *destination)
{
    return destination->member != NULL ? destination->member->part->site : NULL;
}

static inline bool destination_site_has_room(const SchedDestination *destination)
{
    return destination->member == NULL || site_room(destination->member->part->site) > 0;
}

/* It could deliver, if the site that it shares has room. */
static inline bool destination_is_usable(const SchedDestination *destination)
{
    return destination->window > destination->running_count && destination_is_free(destination) &&
           destination->waiting_count > 0;
}

static inline bool destination_could_deliver(const SchedDestination *destination)
{
    return destination_is_usable(destination) && destination_site_has_room(destination);
}

static inline bool destination_is_empty(const SchedDestination *destination)
{
    return destination->waiting_count == 0 && destination->running_count == 0;
}

static inline bool message_may_read(const SchedMessage *message)
{
    return !message->fully_read && !message->being_read;
}

/* Nothing will be in the file after the batch that is open, if there is one. */
static inline bool message_is_exhausted(const SchedMessage *message)
{
    return message->fully_read || message->batch_is_last;
}

static inline SchedEntry *entry_at(const Link *link)
{
    return link != NULL ? ELEMENT(link, SchedEntry, in_peer) : NULL;
}

/* ---- objects.c ---- */

/* L(m) (10.1) */
int64_t message_recipient_limit(const Sched *sched, const SchedMessage *message);

/*
 * The message may read on now. Without outstanding entries the next batch is not asked for by a
 * selection: whoever drives the core sees to it when the last one has ended (10.6).
 */
bool message_may_refill(const SchedMessage *message);

#endif
