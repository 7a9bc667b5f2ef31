#ifndef EQMGR_LIFE_TAKEOVER_INTERNAL_H
#define EQMGR_LIFE_TAKEOVER_INTERNAL_H

/*
 * takeover: moves files that a previous process left in active back to incoming.
 */

#include <event2/event.h>
#include <glib.h>

#include "src/life/life_internal.h"

/* Visible for tests. */
typedef struct Takeover {
    GPtrArray *names; /* still to be moved from active to incoming; or NULL */
    bool missed_some;
    struct event *timer; /* runs if it has */
} Takeover;

void takeover_init(Life *life);
void takeover_begin(Life *life);
bool takeover_turn(Life *life); /* true if there is more to move */
void takeover_stop(Life *life);
void takeover_check(const Life *life);

#endif
