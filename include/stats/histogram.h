#ifndef EQMGR_STATS_HISTOGRAM_H
#define EQMGR_STATS_HISTOGRAM_H

/*
 * stats/histogram: durations counted by upper bounds, as Prometheus wants them.
 *
 * A duration belongs to the first bound that is not below it; beyond the last bound it counts in
 * the total only. Counts never go back, whoever reads them. The bounds are a table of the caller's
 * that outlives the histogram.
 */

#include <stdint.h>

#define HISTOGRAM_BOUNDS_MAX 11

typedef struct HistogramBounds {
    unsigned count;                         /* at most HISTOGRAM_BOUNDS_MAX */
    int64_t upper_us[HISTOGRAM_BOUNDS_MAX]; /* ascending */
} HistogramBounds;

typedef struct Histogram {
    const HistogramBounds *bounds;
    uint64_t counts[HISTOGRAM_BOUNDS_MAX]; /* of each bound alone, not added up */
    uint64_t total_count;
    uint64_t sum_us;
} Histogram;

void histogram_init(Histogram *histogram, const HistogramBounds *bounds);

/* What the clocks make negative counts as 0. */
void histogram_add(Histogram *histogram, int64_t duration_us);

/* How many were at most as long as bound i. */
uint64_t histogram_up_to(const Histogram *histogram, unsigned i);

/*
 * The upper bound below which the share of all durations (0 < share <= 1) lies; INT64_MAX if that
 * is beyond the last one, 0 if nothing was counted.
 */
int64_t histogram_quantile_us(const Histogram *histogram, double share);

#endif
