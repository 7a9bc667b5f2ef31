#include "model_internal.h"

/* One turn of the loop should not take longer than this many recipients need (10.2). */
#define BATCH_MAX 5000

/* Round-robin reads on when this many recipients are below its limit (17). */
#define ROUND_ROBIN_REFILL_MARGIN 100

SchedMessage *sched_message_add(Sched *sched, void *owner, SchedNow now)
{
    SchedMessage *message = g_new0(SchedMessage, 1);

    message->sched = sched;
    message->owner = owner;
    message->queued_steady_s = now.steady_s;
    message->last_read_steady_s = now.steady_s;
    message->serial = sched->next_serial++;
    message->recipient_limit = sched->settings.message_recipient_minimum;
    TAILQ_INIT(&message->jobs);
    TAILQ_INSERT_TAIL(&sched->messages, message, in_sched);
    sched->message_count++;
    return message;
}

static void unlink_and_free(SchedMessage *message)
{
    TAILQ_REMOVE(&message->sched->messages, message, in_sched);
    message->sched->message_count--;
    g_free(message);
}

void sched_message_remove(Sched *sched, SchedMessage *message)
{
    Job *job;

    g_assert(message->sched == sched);
    g_assert(sched_message_outstanding(message) == 0 && message->unassigned_count == 0);
    while ((job = TAILQ_FIRST(&message->jobs)) != NULL)
        job_free(job);
    unlink_and_free(message);
}

void message_free(SchedMessage *message)
{
    Job *job;

    while ((job = TAILQ_FIRST(&message->jobs)) != NULL) {
        TAILQ_REMOVE(&message->jobs, job, in_message);
        g_free(job);
    }
    unlink_and_free(message);
}

void *sched_message_owner(const SchedMessage *message)
{
    return message->owner;
}

unsigned sched_message_outstanding(const SchedMessage *message)
{
    return message->entry_count + message->undeliverable_count;
}

unsigned sched_message_count(const Sched *sched)
{
    return sched->message_count;
}

int64_t sched_recipient_count(const Sched *sched)
{
    return sched->recipient_count;
}

/* The fudge factor lets round-robin overlap reading and delivery. */
static int64_t round_robin_limit(const Sched *sched)
{
    return (int64_t)sched->settings.message_recipient_limit * sched->settings.fudge_percent / 100;
}

int sched_batch_limit(const Sched *sched, const SchedMessage *message)
{
    int64_t limit = message->recipient_limit - message->recipient_count;

    if (!sched_is_preemptive(sched))
        return (int)CLAMP(round_robin_limit(sched), 1, INT_MAX);
    if (!message->was_read)
        limit = MAX(sched->settings.message_recipient_limit - sched->recipient_count,
                    message->recipient_limit);
    return (int)CLAMP(limit, 1, BATCH_MAX);
}

void sched_batch_begin(Sched *sched, SchedMessage *message, const SchedBatch *batch)
{
    g_assert(message->unassigned_count == 0 && !message->fully_read && batch->read_count >= 0);
    message->being_read = true;
    message->batch_is_last = batch->fully_read;
    message->batch_single_recipient = batch->single_recipient;
    message->batch_entry = NULL;
    message->unassigned_count = batch->read_count;
    message->unread_count = MAX(batch->unread_count, 0);
    message->recipient_count += batch->read_count;
    sched->recipient_count += batch->read_count;
}

static void take_one(SchedMessage *message)
{
    g_assert(message->unassigned_count > 0);
    message->unassigned_count--;
}

void sched_batch_assign(Sched *sched, SchedMessage *message, SchedDestination *destination,
                        Link *recipient, SchedNow now)
{
    g_assert(destination->cause == NULL && destination->transport->cause == NULL);
    take_one(message);
    if (sched_is_preemptive(sched))
        preemptive_assign(message, destination, recipient, now);
    else
        round_robin_assign(message, destination, recipient, now);
}

void sched_batch_drop(Sched *sched, SchedMessage *message)
{
    take_one(message);
    message->recipient_count--;
    sched->recipient_count--;
}

static void end_reading(SchedMessage *message, SchedNow now)
{
    message->being_read = false;
    message->was_read = true;
    message->last_read_steady_s = now.steady_s;
    preemptive_end_batch(message);
}

void sched_batch_end(Sched *sched, SchedMessage *message, SchedNow now)
{
    g_assert(message->sched == sched);
    g_assert(message->being_read && message->unassigned_count == 0);
    message->fully_read = message->batch_is_last;
    message->batch_entry = NULL;
    end_reading(message, now);
}

void sched_batch_failed(Sched *sched, SchedMessage *message, SchedNow now)
{
    g_assert(message->sched == sched);
    g_assert(message->unassigned_count == 0);
    end_reading(message, now);
}

void model_refill_started(SchedMessage *message)
{
    g_assert(message_may_read(message));
    message->being_read = true;
}

bool sched_wants_refill(const Sched *sched, const SchedMessage *message)
{
    return !sched_is_preemptive(sched) && message_may_read(message) &&
           sched->recipient_count < round_robin_limit(sched) - ROUND_ROBIN_REFILL_MARGIN;
}
