#include "sched_internal.h"

static SchedEntry *last_waiting(const Peer *peer)
{
    return entry_at(peer->waiting.last);
}

/* (5.3): the last waiting entry of the peer is topped up first, whatever batch it is from. */
void preemptive_assign(SchedMessage *message, SchedDestination *destination, Link *recipient,
                       SchedNow now)
{
    Peer *peer = peer_take(job_take(message, destination->transport), destination);
    SchedEntry *entry = last_waiting(peer);

    if (entry == NULL || message->batch_single_recipient || !entry_has_room(entry))
        entry = entry_new(message, destination, peer, now);
    entry_add_recipient(entry, recipient);
}

void preemptive_end_batch(SchedMessage *message)
{
    for (Job *job = job_first(message); job != NULL; job = job_next_of_message(job)) {
        bool is_blocked = job_is_blocked(job);

        if (job_has_entries(job) && !is_blocked)
            preempt_forget_candidate(job->transport);
        if (!job_has_entries(job) && is_blocked) /* it was to wait for this batch */
            job_unblock(job);
    }
    if (message->fully_read)
        slots_return_all(message);
}

static bool refill_is_due(const Job *job, SchedNow now)
{
    const SchedMessage *message = job_message(job);
    const SchedTransportParams *params = &job->transport->params;

    return message_may_refill(message) &&
           (message_recipient_limit(job->transport->sched, message) - message->recipient_count >=
                params->refill_limit ||
            now.steady_s - message->last_read_s >= params->refill_delay_s);
}

/* (8). True: the message should read before the choice can be made. */
static bool must_refill(const Job *job, WalkStage *stage, SchedNow now)
{
    if (*stage == WALK_FRESH) {
        *stage = WALK_REFILLED;
        if (refill_is_due(job, now))
            return true;
    }
    if (usable_first_job(job->transport) == job || *stage == WALK_LAST_REFILL ||
        !message_may_refill(job_message(job)))
        return false;
    *stage = WALK_LAST_REFILL;
    return true;
}

static SchedEntry *select_from(Job *job, SchedNow now)
{
    SchedTransport *transport = job->transport;
    Peer *peer = usable_next_peer(job);
    SchedEntry *entry = entry_at(chain_first(&peer->waiting));
    JobFar *far = side_far(job);

    peer_rotate(peer);
    entry_run(entry, now);
    job_add_slots(job, 1);
    if (far != NULL)
        far->slots_used++;
    if (transport->cache_job != job)
        preempt_forget_candidate(transport);
    transport->current = job;
    if (!job_has_entries(job) && job_message(job)->fully_read)
        job_retire(job);
    return entry;
}

/* Nothing of the job can be delivered now. */
static void pass_over(Job *job)
{
    job_pass_over(job);
    if (!job_has_entries(job) && !job_message(job)->being_read)
        job_retire(job);
}

static Job *first_of(Job *job, Job *other)
{
    if (job == NULL || other == NULL)
        return job != NULL ? job : other;
    return job_is_before(other, job) ? other : job;
}

/*
 * The next job that a selection has to look at: one that can deliver, or one before it that has its
 * turn again, may have to read on, or to retire. The others are passed over together.
 */
static Job *next_stop(const SchedTransport *transport)
{
    return first_of(first_of(usable_first_job(transport), job_first_straggler(transport)),
                    job_first_for_attention(transport));
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

static SchedSelection interrupt(Job *job, WalkStage stage, SchedMessage **ret_message)
{
    job->transport->walk_job = job;
    job->transport->walk_stage = stage;
    *ret_message = job_message(job);
    return SCHED_REFILL;
}

SchedSelection preemptive_select(SchedTransport *transport, SchedNow now, SchedEntry **ret_entry,
                                 SchedMessage **ret_message)
{
    Job *interrupted, *job;
    WalkStage first_stage = begin_walk(transport, now, &interrupted);

    while ((job = next_stop(transport)) != NULL) {
        WalkStage stage = job == interrupted ? first_stage : WALK_FRESH;

        if (!job_was_passed(job))
            transport->frontier = job; /* whatever stands between is passed over */
        if (must_refill(job, &stage, now))
            return interrupt(job, stage, ret_message);
        if (usable_first_job(transport) == job) {
            *ret_entry = select_from(job, now);
            return SCHED_SELECTED;
        }
        pass_over(job);
    }
    transport->frontier = NULL;
    transport->current = NULL;
    return SCHED_NOTHING;
}
