/*
 * The counts of one process. Everything is an array that is indexed by an enum, so a new count is a
 * new name in the header, a line where it happens, and a row where it is shown.
 */

#include "stats/stats.h"

#include <string.h>

#define MS     1000
#define SECOND (1000 * INT64_C(1000))

static const HistogramBounds duration_bounds = {
    11,
    {10 * MS, 50 * MS, 100 * MS, 500 * MS, SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND,
      60 * SECOND, 120 * SECOND, 300 * SECOND}
};

static const HistogramBounds bounds[STATS_HISTOGRAM_COUNT] = {
    [STATS_QUEUE_WAIT] = {10,
                          {10 * MS, 100 * MS, 500 * MS, SECOND, 5 * SECOND, 30 * SECOND,
                           60 * SECOND, 300 * SECOND, 900 * SECOND, 3600 * SECOND}            },
    [STATS_RESOLVE] = {9,
                          {MS, 5 * MS, 10 * MS, 50 * MS, 100 * MS, 500 * MS, SECOND, 5 * SECOND,
                        30 * SECOND}                                                          },
    [STATS_RETRY_LATENESS] = {9,
                          {SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, 60 * SECOND,
                               300 * SECOND, 600 * SECOND, 1800 * SECOND, 3600 * SECOND}      },
    [STATS_AGE_AT_REMOVAL] = {9,
                          {SECOND, 10 * SECOND, 60 * SECOND, 300 * SECOND, 900 * SECOND,
                               3600 * SECOND, 14400 * SECOND, 86400 * SECOND, 432000 * SECOND}},
    [STATS_LOOP_BUSY] = {8,  {100, MS, 5 * MS, 10 * MS, 50 * MS, 100 * MS, 500 * MS, SECOND} },
};

struct Stats {
    uint64_t counters[STATS_COUNTER_COUNT];
    Rate rates[STATS_RATE_COUNT];
    Histogram histograms[STATS_HISTOGRAM_COUNT];
    GHashTable *transports_by_name; /* of StatsTransport, which has the key */
    GPtrArray *transports;          /* the same, in the order of their first use */
    GPtrArray *watched;             /* of StatsWatched */
    FailureRing *failures;
    EventRing *events;
};

static void free_transport(gpointer transport)
{
    g_free(((StatsTransport *)transport)->name);
    g_free(transport);
}

static void free_watched(gpointer watched)
{
    g_free(((StatsWatched *)watched)->name);
    g_free(watched);
}

Stats *stats_new(int64_t now_s)
{
    Stats *stats = g_new0(Stats, 1);

    for (unsigned i = 0; i < STATS_RATE_COUNT; i++)
        rate_init(&stats->rates[i], now_s);
    for (unsigned i = 0; i < STATS_HISTOGRAM_COUNT; i++)
        histogram_init(&stats->histograms[i], &bounds[i]);
    stats->transports_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    stats->transports = g_ptr_array_new_with_free_func(free_transport);
    stats->watched = g_ptr_array_new_with_free_func(free_watched);
    stats->failures = failure_ring_new();
    stats->events = event_ring_new();
    return stats;
}

void stats_free(Stats *stats)
{
    if (stats == NULL)
        return;
    g_hash_table_destroy(stats->transports_by_name);
    g_ptr_array_free(stats->transports, TRUE);
    g_ptr_array_free(stats->watched, TRUE);
    failure_ring_free(stats->failures);
    event_ring_free(stats->events);
    g_free(stats);
}

void stats_count(Stats *stats, StatsCounter counter)
{
    if (stats != NULL)
        stats->counters[counter]++;
}

uint64_t stats_counter(const Stats *stats, StatsCounter counter)
{
    return stats->counters[counter];
}

void stats_rate_count(Stats *stats, StatsRateKind kind, int64_t now_s)
{
    if (stats != NULL)
        rate_count(&stats->rates[kind], now_s);
}

const Rate *stats_rate(const Stats *stats, StatsRateKind kind)
{
    return &stats->rates[kind];
}

void stats_observe(Stats *stats, StatsHistogramKind kind, int64_t duration_us)
{
    if (stats != NULL)
        histogram_add(&stats->histograms[kind], duration_us);
}

const Histogram *stats_histogram(const Stats *stats, StatsHistogramKind kind)
{
    return &stats->histograms[kind];
}

static StatsTransport *add_transport(Stats *stats, const char *name)
{
    StatsTransport *transport = g_new0(StatsTransport, 1);

    transport->name = g_strdup(name);
    histogram_init(&transport->duration, &duration_bounds);
    g_ptr_array_add(stats->transports, transport);
    g_hash_table_insert(stats->transports_by_name, transport->name, transport);
    return transport;
}

StatsTransport *stats_transport(Stats *stats, const char *name)
{
    StatsTransport *transport;

    if (stats == NULL)
        return NULL;
    transport = g_hash_table_lookup(stats->transports_by_name, name);
    if (transport != NULL)
        return transport;
    if (stats->transports->len < STATS_TRANSPORTS_MAX)
        return add_transport(stats, name);
    transport = g_hash_table_lookup(stats->transports_by_name, STATS_OTHER_TRANSPORT);
    return transport != NULL ? transport : add_transport(stats, STATS_OTHER_TRANSPORT);
}

void stats_delivery(StatsTransport *transport, StatsResult result, unsigned recipient_count,
                    int64_t duration_us)
{
    if (transport == NULL)
        return;
    transport->deliveries[result]++;
    transport->recipients[result] += recipient_count;
    histogram_add(&transport->duration, duration_us);
}

void stats_death(StatsTransport *transport, bool of_destination)
{
    if (transport == NULL)
        return;
    if (of_destination)
        transport->destination_deaths++;
    else
        transport->deaths++;
}

const StatsTransport *stats_transport_at(const Stats *stats, unsigned i)
{
    return i < stats->transports->len ? g_ptr_array_index(stats->transports, i) : NULL;
}

static StatsWatched *find_watched(const Stats *stats, const char *destination)
{
    for (guint i = 0; i < stats->watched->len; i++) {
        StatsWatched *watched = g_ptr_array_index(stats->watched, i);

        if (g_ascii_strcasecmp(watched->name, destination) == 0)
            return watched;
    }
    return NULL;
}

bool stats_watch(Stats *stats, const char *destination)
{
    StatsWatched *watched;

    if (find_watched(stats, destination) != NULL)
        return true;
    if (stats->watched->len >= STATS_WATCHED_MAX)
        return false;
    watched = g_new0(StatsWatched, 1);
    watched->name = g_ascii_strdown(destination, -1);
    g_ptr_array_add(stats->watched, watched);
    return true;
}

void stats_watched_death(Stats *stats, const char *destination)
{
    StatsWatched *watched = stats != NULL ? find_watched(stats, destination) : NULL;

    if (watched != NULL)
        watched->deaths++;
}

const StatsWatched *stats_watched_at(const Stats *stats, unsigned i)
{
    return i < stats->watched->len ? g_ptr_array_index(stats->watched, i) : NULL;
}

FailureRing *stats_failures(Stats *stats)
{
    return stats != NULL ? stats->failures : NULL;
}

EventRing *stats_events(Stats *stats)
{
    return stats != NULL ? stats->events : NULL;
}
