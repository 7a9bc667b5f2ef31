#include "sched_internal.h"

/*
 * Connections to agents, from the decision to open one to the entry it gets, or the death of its
 * transport (6).
 */

/* Connections that were opened for a transport and have not announced themselves (6). */
#define PENDING_LEAST 2

/* More than are promised to connections that wait. */
static bool has_free_unit(const SchedTransport *transport)
{
    return transport->pace == NULL || transport->pace->free_count > transport->pending_count;
}

static bool transport_has_room(const SchedTransport *transport)
{
    return transport->limit == 0 ||
           transport->running_count + transport->pending_count < transport->limit;
}

/*
 * As many connections may wait for an agent as deliveries are running, since as many agents are
 * there. Stock has two; all of them are for mail that can be delivered right now.
 */
static bool qualifies(const SchedTransport *transport)
{
    return transport->cause == NULL && !transport->rate_locked &&
           transport->pending_count < MAX(PENDING_LEAST, transport->running_count) &&
           deliverable_count(transport) > transport->pending_count && has_free_unit(transport) &&
           transport_has_room(transport);
}

/* A walk: there are a handful of transports. */
SchedTransport *sched_next_connection(Sched *sched)
{
    SchedTransport *transport = transport_next(sched, NULL);

    while (transport != NULL && !qualifies(transport))
        transport = transport_next(sched, transport);
    if (transport == NULL)
        return NULL;
    ring_rotate(&sched->transports, &transport->in_sched);
    transport->pending_count++;
    transport->rate_locked = transport->params.transport_rate_delay_s > 0;
    return transport;
}

static void end_pending(SchedTransport *transport)
{
    g_assert(transport->pending_count > 0);
    transport->pending_count--;
}

int sched_connection_ready(Sched *sched, SchedTransport *transport)
{
    g_assert(transport->sched == sched);
    end_pending(transport);
    return transport->params.transport_rate_delay_s;
}

SchedSelection sched_select(Sched *sched, SchedTransport *transport, SchedNow now,
                            SchedEntry **ret_entry, SchedMessage **ret_message)
{
    SchedSelection selection = SCHED_NOTHING;

    if (pace_is_free(transport->pace) && !transport_is_full(transport))
        selection = sched->strategy->select(transport, now, ret_entry, ret_message);
    /* Nothing was started that could release the rate lock later (13.2, 22). */
    if (selection == SCHED_NOTHING)
        transport->rate_locked = false;
    return selection;
}

/* The transport dies, and what waits is redirected, destination after destination (6.1). */
static void transport_fail(SchedTransport *transport, const char *status, const char *reason,
                           SchedNow now)
{
    Sched *sched = transport->sched;
    Cause *cause = cause_new(status, reason);
    SchedDestination *destination = destination_next(transport, NULL), *next;

    /* The first cause counts; later failures do not prolong the pause (12.3). */
    if (transport->cause == NULL) {
        transport->cause = g_rc_box_acquire(cause);
        transport->since_s = now.timer_s;
        change_add(transport, SCHED_TRANSPORT_DIED, NULL, cause);
        heap_set(&sched->timers, &transport->timer.node,
                 now.timer_s + sched->settings.transport_retry_s);
    }
    /* A redirection may end the destination it is about, but no other of this transport. */
    for (; destination != NULL; destination = next) {
        next = destination_next(transport, destination);
        if (destination->waiting_count > 0)
            redirect_waiting(destination, cause, now);
    }
    cause_unref(cause);
}

void sched_connection_failed(Sched *sched, SchedTransport *transport, const char *status,
                             const char *reason, SchedNow now)
{
    g_assert(transport->sched == sched);
    end_pending(transport);
    transport_fail(transport, status, reason, now);
}

void sched_entry_give_back(Sched *sched, SchedEntry *entry, const char *status, const char *reason,
                           SchedNow now)
{
    SchedTransport *transport = entry->destination->transport;

    g_assert(transport->sched == sched);
    entry_wait_again(entry, now);
    transport_fail(transport, status, reason, now);
}
