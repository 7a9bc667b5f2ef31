#include "sched_internal.h"

/*
 * Who is kept to rates (pace.c): what an administrator says of a destination or transport, and who
 * may go on, or is forgotten, when the time has come.
 */

void sched_destination_pace(SchedDestination *destination, const MeterLimit *deliveries,
                            const MeterLimit *recipients, SchedNow now)
{
    bool was_paced = destination->pace != NULL;

    if (!was_paced && deliveries == NULL && recipients == NULL)
        return;
    pace_set_of_destination(destination, deliveries, recipients, now);
    job_release_blockers(destination);
    if (was_paced && destination->pace == NULL)
        destination_free_if_unused(destination);
}

bool sched_destination_is_paced(const SchedDestination *destination)
{
    return destination->pace != NULL;
}

static int64_t debt_of(const SitePace *pace, int64_t now_us)
{
    return pace != NULL && pace_has_limit(pace, METER_DELIVERIES)
               ? meter_debt_units(&pace->meters[METER_DELIVERIES], now_us)
               : 0;
}

int64_t sched_destination_debt(const SchedDestination *destination, int64_t mono_us)
{
    const SchedSite *site = destination_site(destination);

    return MAX(debt_of(destination->pace, mono_us),
               debt_of(site != NULL ? site->pace : NULL, mono_us));
}

void sched_transport_pace(SchedTransport *transport, const MeterLimit *deliveries, SchedNow now)
{
    pace_set_of_transport(transport, deliveries, now);
}

bool sched_transport_is_paced(const SchedTransport *transport)
{
    return transport->pace != NULL;
}

static bool is_used_up(const SitePace *pace)
{
    return pace != NULL && pace->free_count == 0;
}

bool sched_entry_is_paced(const SchedEntry *entry)
{
    const SchedDestination *destination = entry->destination;
    const SchedSite *site = destination_site(destination);

    return is_used_up(destination->pace) || is_used_up(destination->transport->pace) ||
           (site != NULL && is_used_up(site->pace));
}

/* Of a transport nothing is to be released: its jobs are not looked at while nothing is free. */
static void pace_on_timer(SitePace *pace, SchedNow now)
{
    SchedDestination *destination = pace->destination;

    pace_look(pace, now);
    if (pace->transport != NULL)
        return;
    if (pace->site != NULL) {
        job_release_blockers_of_site(pace->site);
        site_free_if_unused(pace->site);
        return;
    }
    job_release_blockers(destination);
    destination_free_if_unused(destination);
}

void pace_run_timers(Sched *sched, SchedNow now)
{
    HeapNode *first;

    while ((first = heap_first(&sched->pace_timers)) != NULL && first->key <= now.mono_us)
        pace_on_timer(ELEMENT(first, SitePace, timer), now);
}

// NOLINTNEXTLINE(readability-function-size): the depth is that of TAILQ_CONCAT()
void sched_meters_written(Sched *sched, SchedNow now)
{
    struct PaceList line = TAILQ_HEAD_INITIALIZER(line);
    SitePace *pace;

    TAILQ_CONCAT(&line, &sched->disk_line, in_disk_line);
    while ((pace = TAILQ_FIRST(&line)) != NULL) {
        TAILQ_REMOVE(&line, pace, in_disk_line);
        pace->is_in_disk_line = false;
        pace_on_timer(pace, now);
    }
}

int64_t sched_next_pace_us(const Sched *sched)
{
    const HeapNode *first = heap_first(&sched->pace_timers);

    return first == NULL ? INT64_MAX : first->key;
}
