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

static Job *unblocked_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, JobExtra, in_unblocked)->job : NULL;
}

static bool unblocked_is_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_before(unblocked_at(a), unblocked_at(b));
}

static const TreeKind unblocked_by_place = {.is_before = unblocked_is_before};

static Job *to_visit_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, JobExtra, in_to_visit)->job : NULL;
}

static bool to_visit_is_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_before(to_visit_at(a), to_visit_at(b));
}

static const TreeKind to_visit_by_place = {.is_before = to_visit_is_before};

/* ---- passed and unblocked ---- */

bool job_was_passed(const Job *job)
{
    const Job *frontier = job->transport->frontier;

    return frontier == NULL || job_is_before(job, frontier);
}

bool job_is_blocked(const Job *job)
{
    return job->is_listed && !job->is_unblocked && job_was_passed(job);
}

static void set_unblocked(Job *job, bool is_unblocked)
{
    Tree *unblocked = &job->transport->unblocked;

    if (is_unblocked == job->is_unblocked)
        return;
    job->is_unblocked = is_unblocked;
    if (is_unblocked)
        tree_insert(unblocked, &unblocked_by_place, &job_extra(job)->in_unblocked);
    else
        tree_remove(unblocked, &unblocked_by_place, &job->extra->in_unblocked);
    candidate_mark_dirty(job);
}

static Job *first_unblocked(const SchedTransport *transport)
{
    return unblocked_at(tree_first(&transport->unblocked));
}

void job_pass_over(Job *job)
{
    if (job->is_unblocked)
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

static void set_to_visit(Job *job, bool to_visit)
{
    Tree *tree = &job->transport->to_visit;

    if (to_visit == job->is_to_visit)
        return;
    job->is_to_visit = to_visit;
    if (to_visit)
        tree_insert(tree, &to_visit_by_place, &job_extra(job)->in_to_visit);
    else
        tree_remove(tree, &to_visit_by_place, &job->extra->in_to_visit);
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
    set_to_visit(job, false);
    if (transport->frontier == job)
        transport->frontier = job_next(job);
}

void to_visit_update(Job *job)
{
    set_to_visit(job, is_to_visit(job));
}

static bool is_passed(const TreeNode *node, const void *key)
{
    (void)key;
    return job_was_passed(to_visit_at(node));
}

static Job *earlier_in_order(Job *job, Job *other)
{
    if (job == NULL || other == NULL)
        return job != NULL ? job : other;
    return job_is_before(other, job) ? other : job;
}

Job *next_job(SchedTransport *transport)
{
    Job *job = to_visit_at(tree_find(&transport->to_visit, is_passed, NULL));

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
        CHECK(!peer->is_waiting || !destination_could_deliver(peer->destination));
}

void to_visit_check(const SchedTransport *transport)
{
    size_t unblocked = 0, to_visit = 0;

    for (Job *job = job_at(transport->jobs.first); job != NULL; job = job_next(job)) {
        unblocked += job->is_unblocked ? 1 : 0;
        to_visit += job->is_to_visit ? 1 : 0;
        CHECK(!job->is_unblocked || job_was_passed(job));
        CHECK(job->is_to_visit == is_to_visit(job));
        if (job_is_blocked(job))
            check_blocked(job);
    }
    CHECK(tree_check(&transport->unblocked, &unblocked_by_place) == unblocked);
    CHECK(tree_check(&transport->to_visit, &to_visit_by_place) == to_visit);
}
