#ifndef EQMGR_TESTS_FAULTS_WORLD_H
#define EQMGR_TESTS_FAULTS_WORLD_H

/*
 * tests/faults/world: a laboratory whose daemon is watched by the preloaded library, with a ledger,
 * and a master that starts again what has ended.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "tests/faults/fault_page.h"
#include "tests/faults/ledger.h"
#include "tests/lab/lab.h"
#include "tests/lab/steps.h"

typedef struct WorldOptions {
    const char *program_directory; /* where the binary "qmgr" is */
    const char *libraries;         /* faults.so and clock.so, for LD_PRELOAD */
    bool keep_directory;
} WorldOptions;

typedef struct World {
    Lab *lab;
    Ledger *ledger;
    FaultPage *page; /* all zero at first: calls are counted */
    unsigned restarts;
    unsigned restarts_max;
    bool is_over;      /* nothing more can happen in this world */
    bool ignores_term; /* the daemon did not end in order */
} World;

/* The working directory becomes that of the laboratory. */
World *world_new(const WorldOptions *options);
void world_free(World *world);

/* "NAME=VALUE", for all starts to come. */
void world_add_environment(World *world, const char *variable);

/* Closes all accounts, and begins a new ledger. */
void world_new_ledger(World *world);

/* Steps of scenarios, and of those that bring mail or let time pass, such that the ledger knows the
 * recipients and master acts. Ends the process if the step is wrong. */
void world_perform(World *world, Play *play, ScenarioStep *step);
void world_advance(World *world, int64_t duration_ms);

/* New mail has come. */
void world_trigger(World *world);

/* Lets time pass until the judge finds the queues drained, or the virtual time is `limit_s`. */
void world_drain(World *world, int64_t limit_s);
int64_t world_now_s(const World *world);

/* Stops the daemon in order; the next one runs without fault or limit. */
void world_restart_clean(World *world);

#endif
