#ifndef EQMGR_TESTS_BENCH_CHART_H
#define EQMGR_TESTS_BENCH_CHART_H

/*
 * tests/bench/chart: ratios as horizontal bars on a logarithmic axis, with a mark where the target
 * is. An SVG file; no program is needed to make it.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct ChartBar {
    const char *label;
    double ratio;  /* ours : stock; above 0 */
    double target; /* 0: none */
    bool met;
} ChartBar;

/* false: the file cannot be written. */
bool chart_write(const char *path, const char *title, const ChartBar *bars, size_t count);

#endif
