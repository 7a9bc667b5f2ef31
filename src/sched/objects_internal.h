#ifndef EQMGR_SCHED_OBJECTS_INTERNAL_H
#define EQMGR_SCHED_OBJECTS_INTERNAL_H

/*
 * The objects of the scheduler core: what there is, and where it stands. Numbers in parentheses
 * are sections of scheduling.md.
 *
 *   Sched -> SchedTransport -> SchedDestination -> SchedEntry      who may be delivered to
 *   Sched -> SchedMessage -> Job (x transport) -> Peer (x destination) -> SchedEntry   in what
 * order
 *
 * Round-robin has no jobs and peers: its entries know their destination themselves.
 *
 * Members that belong to indexes (index_internal.h), which rules neither read nor write:
 *   transport    deliverable, capacity, frontier, unblocked, to_visit, latest_..., landmarks,
 *                displaced, unread, classes, dirty
 *   destination  in_deliverable, first_label, label_spreads, waiting_peers, waiting_entries,
 *                counted_capacity, is_deliverable
 *   peer         in_destination, is_waiting
 *   job          in_transport, is_listed (read only), is_in_arrival_order, is_unblocked,
 *                is_to_visit, is_unread, is_classed_as_unblocked, dirty_place; of JobSide all
 *                about classes; of JobFar all about arrivals, unblocked, to_visit, unread
 *
 * Most messages have one recipient. So a message comes with room for its first job, that with room
 * for its first peer, and the message with room for one entry, all in one piece of memory. What
 * only other jobs, peers and entries need, such as the way back to their owner, is behind them
 * (LaterJob, LaterPeer, LaterEntry); what only few jobs need, in JobSide and JobFar.
 */

#include <sys/queue.h>

#include "base/element.h"
#include "base/heap.h"
#include "base/order.h"
#include "base/slab.h"
#include "base/tree.h"
#include "sched/sched.h"

#define SCHED_RETRY_NAME "retry"
#define SCHED_ERROR_NAME "error"
#define CACHE_LINE       64
#define WINDOW_DEAD      0
#define WINDOW_SUSPENDED (-1)

typedef struct Strategy Strategy;
typedef struct Job Job;
typedef struct LaterJob LaterJob;
typedef struct JobSide JobSide;
typedef struct JobFar JobFar;
typedef struct Peer Peer;
typedef struct PeerSet PeerSet;
typedef struct CandidateClass CandidateClass;
typedef struct LaterPeer LaterPeer;
typedef struct LaterEntry LaterEntry;
typedef struct TurnEntry TurnEntry;
typedef struct Undeliverable Undeliverable;
typedef struct Notice Notice;

/* Why something is dead or could not be delivered; shared by reference count. */
typedef struct Cause {
    char *status, *reason;
} Cause;

typedef enum TimerKind { TIMER_OF_TRANSPORT, TIMER_OF_DESTINATION } TimerKind;

typedef struct Timer {
    HeapNode node; /* first: the heap's elements are timers */
    TimerKind kind;
} Timer;

TAILQ_HEAD(ChildList, JobFar);
TAILQ_HEAD(UndeliverableList, Undeliverable);
TAILQ_HEAD(NoticeList, Notice);

struct Sched {
    SchedSettings settings;
    const Strategy *strategy;
    GHashTable *transports_by_name;      /* keys owned by the transports */
    Ring transports;                     /* by in_sched */
    Slab messages, jobs, peers, entries; /* beyond the first of a message, but for messages */
    Slab sides;
    GHashTable *peer_index;                 /* those of jobs with many, by (job, destination) */
    struct UndeliverableList undeliverable; /* not yet taken */
    struct UndeliverableList taken;         /* taken, not yet discarded */
    struct NoticeList notices;              /* oldest first */
    Heap timers;                            /* wall-clock seconds */
    int64_t recipient_count;                /* G (10.1) */
    int64_t destination_count;              /* D (12.4) */
    uint64_t next_serial;
    unsigned message_count;
};

/* Where a selection stands that stopped to let a message read its next batch (8). */
typedef enum WalkStage {
    WALK_FRESH,       /* the job was not looked at yet */
    WALK_REFILLED,    /* its refill check was followed */
    WALK_LAST_REFILL, /* ... and the one for a job that found nothing deliverable */
} WalkStage;

struct SchedTransport {
    Sched *sched;
    char *name;
    SchedTransportParams params; /* adjusted (3); names are interned */
    OrderNode in_sched;
    GHashTable *destinations_by_name; /* keys owned by the destinations */
    Ring destinations;                /* by in_transport */
    Tree deliverable;                 /* destinations that could take an entry now */
    int64_t capacity;                 /* how many entries they could take */
    Cause *cause;                     /* of death; NULL: alive */
    Timer timer;                      /* of death */
    int pending_count;                /* connections that wait for their agent's announcement */
    int running_count;                /* deliveries */
    bool rate_locked;
    bool is_internal; /* "retry" or "error" */

    /* Preemptive only from here on. Jobs before the frontier are blocked unless they are
     * unblocked (7.3, 7.4). */
    Order jobs; /* J: scheduler order */
    Job *current;
    Job *frontier; /* NULL: behind the last job */
    Job *walk_job; /* where a selection goes on after SCHED_REFILL, or NULL */
    WalkStage walk_stage;
    Tree unblocked;           /* jobs before the frontier that have their turn again */
    Tree to_visit;            /* jobs that must be looked at when they are passed over */
    uint32_t latest_queued_s; /* of a job in order of arrival, and its serial */
    uint64_t latest_serial;
    Tree landmarks;   /* some of the jobs in order of arrival */
    Tree displaced;   /* jobs without parent that are out of the order of arrival */
    Tree unread;      /* jobs with recipients to be read, in the order of arrival */
    Tree classes;     /* jobs by size, as candidates (9.3) */
    GPtrArray *dirty; /* jobs whose class may be another one by now */

    bool cache_valid; /* (9.5) */
    Job *cache_job, *cache_candidate;
    int64_t cache_steady_s;

    int64_t pool;      /* P (10.1) */
    Job *first_unread; /* U (10.1) */
};

struct SchedDestination {
    /* One cache line: what a search among the deliverable ones reads. The label is that of the
     * first job that waits for it, copied when its order had been spread so often. */
    _Alignas(CACHE_LINE) TreeNode in_deliverable;
    SchedTransport *transport;
    uint64_t first_label, label_spreads;
    int window; /* >= 1: ready; else WINDOW_DEAD or WINDOW_SUSPENDED */
    int waiting_count, running_count;

    char *name, *nexthop;
    OrderNode in_transport;
    union {
        Tree waiting_peers; /* preemptive: those with waiting entries, in the order of their jobs */
        Tree waiting_entries; /* round-robin: in the order in which they wait */
    };
    SchedEntry *given_back;           /* waits to be redirected, in no tree; or NULL */
    uint32_t late_count;              /* of late entries so far (entry.c) */
    int counted_capacity;             /* its part of the transport's */
    bool is_deliverable;              /* in the tree of these */
    double success, failure, cohorts; /* (11) */
    Cause *cause;                     /* of death, else NULL */
    Timer timer;                      /* of death or suspension */
    int64_t last_done_wall_s;
    int64_t next_clog_warning_s;
    bool may_load_session, may_save_session; /* (14) */
};

struct Peer {
    SchedDestination *destination; /* NULL: room not in use */
    TreeNode in_destination;       /* only while it has waiting entries */
    Chain waiting;                 /* of SchedEntry, oldest first */
    unsigned running_count;
    bool is_first;   /* that of its job */
    bool is_waiting; /* in the tree of its destination */
};

struct Job {
    SchedTransport *transport;                             /* NULL: room not in use */
    JobSide *side;                                         /* or NULL */
    OrderNode in_transport;                                /* only while listed */
    uint64_t serial : 48;                                  /* order among jobs of the same second */
    bool is_first : 1;                                     /* that of its message */
    bool is_listed : 1;                                    /* not retired */
    bool is_in_arrival_order : 1;                          /* not moved by preemption */
    bool is_unblocked : 1, is_to_visit : 1, is_unread : 1; /* in the tree of these */
    bool is_classed_as_unblocked : 1;
    uint32_t selected_count, created_count; /* sel, read (7.1) */
    int32_t slots_available;                /* avail (7.1) */
    int32_t recipient_limit;                /* L(j) */
    uint32_t recipient_count;               /* C(j) */
    uint32_t dirty_place;                   /* + 1, in the array of these; 0: its class is right */
    Peer first_peer;
};

typedef enum EntryState {
    ENTRY_FREE,
    ENTRY_WAITING,
    ENTRY_RUNNING,
    ENTRY_UNDELIVERABLE,
} EntryState;

/* More would not be one delivery. */
#define ENTRY_RECIPIENTS_MAX ((1U << 25) - 1)

struct SchedEntry {
    Link in_peer; /* preemptive; only while waiting */
    Chain recipients;
    union {
        Peer *peer;                    /* preemptive */
        SchedDestination *destination; /* round-robin */
    };
    uint32_t late_count; /* of its destination when it was created: its place in the order */
    uint32_t recipient_count : 25;
    unsigned state : 2;                              /* EntryState */
    bool is_first : 1;                               /* that of its message */
    bool is_late : 1;                                /* not of the first batch of its message */
    bool has_peer : 1;                               /* preemptive */
    bool may_load_session : 1, may_save_session : 1; /* (14) */
};

/* What a message has instead of jobs in round-robin. */
typedef struct SchedTurns {
    SchedTransport *no_job;  /* where a first job would have its transport */
    SchedEntry *batch_entry; /* the entry that the next recipient may join */
    uint32_t entry_count;    /* created so far */
} SchedTurns;

struct SchedMessage {
    void *owner;
    uint32_t queued_s, last_read_s; /* steady time */
    uint32_t serial;                /* order of being taken in */
    uint32_t unread_count;          /* recipients still in the file */
    uint32_t recipient_count;       /* C(m) */
    uint32_t unassigned_count;      /* of the open batch */
    uint32_t entry_count;           /* waiting or running */
    uint32_t undeliverable_count : 27;
    bool was_read : 1;   /* the first batch has ended */
    bool being_read : 1; /* a batch is open or on its way */
    bool fully_read : 1;
    bool batch_is_last : 1, batch_single_recipient : 1;
    union {
        Job first_job;
        SchedTurns turns;
    };
    SchedEntry first_entry; /* preemptive; messages of round-robin end before it */
};

struct LaterJob {
    Job job; /* first */
    SchedMessage *message;
    LaterJob *next; /* in the order of creation */
};

struct LaterPeer {
    Peer peer; /* first */
    Job *job;
    OrderNode in_job;
};

struct LaterEntry {
    SchedEntry entry; /* first */
    SchedMessage *message;
};

/* In round-robin. */
struct TurnEntry {
    LaterEntry later; /* first */
    TreeNode in_destination;
    uint32_t number; /* order within the message */
};

/* An entry without destination. */
struct Undeliverable {
    LaterEntry later; /* first */
    Cause *cause;
    TAILQ_ENTRY(Undeliverable) in_sched; /* not yet taken, or taken */
};

/* The peers of a job that has had more than one. */
struct PeerSet {
    Ring ring;
    OrderNode first_node; /* that of the first peer */
    unsigned count;
    bool is_indexed; /* they are in the hash table */
};

/* What only some jobs have: one is a candidate, or has several peers, or … */
struct JobSide {
    Job *job;
    LaterJob *later_jobs;  /* first jobs: the others of the message */
    PeerSet *peers;        /* or NULL: at most the first one */
    CandidateClass *class; /* its place among the candidates, or NULL */
    TreeNode in_class;
    JobSide *oldest; /* candidates: summary of the subtree */
    JobFar *far;     /* or NULL */
};

/* Places in trees and stacks that hardly any job takes. */
struct JobFar {
    Job *job;
    TreeNode in_arrivals; /* landmarks or displaced */
    Job *earliest;        /* displaced: summary of the subtree */
    bool is_landmark, is_displaced;
    TreeNode in_unblocked, in_to_visit, in_unread;
    Job *parent;
    struct ChildList children;
    TAILQ_ENTRY(JobFar) in_parent; /* only while it has a parent */
    int level;
    int64_t slots_used; /* used (7.1): means something since it preempted only */
};

struct Notice {
    TAILQ_ENTRY(Notice) in_sched;
    SchedNotice notice;
};

/* ---- small questions ---- */

static inline bool sched_is_preemptive(const Sched *sched)
{
    return sched->settings.strategy == SCHED_PREEMPTIVE;
}

static inline bool destination_is_ready(const SchedDestination *destination)
{
    return destination->window >= 1;
}

static inline bool destination_has_room(const SchedDestination *destination)
{
    return destination->window > destination->running_count;
}

static inline bool destination_could_deliver(const SchedDestination *destination)
{
    return destination_has_room(destination) && destination->waiting_count > 0;
}

static inline bool destination_is_empty(const SchedDestination *destination)
{
    return destination->waiting_count == 0 && destination->running_count == 0;
}

static inline SchedMessage *entry_message(const SchedEntry *entry)
{
    return entry->is_first ? ELEMENT(entry, SchedMessage, first_entry)
                           : ELEMENT(entry, LaterEntry, entry)->message;
}

static inline SchedMessage *job_message(const Job *job)
{
    return job->is_first ? ELEMENT(job, SchedMessage, first_job)
                         : ELEMENT(job, LaterJob, job)->message;
}

/* The jobs of a message, in the order of creation; NULL at the end. */
static inline Job *job_first(const SchedMessage *message)
{
    const Job *first = &message->first_job;

    return first->transport != NULL ? ELEMENT(&first->transport, Job, transport) : NULL;
}

static inline Job *job_of(LaterJob *later)
{
    return later != NULL ? &later->job : NULL;
}

static inline Job *job_next_of_message(const Job *job)
{
    if (job->is_first)
        return job->side != NULL ? job_of(job->side->later_jobs) : NULL;
    return job_of(ELEMENT(job, LaterJob, job)->next);
}

/* NULL: it has none. */
static inline JobFar *side_far(const Job *job)
{
    return job->side != NULL ? job->side->far : NULL;
}

static inline Job *job_parent(const Job *job)
{
    const JobFar *far = side_far(job);

    return far != NULL ? far->parent : NULL;
}

static inline int job_level(const Job *job)
{
    const JobFar *far = side_far(job);

    return far != NULL ? far->level : 0;
}

static inline bool job_has_children(const Job *job)
{
    const JobFar *far = side_far(job);

    return far != NULL && !TAILQ_EMPTY(&far->children);
}

static inline bool job_has_entries(const Job *job)
{
    return job->selected_count < job->created_count;
}

static inline bool job_is_before(const Job *job, const Job *other)
{
    return order_is_before(&job->in_transport, &other->in_transport);
}

static inline Job *job_at(const OrderNode *node)
{
    return node != NULL ? ELEMENT(node, Job, in_transport) : NULL;
}

static inline Job *job_next(const Job *job)
{
    return job_at(job->in_transport.next);
}

static inline Job *peer_job(const Peer *peer)
{
    return peer->is_first ? ELEMENT(peer, Job, first_peer) : ELEMENT(peer, LaterPeer, peer)->job;
}

static inline SchedDestination *entry_destination(const SchedEntry *entry)
{
    return entry->has_peer ? entry->peer->destination : entry->destination;
}

static inline SchedEntry *entry_at(const Link *link)
{
    return link != NULL ? ELEMENT(link, SchedEntry, in_peer) : NULL;
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

/* Where an entry of round-robin waits. */
static inline TurnEntry *entry_turn(const SchedEntry *entry)
{
    return ELEMENT(entry, TurnEntry, later.entry);
}

/* NULL in round-robin. */
static inline Job *entry_job(const SchedEntry *entry)
{
    return entry->has_peer ? peer_job(entry->peer) : NULL;
}

/* Entries that the job has or may still get, at most. */
static inline int64_t job_entries_max(const Job *job)
{
    const SchedMessage *message = job_message(job);

    return (int64_t)job->created_count + message->unread_count + message->unassigned_count;
}

static inline int64_t job_entries_left_max(const Job *job)
{
    return job_entries_max(job) - job->selected_count;
}

/* ---- objects.c ---- */

/* By time of arrival (7.2). */
bool job_is_earlier(const Job *job, const Job *other);

/* L(m) (10.1) */
int64_t message_recipient_limit(const Sched *sched, const SchedMessage *message);

/*
 * The message may read on now. Without outstanding entries the next batch is not asked for by a
 * selection: whoever drives the core sees to it when the last one has ended (10.6).
 */
bool message_may_refill(const SchedMessage *message);

/* g_assert(), but as a call: dozens of its branches would hide the control flow. */
#define CHECK(condition) check_that(condition, #condition, __func__)
void check_that(bool is_true, const char *condition, const char *function);

/* ---- peer.c: the ring of peers of a job (8) ---- */

guint peer_hash(gconstpointer key);
gboolean peer_equal(gconstpointer a, gconstpointer b);

/* The peers of a job, in some order; NULL at the end. */
Peer *peer_first(Job *job);
Peer *peer_next(Peer *peer);

/* Of two peers of one job: which comes first in its ring. */
bool peer_is_before(Peer *peer, Peer *other);

/* It had its turn: it comes last now. */
void peer_rotate(Peer *peer);

/* Whether its turn comes after the end of the ring only. */
bool peer_had_its_turn(Peer *peer);

/* Finds or adds. */
Peer *peer_ensure(Job *job, SchedDestination *destination);
void peer_free_if_empty(Peer *peer);

/* Its job ends. */
void peer_free_set(Job *job);

void peer_check(Job *job); /* for tests */

/* ---- job_extra.c: what few jobs have ---- */

JobSide *side_take(Job *job);
JobFar *side_take_far(Job *job);
void side_free(Job *job);

#endif
