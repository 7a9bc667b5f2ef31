#include "model_internal.h"

#define NEVER INT64_MIN

/* Dead destinations are remembered up to this many destinations per message recipient limit
 * (12.4). */
#define MEMORY_FACTOR 2

static SchedDestination *destination_new(SchedTransport *transport, const char *name,
                                         const char *nexthop)
{
    SchedDestination *destination = g_new0(SchedDestination, 1);

    destination->transport = transport;
    destination->name = g_strdup(name);
    destination->nexthop = g_strdup(nexthop);
    TAILQ_INIT(&destination->waiting);
    TAILQ_INIT(&destination->running);
    destination->window = transport->params.initial_destination_concurrency;
    destination->timer.kind = TIMER_OF_DESTINATION;
    destination->last_done_wall_s = NEVER;
    destination->next_clog_warning_s = NEVER;
    return destination;
}

void destination_free(SchedDestination *destination)
{
    SchedTransport *transport = destination->transport;

    entry_free_all(&destination->waiting);
    entry_free_all(&destination->running);
    heap_remove(&transport->sched->timers, &destination->timer.node);
    TAILQ_REMOVE(&transport->destinations, destination, in_transport);
    g_hash_table_remove(transport->destinations_by_name, destination->name);
    transport->sched->destination_count--;
    g_clear_pointer(&destination->cause, cause_unref);
    g_free(destination->name);
    g_free(destination->nexthop);
    g_free(destination);
}

SchedDestination *sched_destination_get(Sched *sched, SchedTransport *transport, const char *name,
                                        const char *nexthop)
{
    SchedDestination *destination = g_hash_table_lookup(transport->destinations_by_name, name);

    if (destination != NULL)
        return destination;
    destination = destination_new(transport, name, nexthop);
    g_hash_table_insert(transport->destinations_by_name, destination->name, destination);
    TAILQ_INSERT_TAIL(&transport->destinations, destination, in_transport);
    sched->destination_count++;
    return destination;
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

void destination_die(SchedDestination *destination, Cause *cause, SchedNow now)
{
    Sched *sched = destination->transport->sched;

    g_assert(destination_is_ready(destination) && destination->cause == NULL);
    destination->window = WINDOW_DEAD;
    destination->session_flags = 0;
    destination->cause = g_rc_box_acquire(cause);
    heap_set(&sched->timers, &destination->timer.node,
             now.timer_s + sched->settings.minimal_backoff_s);
}

void destination_revive(SchedDestination *destination)
{
    g_assert(destination->cause != NULL);
    heap_remove(&destination->transport->sched->timers, &destination->timer.node);
    g_clear_pointer(&destination->cause, cause_unref);
    if (destination->running_count > 0)
        destination->window = destination->running_count;
    else
        destination->window = destination->transport->params.initial_destination_concurrency;
    destination->success = destination->failure = destination->cohorts = 0;
    notice_add_window(destination, false);
}

void sched_destination_revive(Sched *sched, SchedDestination *destination)
{
    g_assert(destination->transport->sched == sched);
    if (destination->cause != NULL)
        destination_revive(destination);
}

void destination_suspend(SchedDestination *destination, SchedNow now)
{
    SchedTransport *transport = destination->transport;

    if (destination->cause != NULL)
        destination_revive(destination);
    destination->window = WINDOW_SUSPENDED;
    heap_set(&transport->sched->timers, &destination->timer.node,
             now.timer_s + transport->params.destination_rate_delay_s);
}

static void resume(SchedDestination *destination)
{
    destination->window = 1;
    if (destination_is_empty(destination))
        destination_free(destination);
    else
        job_release_blockers(destination);
}

void destination_on_timer(SchedDestination *destination)
{
    if (destination->cause == NULL) {
        resume(destination);
        return;
    }
    destination_revive(destination);
    destination_free_if_unused(destination);
}

void destination_free_if_unused(SchedDestination *destination)
{
    if (destination_is_ready(destination) && destination_is_empty(destination))
        destination_free(destination);
}

void destination_forget_if_empty(SchedDestination *destination)
{
    const Sched *sched = destination->transport->sched;
    int64_t memory = (int64_t)MEMORY_FACTOR * sched->settings.message_recipient_limit;

    if (!destination_is_empty(destination))
        return;
    if (destination->cause != NULL && sched->destination_count >= memory)
        destination_revive(destination);
    destination_free_if_unused(destination);
}
