#include "sched_internal.h"

/*
 * Rates of destinations, shared sites and transports (traffic.md 2): one that has used up what is
 * free has no room until the next unit is. How many are free is worked out when a delivery begins,
 * and when the timer says that it matters: between these times it is only ever more than what was
 * seen.
 *
 * A destination or site with debt, as each transport, is remembered though nothing waits for it:
 * else the next mail would find a new one that may begin a burst.
 */

#define US_PER_S     INT64_C(1000000)
#define DISK_WAIT_US US_PER_S

/* One of the meters has a limit, so these are not more than a burst. */
static int free_units(const SitePace *pace, int64_t now_us)
{
    int64_t count = INT_MAX;

    for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++)
        if (pace_has_limit(pace, kind))
            count = MIN(count, meter_free_units(&pace->meters[kind], now_us));
    return (int)count;
}

static int64_t later(const SitePace *pace, int64_t (*time_of)(const Meter *meter))
{
    int64_t latest = INT64_MIN;

    for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++)
        if (pace_has_limit(pace, kind))
            latest = MAX(latest, time_of(&pace->meters[kind]));
    return latest;
}

/*
 * When to look again: when something is free, then when there is no debt, and in time for the mark
 * of a meter; what waits for the disk is called, or tries again. INT64_MAX: no need.
 */
static int64_t look_again_us(const SitePace *pace, SchedNow now)
{
    int64_t clear_us = later(pace, meter_clear_us), next_us = later(pace, meter_next_free_us);
    int64_t at_us = INT64_MAX;

    if (pace->free_count == 0 && next_us > now.mono_us)
        at_us = next_us;
    else if (pace->free_count == 0)
        at_us = MIN(now.mono_us, INT64_MAX - DISK_WAIT_US) + DISK_WAIT_US;
    else if (clear_us > now.mono_us)
        at_us = clear_us;
    return MIN(at_us, keep_next_us(pace, now));
}

/* What is free by now. */
static void pace_count(SitePace *pace, SchedNow now)
{
    int64_t next_us = later(pace, meter_next_free_us);
    bool was_free = pace->free_count > 0;

    pace->free_count = free_units(pace, now.mono_us);
    if (pace->free_count == 0) {
        pace->since_s = was_free ? now.timer_s : pace->since_s;
        pace->until_s = now.timer_s + (MAX(next_us - now.mono_us, 0) + US_PER_S - 1) / US_PER_S;
    }
    keep_wait(pace, pace->free_count == 0 && next_us <= now.mono_us);
}

/* ---- how long mail waits ---- */

/* Some could go if the rate let it. */
static bool has_held_mail(const SitePace *pace)
{
    const SchedDestination *destination = pace->destination;

    if (pace->transport != NULL)
        return pace->transport->capacity > 0;
    return pace->site != NULL
               ? pace->site->usable_count > 0
               : destination->waiting_count > 0 && destination->running_count < destination->window;
}

static int64_t *held_sum(const SitePace *pace)
{
    SchedTransport *transport = pace->site != NULL ? pace->site->transport : pace->transport;

    if (pace->destination != NULL)
        return &pace->destination->transport->paced_us[SCHED_PACED_BY_DESTINATION];
    if (transport == NULL)
        return &pace->sched->paced_us;
    return &transport
                ->paced_us[pace->site != NULL ? SCHED_PACED_BY_SITE : SCHED_PACED_BY_TRANSPORT];
}

static void add_held(SitePace *pace, SchedNow now)
{
    if (pace->held_us != 0)
        *held_sum(pace) += MAX(now.mono_us - pace->held_us, 0);
    pace->held_us = 0;
}

/* ---- looking ---- */

/* Nobody there could begin a delivery; then no later mark is asked for. */
static bool pace_is_idle(const SitePace *pace)
{
    if (pace->transport != NULL)
        return pace->transport->waiting_count == 0 && pace->transport->running_count == 0;
    return pace->site != NULL ? pace->site->member_count == 0
                              : destination_is_empty(pace->destination);
}

void pace_look(SitePace *pace, SchedNow now)
{
    Heap *timers = &pace->sched->pace_timers;
    bool is_idle = pace_is_idle(pace);
    int64_t next_us;

    add_held(pace, now);
    if (!is_idle)
        keep_look(pace, now);
    pace_count(pace, now);
    next_us = look_again_us(pace, now);
    if (next_us == INT64_MAX || (is_idle && later(pace, meter_clear_us) <= now.mono_us))
        heap_remove(timers, &pace->timer);
    else
        heap_set(timers, &pace->timer, next_us);
    if (pace->site != NULL)
        site_changed(pace->site);
    else if (pace->destination != NULL)
        destination_changed(pace->destination);
    if (pace->free_count == 0 && has_held_mail(pace))
        pace->held_us = now.mono_us;
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
    keep_set(pace, METER_DELIVERIES, deliveries, now);
    keep_set(pace, METER_RECIPIENTS, recipients, now);
    pace_look(pace, now);
}

static void pace_drop(SitePace **pace, SchedNow now)
{
    if (*pace == NULL)
        return;
    add_held(*pace, now);
    heap_remove(&(*pace)->sched->pace_timers, &(*pace)->timer);
    keep_free(g_steal_pointer(pace), now.mono_us);
}

bool pace_has_debt(const SitePace *pace)
{
    return pace != NULL && heap_contains(&pace->timer);
}

void pace_set_of_destination(SchedDestination *destination, const MeterLimit *deliveries,
                             const MeterLimit *recipients, SchedNow now)
{
    if (deliveries == NULL && recipients == NULL) {
        pace_drop(&destination->pace, now);
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
        pace_drop(&site->pace, now);
        site_changed(site);
        return;
    }
    pace_ensure(&site->pace, site->sched)->site = site;
    pace_set(site->pace, deliveries, recipients, now);
}

void pace_set_of_transport(SchedTransport *transport, const MeterLimit *deliveries, SchedNow now)
{
    if (deliveries == NULL) {
        pace_drop(&transport->pace, now);
        return;
    }
    pace_ensure(&transport->pace, transport->sched)->transport = transport;
    pace_set(transport->pace, deliveries, NULL, now);
}

/* That of the site that it shares, or NULL. */
static SitePace *shared_pace(const SchedDestination *destination)
{
    const SchedSite *site = destination_site(destination);

    return site != NULL ? site->pace : NULL;
}

/* Only those are looked at for whom mail waits. */
void pace_wake(const SchedDestination *destination, SchedNow now)
{
    SitePace *shared = shared_pace(destination), *of_transport = destination->transport->pace;

    if (destination->pace != NULL)
        pace_look(destination->pace, now);
    if (shared != NULL)
        pace_look(shared, now);
    if (of_transport != NULL)
        pace_look(of_transport, now);
}

/* ---- charges and refunds ---- */

/* What was charged to a meter, as long as it lives. */
typedef struct PaceCharge {
    uint64_t life;
    MeterCharge taken;
} PaceCharge;

/* For a running entry: to its destination, to the site that this shares, and to the transport. */
typedef struct EntryCharges {
    PaceCharge own[METER_KIND_COUNT], shared[METER_KIND_COUNT], of_transport[METER_KIND_COUNT];
} EntryCharges;

static void charge_meter(SitePace *pace, MeterKind kind, int64_t units, PaceCharge *charge,
                         SchedNow now)
{
    if (pace_has_limit(pace, kind))
        *charge =
            (PaceCharge){pace->lives[kind], meter_charge(&pace->meters[kind], units, now.mono_us)};
}

static void charge_pace(SitePace *pace, const SchedEntry *entry, PaceCharge charges[], SchedNow now)
{
    charge_meter(pace, METER_DELIVERIES, 1, &charges[METER_DELIVERIES], now);
    charge_meter(pace, METER_RECIPIENTS, MAX(entry->recipient_count, 1), &charges[METER_RECIPIENTS],
                 now);
    pace_look(pace, now);
}

void pace_begin(SchedEntry *entry, SchedNow now)
{
    SchedDestination *destination = entry->destination;
    Sched *sched = destination->transport->sched;
    SitePace *shared = shared_pace(destination), *of_transport = destination->transport->pace;
    EntryCharges *charges;

    if (destination->pace == NULL && shared == NULL && of_transport == NULL)
        return;
    charges = g_new0(EntryCharges, 1);
    if (destination->pace != NULL)
        charge_pace(destination->pace, entry, charges->own, now);
    if (shared != NULL)
        charge_pace(shared, entry, charges->shared, now);
    if (of_transport != NULL)
        charge_pace(of_transport, entry, charges->of_transport, now);
    if (sched->charges == NULL)
        sched->charges = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    (void)g_hash_table_replace(sched->charges, entry, charges);
}

static void refund_pace(SitePace *pace, PaceCharge charges[], SchedNow now)
{
    if (pace == NULL)
        return;
    for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++)
        if (charges[kind].life != 0 && charges[kind].life == pace->lives[kind] &&
            pace_has_limit(pace, kind))
            meter_refund(&pace->meters[kind], &charges[kind].taken);
    pace_look(pace, now);
}

void pace_refund(SchedEntry *entry, SchedNow now)
{
    SchedDestination *destination = entry->destination;
    Sched *sched = destination->transport->sched;
    EntryCharges *charges =
        sched->charges != NULL ? g_hash_table_lookup(sched->charges, entry) : NULL;

    if (charges == NULL)
        return;
    refund_pace(destination->pace, charges->own, now);
    refund_pace(shared_pace(destination), charges->shared, now);
    refund_pace(destination->transport->pace, charges->of_transport, now);
    pace_settle(entry);
}

void pace_settle(SchedEntry *entry)
{
    Sched *sched = entry->destination->transport->sched;

    if (sched->charges != NULL)
        (void)g_hash_table_remove(sched->charges, entry);
}

void pace_check(const SitePace *pace, const void *owner)
{
    if (pace == NULL)
        return;
    CHECK((pace->destination != NULL) + (pace->site != NULL) + (pace->transport != NULL) == 1);
    CHECK(pace->destination == owner || pace->site == owner || pace->transport == owner);
    CHECK(pace_has_limit(pace, METER_DELIVERIES) || pace_has_limit(pace, METER_RECIPIENTS));
    CHECK(pace->free_count >= 0);
    CHECK(pace->free_count > 0 || heap_contains(&pace->timer) || pace_is_idle(pace));
    CHECK(!pace->is_in_disk_line || pace->free_count == 0);
    for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++)
        if (pace_has_limit(pace, kind))
            meter_check(&pace->meters[kind]);
}
