#ifndef EQMGR_SCHED_WALK_H
#define EQMGR_SCHED_WALK_H

/*
 * sched/walk: over the entries that wait for a destination, with pauses between which anything may
 * happen: entries come and go, and the destination itself may go.
 *
 * A step is O(1) and a few more for each entry that it finds, so the whole walk is linear. What
 * waits from the beginning to the end comes once; so does what comes meanwhile and has a place
 * behind. Only mail that changes its place meanwhile, as its message preempts another or is
 * expedited, may come twice or not at all.
 */

#include <stdbool.h>

#include <glib.h>

#include "sched/sched.h"

typedef struct SchedWalk SchedWalk;

/* Ends with sched_walk_free(), before the core does. */
SchedWalk *sched_walk_new(Sched *sched,
                          const SchedDestination *destination) G_GNUC_WARN_UNUSED_RESULT;
void sched_walk_free(SchedWalk *walk); /* NULL is a no-op */

/*
 * Fills the array with the next entries, in the order in which they wait: all neighbours that are
 * of one message. They are borrowed until the next call that changes the core. False: there are no
 * more, the array is empty.
 */
bool sched_walk_next(SchedWalk *walk, GPtrArray *entries);

#endif
