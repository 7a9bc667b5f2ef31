#ifndef EQMGR_LIFE_LOCKED_INTERNAL_H
#define EQMGR_LIFE_LOCKED_INTERNAL_H

/*
 * locked: messages that an agent of a previous process still delivers.
 */

#include <event2/event.h>
#include <glib.h>

#include "src/life/life_internal.h"

/* Visible for tests. */
typedef struct LockedFiles {
    GPtrArray *queue_ids; /* of files in incoming that an agent has locked */
    struct event *timer;  /* set if there are any */
} LockedFiles;

void locked_check(const Life *life);
void locked_init(Life *life);
void locked_stop(Life *life);

/* The file was put back into incoming; as soon as its lock is gone it is due. */
void locked_wait_for(Life *life, const char *queue_id);

#endif
