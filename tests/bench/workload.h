#ifndef EQMGR_TESTS_BENCH_WORKLOAD_H
#define EQMGR_TESTS_BENCH_WORKLOAD_H

/*
 * tests/bench/workload: the table of workloads. What one does depends on nothing but its row and
 * the scale: never on the queue manager that is measured.
 */

#include "tests/bench/stand.h"

typedef struct Workload Workload;

struct Workload {
    const char *name; /* those of a family have a common word before the '-' */
    void (*run)(Stand *stand, const Workload *workload); /* NULL: needs a real master */
    unsigned letters;     /* that are there at once; W1r: that arrive */
    unsigned recipients;  /* of each letter; W10: of each one that waits */
    unsigned sites;       /* that recipients are spread over; W10: those of the mail that waits */
    unsigned per_s;       /* letters that arrive one by one */
    int64_t delay_us;     /* of slow things */
    const char *settings; /* lines of main.cf */
    const char *own;      /* lines of eqmgr.cf; NULL: none */
};

extern const Workload workloads[];
extern const size_t workload_count;

/* A result of a run, on standard output. */
void workload_result(const Workload *workload, const char *metric, double value);

/* Prints what every run reports: CPU time for each of `count` things (named by `unit`), memory,
 * and how busy daemon and driver were. */
void workload_report_meter(const Workload *workload, const Stand *stand, const Meter *meter,
                           double count);
void workload_report_latency(const Workload *workload, const Stand *stand);

/* Writes single-recipient letters to `queue`: serial numbers from `first`, user N at <word>S.test.
 */
void workload_write_letters(Stand *stand, const char *queue, unsigned first, unsigned count,
                            const char *word, unsigned sites);

/* Writes the lists of a workload to the stage below the working directory; returns how many
 * recipients they have. */
unsigned workload_write_lists(const Core *core, const Workload *workload, double scale);

/* The same for any workload: scaled are the lists, or the number of single letters. */
unsigned workload_write_stage(const Core *core, const Workload *workload, double scale);

void run_bulk(Stand *stand, const Workload *workload);
void run_lists(Stand *stand, const Workload *workload);
void run_steady(Stand *stand, const Workload *workload);
void run_slow_lookups(Stand *stand, const Workload *workload);
void run_dead_site(Stand *stand, const Workload *workload);
void run_slow_sites(Stand *stand, const Workload *workload);
void run_deferred(Stand *stand, const Workload *workload);
void run_parked(Stand *stand, const Workload *workload);
void run_parked_list(Stand *stand, const Workload *workload);
void run_restart(Stand *stand, const Workload *workload);
void run_suspended(Stand *stand, const Workload *workload);
void run_reresolved(Stand *stand, const Workload *workload);
void run_ruled(Stand *stand, const Workload *workload);
void run_listed(Stand *stand, const Workload *workload);
void run_crowded(Stand *stand, const Workload *workload);
void run_crowded_dead(Stand *stand, const Workload *workload);
void run_retries(Stand *stand, const Workload *workload);
void run_called_in(Stand *stand, const Workload *workload);

#endif
