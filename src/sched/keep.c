#include "sched_internal.h"

/*
 * Meters over a restart: each has a page in the book of the process (policy/meter_book). Without a
 * book nothing is known of the time before the start, and nothing is kept.
 */

static MeterBook *book_of(const SitePace *pace)
{
    return pace->sched->settings.meters;
}

static bool is_same_limit(const MeterLimit *a, const MeterLimit *b)
{
    return a->count == b->count && a->period_s == b->period_s && a->burst == b->burst;
}

#define WHOLE_TRANSPORT "all" /* no shared site is called so: these have two words */

/* A shared site has its name; a destination is told by what it is. */
static MeterName name_of(const SitePace *pace, MeterKind kind)
{
    const SchedDestination *destination = pace->destination;
    const SchedSite *site = pace->site;

    if (pace->transport != NULL)
        return (MeterName){kind, WHOLE_TRANSPORT, pace->transport->name, ""};
    if (site == NULL)
        return (MeterName){kind, "", destination->transport->name, destination->name};
    return (MeterName){kind, site->name, site->transport != NULL ? site->transport->name : "", ""};
}

static void begin_meter(SitePace *pace, MeterKind kind, const MeterLimit *limit, SchedNow now)
{
    const MeterName name = name_of(pace, kind);
    MeterBook *book = book_of(pace);

    pace->lives[kind] = ++pace->sched->meter_lives;
    if (book != NULL)
        pace->pages[kind] = meter_book_hold(book, &name, limit, now.mono_us, &pace->meters[kind]);
    else
        meter_restore(&pace->meters[kind], limit, NULL, pace->sched->settings.start_us, 0);
}

static void end_meter(SitePace *pace, MeterKind kind, int64_t now_us)
{
    Meter *meter = &pace->meters[kind];

    if (pace->pages[kind] != NULL)
        meter_book_release(book_of(pace), pace->pages[kind], meter,
                           MIN(now_us, meter_clear_us(meter)));
    pace->pages[kind] = NULL;
    *meter = (Meter){0};
}

void keep_set(SitePace *pace, MeterKind kind, const MeterLimit *limit, SchedNow now)
{
    Meter *meter = &pace->meters[kind];

    if (limit == NULL)
        end_meter(pace, kind, now.mono_us);
    else if (!pace_has_limit(pace, kind))
        begin_meter(pace, kind, limit, now);
    else if (!is_same_limit(&meter->limit, limit))
        meter_change(meter, limit, now.mono_us);
}

void keep_look(SitePace *pace, SchedNow now)
{
    for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++)
        if (pace->pages[kind] != NULL)
            meter_book_update(book_of(pace), pace->pages[kind], &pace->meters[kind], now.mono_us);
}

int64_t keep_next_us(const SitePace *pace, SchedNow now)
{
    int64_t next_us = INT64_MAX;

    for (MeterKind kind = 0; kind < METER_KIND_COUNT; kind++) {
        int64_t due_us = pace->pages[kind] != NULL
                             ? meter_mark_due_us(&pace->meters[kind], now.mono_us)
                             : INT64_MAX;

        if (due_us > now.mono_us)
            next_us = MIN(next_us, due_us);
    }
    return next_us;
}

void keep_wait(SitePace *pace, bool waits)
{
    struct PaceList *line = &pace->sched->disk_line;

    if (waits && !pace->is_in_disk_line)
        TAILQ_INSERT_TAIL(line, pace, in_disk_line);
    else if (!waits && pace->is_in_disk_line)
        TAILQ_REMOVE(line, pace, in_disk_line);
    pace->is_in_disk_line = waits;
}

void keep_free(SitePace *pace, int64_t now_us)
{
    if (pace == NULL)
        return;
    keep_wait(pace, false);
    end_meter(pace, METER_DELIVERIES, now_us);
    end_meter(pace, METER_RECIPIENTS, now_us);
    g_free(pace);
}
