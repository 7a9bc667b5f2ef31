#include "model_internal.h"

/*
 * Recipient slots: how many recipients a job may have in memory (10). Every slot of a transport is
 * in its pool or part of the limit of one job, and so of its message.
 */

static void grant(Job *job, int64_t count)
{
    job->recipient_limit += count;
    job->message->recipient_limit += count;
    job->transport->pool -= count;
}

static void grant_pool(Job *job)
{
    if (job->transport->pool > 0)
        grant(job, job->transport->pool);
}

static Job *next_unread(Job *job)
{
    do
        job = TAILQ_NEXT(job, in_time);
    while (job != NULL && message_is_exhausted(job->message));
    return job;
}

static bool is_before(const Job *job, const Job *other)
{
    while (job != NULL && job != other)
        job = TAILQ_NEXT(job, in_time);
    return job != NULL;
}

/* (10.3): the oldest job that may read on gets what there is. */
void slots_take_pool(Job *job)
{
    SchedTransport *transport = job->transport;
    Job *first = transport->first_unread;

    if (first == NULL || is_before(job, first)) {
        transport->first_unread = job;
        if (first != NULL)
            slots_return(first);
    }
    grant_pool(job);
}

/* (10.4) */
void slots_return(Job *job)
{
    SchedTransport *transport = job->transport;
    const SchedMessage *message = job->message;
    int64_t unused = MIN(job->recipient_limit - job->recipient_count,
                         message->recipient_limit - message->recipient_count);

    if (transport->first_unread == job)
        transport->first_unread = next_unread(job);
    if (unused <= 0)
        return;
    grant(job, -unused);
    if (transport->first_unread != NULL)
        grant_pool(transport->first_unread);
}

void slots_return_all(SchedMessage *message)
{
    Job *job;

    TAILQ_FOREACH (job, &message->jobs, in_message)
        slots_return(job);
}

void slots_return_unneeded(Job *job)
{
    bool fully_read = job->message->fully_read;
    Job *other;

    TAILQ_FOREACH (other, &job->message->jobs, in_message)
        if (other != job && other->recipient_count < other->recipient_limit &&
            (!other->is_listed || fully_read))
            slots_return(other);
    if (fully_read)
        slots_return(job);
}

/* (10.5): a preempting job that has more to read may borrow. */
void slots_grant_extra(Job *job)
{
    const SchedTransport *transport = job->transport;

    grant(job, (transport->params.extra_recipient_limit + transport->pool + 1) / 2);
}
