#include "index_parts_internal.h"

/*
 * Which job a selection has to look at next, and which are blocked (7.3, 8).
 *
 * Stock marks each job that a selection passes in vain, and takes the marks away when a destination
 * gets room. Here one pointer does for all: jobs before the frontier were passed, and are blocked
 * but for those in the tree `unblocked`. What a selection would meet on its way without delivering
 * anything, jobs that have to read on or to retire, is in the tree `to_visit`. So a selection goes
 * from one stop to the next and costs the same however many jobs lie between.
 */

static const TreeKind by_place = {.is_before = job_node_is_before};

/* ---- passed and unblocked ---- */

bool job_was_passed(const Job *job)
{
    const Job *frontier = job->transport->frontier;

    return frontier == NULL || job_is_before(job, frontier);
}

bool job_is_blocked(const Job *job)
{
    return job->is_listed && !job_is_in(job, JOB_TREE_UNBLOCKED) && job_was_passed(job);
}

static void set_unblocked(Job *job, bool is_unblocked)
{
    if (job_tree_set(job, JOB_TREE_UNBLOCKED, &by_place, is_unblocked))
        candidate_mark_dirty(job);
}

static Job *first_unblocked(const SchedTransport *transport)
{
    return job_at_node(tree_first(&transport->job_trees[JOB_TREE_UNBLOCKED]));
}

void job_pass_over(Job *job)
{
    if (job_is_in(job, JOB_TREE_UNBLOCKED))
        set_unblocked(job, false);
    else
        job->transport->frontier = job_next(job);
}

void job_unblock(Job *job)
{
    set_unblocked(job, job_was_passed(job));
}

void unblock_all(SchedTransport *transport)
{
    Job *job;

    transport->frontier = job_at(transport->jobs.first);
    while ((job = first_unblocked(transport)) != NULL)
        set_unblocked(job, false);
}

/* ---- stops ---- */

static bool is_to_visit(const Job *job)
{
    const SchedMessage *message = job->message;

    return !message->being_read && (!job_has_entries(job) || message_may_refill(message));
}

void to_visit_join(Job *job)
{
    SchedTransport *transport = job->transport;

    if (transport->frontier == job_next(job))
        transport->frontier = job;
    job_unblock(job);
}

void to_visit_leave(Job *job)
{
    SchedTransport *transport = job->transport;

    set_unblocked(job, false);
    job_tree_set(job, JOB_TREE_TO_VISIT, &by_place, false);
    if (transport->frontier == job)
        transport->frontier = job_next(job);
}

void to_visit_update(Job *job)
{
    job_tree_set(job, JOB_TREE_TO_VISIT, &by_place, is_to_visit(job));
}

static bool is_passed(const TreeNode *node, const void *key)
{
    (void)key;
    return job_was_passed(job_at_node(node));
}

static Job *earlier_in_order(Job *job, Job *other)
{
    if (job == NULL || other == NULL)
        return job != NULL ? job : other;
    return job_is_before(other, job) ? other : job;
}

Job *next_job(SchedTransport *transport)
{
    Job *job = job_at_node(tree_find(&transport->job_trees[JOB_TREE_TO_VISIT], is_passed, NULL));

    job = earlier_in_order(job, first_unblocked(transport));
    job = earlier_in_order(job, first_deliverable_job(transport));
    if (job == NULL || !job_was_passed(job))
        transport->frontier = job; /* whatever is before it is passed over */
    return job;
}

/* ---- for tests ---- */

/* A blocked job has nothing to deliver: what it waits for releases it. */
static void check_blocked(Job *job)
{
    for (Peer *peer = peer_first(job); peer != NULL; peer = peer_next(peer))
        CHECK(chain_is_empty(&peer->waiting) || !destination_could_deliver(peer->destination));
}

void to_visit_check(const SchedTransport *transport)
{
    for (Job *job = job_at(transport->jobs.first); job != NULL; job = job_next(job)) {
        CHECK(!job_is_in(job, JOB_TREE_UNBLOCKED) || job_was_passed(job));
        CHECK(job_is_in(job, JOB_TREE_TO_VISIT) == is_to_visit(job));
        if (job_is_blocked(job))
            check_blocked(job);
    }
    job_tree_check(transport, JOB_TREE_UNBLOCKED, &by_place);
    job_tree_check(transport, JOB_TREE_TO_VISIT, &by_place);
}
