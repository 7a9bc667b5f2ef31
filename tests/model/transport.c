#include "model_internal.h"

/* Connections that were opened for a transport and have not announced themselves (6). */
#define PENDING_LEAST 2

/* (3): what depends on other settings. */
static void adjust_params(SchedTransportParams *params)
{
    if (params->destination_rate_delay_s > 0)
        params->destination_concurrency_limit = 1;
    if (params->destination_concurrency_limit != 0 &&
        params->destination_concurrency_limit < params->initial_destination_concurrency)
        params->initial_destination_concurrency = params->destination_concurrency_limit;
}

static SchedTransport *transport_new(Sched *sched, const char *name,
                                     const SchedTransportParams *params)
{
    SchedTransport *transport = g_new0(SchedTransport, 1);

    transport->sched = sched;
    transport->name = g_strdup(name);
    transport->params = *params;
    transport->params.positive_name = g_intern_string(params->positive_name);
    transport->params.negative_name = g_intern_string(params->negative_name);
    adjust_params(&transport->params);
    transport->destinations_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    TAILQ_INIT(&transport->destinations);
    TAILQ_INIT(&transport->jobs);
    TAILQ_INIT(&transport->jobs_by_time);
    transport->timer.kind = TIMER_OF_TRANSPORT;
    transport->block_round = 1;
    transport->pool = params->recipient_limit;
    transport->is_internal =
        g_str_equal(name, SCHED_RETRY_NAME) || g_str_equal(name, SCHED_ERROR_NAME);
    return transport;
}

void transport_free(SchedTransport *transport)
{
    SchedDestination *destination;

    while ((destination = TAILQ_FIRST(&transport->destinations)) != NULL)
        destination_free(destination);
    g_hash_table_destroy(transport->destinations_by_name);
    heap_remove(&transport->sched->timers, &transport->timer.node);
    g_clear_pointer(&transport->cause, cause_unref);
    g_free(transport->name);
    g_free(transport);
}

SchedTransport *sched_transport_find(Sched *sched, const char *name)
{
    return g_hash_table_lookup(sched->transports_by_name, name);
}

SchedTransport *sched_transport_add(Sched *sched, const char *name,
                                    const SchedTransportParams *params)
{
    SchedTransport *transport = transport_new(sched, name, params);
    bool is_new = g_hash_table_insert(sched->transports_by_name, transport->name, transport);

    g_assert(is_new);
    TAILQ_INSERT_HEAD(&sched->transports, transport, in_sched);
    notice_add_transport(transport);
    return transport;
}

SchedTransport *sched_retry_transport(Sched *sched)
{
    SchedTransport *retry = sched_transport_find(sched, SCHED_RETRY_NAME);

    if (retry == NULL)
        retry = sched_transport_add(sched, SCHED_RETRY_NAME, &sched->settings.retry_params);
    return retry;
}

const char *sched_transport_name(const SchedTransport *transport)
{
    return transport->name;
}

const SchedTransportParams *sched_transport_params(const SchedTransport *transport)
{
    return &transport->params;
}

bool sched_transport_is_dead(const SchedTransport *transport, const char **ret_status,
                             const char **ret_reason)
{
    return cause_report(transport->cause, ret_status, ret_reason);
}

void sched_transport_revive(Sched *sched, SchedTransport *transport)
{
    if (transport->cause == NULL)
        return;
    heap_remove(&sched->timers, &transport->timer.node);
    g_clear_pointer(&transport->cause, cause_unref);
    transport->rate_locked = false;
}

void transport_fail(SchedTransport *transport, Cause *cause, SchedNow now)
{
    Sched *sched = transport->sched;
    SchedDestination *destination, *next;

    /* The first cause counts; later failures do not prolong the pause (12.3). */
    if (transport->cause == NULL) {
        transport->cause = g_rc_box_acquire(cause);
        heap_set(&sched->timers, &transport->timer.node,
                 now.timer_s + sched->settings.transport_retry_s);
    }
    for (destination = TAILQ_FIRST(&transport->destinations); destination != NULL;
         destination = next) {
        next = TAILQ_NEXT(destination, in_transport);
        redirect_waiting(destination, cause, now); /* which may end the destination */
    }
}

/*
 * Whether the destinations have work for `wanted` more connections. Unlike stock, destinations
 * that run more than their window do not hide the room of others (18.9).
 */
static bool has_work_for(const SchedTransport *transport, int wanted)
{
    const SchedDestination *destination;
    int64_t found = 0;

    TAILQ_FOREACH (destination, &transport->destinations, in_transport) {
        if (destination_is_usable(destination))
            found +=
                MIN(destination->window - destination->running_count, destination->waiting_count);
        if (found >= wanted)
            return true;
    }
    return false;
}

static bool qualifies(const SchedTransport *transport)
{
    return transport->cause == NULL && !transport->rate_locked &&
           transport->pending_count < MAX(PENDING_LEAST, transport->running_count) &&
           has_work_for(transport, transport->pending_count + 1);
}

/* Those behind the chosen one, then those before it, then itself (1). */
static void rotate(struct TransportList *transports, const SchedTransport *chosen)
{
    SchedTransport *first;

    do {
        first = TAILQ_FIRST(transports);
        TAILQ_REMOVE(transports, first, in_sched);
        TAILQ_INSERT_TAIL(transports, first, in_sched);
    } while (first != chosen);
}

SchedTransport *sched_next_connection(Sched *sched)
{
    SchedTransport *transport;

    TAILQ_FOREACH (transport, &sched->transports, in_sched)
        if (qualifies(transport))
            break;
    if (transport == NULL)
        return NULL;
    rotate(&sched->transports, transport);
    transport->pending_count++;
    transport->rate_locked = transport->params.transport_rate_delay_s > 0;
    return transport;
}

static void end_pending(SchedTransport *transport)
{
    g_assert(transport->pending_count > 0);
    transport->pending_count--;
}

void sched_connection_failed(Sched *sched, SchedTransport *transport, const char *status,
                             const char *reason, SchedNow now)
{
    Cause *cause = cause_new(status, reason);

    g_assert(transport->sched == sched);
    end_pending(transport);
    transport_fail(transport, cause, now);
    cause_unref(cause);
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
    SchedSelection selection;

    if (sched_is_preemptive(sched))
        selection = preemptive_select(transport, now, ret_entry, ret_message);
    else
        selection = round_robin_select(transport, now, ret_entry);
    /* Nothing was started that could release the rate lock later (13.2, 22). */
    if (selection == SCHED_NOTHING)
        transport->rate_locked = false;
    return selection;
}
