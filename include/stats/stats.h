#ifndef EQMGR_STATS_STATS_H
#define EQMGR_STATS_STATS_H

/*
 * stats/stats: what the daemon has done so far, in plain memory.
 *
 * Any layer above increments it, one line where the thing happens; nothing here knows who reads it.
 * Every call takes NULL for "nobody counts" and does nothing then, so libraries and their tests run
 * without. Counters start at 0 with the process and never go back. Time is an argument: seconds of
 * Now.timer_s for rates, of the wall clock for what people read.
 *
 * Source: operations.md 1 (recent trouble, events) and 5 (metrics).
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "stats/histogram.h"
#include "stats/rate.h"
#include "stats/ring.h"

typedef struct Stats Stats;

typedef enum StatsCounter {
    STATS_TAKEN_INCOMING, /* messages taken into active */
    STATS_TAKEN_DEFERRED,
    STATS_LEFT_REMOVED, /* messages that left active: all done */
    STATS_LEFT_DEFERRED,
    STATS_LEFT_CORRUPT,
    STATS_LEFT_PUT_BACK, /* they could not be taken in now */
    STATS_PARKED,        /* of those deferred: they wait for a place in the active queue */
    STATS_EXPIRED,       /* returned for their age, or by order */
    STATS_DELAY_WARNINGS,
    STATS_CONTROL_REQUESTS,
    STATS_CONTROL_CHANGES,            /* of rules, their ends included */
    STATS_CONTROL_REFUSED_BUSY,       /* too many connections */
    STATS_CONTROL_REFUSED_PERMISSION, /* a verb above the client's level */
    STATS_CONTROL_REFUSED_MALFORMED,
    STATS_CONTROL_REFUSED_SLOW, /* it read nothing, or sent nothing */
    STATS_COUNTER_COUNT
} StatsCounter;

typedef enum StatsRateKind {
    STATS_RATE_IN,       /* messages taken from incoming */
    STATS_RATE_DONE,     /* messages removed */
    STATS_RATE_DEFERRED, /* messages deferred */
    STATS_RATE_COUNT
} StatsRateKind;

typedef enum StatsHistogramKind {
    STATS_QUEUE_WAIT,     /* arrival to first request */
    STATS_RESOLVE,        /* one question to trivial-rewrite(8); none that is remembered */
    STATS_RETRY_LATENESS, /* due to taken */
    STATS_AGE_AT_REMOVAL,
    STATS_LOOP_BUSY, /* one turn of the loop, without waiting */
    STATS_HISTOGRAM_COUNT
} StatsHistogramKind;

typedef enum StatsResult {
    STATS_DONE,     /* delivered or returned: an agent's status 0 does not tell which */
    STATS_DEFERRED, /* tried again later */
    STATS_LOST,     /* the agent ended without a reply */
    STATS_RESULT_COUNT
} StatsResult;

/* What is counted for each of the first 64 transports; all others share "other". */
#define STATS_TRANSPORTS_MAX  64
#define STATS_OTHER_TRANSPORT "other"

typedef struct StatsTransport {
    char *name;
    uint64_t deliveries[STATS_RESULT_COUNT], recipients[STATS_RESULT_COUNT];
    uint64_t deaths, destination_deaths;
    Histogram duration; /* of deliveries */
} StatsTransport;

Stats *stats_new(int64_t now_s) G_GNUC_WARN_UNUSED_RESULT;
void stats_free(Stats *stats);

void stats_count(Stats *stats, StatsCounter counter);
uint64_t stats_counter(const Stats *stats, StatsCounter counter);

/* One message at this second of Now.timer_s. */
void stats_rate_count(Stats *stats, StatsRateKind kind, int64_t now_s);
const Rate *stats_rate(const Stats *stats, StatsRateKind kind);

void stats_observe(Stats *stats, StatsHistogramKind kind, int64_t duration_us);
const Histogram *stats_histogram(const Stats *stats, StatsHistogramKind kind);

/*
 * The counts of a transport, made when it is first asked for; valid as long as the Stats. Keep the
 * pointer beside the transport: asking costs a hash. NULL if nobody counts.
 */
StatsTransport *stats_transport(Stats *stats, const char *name);

/* Both take NULL. */
void stats_delivery(StatsTransport *transport, StatsResult result, unsigned recipient_count,
                    int64_t duration_us);
void stats_death(StatsTransport *transport, bool of_destination);

/* Those with a name of their own, in the order in which they were first met, then "other" if it was
 * needed; NULL after the last one. */
const StatsTransport *stats_transport_at(const Stats *stats, unsigned i);

/*
 * Destinations that have series of their own in the metrics: few, and named by the administrator,
 * so that mail cannot make more of them.
 */
#define STATS_WATCHED_MAX 50

typedef struct StatsWatched {
    char *name; /* folded to lower case */
    uint64_t deaths;
} StatsWatched;

/* Watches a destination of any transport; false if there are STATS_WATCHED_MAX already. Twice is
 * once. */
bool stats_watch(Stats *stats, const char *destination) G_GNUC_WARN_UNUSED_RESULT;

/* A destination died; counted if it is watched. */
void stats_watched_death(Stats *stats, const char *destination);

/* In the order in which they were named; NULL after the last one. */
const StatsWatched *stats_watched_at(const Stats *stats, unsigned i);

/* The last negative results, and the last changes of state (stats/ring.h). */
FailureRing *stats_failures(Stats *stats);
EventRing *stats_events(Stats *stats);

#endif
