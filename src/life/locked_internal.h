#ifndef EQMGR_LIFE_LOCKED_INTERNAL_H
#define EQMGR_LIFE_LOCKED_INTERNAL_H

/*
 * locked: waits for agents of a previous process that still deliver.
 */

#include <event2/event.h>
#include <glib.h>

#include "src/life/life_internal.h"

/* Visible for tests. */
typedef struct LockedFiles {
    GPtrArray *queue_ids; /* of files in incoming that an agent had locked when we looked last */
    struct event *timer;  /* runs while there are any */
} LockedFiles;

void locked_check(const Life *life);
void locked_init(Life *life);
void locked_stop(Life *life);

/*
 * To be called when such a file goes back to incoming: it becomes due as soon as its lock is gone.
 */
void locked_wait_for(Life *life, const char *queue_id);

#endif
