#include "job_objects_internal.h"

/* Questions about objects that rules and indexes ask alike. */

bool job_is_earlier(const Job *job, const Job *other)
{
    uint32_t queued_s = job->message->queued_s, other_s = other->message->queued_s;

    return queued_s != other_s ? queued_s < other_s : job->serial < other->serial;
}

int64_t message_recipient_limit(const Sched *sched, const SchedMessage *message)
{
    int64_t limit = sched->settings.message_recipient_minimum;

    for (const Job *job = message->jobs; job != NULL; job = job->next_of_message)
        limit += job->recipient_limit;
    return limit;
}

bool message_may_refill(const SchedMessage *message)
{
    const Job *job = message->jobs;

    return message_may_read(message) && message->entry_count > 0 && job != NULL &&
           message_recipient_limit(job->transport->sched, message) > message->recipient_count;
}
