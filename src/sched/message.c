#include "sched_internal.h"

/*
 * Messages and the batches in which their recipients are read (5, 10). Between the begin and the
 * end of a batch other calls may come.
 */

/* Steady time as messages keep it: for longer than clocks are right. */
static uint32_t to_seconds(int64_t steady_s)
{
    return (uint32_t)CLAMP(steady_s, 0, UINT32_MAX);
}

SchedMessage *sched_message_add(Sched *sched, void *owner, SchedNow now)
{
    SchedMessage *message = slab_alloc(&sched->messages);

    message->owner = owner;
    message->queued_s = message->last_read_s = to_seconds(now.steady_s);
    message->serial = sched->next_serial++;
    sched->message_count++;
    return message;
}

void sched_message_remove(Sched *sched, SchedMessage *message)
{
    g_assert(sched_message_outstanding(message) == 0 && message->unassigned_count == 0);
    job_free_all(message);
    g_clear_pointer(&message->origin, g_rc_box_release);
    slab_free(&sched->messages, message);
    sched->message_count--;
}

bool sched_message_origin(const SchedMessage *message, SchedTransport **ret_transport,
                          const char **ret_destination)
{
    if (message->origin == NULL)
        return false;
    *ret_transport = message->origin->transport;
    *ret_destination = message->origin->destination;
    return true;
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

int sched_batch_limit(const Sched *sched, const SchedMessage *message)
{
    int64_t limit = sched->strategy->batch_limit(sched, message);

    return (int)CLAMP(limit, 1, INT_MAX);
}

void sched_batch_begin(Sched *sched, SchedMessage *message, const SchedBatch *batch)
{
    g_assert(message->unassigned_count == 0 && !message->fully_read && batch->read_count >= 0);
    message->being_read = true;
    message->batch_is_last = batch->fully_read;
    message->batch_single_recipient = batch->single_recipient;
    message->unassigned_count = (uint32_t)batch->read_count;
    message->unread_count = (uint32_t)CLAMP(batch->unread_count, 0, UINT32_MAX);
    message->recipient_count += (uint32_t)batch->read_count;
    sched->recipient_count += batch->read_count;
    message_changed(message);
}

static void count_assigned(SchedMessage *message)
{
    g_assert(message->unassigned_count > 0);
    message->unassigned_count--;
    message_changed(message);
}

void sched_batch_assign(Sched *sched, SchedMessage *message, SchedDestination *destination,
                        Link *recipient, SchedNow now)
{
    g_assert(destination->cause == NULL && destination->transport->cause == NULL);
    count_assigned(message);
    sched->strategy->assign(message, destination, recipient, now);
}

void sched_batch_drop(Sched *sched, SchedMessage *message)
{
    message->recipient_count--;
    sched->recipient_count--;
    count_assigned(message);
}

static void message_end_reading(const Sched *sched, SchedMessage *message, SchedNow now)
{
    message->being_read = false;
    message->was_read = true;
    message->last_read_s = to_seconds(now.steady_s);
    message_changed(message);
    message->batch_entry = NULL; /* recipients of different batches do not meet in an entry */
    if (sched->strategy->end_batch != NULL)
        sched->strategy->end_batch(message);
}

void sched_batch_end(Sched *sched, SchedMessage *message, SchedNow now)
{
    g_assert(message->being_read && message->unassigned_count == 0);
    message->fully_read = message->batch_is_last;
    message_end_reading(sched, message, now);
}

void sched_batch_failed(Sched *sched, SchedMessage *message, SchedNow now)
{
    g_assert(message->unassigned_count == 0);
    message_end_reading(sched, message, now);
}

/* A batch that begins where the last one ended, and has read nothing. */
void sched_batch_reopen(SchedMessage *message)
{
    g_assert(message->was_read && !message->being_read && message->unassigned_count == 0);
    message->being_read = true;
    message->batch_is_last = message->fully_read;
    message->fully_read = false;
    message_changed(message);
}

/* The recipients stay in memory, so only those of the job get fewer. */
Chain sched_batch_withdraw(Sched *sched, SchedEntry *entry, SchedNow now)
{
    SchedMessage *message = entry->message;
    Chain recipients = entry->recipients;

    g_assert(entry->destination->transport->sched == sched);
    g_assert(entry->state == ENTRY_WAITING && message->being_read);
    message->unassigned_count += entry->recipient_count;
    if (entry->peer != NULL)
        entry->peer->job->recipient_count -= entry->recipient_count;
    entry->recipients = (Chain){NULL};
    entry->recipient_count = 0;
    entry_end(entry, now);
    return recipients;
}

bool sched_wants_refill(const Sched *sched, const SchedMessage *message)
{
    const Strategy *strategy = sched->strategy;

    return strategy->wants_refill != NULL && strategy->wants_refill(sched, message);
}
