/*
 * Durations counted by upper bounds. A handful of bounds is searched from below: short durations,
 * which are the many, end the search at once.
 */

#include "stats/histogram.h"

#include <string.h>

#include <glib.h>

void histogram_init(Histogram *histogram, const HistogramBounds *bounds)
{
    g_assert(bounds->count <= HISTOGRAM_BOUNDS_MAX);
    memset(histogram, 0, sizeof(*histogram));
    histogram->bounds = bounds;
}

void histogram_add(Histogram *histogram, int64_t duration_us)
{
    const HistogramBounds *bounds = histogram->bounds;

    duration_us = MAX(duration_us, 0);
    histogram->total_count++;
    histogram->sum_us += (uint64_t)duration_us;
    for (unsigned i = 0; i < bounds->count; i++) {
        if (duration_us <= bounds->upper_us[i]) {
            histogram->counts[i]++;
            return;
        }
    }
}

uint64_t histogram_up_to(const Histogram *histogram, unsigned i)
{
    uint64_t sum = 0;

    for (unsigned k = 0; k <= i; k++)
        sum += histogram->counts[k];
    return sum;
}

int64_t histogram_quantile_us(const Histogram *histogram, double share)
{
    double wanted = share * (double)histogram->total_count;
    uint64_t sum = 0;

    if (histogram->total_count == 0)
        return 0;
    for (unsigned i = 0; i < histogram->bounds->count; i++) {
        sum += histogram->counts[i];
        if ((double)sum >= wanted)
            return histogram->bounds->upper_us[i];
    }
    return INT64_MAX;
}
