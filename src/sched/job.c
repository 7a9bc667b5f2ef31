#include "sched_internal.h"

/* The place of an unblocked job before the current one, or of the first, is where to look next. */
static void restart_at(SchedTransport *transport, Job *job)
{
    transport->current = job;
    transport->walk_job = NULL;
}

static LaterJob **end_of_list(SchedMessage *message)
{
    LaterJob **link = &side_take(&message->first_job)->later_jobs;

    while (*link != NULL)
        link = &(*link)->next;
    return link;
}

static Job *take_room(SchedMessage *message, Sched *sched)
{
    LaterJob *later;

    if (message->first_job.transport == NULL) {
        message->first_job.is_first = true;
        return &message->first_job;
    }
    later = slab_take(&sched->jobs);
    later->message = message;
    *end_of_list(message) = later;
    return &later->job;
}

static Job *job_new(SchedMessage *message, SchedTransport *transport)
{
    Job *job = take_room(message, transport->sched);

    job->transport = transport;
    job->first_peer.is_first = true;
    return job;
}

static Job *find(SchedMessage *message, const SchedTransport *transport)
{
    Job *job = job_first(message);

    while (job != NULL && job->transport != transport)
        job = job_next_of_message(job);
    return job;
}

/*
 * Equal queued times: jobs of first batches in the order in which their messages were added, even
 * if their batches are assigned in another order; jobs that come up later go behind.
 */
static uint64_t choose_serial(const Job *job)
{
    const SchedMessage *message = job_message(job);

    /* Until the first batch has ended, the first job has the serial of the message. */
    return message->was_read ? job->transport->sched->next_serial++ : message->first_job.serial;
}

/* (7.2) */
static void insert(Job *job)
{
    SchedTransport *transport = job->transport;

    g_assert(!job->is_listed && job_parent(job) == NULL);
    job->serial = choose_serial(job);
    job_enter(job);
    if (transport->current == NULL || job_is_before(job, transport->current))
        restart_at(transport, job);
    slots_take_pool(job);
}

Job *job_ensure(SchedMessage *message, SchedTransport *transport)
{
    Job *job = find(message, transport);

    if (job == NULL)
        job = job_new(message, transport);
    if (!job->is_listed)
        insert(job);
    preempt_forget_candidate(transport);
    if (job_is_blocked(job))
        job_resume(job);
    return job;
}

void job_retire(Job *job)
{
    SchedTransport *transport = job->transport;

    stack_leave(job);
    slots_return(job);
    if (transport->current == job)
        transport->current = job_next(job);
    if (transport->walk_job == job)
        transport->walk_job = NULL;
    if (transport->cache_job == job || transport->cache_candidate == job)
        preempt_forget_candidate(transport);
    job_leave(job);
}

static void end(Job *job)
{
    if (job->is_listed)
        job_retire(job);
    else
        slots_return(job);
    g_assert(peer_first(job) == NULL && job->transport->first_unread != job);
    peer_free_set(job);
}

void job_free_all(SchedMessage *message)
{
    Job *first = job_first(message), *next;

    if (first == NULL)
        return;
    for (Job *job = first; job != NULL; job = job_next_of_message(job))
        end(job);
    for (Job *job = job_next_of_message(first); job != NULL; job = next) {
        next = job_next_of_message(job);
        side_free(job);
        slab_free(&first->transport->sched->jobs, ELEMENT(job, LaterJob, job));
    }
    side_free(first);
    first->transport = NULL;
}

/* ---- blockers ---- */

void job_resume(Job *job)
{
    SchedTransport *transport = job->transport;

    job_unblock(job);
    restart_at(transport, job_at(transport->jobs.first));
}

static void resume_all(SchedTransport *transport)
{
    unblock_all(transport);
    restart_at(transport, job_at(transport->jobs.first));
    preempt_forget_candidate(transport);
}

/* A job that waits for the destination was passed. An entry that was given back waits, too. */
static bool is_blocking(const SchedDestination *destination)
{
    const SchedEntry *given_back = destination->given_back;
    const Job *job = first_waiting_job(destination);

    if (job != NULL && job_was_passed(job))
        return true;
    job = given_back != NULL ? entry_job(given_back) : NULL;
    return job != NULL && job->is_listed && job_was_passed(job);
}

void job_release_blockers(SchedDestination *destination)
{
    if (destination_could_deliver(destination) && is_blocking(destination))
        resume_all(destination->transport);
}
