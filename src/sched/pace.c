#include "sched_internal.h"

/*
 * Rates of destinations (traffic.md 2): a destination that has used up what is free has no room
 * until the next unit is. How many are free is worked out when a delivery begins, and when the
 * timer says that it matters: between these times it is only ever more than what was seen.
 *
 * A destination with debt is remembered though nothing waits for it: else the next mail would find
 * a new one that may begin a burst.
 */

#define US_PER_S INT64_C(1000000)
#define PLENTY   INT32_MAX

static bool is_set(const Meter *meter)
{
    return meter->limit.count > 0;
}

/* For a destination without a pace, or one that may begin at once, INT_MAX is as good as any. */
static int free_of(const Meter *meter, int64_t now_us)
{
    return is_set(meter) ? (int)meter_free_units(meter, now_us) : PLENTY;
}

static int64_t later(const SitePace *pace, int64_t (*time_of)(const Meter *meter))
{
    int64_t latest = INT64_MIN;

    if (is_set(&pace->deliveries))
        latest = time_of(&pace->deliveries);
    if (is_set(&pace->recipients))
        latest = MAX(latest, time_of(&pace->recipients));
    return latest;
}

/* What is free now, and when to look again: when something is, then when there is no debt. */
static void pace_look(SchedDestination *destination, SchedNow now)
{
    SitePace *pace = destination->pace;
    Heap *timers = &destination->transport->sched->pace_timers;
    int64_t clear_us = later(pace, meter_clear_us), next_us = later(pace, meter_next_free_us);
    bool was_free = pace->free_count > 0;

    pace->free_count =
        MIN(free_of(&pace->deliveries, now.mono_us), free_of(&pace->recipients, now.mono_us));
    if (pace->free_count == 0) {
        heap_set(timers, &pace->timer, next_us);
        pace->since_s = was_free ? now.timer_s : pace->since_s;
        pace->until_s = now.timer_s + (next_us - now.mono_us + US_PER_S - 1) / US_PER_S;
    } else if (clear_us > now.mono_us) {
        heap_set(timers, &pace->timer, clear_us);
    } else {
        heap_remove(timers, &pace->timer);
    }
    destination_changed(destination);
}

static bool is_same_limit(const MeterLimit *a, const MeterLimit *b)
{
    return a->count == b->count && a->period_s == b->period_s && a->burst == b->burst;
}

/* What was delivered before the core was made is not known. */
static void set_meter(const SchedDestination *destination, Meter *meter, const MeterLimit *limit,
                      SchedNow now)
{
    if (limit == NULL)
        *meter = (Meter){0};
    else if (!is_set(meter))
        meter_restore(meter, limit, NULL, destination->transport->sched->settings.start_us, 0);
    else if (!is_same_limit(&meter->limit, limit))
        meter_change(meter, limit, now.mono_us);
}

/* No rate any more. */
static void pace_end(SchedDestination *destination)
{
    if (destination->pace == NULL)
        return;
    heap_remove(&destination->transport->sched->pace_timers, &destination->pace->timer);
    g_clear_pointer(&destination->pace, g_free);
    destination_changed(destination);
    job_release_blockers(destination);
    destination_free_if_unused(destination);
}

void sched_destination_pace(SchedDestination *destination, const MeterLimit *deliveries,
                            const MeterLimit *recipients, SchedNow now)
{
    if (deliveries == NULL && recipients == NULL) {
        pace_end(destination);
        return;
    }
    if (destination->pace == NULL) {
        destination->pace = g_new0(SitePace, 1);
        destination->pace->destination = destination;
    }
    set_meter(destination, &destination->pace->deliveries, deliveries, now);
    set_meter(destination, &destination->pace->recipients, recipients, now);
    pace_look(destination, now);
    job_release_blockers(destination);
}

bool sched_destination_is_paced(const SchedDestination *destination)
{
    return destination->pace != NULL;
}

void pace_begin(SchedDestination *destination, unsigned recipient_count, SchedNow now)
{
    SitePace *pace = destination->pace;

    if (pace == NULL)
        return;
    if (is_set(&pace->deliveries))
        (void)meter_charge(&pace->deliveries, 1, now.mono_us);
    if (is_set(&pace->recipients))
        (void)meter_charge(&pace->recipients, MAX(recipient_count, 1), now.mono_us);
    pace_look(destination, now);
}

static void pace_on_timer(SchedDestination *destination, SchedNow now)
{
    pace_look(destination, now);
    job_release_blockers(destination);
    destination_free_if_unused(destination);
}

void pace_run_timers(Sched *sched, SchedNow now)
{
    HeapNode *first;

    while ((first = heap_first(&sched->pace_timers)) != NULL && first->key <= now.mono_us)
        pace_on_timer(ELEMENT(first, SitePace, timer)->destination, now);
}

int64_t sched_next_pace_us(const Sched *sched)
{
    const HeapNode *first = heap_first(&sched->pace_timers);

    return first == NULL ? INT64_MAX : first->key;
}

void pace_check(const SchedDestination *destination)
{
    const SitePace *pace = destination->pace;

    if (pace == NULL)
        return;
    CHECK(pace->destination == destination);
    CHECK(is_set(&pace->deliveries) || is_set(&pace->recipients));
    CHECK(pace->free_count >= 0);
    CHECK(pace->free_count > 0 || heap_contains(&pace->timer));
    if (is_set(&pace->deliveries))
        meter_check(&pace->deliveries);
    if (is_set(&pace->recipients))
        meter_check(&pace->recipients);
}
