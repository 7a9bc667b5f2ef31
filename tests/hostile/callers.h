#ifndef EQMGR_TESTS_HOSTILE_CALLERS_H
#define EQMGR_TESTS_HOSTILE_CALLERS_H

/*
 * tests/hostile/callers: who calls the queue manager and does not behave: clients of the trigger
 * socket, and a master that talks on the status channel, where it never should.
 */

#include <glib.h>

#include "tests/lab/lab.h"

/* Throws the dice; often nobody does anything. */
void callers_act(Lab *lab, GRand *dice);
void callers_act_as_master(Lab *lab, GRand *dice);

#define CALLERS_STATUS_NOTE \
    "the status channel is spoilt" /* in the trace: the daemon may end now */

#endif
