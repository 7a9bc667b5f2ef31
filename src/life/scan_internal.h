#ifndef EQMGR_LIFE_SCAN_INTERNAL_H
#define EQMGR_LIFE_SCAN_INTERNAL_H

/*
 * scan: decides when incoming and deferred are scanned, and gives the names one by one.
 */

#include <stdbool.h>

#include <event2/event.h>
#include <glib.h>

#include "spool/arrivals.h"
#include "src/life/life_internal.h"

enum {
    SCAN_START = 1,
    SCAN_ALL = 2,  /* whatever their times */
    SCAN_LIFT = 4, /* defer_transports holds nothing */
    /* Of single messages that are expedited: */
    SCAN_HURRY = 8,
    SCAN_FORCE = 16, /* past rules */
};

/* A queue that is scanned for candidates (behaviour.md 3.3). */
typedef struct Scan {
    SpoolQueue queue;
    unsigned names_given;        /* by the running scan of the directory */
    SpoolScan *handle;           /* of the directory that is walked; or NULL */
    bool by_index;               /* names come from the deferred index, not from the directory */
    unsigned flags;              /* SCAN_... of the running scan */
    int64_t begun_wall_s;        /* when the last one began; 0: none did */
    unsigned next_flags;         /* recorded for the next one, SCAN_START included */
    struct ParkSite *called_for; /* of one message: it is called in for this site; else NULL */
} Scan;

/* When queues are scanned without a trigger. */
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
    Arrivals *arrivals;   /* new names in incoming, while a scan has a backlog */
    bool arrival_is_next; /* arrivals and backlog take turns */
    ScanTimers timers;
} Scans;

void scan_init(Life *life);
void scan_begin(Life *life); /* starts the first scans of both queues, and the timer of runs */
void scan_stop(Life *life);
void scan_check(const Life *life);
void scan_request(Life *life, Scan *scan, unsigned flags);
bool scan_is_running(const Scan *scan);

/*
 * To be called if a file of incoming could not be taken in for a reason outside it: incoming is
 * scanned in a minute. Without this the file could wait for the wake-up by master(8), usually every
 * 300 s, because without new mail nobody triggers a scan.
 */
void scan_incoming_again(Life *life);

/* With retry_exact, sets the timer to the next deferred message that is due. */
void scan_arm_exact_timer(Life *life);

/* The next name of a running scan, borrowed; NULL if it does not run or has ended. */
const char *scan_next(Life *life, Scan *scan);

/*
 * The next name that arrived in incoming, with a trigger, since a scan with a backlog began; NULL
 * if there is none. Mail without a trigger waits for the next scan.
 */
const char *scan_next_arrival(Life *life, const Scan *scan);

#endif
