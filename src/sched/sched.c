#include "sched_internal.h"

Sched *sched_new(const SchedSettings *settings)
{
    Sched *sched = g_new0(Sched, 1);
    const SchedTransportParams *retry = &settings->retry_params;

    sched->settings = *settings;
    sched->settings.retry_params.positive_name = g_intern_string(retry->positive_name);
    sched->settings.retry_params.negative_name = g_intern_string(retry->negative_name);
    sched->transports_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    sched->peers = g_hash_table_new(peer_hash, peer_equal);
    TAILQ_INIT(&sched->dead);
    TAILQ_INIT(&sched->flushables);
    TAILQ_INIT(&sched->messages);
    TAILQ_INIT(&sched->undeliverable);
    TAILQ_INIT(&sched->taken);
    TAILQ_INIT(&sched->notices);
    heap_init(&sched->timers);
    return sched;
}

static SchedTransport *first_transport(const Sched *sched)
{
    OrderNode *node = ring_first(&sched->transports);

    return node != NULL ? ELEMENT(node, SchedTransport, in_sched) : NULL;
}

static void free_transports(Sched *sched)
{
    SchedTransport *transport;

    while ((transport = first_transport(sched)) != NULL) {
        ring_remove(&sched->transports, &transport->in_sched);
        transport_free(transport);
    }
    g_hash_table_destroy(sched->transports_by_name);
}

/* Messages go before what their jobs stand in. */
void sched_free(Sched *sched)
{
    SchedMessage *message;

    if (sched == NULL)
        return;
    heap_clear(&sched->timers);
    while ((message = TAILQ_FIRST(&sched->messages)) != NULL)
        message_free(message);
    entry_free_all(&sched->undeliverable);
    entry_free_all(&sched->taken);
    free_transports(sched);
    g_hash_table_destroy(sched->peers);
    notice_clear(sched);
    g_free(sched);
}

static gint compare_transports(gconstpointer a, gconstpointer b)
{
    const SchedTransport *one = *(SchedTransport *const *)a, *two = *(SchedTransport *const *)b;

    return transport_is_before(one, two) ? -1 : transport_is_before(two, one);
}

static gint compare_destinations(gconstpointer a, gconstpointer b)
{
    const SchedDestination *one = *(SchedDestination *const *)a;
    const SchedDestination *two = *(SchedDestination *const *)b;
    SchedTransport *const transports[] = {one->transport, two->transport};

    if (one->transport != two->transport)
        return compare_transports(&transports[0], &transports[1]);
    return destination_is_before(one, two) ? -1 : destination_is_before(two, one);
}

/* In the order of the lists, which shows in the debug lines. */
static GPtrArray *flushable_destinations(const Sched *sched)
{
    GPtrArray *destinations = g_ptr_array_new();
    SchedDestination *destination;

    TAILQ_FOREACH (destination, &sched->flushables, in_flushables)
        g_ptr_array_add(destinations, destination);
    g_ptr_array_sort(destinations, compare_destinations);
    return destinations;
}

void sched_flush(Sched *sched, SchedNow now)
{
    g_autoptr(GPtrArray) destinations = flushable_destinations(sched);
    SchedTransport *transport;

    (void)now;
    while ((transport = TAILQ_FIRST(&sched->dead)) != NULL)
        sched_transport_revive(sched, transport);
    for (guint i = 0; i < destinations->len; i++) {
        SchedDestination *destination = destinations->pdata[i];

        if (destination->cause != NULL)
            destination_revive(destination);
        destination_free_if_unused(destination);
    }
}
