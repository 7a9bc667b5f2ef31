#include "model_internal.h"

/* (5.3): the last waiting entry of the peer is topped up first, whatever batch it is from. */
void preemptive_assign(SchedMessage *message, SchedDestination *destination, Link *recipient,
                       SchedNow now)
{
    SchedTransport *transport = destination->transport;
    Peer *peer = peer_take(job_take(message, transport), destination);
    SchedEntry *entry = TAILQ_LAST(&peer->waiting, EntryList);
    int limit = transport->params.destination_recipient_limit;

    if (entry == NULL || message->batch_single_recipient ||
        (limit != 0 && entry->recipient_count >= (unsigned)limit))
        entry = entry_new(message, destination, peer, now);
    entry_add_recipient(entry, recipient);
}

/* Whether the end of the batch gives the job another turn, with or without new entries. */
static bool is_waiting_for_batch(const Job *job)
{
    if (!job_is_blocked(job))
        return false;
    return model_follows_stock() ? job->is_held : !job_has_entries(job);
}

void preemptive_end_batch(SchedMessage *message)
{
    Job *job;

    TAILQ_FOREACH (job, &message->jobs, in_message) {
        if (job_has_entries(job) && !job_is_blocked(job))
            preempt_forget_candidate(job->transport);
        if (is_waiting_for_batch(job))
            job_unblock(job);
        job->is_held = false;
    }
    if (message->fully_read)
        slots_return_all(message);
}

/* Without outstanding entries the next batch is the completion pipeline's business (10.6). */
static bool may_refill(const SchedMessage *message)
{
    return message_may_read(message) && message->entry_count > 0 &&
           message->recipient_limit > message->recipient_count;
}

static bool refill_is_due(const Job *job, SchedNow now)
{
    const SchedMessage *message = job->message;
    const SchedTransportParams *params = &job->transport->params;

    return may_refill(message) &&
           (message->recipient_limit - message->recipient_count >= params->refill_limit ||
            now.steady_s - message->last_read_steady_s >= params->refill_delay_s);
}

/* (8). True: the message should read before the choice can be made. */
static bool must_refill(Job *job, WalkStage *stage, SchedNow now, Peer **ret_peer)
{
    if (*stage == WALK_FRESH) {
        *stage = WALK_REFILLED;
        if (refill_is_due(job, now))
            return true;
    }
    *ret_peer = peer_choose(job);
    if (*ret_peer != NULL || *stage == WALK_LAST_REFILL || !may_refill(job->message))
        return false;
    *stage = WALK_LAST_REFILL;
    return true;
}

static SchedEntry *select_from(Peer *peer, SchedNow now)
{
    Job *job = peer->job;
    SchedTransport *transport = job->transport;
    SchedEntry *entry = TAILQ_FIRST(&peer->waiting);

    entry_run(entry, now);
    job->slots_available++;
    job->slots_used++;
    if (transport->cache_job != job)
        preempt_forget_candidate(transport);
    transport->current = job;
    if (!job_has_entries(job) && job->message->fully_read)
        job_retire(job);
    return entry;
}

/* Nothing of the job can be delivered now. */
static void pass_over(Job *job)
{
    job_pass(job);
    if (job_has_entries(job) || job->message->being_read)
        job_block(job);
    else
        job_retire(job);
}

/* Where an interrupted selection goes on, or a new one begins. */
static Job *start_walk(SchedTransport *transport, SchedNow now, WalkStage *ret_stage)
{
    Job *job = transport->walk_job;

    if (job == NULL) {
        *ret_stage = WALK_FRESH;
        return preempt_current(transport, now);
    }
    *ret_stage = transport->walk_stage;
    transport->walk_job = NULL;
    return job;
}

SchedSelection preemptive_select(SchedTransport *transport, SchedNow now, SchedEntry **ret_entry,
                                 SchedMessage **ret_message)
{
    WalkStage stage;
    Job *job = start_walk(transport, now, &stage);

    for (Job *next; job != NULL; job = next, stage = WALK_FRESH) {
        Peer *peer = NULL;

        next = TAILQ_NEXT(job, in_transport);
        if (job_is_blocked(job)) {
            job_pass(job);
            continue;
        }
        if (must_refill(job, &stage, now, &peer)) {
            transport->walk_job = job;
            transport->walk_stage = stage;
            *ret_message = job->message;
            return SCHED_REFILL;
        }
        if (peer != NULL) {
            *ret_entry = select_from(peer, now);
            return SCHED_SELECTED;
        }
        pass_over(job);
    }
    transport->current = NULL;
    return SCHED_NOTHING;
}
