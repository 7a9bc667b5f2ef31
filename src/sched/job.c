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

/* Found or added. */
static Job *job_of(SchedMessage *message, SchedTransport *transport)
{
    Job *job, **link = &message->jobs;

    while ((job = *link) != NULL && job->transport != transport)
        link = &job->next_of_message;
    if (job == NULL) {
        *link = job = slab_alloc(&transport->sched->jobs);
        job->message = message;
        job->transport = transport;
    }
    return job;
}

/*
 * (7.2) Jobs of one second are in the order of their serials: those of first batches by the order
 * in which their messages were added, whatever order their lookups end in; later jobs come after
 * them.
 */
static void job_insert(Job *job)
{
    SchedTransport *transport = job->transport;
    const SchedMessage *message = job->message;

    g_assert(!job->is_listed && job_parent(job) == NULL);
    job->serial = message->was_read ? transport->sched->next_serial++ : message->serial;
    job_enter(job);
    if (transport->current == NULL || job_is_before(job, transport->current))
        job_restart_at(transport, job);
    slots_claim_pool(job);
}

Job *job_ensure(SchedMessage *message, SchedTransport *transport)
{
    Job *job = job_of(message, transport);

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

void job_free_all(SchedMessage *message)
{
    Job *job;

    /* First all are done with, as the slots of one depend on the others. */
    for (job = message->jobs; job != NULL; job = job->next_of_message) {
        if (job->is_listed)
            job_retire(job);
        else
            slots_return(job);
        g_assert(peer_first(job) == NULL && job->transport->first_unread != job);
    }
    while ((job = message->jobs) != NULL) {
        message->jobs = job->next_of_message;
        job_extra_free(job);
        slab_free(&job->transport->sched->jobs, job);
    }
}

static bool is_on_stack(const Job *job)
{
    return job->extra != NULL && (job->extra->level > 0 || !TAILQ_EMPTY(&job->extra->children));
}

static void hurry_job(Job *job)
{
    SchedTransport *transport = job->transport;
    Job *first = job_at(transport->jobs.first);

    if (!job->is_listed || is_on_stack(job) || job == first)
        return;
    if (transport->current == job)
        transport->current = job_next(job);
    job_move(job, first);
    preempt_forget_candidate(transport);
    job_resume(job);
}

void sched_message_hurry(SchedMessage *message)
{
    if (message->jobs == NULL)
        message->queued_s = 0;
    for (Job *job = message->jobs; job != NULL; job = job->next_of_message)
        hurry_job(job);
}

/* ---- blockers ---- */

void job_resume(Job *job)
{
    SchedTransport *transport = job->transport;

    job_unblock(job);
    job_restart_at(transport, job_at(transport->jobs.first));
}

static void release_those_of(const SchedDestination *destination)
{
    SchedTransport *transport = destination->transport;
    const Job *first = first_waiting_job(destination);

    if (!destination_could_deliver(destination) || first == NULL || !job_was_passed(first))
        return;
    unblock_all(transport);
    job_restart_at(transport, job_at(transport->jobs.first));
    preempt_forget_candidate(transport);
}

/*
 * Of the members of a site one is enough: no job that waits for another is before the first one
 * that waits for this, and jobs after one that was passed are released with it.
 */
void job_release_blockers_of_site(const SchedSite *site)
{
    for (const SitePart *part = site->parts; part != NULL; part = part->next_of_site) {
        const SchedDestination *first = part_first(part);

        if (first != NULL)
            release_those_of(first);
    }
}

void job_release_blockers(SchedDestination *destination)
{
    if (destination->member != NULL)
        job_release_blockers_of_site(destination->member->part->site);
    else
        release_those_of(destination);
}
