#ifndef EQMGR_TESTS_BENCH_LOGTAP_H
#define EQMGR_TESTS_BENCH_LOGTAP_H

/*
 * tests/bench/logtap: takes the log lines of the daemon (ipc.md 8.3) and counts those that tell how
 * far messages are. Lines of trouble are shown on standard error, the first few of them.
 */

#include <stdint.h>

#include <event2/event.h>

typedef struct Logtap Logtap;

typedef struct LogCounts {
    uint64_t lines, activated, removed, troubles;
} LogCounts;

Logtap *logtap_new(struct event_base *base);
void logtap_free(Logtap *logtap);

LogCounts logtap_counts(const Logtap *logtap);

#endif
