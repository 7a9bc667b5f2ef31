#include "sched_internal.h"

/*
 * The lives of jobs, message x transport (7): a job is listed while it has entries or may get some,
 * retires when it has none, and is listed again by mail that comes later. Here is also who has
 * another turn: new mail unblocks its job, and room at a site all that were passed (7.4).
 */

/* Selections begin with this job; one that was interrupted does not go on. */
static void job_restart_at(SchedTransport *transport, Job *job)
{
    transport->current = job;
    transport->walk_job = NULL;
}

static Job *job_new(SchedMessage *message, SchedTransport *transport)
{
    Job *job = slab_alloc(&transport->sched->jobs), **link = &message->jobs;

    job->message = message;
    job->transport = transport;
    while (*link != NULL)
        link = &(*link)->next_of_message;
    *link = job;
    return job;
}

static Job *job_find(SchedMessage *message, const SchedTransport *transport)
{
    Job *job = message->jobs;

    while (job != NULL && job->transport != transport)
        job = job->next_of_message;
    return job;
}

/*
 * Jobs of one second are in the order of their serials: those of first batches by the order in
 * which their messages were added, whatever order their lookups end in; later jobs come after them.
 */
static uint64_t choose_serial(const Job *job)
{
    const SchedMessage *message = job->message;

    return message->was_read ? job->transport->sched->next_serial++ : message->serial;
}

/* (7.2) */
static void job_insert(Job *job)
{
    SchedTransport *transport = job->transport;

    g_assert(!job->is_listed && job_parent(job) == NULL);
    job->serial = choose_serial(job);
    job_enter(job);
    if (transport->current == NULL || job_is_before(job, transport->current))
        job_restart_at(transport, job);
    slots_claim_pool(job);
}

Job *job_ensure(SchedMessage *message, SchedTransport *transport)
{
    Job *job = job_find(message, transport);

    if (job == NULL)
        job = job_new(message, transport);
    if (!job->is_listed)
        job_insert(job);
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

static void job_end(Job *job)
{
    if (job->is_listed)
        job_retire(job);
    else
        slots_return(job);
    g_assert(job->peer_count == 0 && job->transport->first_unread != job);
}

void job_free_all(SchedMessage *message)
{
    Job *next;

    for (Job *job = message->jobs; job != NULL; job = job->next_of_message)
        job_end(job);
    for (Job *job = message->jobs; job != NULL; job = next) {
        next = job->next_of_message;
        g_free(job->extra);
        slab_free(&job->transport->sched->jobs, job);
    }
    message->jobs = NULL;
}

/* ---- blockers ---- */

void job_resume(Job *job)
{
    SchedTransport *transport = job->transport;

    job_unblock(job);
    job_restart_at(transport, job_at(transport->jobs.first));
}

static void resume_all(SchedTransport *transport)
{
    unblock_all(transport);
    job_restart_at(transport, job_at(transport->jobs.first));
    preempt_forget_candidate(transport);
}

/* A job that waits for the destination was passed. An entry that was given back waits, too. */
static bool is_blocking(const SchedDestination *destination)
{
    const SchedEntry *given_back = destination->given_back;
    const Job *job = first_waiting_job(destination);

    if (job != NULL && job_was_passed(job))
        return true;
    if (given_back == NULL || given_back->peer == NULL)
        return false;
    job = given_back->peer->job;
    return job->is_listed && job_was_passed(job);
}

void job_release_blockers(SchedDestination *destination)
{
    if (destination_could_deliver(destination) && is_blocking(destination))
        resume_all(destination->transport);
}
