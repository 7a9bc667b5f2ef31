#ifndef EQMGR_SCHED_JOB_OBJECTS_INTERNAL_H
#define EQMGR_SCHED_JOB_OBJECTS_INTERNAL_H

/*
 * Jobs and peers: the objects by which the preemptive strategy orders deliveries (7, 8).
 *
 *   SchedMessage -> Job (x transport) -> Peer (x destination) -> SchedEntry
 *
 * Members below a line "index" belong to the indexes, as in objects_internal.h.
 */

#include <sys/queue.h>

#include "base/element.h"
#include "base/order.h"
#include "base/tree.h"
#include "objects_internal.h"

TAILQ_HEAD(ChildList, JobExtra);

struct Job {
    SchedMessage *message;
    SchedTransport *transport;
    Job *next_of_message;
    JobExtra *extra;                        /* or NULL */
    Ring peers;                             /* by in_job */
    uint32_t selected_count, created_count; /* sel, read (7.1) */
    int32_t slots_available;                /* avail (7.1) */
    int32_t recipient_limit;                /* L(j) */
    uint32_t recipient_count;               /* C(j) */
    uint32_t dirty_place; /* index: + 1, in the array of these; 0: its class is right */
    uint64_t serial : 48; /* order among jobs of the same second */
    bool is_listed : 1;   /* entered, not retired; rules only read it */

    /* index */
    bool is_in_arrival_order : 1;    /* not moved by preemption */
    unsigned trees : JOB_TREE_COUNT; /* a bit for each that it is in */
    bool is_classed_as_unblocked : 1;
    OrderNode in_transport; /* while listed */
    CandidateClass *class;  /* its place among the candidates, or NULL */
    TreeNode in_class;
    Job *oldest; /* summary of the subtree */
};

typedef struct JobNode {
    TreeNode node; /* first */
    Job *job;
} JobNode;

/* What only some jobs have: one has preempted or was, reads several batches, was unblocked, ... */
struct JobExtra {
    Job *job;
    Job *parent;
    struct ChildList children;
    TAILQ_ENTRY(JobExtra) in_parent; /* only while it has a parent */
    int level;
    int64_t slots_used; /* used (7.1): means something since it preempted only */
    GHashTable *peers;  /* by destination, once there were many; or NULL */

    /* index */
    JobNode in_tree[JOB_TREE_COUNT];
    Job *earliest; /* summary of the subtree of signposts */
};

struct Peer {
    SchedDestination *destination;
    Job *job;
    OrderNode in_job;
    Chain waiting; /* of SchedEntry, oldest first */
    unsigned running_count;

    TreeNode in_destination; /* index; while entries wait */
};

/* ---- small questions ---- */

static inline bool job_has_entries(const Job *job)
{
    return job->selected_count < job->created_count;
}

/* Entries that the job has or may still get, at most. */
static inline int64_t job_entries_max(const Job *job)
{
    const SchedMessage *message = job->message;

    return (int64_t)job->created_count + message->unread_count + message->unassigned_count;
}

static inline int64_t job_entries_left_max(const Job *job)
{
    return job_entries_max(job) - job->selected_count;
}

/* In scheduler order. */
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

static inline bool job_is_in(const Job *job, JobTree tree)
{
    return (job->trees >> tree & 1) != 0;
}

/* The job of a node of one of these trees. */
static inline Job *job_at_node(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, JobNode, node)->job : NULL;
}

static inline Job *job_parent(const Job *job)
{
    return job->extra != NULL ? job->extra->parent : NULL;
}

static inline int job_level(const Job *job)
{
    return job->extra != NULL ? job->extra->level : 0;
}

static inline bool job_has_children(const Job *job)
{
    return job->extra != NULL && !TAILQ_EMPTY(&job->extra->children);
}

/* ---- objects.c ---- */

/* By time of arrival (7.2). */
bool job_is_earlier(const Job *job, const Job *other);

/* ---- job_extra.c ---- */

/* Adds it if it is missing. */
JobExtra *job_extra(Job *job);

void job_extra_free(Job *job);

/* Into the tree, or out of it; kind: of this tree. */
void job_tree_move(Job *job, JobTree tree, const TreeKind *kind);

/* Sees to it that the job is in the tree, or is not. True if that is new, which is rare. */
static inline bool job_tree_set(Job *job, JobTree tree, const TreeKind *kind, bool is_member)
{
    if (is_member == job_is_in(job, tree))
        return false;
    job_tree_move(job, tree, kind);
    return true;
}

/* Scheduler order, for such a tree. */
bool job_node_is_before(const TreeNode *a, const TreeNode *b);

/* Asserts that the tree has just the jobs that are said to be in it. */
void job_tree_check(const SchedTransport *transport, JobTree tree, const TreeKind *kind);

/* ---- peer.c: the ring of peers of a job (8) ---- */

/* The peers of a job, in some order; NULL at the end. */
Peer *peer_first(const Job *job);
Peer *peer_next(const Peer *peer);

/* It had its turn: it comes last now. */
void peer_rotate(Peer *peer);

/* Whether its turn comes after the end of the ring only. */
bool peer_had_its_turn(const Peer *peer);

/* Finds or adds. */
Peer *peer_ensure(Job *job, SchedDestination *destination);
void peer_free_if_empty(Peer *peer);

void peer_check(const Job *job); /* for tests */

#endif
