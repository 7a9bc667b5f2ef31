#ifndef EQMGR_TESTS_SIMULATE_WORLD_H
#define EQMGR_TESTS_SIMULATE_WORLD_H

/*
 * tests/simulate/world: one run of a scenario with one strategy. The scheduler is the real core;
 * everything else (queue files, agents, sites, the clock) is made up here. Time jumps from event to
 * event. The same scenario, strategy and seed give the same run.
 */

#include <stdbool.h>
#include <stdint.h>

#include "tests/simulate/tally.h"

typedef struct World World;

typedef enum WorldState {
    WORLD_RUNNING,
    WORLD_IDLE,  /* all mail has been delivered, none is to come */
    WORLD_OVER,  /* the duration has passed */
    WORLD_STUCK, /* there is mail, but nothing will ever happen: a fault of the core */
} WorldState;

/* Borrows the scenario. */
World *world_new(const Scenario *scenario, SchedStrategy strategy, uint64_t seed);
void world_free(World *world); /* NULL is a no-op */

/* Takes the next `event_count` events, or what there is up to the end. */
WorldState world_advance(World *world, unsigned event_count);

int64_t world_time_us(const World *world);

/* The recipients of all classes that have arrived and are neither delivered nor deferred. */
uint64_t world_waiting_count(const World *world);

/* The caller's. To be called once, at the end. */
Tally *world_steal_tally(World *world);

/* Asserts the invariants of the core. Slow. */
void world_check(const World *world);

#endif
