#include "sched_internal.h"

/*
 * Recipient slots: how many recipients a job may have in memory (10). Every slot of a transport is
 * in its pool or part of the limit of one job, and so of its message.
 */

static void slots_grant(Job *job, int64_t count)
{
    job->recipient_limit += (int32_t)count;
    job->transport->pool -= count;
    message_changed(job->message);
}

static void slots_grant_pool(Job *job)
{
    if (job->transport->pool > 0)
        slots_grant(job, job->transport->pool);
}

/* (10.3): the oldest job that may read on gets what there is. */
void slots_claim_pool(Job *job)
{
    SchedTransport *transport = job->transport;
    Job *first = transport->first_unread;

    if (first == NULL || job_is_earlier(job, first)) {
        transport->first_unread = job;
        if (first != NULL)
            slots_return(first);
    }
    slots_grant_pool(job);
}

/* (10.4) */
void slots_return(Job *job)
{
    SchedTransport *transport = job->transport;
    const SchedMessage *message = job->message;
    int64_t limit = message_recipient_limit(transport->sched, message);
    int64_t unused =
        MIN((int64_t)job->recipient_limit - job->recipient_count, limit - message->recipient_count);

    if (transport->first_unread == job)
        transport->first_unread = next_unread(job);
    if (unused <= 0)
        return;
    slots_grant(job, -unused);
    if (transport->first_unread != NULL)
        slots_grant_pool(transport->first_unread);
}

void slots_return_all(SchedMessage *message)
{
    for (Job *job = message->jobs; job != NULL; job = job->next_of_message)
        slots_return(job);
}

void slots_return_unneeded(Job *job)
{
    const SchedMessage *message = job->message;
    bool fully_read = message->fully_read;

    for (Job *other = message->jobs; other != NULL; other = other->next_of_message)
        if (other != job && (int64_t)other->recipient_count < other->recipient_limit &&
            (!other->is_listed || fully_read))
            slots_return(other);
    if (fully_read)
        slots_return(job);
}

/* (10.5): a preempting job that has more to read may borrow. */
void slots_grant_extra(Job *job)
{
    const SchedTransport *transport = job->transport;

    slots_grant(job, (transport->params.extra_recipient_limit + transport->pool + 1) / 2);
}
