#include "sched_internal.h"

/* Connections that were opened for a transport and have not announced themselves (6). */
#define PENDING_LEAST 2

/* Recipient slots of a transport: more than memory has room for, but counts do not overflow. */
#define SLOTS_MAX 1000000000

/* (3): what depends on other settings. */
static void adjust_params(SchedTransportParams *params)
{
    if (params->destination_rate_delay_s > 0)
        params->destination_concurrency_limit = 1;
    if (params->destination_concurrency_limit != 0 &&
        params->destination_concurrency_limit < params->initial_destination_concurrency)
        params->initial_destination_concurrency = params->destination_concurrency_limit;
    params->recipient_limit = MIN(params->recipient_limit, SLOTS_MAX);
    params->extra_recipient_limit = MIN(params->extra_recipient_limit, SLOTS_MAX);
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
    TAILQ_INIT(&transport->with_waiting);
    transport->unclassed = g_ptr_array_new();
    transport->timer.kind = TIMER_OF_TRANSPORT;
    transport->pool = transport->params.recipient_limit;
    transport->is_internal =
        g_str_equal(name, SCHED_RETRY_NAME) || g_str_equal(name, SCHED_ERROR_NAME);
    return transport;
}

void transport_free(SchedTransport *transport)
{
    OrderNode *node;

    while ((node = ring_first(&transport->destinations)) != NULL) {
        ring_remove(&transport->destinations, node);
        destination_discard(ELEMENT(node, SchedDestination, in_transport));
    }
    g_hash_table_destroy(transport->destinations_by_name);
    g_ptr_array_unref(transport->unclassed);
    candidate_free_classes(transport);
    cause_clear(&transport->cause);
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
    ring_prepend(&sched->transports, &transport->in_sched);
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
    timer_cancel(sched, &transport->timer);
    cause_clear(&transport->cause);
    TAILQ_REMOVE(&sched->dead, transport, in_dead);
    transport_unlock_rate(transport);
    transport_update(transport);
}

void transport_unlock_rate(SchedTransport *transport)
{
    if (!transport->rate_locked)
        return;
    transport->rate_locked = false;
    transport_update(transport);
}

/* The first cause counts; later failures do not prolong the pause (12.3). */
static void die(SchedTransport *transport, Cause *cause, SchedNow now)
{
    Sched *sched = transport->sched;

    if (transport->cause != NULL)
        return;
    transport->cause = cause_ref(cause);
    timer_set(sched, &transport->timer, now.timer_s + sched->settings.transport_retry_s);
    TAILQ_INSERT_TAIL(&sched->dead, transport, in_dead);
    transport_update(transport);
}

static gint compare_destinations(gconstpointer a, gconstpointer b)
{
    const SchedDestination *one = *(SchedDestination *const *)a;
    const SchedDestination *two = *(SchedDestination *const *)b;

    return destination_is_before(one, two) ? -1 : destination_is_before(two, one);
}

void transport_fail(SchedTransport *transport, Cause *cause, SchedNow now)
{
    g_autoptr(GPtrArray) destinations = g_ptr_array_new();
    SchedDestination *destination;

    die(transport, cause, now);
    TAILQ_FOREACH (destination, &transport->with_waiting, in_with_waiting)
        g_ptr_array_add(destinations, destination);
    g_ptr_array_sort(destinations, compare_destinations);
    /* A redirection may end the destination it is about, but no other of this transport. */
    for (guint i = 0; i < destinations->len; i++)
        redirect_waiting(destinations->pdata[i], cause, now);
}

static SchedTransport *transport_at(const TreeNode *node)
{
    return ELEMENT(node, SchedTransport, in_ready);
}

static bool ready_is_before(const TreeNode *a, const TreeNode *b)
{
    return order_is_before(&transport_at(a)->in_sched, &transport_at(b)->in_sched);
}

static const TreeKind by_turn = {.is_before = ready_is_before};

bool transport_is_before(const SchedTransport *a, const SchedTransport *b)
{
    return ring_is_before(&a->sched->transports, &a->in_sched, &b->in_sched);
}

/*
 * As many connections may wait for an agent as deliveries are running, since as many agents are
 * there. Stock has two; all of them are for mail that can be delivered right now.
 */
static int pending_limit(const SchedTransport *transport)
{
    return MAX(PENDING_LEAST, transport->running_count);
}

static bool qualifies(const SchedTransport *transport)
{
    return transport->cause == NULL && !transport->rate_locked &&
           transport->pending_count < pending_limit(transport) &&
           transport->capacity > transport->pending_count;
}

void transport_update(SchedTransport *transport)
{
    Tree *ready = &transport->sched->ready_transports;
    bool is_ready = qualifies(transport);

    if (is_ready == transport->is_ready)
        return;
    transport->is_ready = is_ready;
    if (is_ready)
        tree_insert(ready, &by_turn, &transport->in_ready);
    else
        tree_remove(ready, &by_turn, &transport->in_ready);
}

static bool is_before_turn(const TreeNode *node, const void *key)
{
    const OrderNode *end = key;

    return end != NULL && !order_is_before(end, &transport_at(node)->in_sched);
}

/* The first one that qualifies, in the rotated order. */
static SchedTransport *find_ready(const Sched *sched)
{
    const TreeNode *node =
        tree_find(&sched->ready_transports, is_before_turn, sched->transports.end);

    if (node == NULL)
        node = tree_first(&sched->ready_transports);
    return node != NULL ? transport_at(node) : NULL;
}

SchedTransport *sched_next_connection(Sched *sched)
{
    SchedTransport *transport = find_ready(sched);

    if (transport == NULL)
        return NULL;
    ring_rotate(&sched->transports, &transport->in_sched);
    transport->pending_count++;
    transport->rate_locked = transport->params.transport_rate_delay_s > 0;
    transport_update(transport);
    return transport;
}

static void end_pending(SchedTransport *transport)
{
    g_assert(transport->pending_count > 0);
    transport->pending_count--;
    transport_update(transport);
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
        transport_unlock_rate(transport);
    return selection;
}
