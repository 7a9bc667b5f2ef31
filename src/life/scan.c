#include <errno.h>

#include "base/log.h"
#include "src/life/life_internal.h"

/*
 * A scan of incoming that has given so many names has a backlog, behind which new mail must not
 * wait; a shorter one is over before the watch would be worth its system calls.
 */
#define BACKLOG_NAMES 4

void scan_init(Scan *scan, SpoolQueue queue)
{
    *scan = (Scan){.queue = queue};
}

bool scan_is_running(const Scan *scan)
{
    return scan->handle != NULL || scan->by_index;
}

void scan_stop(Scan *scan)
{
    g_clear_pointer(&scan->handle, spool_scan_close);
    scan->by_index = false;
    scan->names_given = 0;
}

/*
 * A directory that cannot be opened is a warning, where stock dies: it is tried again with the next
 * trigger or run, incoming in a minute at the latest.
 */
static void open_directory(Life *life, Scan *scan)
{
    SpoolStatus status;

    if (scan->queue == SPOOL_DEFERRED)
        deferred_walk_begins(life);
    status = spool_scan_open(life->spool, scan->queue, &scan->handle);
    if (status == SPOOL_OK) {
        if (scan->queue == SPOOL_DEFERRED)
            spool_scan_on_enter(scan->handle, deferred_walk_enters, life);
        return;
    }
    log_warning("scan_dir_push: open directory %s: %s", spool_queue_str(scan->queue),
                g_strerror(errno));
    scan->handle = NULL;
    if (scan->queue == SPOOL_INCOMING)
        recheck_incoming(life);
}

/* The recorded flags become those of the new scan. */
static void start(Life *life, Scan *scan)
{
    unsigned flags = scan->next_flags & ~(unsigned)SCAN_START;

    scan->by_index = scan->queue == SPOOL_DEFERRED && deferred_begin_run(life, flags);
    if (!scan->by_index)
        open_directory(life, scan);
    if (!scan_is_running(scan)) {
        scan->next_flags &= ~(unsigned)SCAN_START;
        return;
    }
    scan->flags = flags;
    scan->next_flags = 0;
}

/* What the index has given already is not there any more. */
static void go_on_with_directory(Life *life, Scan *scan)
{
    scan->by_index = false;
    open_directory(life, scan);
}

/* Order of the rules: behaviour.md 3.3. */
void scan_request(Life *life, Scan *scan, unsigned flags)
{
    if ((flags & SCAN_FLUSH) != 0) {
        sched_flush(life->sched, life_sched_now(life));
        settle_sched(life);
    }
    if (scan_is_running(scan))
        scan->flags |= flags & (SCAN_ALL | SCAN_LIFT);
    if (scan->by_index && (flags & SCAN_ALL) != 0)
        go_on_with_directory(life, scan);
    scan->next_flags |= flags;
    if (!scan_is_running(scan) && (scan->next_flags & SCAN_START) != 0)
        start(life, scan);
}

static void finish(Life *life, Scan *scan)
{
    bool was_walk = scan->handle != NULL;

    scan_stop(scan);
    if (scan->queue == SPOOL_INCOMING)
        arrivals_stop(life->arrivals);
    if (was_walk && scan->queue == SPOOL_DEFERRED)
        deferred_walk_ended(life);
    if ((scan->next_flags & SCAN_START) != 0)
        start(life, scan);
}

/* NULL at the end. */
static const char *next_of_directory(Life *life, const Scan *scan)
{
    const char *name = NULL;
    SpoolStatus status;

    while ((status = spool_scan_next(scan->handle, &name)) != SPOOL_END) {
        if (status == SPOOL_OK)
            return name;
        if (status == SPOOL_NOT_REGULAR) {
            log_warning("%s/%s: not a regular file", spool_queue_str(scan->queue), name);
        } else if (status != SPOOL_GONE) {
            log_warning("scan_dir_push: open directory %s: %s", name, g_strerror(errno));
            if (scan->queue == SPOOL_DEFERRED)
                deferred_walk_missed_some(life);
            else
                recheck_incoming(life);
        }
    }
    return NULL;
}

const char *scan_next_arrival(Life *life, const Scan *scan)
{
    if (scan->queue != SPOOL_INCOMING || scan->names_given < BACKLOG_NAMES ||
        (scan->next_flags & SCAN_START) == 0)
        return NULL;
    return arrivals_next(life->arrivals);
}

/* Arrivals and backlog take turns. */
static const char *next_arrival(Life *life, const Scan *scan)
{
    life->arrival_is_next = !life->arrival_is_next;
    return life->arrival_is_next ? scan_next_arrival(life, scan) : NULL;
}

static const char *next_of_backlog(Life *life, Scan *scan)
{
    if (scan->queue == SPOOL_INCOMING && ++scan->names_given == BACKLOG_NAMES)
        arrivals_start(life->arrivals);
    return next_of_directory(life, scan);
}

static const char *next_name(Life *life, Scan *scan)
{
    const char *arrival = next_arrival(life, scan);

    if (arrival != NULL)
        return arrival;
    if (scan->by_index) {
        const char *name = deferred_next(life);

        if (name != NULL || deferred_is_known(life))
            return name;
        go_on_with_directory(life, scan);
    }
    return scan->handle != NULL ? next_of_backlog(life, scan) : NULL;
}

/* One restart at most, for what was asked for meanwhile: an empty queue ends the turn. */
const char *scan_next(Life *life, Scan *scan)
{
    for (int run = 0; run < 2 && scan_is_running(scan); run++) {
        const char *name = next_name(life, scan);

        if (name != NULL)
            return name;
        finish(life, scan);
    }
    return NULL;
}
