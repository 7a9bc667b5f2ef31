#include "model_internal.h"

/* Entries that the job has or may still get, at most: recipients not yet bound count as one each
 * (9.1). */
static int64_t entries_max(const Job *job)
{
    return job->created_count + job->message->unread_count + job->message->unassigned_count;
}

static int64_t entries_left_max(const Job *job)
{
    return entries_max(job) - job->selected_count;
}

/* (9.2) */
static bool may_be_preempted(const Job *job)
{
    const SchedTransportParams *params = &job->transport->params;

    return params->slot_cost >= 2 && job->slots_available > 0 &&
           entries_max(job) >= (int64_t)params->minimum_slots * params->slot_cost;
}

static bool is_eligible(const Job *job, int64_t room)
{
    int64_t left = entries_left_max(job);

    return TAILQ_EMPTY(&job->children) && !job_is_blocked(job) && left >= 1 && left <= room;
}

static double score(const Job *job, SchedNow now)
{
    return (double)(now.steady_s - job->message->queued_steady_s + 1) / (double)entries_max(job);
}

/* (9.3): waiting long for little. */
static Job *find_candidate(Job *current, SchedNow now)
{
    int64_t room = (current->created_count - current->selected_count + current->slots_available) /
                   current->transport->params.slot_cost;
    Job *best = NULL;
    double best_score = 0;

    if (room <= 0)
        return NULL;
    for (Job *job = TAILQ_NEXT(current, in_transport); job != NULL;
         job = TAILQ_NEXT(job, in_transport)) {
        if (!is_eligible(job, room))
            continue;
        if (best == NULL || score(job, now) > best_score) {
            best = job;
            best_score = score(job, now);
        }
    }
    return best;
}

/* (9.5): "none" stays true until something invalidates it; a candidate, for the second. */
static Job *candidate_for(Job *current, SchedNow now)
{
    SchedTransport *transport = current->transport;

    if (transport->cache_valid && transport->cache_job == current &&
        (transport->cache_steady_s == now.steady_s || transport->cache_candidate == NULL))
        return transport->cache_candidate;
    transport->cache_candidate = find_candidate(current, now);
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
        (double)(entries_left_max(candidate) * (100 - params->slot_discount_percent)) / 100.0;

    return (double)slots >= price;
}

/* (9.6) */
static void preempt(Job *current, Job *candidate)
{
    SchedTransport *transport = current->transport;
    int64_t entries = entries_left_max(candidate);

    if (candidate->level > 0)
        job_pop(candidate);
    TAILQ_REMOVE(&transport->jobs, candidate, in_transport);
    TAILQ_INSERT_BEFORE(current, candidate, in_transport);
    candidate->parent = current;
    TAILQ_INSERT_TAIL(&current->children, candidate, in_parent);
    candidate->level = current->level + 1;
    candidate->passed_round = current->passed_round;
    transport->current = candidate;
    preempt_forget_candidate(transport);
    current->slots_available -= entries * transport->params.slot_cost;
    candidate->slots_used = -entries;
    if (!candidate->message->fully_read)
        slots_grant_extra(candidate);
}

Job *preempt_current(SchedTransport *transport, SchedNow now)
{
    Job *current = transport->current;
    Job *candidate;

    if (current == NULL || !may_be_preempted(current))
        return current;
    candidate = candidate_for(current, now);
    if (candidate == NULL || !can_afford(current, candidate))
        return current;
    preempt(current, candidate);
    return candidate;
}
