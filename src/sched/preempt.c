#include "sched_internal.h"

/*
 * Whether another job goes before the current one (9): a large job earns a slot with each delivery,
 * and a small one that has waited long may use them up.
 */

/* (9.2) */
static bool may_be_preempted(const Job *job)
{
    const SchedTransportParams *params = &job->transport->params;

    return params->slot_cost >= 2 && job->slots_available > 0 &&
           job_entries_max(job) >= (int64_t)params->minimum_slots * params->slot_cost;
}

/* (9.5): "none" stays true until something invalidates it; a candidate, for the second. */
static Job *candidate_for(Job *current, SchedNow now)
{
    SchedTransport *transport = current->transport;
    int64_t left, room;

    if (transport->cache_valid && transport->cache_job == current &&
        (transport->cache_steady_s == now.steady_s || transport->cache_candidate == NULL))
        return transport->cache_candidate;
    left = (int64_t)current->created_count - current->selected_count;
    room = (left + current->slots_available) / transport->params.slot_cost;
    transport->cache_candidate = room > 0 ? best_candidate(transport, room, now) : NULL;
    transport->cache_job = current;
    transport->cache_steady_s = now.steady_s;
    transport->cache_valid = true;
    return transport->cache_candidate;
}

/* (9.4) */
static bool can_afford(const Job *current, const Job *candidate)
{
    const SchedTransportParams *params = &current->transport->params;
    int64_t slots = current->slots_available / params->slot_cost + params->slot_loan;
    double price =
        (double)(job_entries_left_max(candidate) * (100 - params->slot_discount_percent)) / 100.0;

    return (double)slots >= price;
}

/* (9.6) */
static void preempt_with(Job *current, Job *candidate)
{
    SchedTransport *transport = current->transport;
    int64_t entries = job_entries_left_max(candidate);

    stack_push(candidate, current, entries);
    transport->current = candidate;
    preempt_forget_candidate(transport);
    job_add_slots(current, -entries * transport->params.slot_cost);
    if (!candidate->message->fully_read)
        slots_grant_extra(candidate);
}

void preempt_current(SchedTransport *transport, SchedNow now)
{
    Job *current = transport->current;
    Job *candidate;

    if (current == NULL || !may_be_preempted(current))
        return;
    candidate = candidate_for(current, now);
    if (candidate != NULL && can_afford(current, candidate))
        preempt_with(current, candidate);
}
