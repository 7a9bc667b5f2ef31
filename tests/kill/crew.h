#ifndef EQMGR_TESTS_KILL_CREW_H
#define EQMGR_TESTS_KILL_CREW_H

/*
 * tests/kill/crew: the delivery agents and resolvers of a run, each a forked process. What is
 * killed is replaced at once, as master(8) does it.
 *
 * The sockets in private/ belong to the driver and outlive their processes. Nobody of the crew
 * outlives the driver.
 */

#include <glib.h>

#include "tests/kill/common.h"
#include "tests/lab/core.h"

typedef struct Crew Crew;

typedef enum CrewKind { CREW_CARRIER, CREW_REWRITER } CrewKind;

/* All borrowed. */
Crew *crew_new(const Core *core, const Common *common, GRand *dice);
void crew_free(Crew *crew);

/* Sends SIGKILL to one of that kind, chosen at random. */
void crew_kill_one(Crew *crew, CrewKind kind);

/* Whether a member has ended by itself, which none should. */
bool crew_has_lost_one(const Crew *crew);

#endif
