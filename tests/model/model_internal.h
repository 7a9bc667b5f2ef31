#ifndef EQMGR_TESTS_MODEL_INTERNAL_H
#define EQMGR_TESTS_MODEL_INTERNAL_H

/*
 * The objects of the model and what its files offer each other. Numbers in parentheses are sections
 * of scheduling.md.
 *
 *   Sched -> SchedTransport -> SchedDestination -> SchedEntry      who may be delivered to
 *   Sched -> SchedMessage -> Job (x transport) -> Peer (x destination) -> SchedEntry   in what
 * order
 *
 * Round-robin has no jobs and peers: `peer` of its entries is NULL.
 */

#include <sys/queue.h>

#include "base/element.h"
#include "base/heap.h"
#include "sched/sched.h"
#include "tests/model/model.h"

#define SCHED_RETRY_NAME "retry"
#define SCHED_ERROR_NAME "error"
#define WINDOW_DEAD      0
#define WINDOW_SUSPENDED (-1)

typedef struct Job Job;
typedef struct Peer Peer;

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
TAILQ_HEAD(MessageList, SchedMessage);
TAILQ_HEAD(JobList, Job);
TAILQ_HEAD(PeerList, Peer);
TAILQ_HEAD(EntryList, SchedEntry);

struct Sched {
    SchedSettings settings;
    GHashTable *transports_by_name; /* keys owned by the transports */
    struct TransportList transports;
    struct MessageList messages;
    GHashTable *peers;              /* set of all peers, by (job, destination) */
    struct EntryList undeliverable; /* not yet taken */
    struct EntryList taken;         /* taken, not yet discarded */
    Chain notices;                  /* oldest first */
    Heap timers;                    /* SchedNow.timer_s */
    int64_t recipient_count;        /* G (10.1) */
    int64_t destination_count;      /* D (12.4) */
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
    TAILQ_ENTRY(SchedTransport) in_sched;
    GHashTable *destinations_by_name; /* keys owned by the destinations */
    struct DestinationList destinations;
    Cause *cause;      /* of death; NULL: alive */
    Timer timer;       /* of death */
    int pending_count; /* connections that wait for their agent's announcement */
    int running_count; /* deliveries */
    bool rate_locked;
    bool is_internal; /* "retry" or "error" */

    /* Preemptive only from here on. */
    struct JobList jobs; /* J: scheduler order */
    struct JobList jobs_by_time;
    Job *current;
    Job *walk_job; /* where a selection goes on after SCHED_REFILL, or NULL */
    WalkStage walk_stage;
    uint64_t
        block_round; /* jobs and destinations carrying this number are blocked/blocking (7.4) */

    bool cache_valid; /* (9.5) */
    Job *cache_job, *cache_candidate;
    int64_t cache_steady_s;

    int64_t pool;      /* P (10.1) */
    Job *first_unread; /* U (10.1) */
};

struct SchedDestination {
    SchedTransport *transport;
    char *name, *nexthop;
    TAILQ_ENTRY(SchedDestination) in_transport;
    struct EntryList waiting; /* oldest first */
    struct EntryList running;
    int waiting_count, running_count;
    unsigned late_count; /* late entries that began to wait so far */
    int window;          /* >= 1: ready; else WINDOW_DEAD or WINDOW_SUSPENDED */
    uint64_t block_round;
    double success, failure, cohorts; /* (11) */
    Cause *cause;                     /* of death, else NULL */
    Timer timer;                      /* of death or suspension */
    int64_t last_done_wall_s;
    int64_t next_clog_warning_s;
    int session_flags; /* (14) */
};

struct SchedMessage {
    Sched *sched;
    void *owner;
    TAILQ_ENTRY(SchedMessage) in_sched;
    struct JobList jobs;     /* in the order of creation */
    SchedEntry *batch_entry; /* round-robin: the entry that the next recipient may join */
    int64_t queued_steady_s;
    int64_t last_read_steady_s;
    uint64_t serial;
    int64_t unread_count;    /* recipients still in the file */
    int64_t recipient_count; /* C(m) */
    int64_t recipient_limit; /* L(m) */
    int unassigned_count;    /* of the open batch */
    unsigned entry_count;    /* waiting or running */
    unsigned undeliverable_count;
    bool was_read;   /* the first batch has ended */
    bool being_read; /* a batch is open or on its way */
    bool fully_read;
    bool batch_is_last, batch_single_recipient;
};

struct Job {
    SchedMessage *message;
    SchedTransport *transport;
    TAILQ_ENTRY(Job) in_message;
    TAILQ_ENTRY(Job) in_transport, in_time; /* only while listed */
    TAILQ_ENTRY(Job) in_parent;             /* only while it has a parent */
    struct PeerList peers;
    struct JobList children;
    Job *parent;
    int level;
    bool is_listed;  /* not retired */
    bool is_held;    /* blocked because its message is being read */
    uint64_t serial; /* order among jobs of the same second */
    uint64_t block_round;
    uint64_t passed_round;                 /* a selection went beyond this job's place since then */
    int64_t selected_count, created_count; /* sel, read (7.1) */
    int64_t slots_available, slots_used;   /* avail, used (7.1) */
    int64_t recipient_count;               /* C(j) */
    int64_t recipient_limit;               /* L(j) */
};

struct Peer {
    Job *job;
    SchedDestination *destination;
    TAILQ_ENTRY(Peer) in_job;
    struct EntryList waiting; /* oldest first */
    unsigned running_count;
};

typedef enum EntryState { ENTRY_WAITING, ENTRY_RUNNING, ENTRY_UNDELIVERABLE } EntryState;

struct SchedEntry {
    SchedMessage *message;
    SchedDestination *destination; /* NULL: undeliverable */
    union {
        Peer *peer;   /* NULL: round-robin */
        Cause *cause; /* undeliverable */
    };
    TAILQ_ENTRY(SchedEntry) in_destination; /* or in the undeliverable or taken list */
    TAILQ_ENTRY(SchedEntry) in_peer;        /* only while waiting */
    Chain recipients;
    unsigned recipient_count;
    unsigned late_count;  /* of its destination when it began to wait */
    unsigned state : 2;   /* EntryState */
    unsigned is_late : 1; /* not of the first batch of its message */
    unsigned session_flags : 13;
};

/* ---- model.c ---- */

bool model_follows_stock(void);

/* ---- cause.c ---- */

Cause *cause_new(const char *status, const char *reason);
void cause_unref(Cause *cause);

/* True if dead, and then the texts that are asked for. */
bool cause_report(const Cause *cause, const char **ret_status, const char **ret_reason);

/* ---- transport.c ---- */

void transport_free(SchedTransport *transport);

/* Dead of `cause`, which is borrowed; its waiting entries are redirected (6.1). */
void transport_fail(SchedTransport *transport, Cause *cause, SchedNow now);

/* ---- destination.c ---- */

/* At a window of at least 1. */
static inline double feedback_at(SchedFeedback feedback, int window)
{
    return feedback.per_window ? feedback.value / window : feedback.value;
}

static inline bool destination_is_ready(const SchedDestination *destination)
{
    return destination->window >= 1;
}

static inline bool destination_has_room(const SchedDestination *destination)
{
    return destination->window > destination->running_count;
}

static inline bool destination_is_usable(const SchedDestination *destination)
{
    return destination_has_room(destination) && destination->waiting_count > 0;
}

static inline bool destination_is_empty(const SchedDestination *destination)
{
    return destination->waiting_count == 0 && destination->running_count == 0;
}

void destination_free(SchedDestination *destination);

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

/* ---- window.c (11) ---- */

void window_feed_positive(SchedDestination *destination);
void window_feed_negative(SchedDestination *destination, Cause *cause, SchedNow now);

/* ---- entry.c ---- */

/* A new entry at the end of the waiting lists; `peer` is NULL in round-robin. */
SchedEntry *entry_new(SchedMessage *message, SchedDestination *destination, Peer *peer,
                      SchedNow now);
void entry_free_all(struct EntryList *entries);
void entry_add_recipient(SchedEntry *entry, Link *recipient);

/* Makes a waiting entry the running one that is handed out. */
void entry_run(SchedEntry *entry, SchedNow now);

/* A waiting or running entry has ended: out of all lists and counts, and freed. */
void entry_end(SchedEntry *entry, SchedNow now);

/* The same, but the entry goes to the undeliverable ones. */
void entry_give_up(SchedEntry *entry, Cause *cause, SchedNow now);

/* ---- redirect.c (12.2) ---- */

void redirect_waiting(SchedDestination *destination, Cause *cause, SchedNow now);

/* ---- job.c (7) ---- */

static inline bool job_has_entries(const Job *job)
{
    return job->selected_count < job->created_count;
}

static inline bool job_is_blocked(const Job *job)
{
    return job->block_round == job->transport->block_round;
}

/* The job of (message, transport), ready for a new entry: created, listed and unblocked (5.3). */
Job *job_take(SchedMessage *message, SchedTransport *transport);
void job_retire(Job *job);

/* Its message ends. */
void job_free(Job *job);

/* Takes the job off its stack (9.7). */
void job_pop(Job *job);

/* A selection went beyond the place of this job. */
void job_pass(Job *job);

/* Passed over: no turn until the blockers are released (7.3) or the batch on its way has come. */
void job_block(Job *job);
void job_unblock(Job *job);

/* The destination may have got room (7.4). */
void job_release_blockers(SchedDestination *destination);

/* ---- peer.c (8) ---- */

guint peer_hash(gconstpointer key);
gboolean peer_equal(gconstpointer a, gconstpointer b);

/* Finds or adds. */
Peer *peer_take(Job *job, SchedDestination *destination);
void peer_free_if_empty(Peer *peer);

/* The next peer with something to deliver now, moved to the end of its list; or NULL. */
Peer *peer_choose(Job *job);

/* ---- preempt.c (9) ---- */

/* The job that the selection starts with: the current one, or the one that preempted it. */
Job *preempt_current(SchedTransport *transport, SchedNow now);

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

/* Nothing will be in the file after the batch that is open, if there is one. */
static inline bool message_is_exhausted(const SchedMessage *message)
{
    return message->fully_read || message->batch_is_last;
}

/* With its jobs, whatever their state: for the end of the core. */
void message_free(SchedMessage *message);

/* ---- notice.c (15, 16) ---- */

void notice_add_clog(Sched *sched, SchedDestination *destination, SchedNow now);
void notice_add_transport(SchedTransport *transport);
void notice_add_window(SchedDestination *destination, bool is_negative);
void notice_add_feedback(SchedDestination *destination, bool is_negative, double feedback);
void notice_clear(Sched *sched);

#endif
