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
    uint64_t ends; /* fatal and panic, which are troubles too */
} LogCounts;

Logtap *logtap_new(struct event_base *base);
void logtap_free(Logtap *logtap);

/* Lines of trouble; those by which a process tells of its end are shown in any case. */
void logtap_show_at_most(Logtap *logtap, uint64_t count);

LogCounts logtap_counts(const Logtap *logtap);

#endif
