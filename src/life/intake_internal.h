#ifndef EQMGR_LIFE_INTAKE_INTERNAL_H
#define EQMGR_LIFE_INTAKE_INTERNAL_H

/*
 * intake: takes candidates of incoming and deferred into active and into memory.
 */

#include "src/life/scan_internal.h"

/* Visible for tests. */
typedef struct Intake {
    Scan *first_scan;        /* whose turn it is (behaviour.md 4.1) */
    int taken_from_incoming; /* in this turn, for flow control */
} Intake;

void intake_init(Life *life);
void intake_stop(Life *life);

/* True if a candidate was looked at. */
bool intake_turn(Life *life);
void intake_flow_control(Life *life);

#endif
