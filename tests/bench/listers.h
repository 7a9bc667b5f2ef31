#ifndef EQMGR_TESTS_BENCH_LISTERS_H
#define EQMGR_TESTS_BENCH_LISTERS_H

/*
 * tests/bench/listers: clients of the control socket, each a process of its own: two that list all
 * destinations and all messages again and again, and one that asks for the status ten times a
 * second. They do nothing with what they read.
 */

#include <stdint.h>

#define LISTERS_STATUS_MAX 10000

typedef struct Listers Listers;

typedef struct ListersResult {
    unsigned listings; /* that were complete */
    uint64_t bytes;    /* of answers */
    double status_p99_ms, status_max_ms;
    unsigned status_count;
    double loop_p99_ms; /* 99 of 100 turns of the daemon's loop were busy for less, meanwhile */
} ListersResult;

/* The daemon listens below the working directory. */
Listers *listers_start(void);

/* Tells them to end, and whether they have. */
void listers_end(Listers *listers);
int listers_are_running(Listers *listers);

ListersResult listers_result(const Listers *listers);
void listers_free(Listers *listers);

#endif
