/*
 * Views of what is in memory. They are put together when somebody asks; nothing is kept for them
 * but the tables of messages and connections, and the counts of phases.
 */

#include "life/inspect.h"

#include <string.h>

#include "src/life/batch_internal.h"
#include "src/life/context_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/deliver_internal.h"
#include "src/life/jobs_internal.h"
#include "src/life/limit_internal.h"
#include "src/life/message_internal.h"
#include "src/life/parking_internal.h"
#include "src/life/plans_internal.h"
#include "src/life/rates_internal.h"
#include "src/life/scan_internal.h"
#include "src/life/slowed_internal.h"
#include "src/life/suspended_internal.h"
#include "src/life/tried_internal.h"

static const char *const phase_names[LIFE_PHASE_COUNT] = {
    [LIFE_RESOLVING] = "resolving", [LIFE_WAITING] = "waiting", [LIFE_DELIVERING] = "delivering",
    [LIFE_FINISHING] = "finishing", [LIFE_STUCK] = "stuck",
};

const char *life_phase_str(LifePhase phase)
{
    return phase_names[phase];
}

bool life_phase_parse(const char *name, LifePhase *ret_phase)
{
    for (LifePhase phase = 0; phase < LIFE_PHASE_COUNT; phase++) {
        if (g_str_equal(name, phase_names[phase])) {
            *ret_phase = phase;
            return true;
        }
    }
    return false;
}

const Now *life_clock(const Life *life)
{
    return life_now(life);
}

const LifeSettings *life_settings(const Life *life)
{
    return &life->settings;
}

void life_summarize(const Life *life, LifeSummary *ret_summary)
{
    const DeferredIndex *index = deferred_index(life);
    int64_t next_due_s = deferred_index_earliest_s(index);

    *ret_summary = (LifeSummary){
        .index_complete = deferred_index_is_complete(index),
        .deferred_count = deferred_index_count(index),
        .overdue_count = deferred_index_count_until(index, life_now(life)->wall_s),
        .known_count = deferred_index_known_count(index),
        .unread_count = deferred_index_unread_count(index),
        .next_due_s = next_due_s != INT64_MAX ? next_due_s : 0,
        .last_run_wall_s = life->scans->deferred.begun_wall_s,
        .tried_count = life->tried_count,
    };
    for (LifePhase phase = 0; phase < LIFE_PHASE_COUNT; phase++) {
        ret_summary->phases[phase] = message_phase_count(life, phase);
        ret_summary->active_count += ret_summary->phases[phase];
    }
    ret_summary->oldest_arrival_s = message_oldest_arrival_s(life);
    ret_summary->is_full =
        ret_summary->active_count >= (unsigned)life->settings.message_active_limit;
    ret_summary->is_reserved = !ret_summary->is_full && !tried_has_room(life);
}

static void view_message(const Message *message, LifeMessageView *ret_view)
{
    const Envelope *envelope = &message->envelope;
    const Batch *batch = message->batch;

    *ret_view = (LifeMessageView){
        .queue_id = message->queue_id,
        .sender = envelope_text(envelope, ENVELOPE_SENDER),
        .phase = (LifePhase)message->counted_phase,
        .from = message->from,
        .arrival_s = envelope->arrival_s,
        .active_s = message->active_s,
        .size_bytes = envelope->content_size,
        .unread_count = envelope->fully_read ? 0 : envelope->unread_count,
        .lookups_out = batch != NULL ? batch->waiting_count + batch->count - batch->next : 0,
        .lookups_total = batch != NULL ? batch->count : 0,
        .sched = message->sched,
    };
}

bool life_view_next(const Life *life, uint32_t *slot, unsigned patience, LifeMessageView *ret_view)
{
    const Message *message = slot_table_next(message_slots(life), slot, patience);

    if (message == NULL)
        return false;
    view_message(message, ret_view);
    return true;
}

bool life_view_is_end(const Life *life, uint32_t slot)
{
    return slot_table_is_end(message_slots(life), slot);
}

bool life_view_parked(const Life *life, const char *queue_id, LifeParked *ret_parked)
{
    return parking_view(life, queue_id, ret_parked);
}

unsigned life_parked_for(const Life *life, const char *transport, const char *destination)
{
    const SchedTransport *known = sched_transport_find(life->sched, transport);
    const SchedDestination *of = known != NULL ? sched_destination_find(known, destination) : NULL;
    const ParkSite *site = of != NULL ? parked_site_find(life, of) : NULL;

    return site != NULL ? site->waiting_count : 0;
}

unsigned life_parked_count(const Life *life)
{
    return parked_count(life);
}

bool life_view_message(const Life *life, const char *queue_id, LifeMessageView *ret_view)
{
    const Message *message = message_find(life, queue_id);

    if (message == NULL)
        return false;
    view_message(message, ret_view);
    return true;
}

bool life_view_due(const Life *life, const char *queue_id, int64_t *ret_due_s)
{
    return deferred_index_lookup(deferred_index(life), queue_id, ret_due_s);
}

uint32_t life_due_count(const Life *life, int64_t until_s)
{
    return deferred_index_count_until(deferred_index(life), until_s);
}

bool life_view_next_due(const Life *life, uint32_t *slot, unsigned patience,
                        const char **ret_queue_id, int64_t *ret_due_s)
{
    return deferred_index_walk(deferred_index(life), slot, patience, ret_queue_id, ret_due_s);
}

bool life_view_due_is_end(const Life *life, uint32_t slot)
{
    return deferred_index_walk_is_over(deferred_index(life), slot);
}

uint32_t life_deferred_for(const Life *life, const char *transport, const char *destination)
{
    return deferred_index_count_of(deferred_index(life), transport, destination);
}

bool life_view_cause(const Life *life, const char *queue_id, DeferredCause *ret_cause)
{
    return deferred_index_cause(deferred_index(life), queue_id, ret_cause);
}

RetryPlan life_view_retry(Life *life, const DeferredCause *cause, const char **ret_origin)
{
    const char *at = cause->is_user ? strrchr(cause->destination, '@') : NULL;
    const char *nexthop = at != NULL ? at + 1 : cause->destination;
    const Plan *plan = plans_at(
        life, plans_are_used(life) ? plans_find(life, cause->transport, nexthop) : PLANS_NONE);
    const Sites *sites = life->settings.sites;
    bool is_certain =
        sites == NULL ||
        !reply_rules_say_retry(sites_replies(sites), sites_match(sites, cause->transport, nexthop));

    *ret_origin = is_certain ? plan->origin : NULL; /* what was answered is not known here */
    return plan->retry;
}

bool life_view_next_cause(const Life *life, DeferredGrouping grouping, uint32_t *slot,
                          unsigned patience, DeferredView *ret_view)
{
    return deferred_index_view_next(deferred_index(life), grouping, slot, patience, ret_view);
}

bool life_view_cause_is_end(const Life *life, DeferredGrouping grouping, uint32_t slot)
{
    return deferred_index_view_is_end(deferred_index(life), grouping, slot);
}

unsigned life_suspended_count(const Life *life)
{
    return suspended_count(life);
}

bool life_is_kept_back(const Life *life, const char *queue_id)
{
    return suspended_is_waiting(life, queue_id);
}

uint32_t life_suspended_by(const Life *life, const char *queue_id)
{
    return suspended_by(life, queue_id);
}

unsigned life_suspended_count_of(const Life *life, uint32_t rule_number)
{
    return suspended_count_of(life, rule_number) + suspended_count_also(life, rule_number);
}

void life_count_outliving(const Life *life, uint32_t rule_number, int64_t end_s, LifeOutliving *sum)
{
    suspended_count_outliving(life, rule_number, end_s, sum);
}

char *life_view_rate(const Life *life, const char *transport, const char *nexthop)
{
    return limit_rate_text(life, transport, nexthop);
}

char *life_view_transport_rate(const Life *life, const char *transport)
{
    return rates_whole_text(life, transport);
}

static LifeSlowedKind slowed_kind(const SlowedSite *slowed)
{
    if (slowed_is_whole(slowed))
        return LIFE_SLOWED_TRANSPORT;
    return slowed->key.is_shared ? LIFE_SLOWED_SITE : LIFE_SLOWED_DESTINATION;
}

static int64_t wall_s_of(const Life *life, int64_t mono_us)
{
    const Now *now = life_now(life);

    return now->wall_s - (now->mono_us - mono_us) / G_USEC_PER_SEC;
}

/* NULL: false. */
static bool view_slowed(const Life *life, const SlowedSite *slowed, LifeSlowed *ret_slowed)
{
    MeterLimit rate;

    if (slowed == NULL)
        return false;
    *ret_slowed = (LifeSlowed){.kind = slowed_kind(slowed),
                               .transport = slowed->transport,
                               .name = slowed->name,
                               .since_s = wall_s_of(life, slowed->level.stepped_us),
                               .amount = slowed_amount(&slowed->level),
                               .has_rate = level_rate(&slowed->level, &rate),
                               .concurrency = level_concurrency(&slowed->level),
                               .rule = slowed->rule,
                               .reason = slowed->reason};
    return true;
}

bool life_view_slowed(const Life *life, const char *transport, const char *destination,
                      LifeSlowed *ret_slowed)
{
    return view_slowed(life, slowed_find_named(life, transport, destination), ret_slowed);
}

bool life_view_slowed_transport(const Life *life, const char *transport, LifeSlowed *ret_slowed)
{
    return view_slowed(life, slowed_find_whole_named(life, transport), ret_slowed);
}

/* No step was made, but the window is below the one that destinations begin with, because of such
 * an answer. */
static bool view_smaller_window(const Life *life, const SlowedMatch *match, LifeSlowed *ret_slowed)
{
    const SchedTransport *transport =
        match != NULL ? sched_transport_find(life->sched, match->transport) : NULL;
    SchedDestinationView view;

    if (transport == NULL ||
        !sched_view_destination(life->sched, match->transport, match->destination, &view) ||
        view.window <= 0 ||
        view.window >= sched_transport_params(transport)->initial_destination_concurrency)
        return false;
    *ret_slowed = (LifeSlowed){.kind = LIFE_SLOWED_DESTINATION,
                               .transport = match->transport,
                               .name = match->destination,
                               .since_s = wall_s_of(life, match->at_us),
                               .amount = g_strdup_printf("%d at a time, by feedback", view.window),
                               .rule = match->rule,
                               .reason = match->reason};
    return true;
}

bool life_view_next_slowed(const Life *life, uint32_t *slot, unsigned patience,
                           LifeSlowed *ret_slowed)
{
    const SlowedSite *slowed = slot_table_next(slowed_slots(life), slot, patience);

    if (slowed == NULL)
        return false;
    return level_is_active(&slowed->level) ? view_slowed(life, slowed, ret_slowed)
                                           : view_smaller_window(life, slowed->match, ret_slowed);
}

bool life_view_slowed_is_end(const Life *life, uint32_t slot)
{
    return slot_table_is_end(slowed_slots(life), slot);
}

unsigned life_count_slowed(const Life *life)
{
    return slowed_count(life);
}

const LifeSlowedSteps *life_slowed_steps(const Life *life, unsigned place)
{
    return slowed_steps(life, place);
}

bool life_view_job(const Life *life, uint32_t number, LifeJobView *ret_view)
{
    const ReleaseJob *job = jobs_from(life, number);

    if (job == NULL)
        return false;
    *ret_view = (LifeJobView){.number = job->number,
                              .state = job->state,
                              .about = &job->about,
                              .verb = job->verb,
                              .uid = job->uid,
                              .begun_s = job->begun_s,
                              .ended_s = job->ended_s,
                              .tried_count = job->round.tried_count,
                              .through_count = job->round.through_count,
                              .back_count = job->round.back_count,
                              .running_count = job->round.running_count + job->asking_count,
                              .left_count = job->left_count +
                                            (job_has_ended(job) ? 0 : job->round.later_count),
                              .reason = job->reason};
    return true;
}

const char *life_connection_phase_str(LifeConnectionPhase phase)
{
    static const char *const names[] = {
        [LIFE_CONNECTION_PENDING] = "pending",
        [LIFE_CONNECTION_PACED] = "paced",
        [LIFE_CONNECTION_DELIVERING] = "delivering",
    };

    return names[phase];
}

bool life_view_next_connection(const Life *life, uint32_t *slot, unsigned patience,
                               LifeConnectionView *ret_view)
{
    return deliver_view_next(life, slot, patience, ret_view);
}

bool life_view_connection_is_end(const Life *life, uint32_t slot)
{
    return deliver_view_is_end(life, slot);
}
