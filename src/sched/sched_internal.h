#ifndef EQMGR_SCHED_SCHED_INTERNAL_H
#define EQMGR_SCHED_SCHED_INTERNAL_H

/*
 * The objects of the scheduler core and what its files offer each other. Numbers in parentheses
 * are sections of scheduling.md. README.md in this folder explains the indexes.
 *
 *   Sched -> SchedTransport -> SchedDestination -> SchedEntry      who may be delivered to
 *   Sched -> SchedMessage -> Job (x transport) -> Peer (x destination) -> SchedEntry   in what
 * order
 *
 * Round-robin has no jobs and peers: its entries know their destination themselves.
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
#define WINDOW_DEAD      0
#define WINDOW_SUSPENDED (-1)

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

TAILQ_HEAD(TransportList, SchedTransport);
TAILQ_HEAD(DestinationList, SchedDestination);
TAILQ_HEAD(ChildList, JobFar);
TAILQ_HEAD(UndeliverableList, Undeliverable);
TAILQ_HEAD(NoticeList, Notice);

struct Sched {
    SchedSettings settings;
    GHashTable *transports_by_name;      /* keys owned by the transports */
    Ring transports;                     /* by in_sched */
    Tree ready_transports;               /* those that qualify for one more connection (6) */
    struct TransportList dead;           /* in no order */
    struct DestinationList flushables;   /* dead, or empty and ready: what a flush changes */
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
    WALK_LAST_REFILL, /* ... and the one for a job that found nothing usable */
} WalkStage;

struct SchedTransport {
    Sched *sched;
    char *name;
    SchedTransportParams params; /* adjusted (3); names are interned */
    OrderNode in_sched;
    TreeNode in_ready;
    TAILQ_ENTRY(SchedTransport) in_dead;
    GHashTable *destinations_by_name;    /* keys owned by the destinations */
    Ring destinations;                   /* by in_transport */
    struct DestinationList with_waiting; /* those with waiting entries, in no order */
    Tree usable;                         /* destinations that could take an entry now */
    int64_t capacity;                    /* how many entries they could take */
    Cause *cause;                        /* of death; NULL: alive */
    Timer timer;                         /* of death */
    int pending_count;                   /* connections that wait for their agent's announcement */
    int running_count;                   /* deliveries */
    bool rate_locked;
    bool is_ready;    /* in the tree of these */
    bool is_internal; /* "retry" or "error" */

    /* Preemptive only from here on. Jobs before the frontier are blocked unless they are
     * stragglers (7.3, 7.4). */
    Order jobs; /* J: scheduler order */
    Job *current;
    Job *frontier; /* NULL: behind the last job */
    Job *walk_job; /* where a selection goes on after SCHED_REFILL, or NULL */
    WalkStage walk_stage;
    Tree stragglers;          /* jobs before the frontier that have their turn again */
    Tree attention;           /* jobs that must be looked at when they are passed over */
    uint32_t latest_queued_s; /* of a job in order of arrival, and its serial */
    uint64_t latest_serial;
    Tree landmarks;       /* some of the jobs in order of arrival */
    Tree strays;          /* jobs without parent that are out of the order of arrival */
    Tree unread;          /* jobs with recipients to be read, in the order of arrival */
    Tree classes;         /* jobs by size, as candidates (9.3) */
    Job *first_fresh;     /* it and all behind it were never classed; NULL: there are none */
    GPtrArray *unclassed; /* jobs before it whose class may be another one by now */

    bool cache_valid; /* (9.5) */
    Job *cache_job, *cache_candidate;
    int64_t cache_steady_s;

    int64_t pool;      /* P (10.1) */
    Job *first_unread; /* U (10.1) */
};

struct SchedDestination {
    /* One cache line: what a search among the usable ones reads. The label is that of the first job
     * that waits for it, copied when its order had been spread so often. */
    TreeNode in_usable;
    SchedTransport *transport;
    uint64_t first_label, label_spreads;
    int window; /* >= 1: ready; else WINDOW_DEAD or WINDOW_SUSPENDED */
    int waiting_count, running_count;

    char *name, *nexthop;
    OrderNode in_transport;
    TAILQ_ENTRY(SchedDestination) in_with_waiting, in_flushables;
    union {
        Tree waiting_peers; /* preemptive: those with waiting entries, in the order of their jobs */
        Tree waiting_entries; /* round-robin: in the order in which they wait */
    };
    SchedEntry *given_back;                    /* waits to be redirected, in no tree; or NULL */
    uint32_t late_count;                       /* of late entries so far (entry.c) */
    int counted_capacity;                      /* its part of the transport's */
    bool is_usable, has_waiting, is_flushable; /* in the tree or list of these */
    double success, failure, cohorts;          /* (11) */
    Cause *cause;                              /* of death, else NULL */
    Timer timer;                               /* of death or suspension */
    int64_t last_done_wall_s;
    int64_t next_clog_warning_wall_s;
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
    SchedTransport *transport;    /* NULL: room not in use */
    JobSide *side;                /* or NULL */
    OrderNode in_transport;       /* only while listed */
    uint64_t serial : 48;         /* order among jobs of the same second */
    bool is_first : 1;            /* that of its message */
    bool is_listed : 1;           /* not retired */
    bool is_in_arrival_order : 1; /* not moved by preemption */
    bool is_straggler : 1, needs_attention : 1, is_unread : 1; /* in the tree of these */
    bool is_classed_as_straggler : 1;
    bool is_fresh : 1;                      /* never classed, nor was any behind it */
    uint32_t selected_count, created_count; /* sel, read (7.1) */
    int32_t slots_available;                /* avail (7.1) */
    int32_t recipient_limit;                /* L(j) */
    uint32_t recipient_count;               /* C(j) */
    uint32_t unclassed_place;               /* + 1, in the array of these; 0: its class is right */
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
    TreeNode in_arrivals; /* landmarks or strays */
    Job *earliest;        /* strays: summary of the subtree */
    bool is_landmark, is_stray;
    TreeNode in_stragglers, in_attention, in_unread;
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

/* ---- cause.c ---- */

Cause *cause_new(const char *status, const char *reason);
Cause *cause_ref(Cause *cause);
void cause_unref(Cause *cause);
void cause_clear(Cause **cause); /* to NULL, from whatever */

/* True if dead, and then the texts that are asked for. */
bool cause_report(const Cause *cause, const char **ret_status, const char **ret_reason);

/* ---- transport.c ---- */

void transport_free(SchedTransport *transport);

/* Dead of `cause`, which is borrowed; its waiting entries are redirected (6.1). */
void transport_fail(SchedTransport *transport, Cause *cause, SchedNow now);

/* What decides whether it qualifies has changed. */
void transport_update(SchedTransport *transport);

void transport_unlock_rate(SchedTransport *transport);

/* Order in which the transports are tried. */
bool transport_is_before(const SchedTransport *a, const SchedTransport *b);

/* ---- destination.c ---- */

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

/* An empty one. */
void destination_free(SchedDestination *destination);

/* Whatever it stands in: for the end of the core. */
void destination_discard(SchedDestination *destination);

/* In the list of their transport. */
static inline bool destination_is_before(const SchedDestination *a, const SchedDestination *b)
{
    return ring_is_before(&a->transport->destinations, &a->in_transport, &b->in_transport);
}

/* Destroyed if empty and ready (2). */
void destination_free_if_unused(SchedDestination *destination);

/* An entry ended: destroyed if empty, unless it is worth remembering (12.4). */
void destination_forget_if_empty(SchedDestination *destination);

/* Dead of `cause`, which is borrowed; its waiting entries are redirected (11.4, 12.2). */
void destination_die(SchedDestination *destination, Cause *cause, SchedNow now);

/* Dead no longer: as by its timer (12.1). */
void destination_revive(SchedDestination *destination);

/* The pause after a delivery (13.1). */
void destination_suspend(SchedDestination *destination, SchedNow now);

void destination_on_timer(SchedDestination *destination);

/* ---- usable.c: where destinations stand that could deliver ---- */

/* Window or counts have changed. */
void usable_update(SchedDestination *destination);

/* It is about to be freed. */
void usable_remove(SchedDestination *destination);

/*
 * Preemptive: the peer joins or leaves those that wait for its destination. One whose job has
 * retired does not join: its entry was given back and is about to be redirected.
 */
void usable_add_peer(Peer *peer);
void usable_remove_peer(Peer *peer);

/* The first peer that waits for the destination, or NULL. */
Peer *usable_first_peer(const SchedDestination *destination);

/* The first job, in scheduler order, that has something to deliver now, or NULL. */
Job *usable_first_job(const SchedTransport *transport);

/* For that job: the peer whose turn it is. */
Peer *usable_next_peer(const Job *job);

/* Round-robin: the destination whose turn it is, or NULL. */
SchedDestination *usable_next_destination(const SchedTransport *transport);

/* Asserts trees, lists and sums of the transport; for tests. */
void usable_check(const SchedTransport *transport);

/* ---- window.c (11) ---- */

void window_feed_positive(SchedDestination *destination);
void window_feed_negative(SchedDestination *destination, Cause *cause, SchedNow now);

/* ---- entry.c ---- */

static inline SchedMessage *entry_message(const SchedEntry *entry)
{
    return entry->is_first ? ELEMENT(entry, SchedMessage, first_entry)
                           : ELEMENT(entry, LaterEntry, entry)->message;
}

static inline SchedDestination *entry_destination(const SchedEntry *entry)
{
    return entry->has_peer ? entry->peer->destination : entry->destination;
}

static inline SchedEntry *entry_at(const Link *link)
{
    return link != NULL ? ELEMENT(link, SchedEntry, in_peer) : NULL;
}

/* A new entry in the place where it has to wait; `peer` is NULL in round-robin. */
SchedEntry *entry_new(SchedMessage *message, SchedDestination *destination, Peer *peer,
                      SchedNow now);
void entry_add_recipient(SchedEntry *entry, Link *recipient);

/* Recipients may join it, as far as its size is concerned. */
bool entry_has_room(const SchedEntry *entry);

/* Makes a waiting entry the running one that is handed out. */
void entry_run(SchedEntry *entry, SchedNow now);

/* A waiting or running entry has ended: out of all lists and counts, and freed. */
void entry_end(SchedEntry *entry, SchedNow now);

/* The same, but its recipients go to the undeliverable ones. */
void entry_give_up(SchedEntry *entry, Cause *cause, SchedNow now);

/* All that wait for the destination, in the order in which they wait; g_ptr_array_unref(). */
GPtrArray *entry_all_waiting(const SchedDestination *destination);

/* Round-robin: the one that waits longest. */
SchedEntry *entry_first_waiting(const SchedDestination *destination);

void entry_free_undeliverable(struct UndeliverableList *list);
void entry_check_order(const SchedDestination *destination); /* for tests */

/* ---- redirect.c (12.2) ---- */

void redirect_waiting(SchedDestination *destination, Cause *cause, SchedNow now);

/* ---- job.c (7) ---- */

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

static inline bool job_has_entries(const Job *job)
{
    return job->selected_count < job->created_count;
}

static inline bool job_is_before(const Job *job, const Job *other)
{
    return order_is_before(&job->in_transport, &other->in_transport);
}

/* A selection has gone beyond its place since the blockers were last released. */
static inline bool job_was_passed(const Job *job)
{
    const Job *frontier = job->transport->frontier;

    return frontier == NULL || job_is_before(job, frontier);
}

static inline bool job_is_blocked(const Job *job)
{
    return job->is_listed && !job->is_straggler && job_was_passed(job);
}

static inline Job *job_at(const OrderNode *node)
{
    return node != NULL ? ELEMENT(node, Job, in_transport) : NULL;
}

static inline Job *job_next(const Job *job)
{
    return job_at(job->in_transport.next);
}

/* The job of (message, transport), ready for a new entry: created, listed and unblocked (5.3). */
Job *job_take(SchedMessage *message, SchedTransport *transport);
void job_retire(Job *job);

/* Its message ends: so do all its jobs. */
void job_free_all(SchedMessage *message);

/* Adds to its slots, as far as they go: nobody can tell larger numbers apart. */
void job_add_slots(Job *job, int64_t count);

/* A selection goes beyond it: no turn until the blockers are released (7.3) or it gets recipients.
 */
void job_pass_over(Job *job);

void job_set_straggler(Job *job, bool is_straggler);
void job_set_attention(Job *job, bool needs_attention);

/* A blocked job gets its turn again. */
void job_unblock(Job *job);

/* The destination may have got room (7.4). */
void job_release_blockers(SchedDestination *destination);

/* Something changed that decides whether it must be looked at when passed over (8). */
void job_update_attention(Job *job);
void job_update_all_attention(SchedMessage *message);

/* The first one, at or behind the frontier, that must be looked at; or NULL. */
Job *job_first_for_attention(const SchedTransport *transport);
Job *job_first_straggler(const SchedTransport *transport);
void job_check_trees(const SchedTransport *transport); /* for tests */

/* ---- side.c: what few jobs have ---- */

JobSide *side_take(Job *job);
JobFar *side_take_far(Job *job);
void side_free(Job *job);

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

/* ---- stack.c: who preempted whom (9.6, 9.7) ---- */

/* Moves the job directly before the parent, as its child that is paid for so many entries. */
void stack_push(Job *job, Job *parent, int64_t entries);

/* It retires: its children have its parent now, or none. */
void stack_leave(Job *job);

/* ---- place.c: places in the scheduler order and in the order of arrival (7.2, 10.3) ---- */

/* Puts it into the scheduler order. */
void place_insert(Job *job);
void place_remove(Job *job);

/* Out of its place, and directly before the other. */
void place_move(Job *job, Job *before);

/* It has got or lost its parent. */
void place_update_stray(Job *job);

/* By time of arrival. */
bool place_is_earlier(const Job *job, const Job *other);
void place_update_unread(Job *job);

/* The next job by arrival that has recipients to be read, or NULL. */
Job *place_next_unread(const Job *job);

void place_check(const SchedTransport *transport);

/* ---- peer.c (8) ---- */

guint peer_hash(gconstpointer key);
gboolean peer_equal(gconstpointer a, gconstpointer b);

static inline Job *peer_job(const Peer *peer)
{
    return peer->is_first ? ELEMENT(peer, Job, first_peer) : ELEMENT(peer, LaterPeer, peer)->job;
}

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
Peer *peer_take(Job *job, SchedDestination *destination);
void peer_free_if_empty(Peer *peer);

/* Its job ends. */
void peer_free_set(Job *job);

void peer_check(Job *job); /* for tests */

/* ---- candidate.c: which job may preempt (9.1, 9.3) ---- */

/* Entries that the job has or may still get, at most. */
int64_t candidate_entries_max(const Job *job);
int64_t candidate_entries_left_max(const Job *job);

/* Its size, its children or its being a straggler have changed. */
void candidate_touch(Job *job);
void candidate_touch_all(SchedMessage *message);

/* The job has got a place. */
void candidate_add(Job *job);

/* Before the job changes its place or leaves. */
void candidate_remove(Job *job);

/* With whatever is in them: for the end of the core. */
void candidate_free_classes(SchedTransport *transport);

/* The best one behind the current job with at most `room` entries left, or NULL. */
Job *candidate_find(SchedTransport *transport, int64_t room, SchedNow now);

void candidate_check(const SchedTransport *transport);

/* ---- preempt.c (9) ---- */

/* (9.6) Afterwards the selection starts with the current job: the old one, or one that preempted
 * it. */
void preempt_current(SchedTransport *transport, SchedNow now);

static inline void preempt_forget_candidate(SchedTransport *transport)
{
    transport->cache_valid = false;
}

/* ---- slots.c (10) ---- */

void slots_take_pool(Job *job);
void slots_return(Job *job);
void slots_return_all(SchedMessage *message);
void slots_grant_extra(Job *job);

/* An entry of `job` has ended. */
void slots_return_unneeded(Job *job);

/* ---- preemptive.c, round_robin.c: the two strategies ---- */

void preemptive_assign(SchedMessage *message, SchedDestination *destination, Link *recipient,
                       SchedNow now);
SchedSelection preemptive_select(SchedTransport *transport, SchedNow now, SchedEntry **ret_entry,
                                 SchedMessage **ret_message);

/* `message` has ended its batch: its jobs may be selected from again. */
void preemptive_end_batch(SchedMessage *message);

void round_robin_assign(SchedMessage *message, SchedDestination *destination, Link *recipient,
                        SchedNow now);
SchedSelection round_robin_select(SchedTransport *transport, SchedNow now, SchedEntry **ret_entry);

/* ---- message.c ---- */

static inline bool sched_is_preemptive(const Sched *sched)
{
    return sched->settings.strategy == SCHED_PREEMPTIVE;
}

static inline bool message_may_read(const SchedMessage *message)
{
    return !message->fully_read && !message->being_read;
}

/* L(m) (10.1) */
int64_t message_recipient_limit(const Sched *sched, const SchedMessage *message);

/* Without outstanding entries the next batch is the completion pipeline's business (10.6). */
bool message_may_refill(const SchedMessage *message);

/* Nothing will be in the file after the batch that is open, if there is one. */
static inline bool message_is_exhausted(const SchedMessage *message)
{
    return message->fully_read || message->batch_is_last;
}

/* ---- notice.c (15, 16) ---- */

void notice_add_clog(Sched *sched, SchedDestination *destination, SchedNow now);
void notice_add_transport(SchedTransport *transport);
void notice_add_positive(SchedDestination *destination);
void notice_add_positive_feedback(SchedDestination *destination, double feedback);
void notice_add_negative(SchedDestination *destination);
void notice_add_negative_feedback(SchedDestination *destination, double feedback);
void notice_clear(Sched *sched);

/* ---- check.c ---- */

/* g_assert(), but as a call: dozens of its branches would hide the control flow. */
#define CHECK(condition) check_that(condition, #condition, __func__)
void check_that(bool is_true, const char *condition, const char *function);

/* ---- timer.c ---- */

void timer_set(Sched *sched, Timer *timer, int64_t due_wall_s);
void timer_cancel(Sched *sched, Timer *timer);

#endif
