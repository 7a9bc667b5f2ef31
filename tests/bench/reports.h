#ifndef EQMGR_TESTS_BENCH_REPORTS_H
#define EQMGR_TESTS_BENCH_REPORTS_H

/*
 * tests/bench/reports: the services bounce, defer and trace (ipc.md 5), which answer at once that
 * all is well, and keep no files.
 */

#include <stdint.h>

#include <event2/event.h>

typedef struct Reports Reports;

Reports *reports_new(struct event_base *base);
void reports_free(Reports *reports);

uint64_t reports_count(const Reports *reports);

#endif
