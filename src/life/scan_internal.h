#ifndef EQMGR_LIFE_SCAN_INTERNAL_H
#define EQMGR_LIFE_SCAN_INTERNAL_H

/*
 * scan: walks through the queues for candidates, one name at a time, and when they begin.
 */

#include <stdbool.h>

#include <event2/event.h>
#include <glib.h>

#include "spool/arrivals.h"
#include "src/life/life_internal.h"

enum { SCAN_START = 1, SCAN_ALL = 2, SCAN_LIFT = 4 };

/* A queue that is walked for candidates (behaviour.md 3.3). */
typedef struct Scan {
    SpoolQueue queue;
    unsigned names_given; /* by the running scan of the directory */
    SpoolScan *handle;    /* of the directory that is walked through; or NULL */
    bool by_index;        /* instead of the directory the deferred index is gone by */
    unsigned flags;       /* SCAN_... of the running scan */
    unsigned next_flags;  /* recorded for the next one, SCAN_START included */
} Scan;

/* When the queues are scanned without a trigger (scan.c). */
typedef struct ScanTimers {
    struct event *run;   /* of deferred, each queue_run_delay */
    struct event *exact; /* of deferred, for retry_exact: set to exact_s, INT64_MAX: not set */
    int64_t exact_s;
    struct event *again; /* of incoming: set to the first of again_s */
    GArray *again_s;     /* by timer_s, ascending */
} ScanTimers;

/* Both queues; visible for intake, which takes turns between them, and for tests. */
typedef struct Scans {
    Scan incoming, deferred;
    Arrivals *arrivals;   /* in incoming, while a scan with a backlog goes on */
    bool arrival_is_next; /* arrivals and backlog take turns */
    ScanTimers timers;
} Scans;

void scan_init(Life *life);
void scan_begin(Life *life); /* the first of both queues; the timers of deferred run from now on */
void scan_stop(Life *life);
void scan_check(const Life *life);
void scan_request(Life *life, Scan *scan, unsigned flags);
bool scan_is_running(const Scan *scan);

/*
 * Something of incoming was not taken in, without a fault of its own: it is scanned in a minute.
 * Nobody may trigger a scan then: where no new mail comes it would wait for the wake-up by
 * master(8), usually every 300 s.
 */
void scan_incoming_again(Life *life);

/* For retry_exact: wakes us when the next deferred message is due. */
void scan_arm_exact_timer(Life *life);

/* The next name of a running scan, borrowed; NULL when there is none (any more). */
const char *scan_next(Life *life, Scan *scan);

/*
 * The next name that came, with a trigger, since a scan of incoming with a backlog began; NULL if
 * there is none. Mail without a trigger is for the next scan, as ever.
 */
const char *scan_next_arrival(Life *life, const Scan *scan);

#endif
