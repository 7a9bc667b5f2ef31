#ifndef EQMGR_TESTS_SCHED_BENCH_WORLD_H
#define EQMGR_TESTS_SCHED_BENCH_WORLD_H

/*
 * tests/sched/bench_world: the least that makes the core work: recipients without addresses, agents
 * that answer at once, deliveries that succeed.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "sched/sched.h"

typedef struct BenchWorld {
    Sched *sched;
    SchedTransport *transport; /* the only one */
    SchedNow now;
    GPtrArray *running; /* of SchedEntry */
    Link *recipients;
    size_t recipient_count, recipients_used;
    uint64_t dice;
} BenchWorld;

/* With room for so many recipients; `window` is that of all destinations, from the start. */
BenchWorld *bench_world_new(SchedStrategy strategy, size_t recipient_count, int window);
void bench_world_free(BenchWorld *world);

uint64_t bench_roll(BenchWorld *world, uint64_t end);

/* The destination number `number`. */
SchedDestination *bench_destination(BenchWorld *world, uint64_t number);

/* A message with recipients for the destinations `first`, first + 1, … */
SchedMessage *bench_mail(BenchWorld *world, uint64_t first, int recipient_count);

/* An agent comes: one more entry runs. False: none can. */
bool bench_start(BenchWorld *world);

/* The running entry number `place` has been delivered. */
void bench_finish(BenchWorld *world, guint place);

int64_t bench_clock_ns(void);

#endif
