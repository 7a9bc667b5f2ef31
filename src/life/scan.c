#include <errno.h>

#include "base/log.h"
#include "src/life/life_internal.h"

void scan_init(Scan *scan, SpoolQueue queue)
{
    *scan = (Scan){.queue = queue};
}

void scan_stop(Scan *scan)
{
    g_clear_pointer(&scan->handle, spool_scan_close);
}

/*
 * The recorded flags become those of the new scan. A directory that cannot be opened is a warning,
 * where stock dies: the next trigger or run tries again.
 */
static void start(Life *life, Scan *scan)
{
    unsigned flags = scan->next_flags & ~(unsigned)SCAN_START;
    SpoolStatus status = spool_scan_open(life->spool, scan->queue, &scan->handle);

    if (status != SPOOL_OK) {
        log_warning("scan_dir_push: open directory %s: %s", spool_queue_str(scan->queue),
                    g_strerror(errno));
        scan->handle = NULL;
        scan->next_flags &= ~(unsigned)SCAN_START;
        return;
    }
    scan->flags = flags;
    scan->next_flags = 0;
}

/* Order of the rules: behaviour.md 3.3. */
void scan_request(Life *life, Scan *scan, unsigned flags)
{
    if ((flags & SCAN_FLUSH) != 0) {
        sched_flush(life->sched, life_sched_now(life));
        life_settle(life);
    }
    if (scan->handle != NULL)
        scan->flags |= flags & (SCAN_ALL | SCAN_LIFT);
    scan->next_flags |= flags;
    if (scan->handle == NULL && (scan->next_flags & SCAN_START) != 0)
        start(life, scan);
}

static void finish(Life *life, Scan *scan)
{
    scan_stop(scan);
    if ((scan->next_flags & SCAN_START) != 0)
        start(life, scan);
}

const char *scan_next(Life *life, Scan *scan)
{
    bool restarted = false;

    while (scan->handle != NULL) {
        const char *name = NULL;
        SpoolStatus status = spool_scan_next(scan->handle, &name);

        if (status == SPOOL_OK)
            return name;
        if (status == SPOOL_END) {
            if (restarted)
                return NULL;
            restarted = true;
            finish(life, scan);
        } else if (status == SPOOL_NOT_REGULAR) {
            log_warning("%s/%s: not a regular file", spool_queue_str(scan->queue), name);
        } else if (status != SPOOL_GONE) {
            log_warning("scan_dir_push: open directory %s: %s", name, g_strerror(errno));
        }
    }
    return NULL;
}
