#ifndef EQMGR_TESTS_BENCH_LOOKUPS_H
#define EQMGR_TESTS_BENCH_LOOKUPS_H

/*
 * tests/bench/lookups: the address resolver (ipc.md 4): transport smtp (or, for parked domains,
 * local), nexthop the domain.
 *
 * An address whose domain begins with "slow" takes the time that was set; LOOKUPS_AT_ONCE of those
 * are worked on at the same time, on as many connections. All others are answered at once.
 */

#include <stdint.h>

#include <event2/event.h>

#define LOOKUPS_AT_ONCE     20
#define LOOKUPS_SLOW_WORD   "slow"
#define LOOKUPS_PARKED_WORD "parked" /* such a domain is for transport local */

typedef struct Lookups Lookups;

Lookups *lookups_new(struct event_base *base);
void lookups_free(Lookups *lookups);

void lookups_set_slow(Lookups *lookups, int64_t delay_us);

uint64_t lookups_count(const Lookups *lookups);

/* The most connections that were open at the same time. */
unsigned lookups_connections(const Lookups *lookups);

#endif
