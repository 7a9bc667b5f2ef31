#ifndef EQMGR_LIFE_RERESOLVE_INTERNAL_H
#define EQMGR_LIFE_RERESOLVE_INTERNAL_H

/* reresolve: see life/reresolve.h. */

#include "life/reresolve.h"
#include "src/life/life_internal.h"

/* Messages that are resolved again at the same time. */
#define RERESOLVE_MAX 200

void reresolve_init(Life *life);
void reresolve_stop(Life *life);

/* A piece of the first job. True: there is more to do at once. */
bool reresolve_turn(Life *life);

#endif
