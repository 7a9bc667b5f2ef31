#ifndef EQMGR_CONTROL_TURN_INTERNAL_H
#define EQMGR_CONTROL_TURN_INTERNAL_H

/* turn: the place of a message in the line of a destination, and when its turn comes. */

#include "life/inspect.h"
#include "src/control/verb_internal.h"

/*
 * More of the row that is begun: what comes before the message, counted up to about delivery_max,
 * and an estimate from the deliveries of the last minute, or why there is none. Nothing, if none of
 * its delivery requests waits for the destination.
 */
void turn_put(Query *query, const SchedMessage *message, const SchedDestinationView *destination,
              unsigned delivery_max);

#endif
