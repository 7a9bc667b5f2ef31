#ifndef EQMGR_TESTS_SIMULATE_REPORT_H
#define EQMGR_TESTS_SIMULATE_REPORT_H

/*
 * tests/simulate/report: the runs of a scenario as a table, and as a plot.
 */

#include "tests/simulate/tally.h"
#include "tests/simulate/world.h"

typedef struct Run {
    SchedStrategy strategy;
    WorldState state; /* at the end */
    int64_t time_us;
    int64_t cpu_ns; /* of the core and the simulator together */
    Tally *tally;   /* sorted */
} Run;

const char *report_strategy_str(SchedStrategy strategy);

/* The same runs give the same text. New string. */
char *report_table(const Scenario *scenario, uint64_t seed, const Run *runs, unsigned count);

/*
 * Writes NAME.dat and NAME.gnuplot into the folder and has gnuplot make NAME.svg of them: for each
 * class of mail and each run, which share of the recipients was reached within which time. Without
 * gnuplot there is a note on standard error and no error.
 */
bool report_plot(const Scenario *scenario, const char *folder, const Run *runs, unsigned count,
                 GError **error);

#endif
