#include "sched_internal.h"

/* One turn of the loop should not take longer than this many recipients need (10.2). */
#define BATCH_MAX 5000

/* Round-robin reads on when this many recipients are below its limit (17). */
#define ROUND_ROBIN_REFILL_MARGIN 100

/* Steady time as messages keep it: for longer than clocks are right, and for a few seconds' sake.
 */
static uint32_t to_seconds(int64_t steady_s)
{
    return (uint32_t)CLAMP(steady_s, 0, UINT32_MAX);
}

SchedMessage *sched_message_add(Sched *sched, void *owner, SchedNow now)
{
    SchedMessage *message = slab_take(&sched->messages);

    message->owner = owner;
    message->queued_s = message->last_read_s = to_seconds(now.steady_s);
    message->serial = (uint32_t)sched->next_serial;
    if (sched_is_preemptive(sched))
        message->first_job.serial = sched->next_serial;
    sched->next_serial++;
    sched->message_count++;
    return message;
}

void sched_message_remove(Sched *sched, SchedMessage *message, SchedNow now)
{
    (void)now;
    g_assert(sched_message_outstanding(message) == 0 && message->unassigned_count == 0);
    job_free_all(message);
    slab_free(&sched->messages, message);
    sched->message_count--;
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

int64_t message_recipient_limit(const Sched *sched, const SchedMessage *message)
{
    int64_t limit = sched->settings.message_recipient_minimum;

    for (const Job *job = job_first(message); job != NULL; job = job_next_of_message(job))
        limit += job->recipient_limit;
    return limit;
}

bool message_may_refill(const SchedMessage *message)
{
    const Job *job = job_first(message);

    return message_may_read(message) && message->entry_count > 0 && job != NULL &&
           message_recipient_limit(job->transport->sched, message) > message->recipient_count;
}

int sched_batch_limit(const Sched *sched, const SchedMessage *message)
{
    int64_t limit;

    if (!sched_is_preemptive(sched))
        return (int)CLAMP(round_robin_limit(sched), 1, INT_MAX);
    limit = message_recipient_limit(sched, message);
    if (message->was_read)
        limit -= message->recipient_count;
    else
        limit = MAX(sched->settings.message_recipient_limit - sched->recipient_count, limit);
    return (int)CLAMP(limit, 1, BATCH_MAX);
}

/* What is read and what is not decides who is a candidate, who must read, and who gets slots. */
static void update_jobs(SchedMessage *message)
{
    job_update_all_attention(message);
    candidate_touch_all(message);
    for (Job *job = job_first(message); job != NULL; job = job_next_of_message(job))
        place_update_unread(job);
}

/* Round-robin: recipients of different batches do not meet in an entry (17). */
static void close_entry(const Sched *sched, SchedMessage *message)
{
    if (!sched_is_preemptive(sched))
        message->turns.batch_entry = NULL;
}

void sched_batch_begin(Sched *sched, SchedMessage *message, const SchedBatch *batch, SchedNow now)
{
    (void)now;
    g_assert(message->unassigned_count == 0 && !message->fully_read && batch->read_count >= 0);
    message->being_read = true;
    message->batch_is_last = batch->fully_read;
    message->batch_single_recipient = batch->single_recipient;
    close_entry(sched, message);
    message->unassigned_count = (uint32_t)batch->read_count;
    message->unread_count = (uint32_t)CLAMP(batch->unread_count, 0, UINT32_MAX);
    message->recipient_count += (uint32_t)batch->read_count;
    sched->recipient_count += batch->read_count;
    update_jobs(message);
}

static void take_one(SchedMessage *message)
{
    g_assert(message->unassigned_count > 0);
    message->unassigned_count--;
    candidate_touch_all(message);
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
    job_update_all_attention(message);
}

static void end_reading(SchedMessage *message, SchedNow now)
{
    message->being_read = false;
    message->was_read = true;
    message->last_read_s = to_seconds(now.steady_s);
    update_jobs(message);
    preemptive_end_batch(message);
}

void sched_batch_end(Sched *sched, SchedMessage *message, SchedNow now)
{
    g_assert(message->being_read && message->unassigned_count == 0);
    message->fully_read = message->batch_is_last;
    close_entry(sched, message);
    end_reading(message, now);
}

void sched_batch_failed(Sched *sched, SchedMessage *message, SchedNow now)
{
    (void)sched;
    g_assert(message->unassigned_count == 0);
    end_reading(message, now);
}

void sched_refill_started(Sched *sched, SchedMessage *message, SchedNow now)
{
    (void)sched;
    (void)now;
    g_assert(message_may_read(message));
    message->being_read = true;
    job_update_all_attention(message);
}

bool sched_wants_refill(const Sched *sched, const SchedMessage *message)
{
    return !sched_is_preemptive(sched) && message_may_read(message) &&
           sched->recipient_count < round_robin_limit(sched) - ROUND_ROBIN_REFILL_MARGIN;
}
