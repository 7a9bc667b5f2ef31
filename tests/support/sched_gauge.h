#ifndef EQMGR_TESTS_SUPPORT_SCHED_GAUGE_H
#define EQMGR_TESTS_SUPPORT_SCHED_GAUGE_H

/*
 * tests/support/sched_gauge: what a rate has promised, and what has begun: a meter as an
 * administrator sees it, who does not know how often it was made anew, or by how many processes.
 *
 * Times are microseconds that pass, whatever any clock says. An era is the time of one limit, or
 * of what can be known about the time before.
 */

#include <stdbool.h>
#include <stdint.h>

#include "src/sched/objects_internal.h"

typedef struct Gauge {
    char *name; /* for messages */
    MeterKind kind;
    MeterLimit limit; /* count 0: there is none now */
    unsigned era;
    GArray *limits;   /* MeterLimit, by era */
    GArray *begun;    /* of units */
    uint64_t life;    /* of the meter that was seen last; 0: none in this process */
    int64_t clear_us; /* of that */
} Gauge;

/* Takes over the name. There is no limit. */
void gauge_init(Gauge *gauge, MeterKind kind, char *name);
void gauge_clear(Gauge *gauge);

/* Another limit from now on; NULL: none. */
void gauge_set(Gauge *gauge, const MeterLimit *limit);

/* What was before is not known any more. */
void gauge_begin_era(Gauge *gauge);

/* NULL: there is none. */
const MeterLimit *gauge_limit(const Gauge *gauge);

/* A delivery begins, in the process of this number. Its place, for gauge_give_back(). */
guint gauge_begin(Gauge *gauge, int64_t recipients, int64_t now_us, unsigned process);

/* It has not begun after all. */
void gauge_give_back(Gauge *gauge, guint place);

/*
 * The meter, if there is one, has not fallen by more than the time of so many units since it was
 * seen last. `booted_us`: the time at which the monotonic clock was 0.
 */
void gauge_look(Gauge *gauge, const SitePace *pace, int64_t units_back, int64_t booted_us,
                guint32 seed);

/*
 * In each era, what began in less than a period is not more than N + B - 1, and n - 1 more if one
 * delivery counts up to n units; of these, n - 1 for each process that ended meanwhile. Returns
 * how many windows were full.
 */
unsigned gauge_check(const Gauge *gauge, int64_t units_max, guint32 seed);

#endif
