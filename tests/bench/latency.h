#ifndef EQMGR_TESTS_BENCH_LATENCY_H
#define EQMGR_TESTS_BENCH_LATENCY_H

/*
 * tests/bench/latency: times between two events of numbered things, and their percentiles.
 */

#include <stdint.h>

typedef struct Latency Latency;

Latency *latency_new(void);
void latency_free(Latency *latency);

/* Serial numbers may be used again once they have ended. */
void latency_begin(Latency *latency, unsigned serial, int64_t now_ns);

/* Of a number that has not begun, or has ended already: a no-op. */
void latency_end(Latency *latency, unsigned serial, int64_t now_ns);

/* What has begun and not ended ends now: no sample is too large, but some may be too small. Returns
 * how many they are. */
unsigned latency_end_all(Latency *latency, int64_t now_ns);

/* Forgets the samples, not what has begun. */
void latency_reset(Latency *latency);

unsigned latency_count(const Latency *latency);

/* How many have begun and not ended. */
unsigned latency_pending(const Latency *latency);

/* `percent` of the samples are not above the result; 0 without samples. */
int64_t latency_percentile_ns(Latency *latency, double percent);

#endif
