#include "base/element.h"
#include "model_internal.h"

Sched *sched_new(const SchedSettings *settings)
{
    Sched *sched = g_new0(Sched, 1);
    const SchedTransportParams *retry = &settings->retry_params;

    sched->settings = *settings;
    sched->settings.retry_params.positive_name = g_intern_string(retry->positive_name);
    sched->settings.retry_params.negative_name = g_intern_string(retry->negative_name);
    sched->transports_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    sched->peers = g_hash_table_new_full(peer_hash, peer_equal, g_free, NULL);
    TAILQ_INIT(&sched->transports);
    TAILQ_INIT(&sched->messages);
    TAILQ_INIT(&sched->undeliverable);
    TAILQ_INIT(&sched->taken);
    heap_init(&sched->timers);
    return sched;
}

static void free_transports(Sched *sched)
{
    SchedTransport *transport;

    while ((transport = TAILQ_FIRST(&sched->transports)) != NULL) {
        TAILQ_REMOVE(&sched->transports, transport, in_sched);
        transport_free(transport);
    }
    g_hash_table_destroy(sched->transports_by_name);
}

void sched_free(Sched *sched)
{
    SchedMessage *message;

    if (sched == NULL)
        return;
    entry_free_all(&sched->undeliverable);
    entry_free_all(&sched->taken);
    free_transports(sched);
    g_hash_table_destroy(sched->peers);
    while ((message = TAILQ_FIRST(&sched->messages)) != NULL)
        message_free(message);
    notice_clear(sched);
    heap_clear(&sched->timers);
    g_free(sched);
}

static void flush_destinations(SchedTransport *transport)
{
    SchedDestination *destination, *next;

    for (destination = TAILQ_FIRST(&transport->destinations); destination != NULL;
         destination = next) {
        next = TAILQ_NEXT(destination, in_transport);
        if (destination->cause != NULL)
            destination_revive(destination);
        destination_free_if_unused(destination);
    }
}

void sched_flush(Sched *sched)
{
    SchedTransport *transport;

    TAILQ_FOREACH (transport, &sched->transports, in_sched) {
        sched_transport_revive(sched, transport);
        flush_destinations(transport);
    }
}

static void fire(Sched *sched, Timer *timer)
{
    if (timer->kind == TIMER_OF_TRANSPORT)
        sched_transport_revive(sched, ELEMENT(timer, SchedTransport, timer));
    else
        destination_on_timer(ELEMENT(timer, SchedDestination, timer));
}

int64_t sched_next_timer_s(const Sched *sched)
{
    const HeapNode *first = heap_first(&sched->timers);

    return first == NULL ? INT64_MAX : first->key;
}

void sched_run_timers(Sched *sched, SchedNow now)
{
    HeapNode *first;

    while ((first = heap_first(&sched->timers)) != NULL && first->key <= now.timer_s) {
        heap_remove(&sched->timers, first);
        fire(sched, ELEMENT(first, Timer, node));
    }
}
