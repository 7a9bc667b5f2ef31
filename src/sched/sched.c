#include "sched_internal.h"

/* The whole: made, freed, flushed (trigger F), and its timers run. */

Sched *sched_new(const SchedSettings *settings)
{
    Sched *sched = g_new0(Sched, 1);

    sched->settings = *settings;
    sched->strategy =
        settings->strategy == SCHED_PREEMPTIVE ? &preemptive_strategy : &round_robin_strategy;
    sched->transports_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    slab_init(&sched->messages, sizeof(SchedMessage));
    slab_init(&sched->jobs, sizeof(Job));
    slab_init(&sched->peers, sizeof(Peer));
    slab_init(&sched->entries, sizeof(SchedEntry));
    heap_init(&sched->timers);
    heap_init(&sched->pace_timers);
    TAILQ_INIT(&sched->disk_line);
    slot_table_init(&sched->destination_slots);
    slot_table_init(&sched->standing_slots);
    TAILQ_INIT(&sched->walks);
    return sched;
}

/* ---- what objects own that the slabs do not know of ---- */

static void sched_drop_origin(void *object, void *ctx)
{
    (void)ctx;
    g_clear_pointer(&((SchedMessage *)object)->origin, g_rc_box_release);
}

static void sched_drop_extra(void *object, void *ctx)
{
    (void)ctx;
    job_extra_free(object);
}

static void sched_drop_cause(void *object, void *ctx)
{
    const SchedEntry *entry = object;

    (void)ctx;
    if (entry->state == ENTRY_UNDELIVERABLE)
        cause_unref(entry->cause);
}

void sched_free(Sched *sched)
{
    SchedTransport *transport;

    if (sched == NULL)
        return;
    heap_clear(&sched->timers);
    heap_clear(&sched->pace_timers);
    g_clear_pointer(&sched->charges, g_hash_table_unref);
    while ((transport = transport_next(sched, NULL)) != NULL) {
        ring_remove(&sched->transports, &transport->in_sched);
        transport_free(transport);
    }
    site_discard_all(sched->sites_by_name);
    g_hash_table_destroy(sched->transports_by_name);
    slab_foreach(&sched->messages, sched_drop_origin, NULL);
    slab_foreach(&sched->jobs, sched_drop_extra, NULL);
    slab_foreach(&sched->entries, sched_drop_cause, NULL);
    slab_clear(&sched->messages);
    slab_clear(&sched->jobs);
    slab_clear(&sched->peers);
    slab_clear(&sched->entries);
    slot_table_clear(&sched->destination_slots);
    slot_table_clear(&sched->standing_slots);
    notice_clear(sched);
    change_drop_all(sched);
    g_free(sched);
}

static void flush_destinations(SchedTransport *transport)
{
    SchedDestination *destination = destination_next(transport, NULL), *next;

    for (; destination != NULL; destination = next) {
        next = destination_next(transport, destination);
        sched_destination_revive(transport->sched, destination);
        destination_free_if_unused(destination);
    }
}

void sched_flush(Sched *sched)
{
    SchedTransport *transport = NULL;

    while ((transport = transport_next(sched, transport)) != NULL) {
        sched_transport_revive(sched, transport);
        flush_destinations(transport);
    }
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
        Timer *timer = ELEMENT(first, Timer, node);

        heap_remove(&sched->timers, first);
        if (timer->is_of_transport)
            sched_transport_revive(sched, ELEMENT(timer, SchedTransport, timer));
        else
            destination_on_timer(ELEMENT(timer, SchedDestination, timer));
    }
    pace_run_timers(sched, now);
}
