#include "sched_internal.h"

/*
 * The lives of destinations (sites): ready, dead after failures (11.4, 12) or suspended between
 * deliveries (13). An empty ready one is forgotten, a dead one is remembered for as long as there
 * are not too many.
 */

#define NEVER INT64_MIN

/* Dead ones are forgotten from so many destinations for each recipient of the limit on (12.4). */
#define MEMORY_FACTOR 2

void destination_discard(SchedDestination *destination)
{
    g_clear_pointer(&destination->cause, cause_unref);
    g_free(destination->name);
    g_free(destination->nexthop);
    keep_free(destination->pace, INT64_MAX); /* it has no debt, or the core ends */
    crowd_free(destination->crowd);
    g_free(destination->member);
    g_free(destination);
}

SchedDestination *sched_destination_find(const SchedTransport *transport, const char *name)
{
    return g_hash_table_lookup(transport->destinations_by_name, name);
}

SchedDestination *sched_destination_get(Sched *sched, SchedTransport *transport, const char *name,
                                        const char *nexthop)
{
    SchedDestination *destination = sched_destination_find(transport, name);

    if (destination != NULL)
        return destination;
    destination = g_new0(SchedDestination, 1);
    destination->transport = transport;
    destination->name = g_strdup(name);
    destination->nexthop = g_strdup(nexthop);
    destination->window = transport->params.initial_destination_concurrency;
    destination->limit = transport->params.destination_concurrency_limit;
    destination->last_done_wall_s = NEVER;
    destination->next_clog_warning_s = NEVER;
    g_hash_table_insert(transport->destinations_by_name, destination->name, destination);
    ring_append(&transport->destinations, &destination->in_transport);
    sched->destination_count++;
    state_add(destination);
    destination_changed(destination);
    return destination;
}

/* A rate delay is from the end of one delivery to the next: so there is one at a time. */
void sched_destination_limit(SchedDestination *destination, int limit)
{
    const SchedTransportParams *params = &destination->transport->params;

    g_assert(limit >= 0);
    destination->limit_is_given = true;
    destination->limit = limit > 0 && params->destination_rate_delay_s == 0
                             ? limit
                             : params->destination_concurrency_limit;
    destination_fit_window(destination);
    destination_changed(destination);
}

bool sched_destination_limit_is_given(const SchedDestination *destination)
{
    return destination->limit_is_given;
}

SchedDestination *sched_destination_next(const Sched *sched, uint32_t *slot, unsigned patience)
{
    return slot_table_next(&sched->destination_slots, slot, patience);
}

const char *sched_destination_name(const SchedDestination *destination)
{
    return destination->name;
}

const char *sched_destination_nexthop(const SchedDestination *destination)
{
    return destination->nexthop;
}

SchedTransport *sched_destination_transport(const SchedDestination *destination)
{
    return destination->transport;
}

bool sched_destination_is_dead(const SchedDestination *destination, const char **ret_status,
                               const char **ret_reason)
{
    return cause_report(destination->cause, ret_status, ret_reason);
}

void destination_fit_window(SchedDestination *destination)
{
    if (destination->limit > 0)
        destination->window = MIN(destination->window, destination->limit);
}

void destination_die(SchedDestination *destination, Cause *cause, SchedNow now)
{
    Sched *sched = destination->transport->sched;

    g_assert(destination_is_ready(destination) && destination->cause == NULL);
    destination->window = WINDOW_DEAD;
    destination->since_s = now.timer_s;
    destination->may_load_session = destination->may_save_session = false;
    destination->cause = g_rc_box_acquire(cause);
    change_add(destination->transport, SCHED_DESTINATION_DIED, destination, cause);
    heap_set(&sched->timers, &destination->timer.node,
             now.timer_s + sched->settings.minimal_backoff_s);
    destination_changed(destination);
}

void sched_destination_revive(Sched *sched, SchedDestination *destination)
{
    if (destination->cause == NULL)
        return;
    heap_remove(&sched->timers, &destination->timer.node);
    change_add(destination->transport, SCHED_DESTINATION_REVIVED, destination, NULL);
    g_clear_pointer(&destination->cause, cause_unref);
    if (destination->running_count > 0)
        destination->window = destination->running_count;
    else
        destination->window = destination->transport->params.initial_destination_concurrency;
    destination_fit_window(destination);
    destination->success = destination->failure = destination->cohorts = 0;
    destination_changed(destination);
    notice_add_window(destination, false);
}

void destination_suspend(SchedDestination *destination, SchedNow now)
{
    const SchedTransport *transport = destination->transport;
    Sched *sched = transport->sched;

    sched_destination_revive(sched, destination);
    destination->window = WINDOW_SUSPENDED;
    destination->since_s = now.timer_s;
    heap_set(&sched->timers, &destination->timer.node,
             now.timer_s + transport->params.destination_rate_delay_s);
    destination_changed(destination);
}

void destination_free_if_unused(SchedDestination *destination)
{
    SchedTransport *transport = destination->transport;
    Sched *sched = transport->sched;

    if (!destination_is_ready(destination) || !destination_is_empty(destination))
        return;
    if (pace_has_debt(destination->pace))
        return;
    site_leave(destination);
    state_remove(destination);
    ring_remove(&transport->destinations, &destination->in_transport);
    g_hash_table_remove(transport->destinations_by_name, destination->name);
    sched->destination_count--;
    destination_discard(destination);
}

void destination_on_timer(SchedDestination *destination)
{
    if (destination->cause != NULL) {
        sched_destination_revive(destination->transport->sched, destination);
    } else {
        destination->window = 1;
        destination_changed(destination);
        job_release_blockers(destination);
    }
    destination_free_if_unused(destination);
}

void sched_destination_let_go(SchedDestination *destination)
{
    destination_free_if_unused(destination);
}

void destination_forget_if_empty(SchedDestination *destination)
{
    Sched *sched = destination->transport->sched;
    int64_t memory = (int64_t)MEMORY_FACTOR * sched->settings.message_recipient_limit;

    if (!destination_is_empty(destination))
        return;
    if (destination->cause != NULL && sched->destination_count >= memory)
        sched_destination_revive(sched, destination);
    destination_free_if_unused(destination);
}
