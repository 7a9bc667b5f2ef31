#include "model_internal.h"

/* The place of an unblocked job before the current one, or of the first, is where to look next. */
static void restart_at(SchedTransport *transport, Job *job)
{
    transport->current = job;
    transport->walk_job = NULL;
}

static Job *job_new(SchedMessage *message, SchedTransport *transport)
{
    Job *job = g_new0(Job, 1);

    job->message = message;
    job->transport = transport;
    TAILQ_INIT(&job->peers);
    TAILQ_INIT(&job->children);
    TAILQ_INSERT_TAIL(&message->jobs, job, in_message);
    return job;
}

static Job *find(SchedMessage *message, const SchedTransport *transport)
{
    Job *job;

    TAILQ_FOREACH (job, &message->jobs, in_message)
        if (job->transport == transport)
            return job;
    return NULL;
}

/*
 * Equal queued times: jobs of first batches in the order in which their messages were added, even
 * if their batches are assigned in another order; jobs that come up later go behind.
 */
static bool is_in_order(const Job *before, const Job *job)
{
    int64_t queued_s = job->message->queued_steady_s;
    int64_t other_s = before->message->queued_steady_s;

    return other_s != queued_s ? other_s < queued_s : before->serial < job->serial;
}

static uint64_t choose_serial(const SchedMessage *message)
{
    return message->was_read ? message->sched->next_serial++ : message->serial;
}

static void insert_by_time(Job *job)
{
    struct JobList *list = &job->transport->jobs_by_time;
    Job *before = TAILQ_LAST(list, JobList);

    while (before != NULL && !is_in_order(before, job))
        before = TAILQ_PREV(before, JobList, in_time);
    if (before != NULL)
        TAILQ_INSERT_AFTER(list, before, job, in_time);
    else
        TAILQ_INSERT_HEAD(list, job, in_time);
}

static bool is_behind(const Job *job, const Job *other)
{
    while (other != NULL && other != job)
        other = TAILQ_NEXT(other, in_transport);
    return other == job;
}

/* The place of a new job counts as passed by if that of the job behind it does. */
static void inherit_passed(Job *job)
{
    const Job *behind = TAILQ_NEXT(job, in_transport);

    job->passed_round = behind != NULL ? behind->passed_round : 0;
}

static void insert_in_order(Job *job)
{
    SchedTransport *transport = job->transport;
    struct JobList *list = &transport->jobs;
    Job *before = TAILQ_LAST(list, JobList);

    while (before != NULL && (before->parent != NULL || !is_in_order(before, job)))
        before = TAILQ_PREV(before, JobList, in_transport);
    if (before != NULL)
        TAILQ_INSERT_AFTER(list, before, job, in_transport);
    else
        TAILQ_INSERT_HEAD(list, job, in_transport);
    inherit_passed(job);
    if (transport->current == NULL || is_behind(transport->current, job))
        restart_at(transport, job);
}

/* (7.2) */
static void insert(Job *job)
{
    g_assert(!job->is_listed && job->level == 0 && job->parent == NULL);
    job->is_listed = true;
    job->serial = choose_serial(job->message);
    insert_in_order(job);
    insert_by_time(job);
    slots_take_pool(job);
}

Job *job_take(SchedMessage *message, SchedTransport *transport)
{
    Job *job = find(message, transport);

    if (job == NULL)
        job = job_new(message, transport);
    if (!job->is_listed)
        insert(job);
    preempt_forget_candidate(transport);
    job->is_held = false;
    if (job_is_blocked(job))
        job_unblock(job);
    return job;
}

/* A child that is handed to nobody is an orphan; its level stays. */
static void hand_over_children(Job *job, Job *parent)
{
    Job *child;

    while ((child = TAILQ_FIRST(&job->children)) != NULL) {
        TAILQ_REMOVE(&job->children, child, in_parent);
        child->parent = parent;
        if (parent != NULL)
            TAILQ_INSERT_TAIL(&parent->children, child, in_parent);
    }
}

void job_pop(Job *job)
{
    Job *parent = job->parent;

    if (parent != NULL) {
        /* A foster parent has not paid for this job. */
        if (job->level == parent->level + 1)
            parent->slots_available -= job->slots_used * job->transport->params.slot_cost;
        TAILQ_REMOVE(&parent->children, job, in_parent);
    }
    hand_over_children(job, parent);
    job->parent = NULL;
    job->level = 0;
    preempt_forget_candidate(job->transport);
}

void job_retire(Job *job)
{
    SchedTransport *transport = job->transport;

    if (job->level > 0)
        job_pop(job);
    slots_return(job);
    hand_over_children(job, NULL);
    if (transport->current == job)
        transport->current = TAILQ_NEXT(job, in_transport);
    if (transport->walk_job == job)
        transport->walk_job = NULL;
    if (transport->cache_job == job || transport->cache_candidate == job)
        preempt_forget_candidate(transport);
    TAILQ_REMOVE(&transport->jobs, job, in_transport);
    TAILQ_REMOVE(&transport->jobs_by_time, job, in_time);
    job->is_listed = false;
    job->block_round = 0;
}

void job_free(Job *job)
{
    if (job->is_listed)
        job_retire(job);
    else
        slots_return(job);
    g_assert(TAILQ_EMPTY(&job->peers) && job->transport->first_unread != job);
    TAILQ_REMOVE(&job->message->jobs, job, in_message);
    g_free(job);
}

void job_pass(Job *job)
{
    job->passed_round = job->transport->block_round;
}

void job_block(Job *job)
{
    SchedTransport *transport = job->transport;
    Peer *peer;

    job->block_round = transport->block_round;
    job->is_held = !job_has_entries(job);
    TAILQ_FOREACH (peer, &job->peers, in_job)
        if (!TAILQ_EMPTY(&peer->waiting))
            peer->destination->block_round = transport->block_round;
}

void job_unblock(Job *job)
{
    job->block_round = 0;
    restart_at(job->transport, TAILQ_FIRST(&job->transport->jobs));
}

static bool is_waiting_for(const Job *job, const SchedDestination *destination)
{
    const Peer *peer;

    TAILQ_FOREACH (peer, &job->peers, in_job)
        if (peer->destination == destination && !TAILQ_EMPTY(&peer->waiting))
            return true;
    return false;
}

/* The rule of the core: some job whose place was passed by waits for the destination. */
static bool was_passed_by(const SchedDestination *destination)
{
    const SchedTransport *transport = destination->transport;
    const Job *job;

    TAILQ_FOREACH (job, &transport->jobs, in_transport)
        if (job->passed_round == transport->block_round && is_waiting_for(job, destination))
            return true;
    return false;
}

static bool is_blocking(const SchedDestination *destination)
{
    if (model_follows_stock())
        return destination->block_round == destination->transport->block_round;
    return was_passed_by(destination);
}

void job_release_blockers(SchedDestination *destination)
{
    SchedTransport *transport = destination->transport;

    if (!is_blocking(destination))
        return;
    if (destination_is_usable(destination)) {
        transport->block_round++;
        restart_at(transport, TAILQ_FIRST(&transport->jobs));
        preempt_forget_candidate(transport);
    }
    if (destination_has_room(destination) || destination->cause != NULL)
        destination->block_round = 0;
}
