#include "sched_internal.h"

/* Round-robin has entries, and messages without room for jobs. */
static void init_slabs(Sched *sched)
{
    bool is_preemptive = sched_is_preemptive(sched);

    slab_init(&sched->messages, is_preemptive ? sizeof(SchedMessage)
                                              : offsetof(SchedMessage, turns) + sizeof(SchedTurns));
    slab_init(&sched->entries, is_preemptive ? sizeof(LaterEntry) : sizeof(TurnEntry));
    slab_init(&sched->jobs, sizeof(LaterJob));
    slab_init(&sched->peers, sizeof(LaterPeer));
    slab_init(&sched->sides, sizeof(JobSide));
}

static void free_side(void *object, void *ctx)
{
    JobSide *side = object;

    (void)ctx;
    g_free(side->far);
    g_free(side->peers);
}

static void clear_slabs(Sched *sched)
{
    slab_foreach(&sched->sides, free_side, NULL);
    slab_clear(&sched->messages);
    slab_clear(&sched->entries);
    slab_clear(&sched->jobs);
    slab_clear(&sched->peers);
    slab_clear(&sched->sides);
}

Sched *sched_new(const SchedSettings *settings)
{
    Sched *sched = g_new0(Sched, 1);
    const SchedTransportParams *retry = &settings->retry_params;

    sched->settings = *settings;
    sched->settings.retry_params.positive_name = g_intern_string(retry->positive_name);
    sched->settings.retry_params.negative_name = g_intern_string(retry->negative_name);
    sched->transports_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    sched->peer_index = g_hash_table_new(peer_hash, peer_equal);
    init_slabs(sched);
    TAILQ_INIT(&sched->dead);
    TAILQ_INIT(&sched->flushables);
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

void sched_free(Sched *sched)
{
    if (sched == NULL)
        return;
    heap_clear(&sched->timers);
    entry_free_undeliverable(&sched->undeliverable);
    entry_free_undeliverable(&sched->taken);
    free_transports(sched);
    clear_slabs(sched);
    g_hash_table_destroy(sched->peer_index);
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
