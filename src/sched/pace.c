#include "sched_internal.h"

/*
 * Rates of destinations and shared sites (traffic.md 2): one that has used up what is free has no
 * room until the next unit is. How many are free is worked out when a delivery begins, and when the
 * timer says that it matters: between these times it is only ever more than what was seen.
 *
 * A destination or site with debt is remembered though nothing waits for it: else the next mail
 * would find a new one that may begin a burst.
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
void pace_look(SitePace *pace, SchedNow now)
{
    Heap *timers = &pace->sched->pace_timers;
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
    if (pace->site != NULL)
        site_changed(pace->site);
    else
        destination_changed(pace->destination);
}

static bool is_same_limit(const MeterLimit *a, const MeterLimit *b)
{
    return a->count == b->count && a->period_s == b->period_s && a->burst == b->burst;
}

/* What was delivered before the core was made is not known. */
static void set_meter(const SitePace *pace, Meter *meter, const MeterLimit *limit, SchedNow now)
{
    if (limit == NULL)
        *meter = (Meter){0};
    else if (!is_set(meter))
        meter_restore(meter, limit, NULL, pace->sched->settings.start_us, 0);
    else if (!is_same_limit(&meter->limit, limit))
        meter_change(meter, limit, now.mono_us);
}

static SitePace *pace_ensure(SitePace **pace, Sched *sched)
{
    if (*pace == NULL) {
        *pace = g_new0(SitePace, 1);
        (*pace)->sched = sched;
    }
    return *pace;
}

static void pace_set(SitePace *pace, const MeterLimit *deliveries, const MeterLimit *recipients,
                     SchedNow now)
{
    set_meter(pace, &pace->deliveries, deliveries, now);
    set_meter(pace, &pace->recipients, recipients, now);
    pace_look(pace, now);
}

void pace_drop(SitePace **pace)
{
    if (*pace == NULL)
        return;
    heap_remove(&(*pace)->sched->pace_timers, &(*pace)->timer);
    g_clear_pointer(pace, g_free);
}

bool pace_has_debt(const SitePace *pace)
{
    return pace != NULL && heap_contains(&pace->timer);
}

void pace_set_of_destination(SchedDestination *destination, const MeterLimit *deliveries,
                             const MeterLimit *recipients, SchedNow now)
{
    if (deliveries == NULL && recipients == NULL) {
        pace_drop(&destination->pace);
        destination_changed(destination);
        return;
    }
    pace_ensure(&destination->pace, destination->transport->sched)->destination = destination;
    pace_set(destination->pace, deliveries, recipients, now);
}

void pace_set_of_site(SchedSite *site, const MeterLimit *deliveries, const MeterLimit *recipients,
                      SchedNow now)
{
    if (deliveries == NULL && recipients == NULL) {
        pace_drop(&site->pace);
        site_changed(site);
        return;
    }
    pace_ensure(&site->pace, site->sched)->site = site;
    pace_set(site->pace, deliveries, recipients, now);
}

static void charge(SitePace *pace, unsigned recipient_count, SchedNow now)
{
    if (pace == NULL)
        return;
    if (is_set(&pace->deliveries))
        (void)meter_charge(&pace->deliveries, 1, now.mono_us);
    if (is_set(&pace->recipients))
        (void)meter_charge(&pace->recipients, MAX(recipient_count, 1), now.mono_us);
    pace_look(pace, now);
}

void pace_begin(SchedDestination *destination, unsigned recipient_count, SchedNow now)
{
    charge(destination->pace, recipient_count, now);
    if (destination->member != NULL)
        charge(destination_site(destination)->pace, recipient_count, now);
}

void pace_check(const SitePace *pace, const SchedDestination *destination, const SchedSite *site)
{
    if (pace == NULL)
        return;
    CHECK(pace->destination == destination && pace->site == site);
    CHECK(is_set(&pace->deliveries) || is_set(&pace->recipients));
    CHECK(pace->free_count >= 0);
    CHECK(pace->free_count > 0 || heap_contains(&pace->timer));
    if (is_set(&pace->deliveries))
        meter_check(&pace->deliveries);
    if (is_set(&pace->recipients))
        meter_check(&pace->recipients);
}
