#include "sched_internal.h"

/*
 * The strategy of qmgr (5.3, 8): messages are delivered in the order of their arrival, and a small
 * one may preempt a large one. A selection goes from one job that has to be looked at to the next;
 * each may have to read its next batch first, may be delivered from, or is passed over.
 */

/* One turn of the loop should not take longer than this many recipients need (10.2). */
#define BATCH_MAX 5000

static Peer *peer_for(SchedMessage *message, SchedDestination *destination)
{
    return peer_ensure(job_ensure(message, destination->transport), destination);
}

static SchedEntry *preemptive_entry_new(SchedMessage *message, SchedDestination *destination,
                                        SchedNow now)
{
    return entry_new(message, destination, peer_for(message, destination), now);
}

/* (5.3): the last waiting entry of the peer is topped up first, whatever batch it is from. */
static void preemptive_assign(SchedMessage *message, SchedDestination *destination, Link *recipient,
                              SchedNow now)
{
    Peer *peer = peer_for(message, destination);
    SchedEntry *entry = entry_at(peer->waiting.last);

    if (entry == NULL || message->batch_single_recipient || !entry_has_room(entry))
        entry = entry_new(message, destination, peer, now);
    entry_add_recipient(entry, recipient);
}

static int64_t preemptive_batch_limit(const Sched *sched, const SchedMessage *message)
{
    int64_t limit = message_recipient_limit(sched, message);

    if (message->was_read)
        limit -= message->recipient_count;
    else
        limit = MAX(sched->settings.message_recipient_limit - sched->recipient_count, limit);
    return MIN(limit, BATCH_MAX);
}

static void preemptive_end_batch(SchedMessage *message)
{
    for (Job *job = message->jobs; job != NULL; job = job->next_of_message) {
        bool is_blocked = job_is_blocked(job);

        if (job_has_entries(job) && !is_blocked)
            preempt_forget_candidate(job->transport);
        if (!job_has_entries(job) && is_blocked) /* it was to wait for this batch */
            job_resume(job);
    }
    if (message->fully_read)
        slots_return_all(message);
}

static bool refill_is_due(const Job *job, SchedNow now)
{
    const SchedMessage *message = job->message;
    const SchedTransportParams *params = &job->transport->params;

    return message_may_refill(message) &&
           (message_recipient_limit(job->transport->sched, message) - message->recipient_count >=
                params->refill_limit ||
            now.steady_s - message->last_read_s >= params->refill_delay_s);
}

/* (8). True: the message should read before the choice can be made. */
static bool must_refill(const Job *job, const Peer *peer, WalkStage *stage, SchedNow now)
{
    if (*stage == WALK_FRESH) {
        *stage = WALK_REFILLED;
        if (refill_is_due(job, now))
            return true;
    }
    if (peer != NULL || *stage == WALK_LAST_REFILL || !message_may_refill(job->message))
        return false;
    *stage = WALK_LAST_REFILL;
    return true;
}

static SchedEntry *select_from(Peer *peer, SchedNow now)
{
    Job *job = peer->job;
    SchedTransport *transport = job->transport;
    SchedEntry *entry = entry_at(chain_first(&peer->waiting));

    peer_rotate(peer);
    entry_run(entry, now);
    job_add_slots(job, 1);
    if (job->extra != NULL)
        job->extra->slots_used++;
    if (transport->cache_job != job)
        preempt_forget_candidate(transport);
    transport->current = job;
    if (!job_has_entries(job) && job->message->fully_read)
        job_retire(job);
    message_changed(job->message); /* after the end of a job, which needs no place then */
    return entry;
}

/* Where an interrupted selection goes on; a new one may begin with a preemption. */
static WalkStage begin_walk(SchedTransport *transport, SchedNow now, Job **ret_job)
{
    *ret_job = transport->walk_job;
    transport->walk_job = NULL;
    if (*ret_job != NULL)
        return transport->walk_stage;
    preempt_current(transport, now);
    return WALK_FRESH;
}

static SchedSelection preemptive_select(SchedTransport *transport, SchedNow now,
                                        SchedEntry **ret_entry, SchedMessage **ret_message)
{
    Job *interrupted, *job;
    WalkStage first_stage = begin_walk(transport, now, &interrupted);

    while ((job = next_job(transport)) != NULL) {
        WalkStage stage = job == interrupted ? first_stage : WALK_FRESH;
        Peer *peer = next_peer(job);

        if (must_refill(job, peer, &stage, now)) {
            transport->walk_job = job;
            transport->walk_stage = stage;
            *ret_message = job->message;
            return SCHED_REFILL;
        }
        if (peer != NULL) {
            *ret_entry = select_from(peer, now);
            return SCHED_SELECTED;
        }
        job_pass_over(job);
        if (!job_has_entries(job) && !job->message->being_read)
            job_retire(job);
    }
    transport->current = NULL;
    return SCHED_NOTHING;
}

const Strategy preemptive_strategy = {.assign = preemptive_assign,
                                      .entry_new = preemptive_entry_new,
                                      .select = preemptive_select,
                                      .batch_limit = preemptive_batch_limit,
                                      .end_batch = preemptive_end_batch};
