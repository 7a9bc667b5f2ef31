#ifndef EQMGR_LIFE_DEFERRED_INTERNAL_H
#define EQMGR_LIFE_DEFERRED_INTERNAL_H

/*
 * deferred: which deferred mail a run looks at; the index of deferred mail.
 */

#include <event2/event.h>

#include "spool/deferred_index.h"
#include "src/life/life_internal.h"

/* Visible for tests. */
typedef struct Due {
    DeferredIndex *index;
    struct event *events;  /* of its inotify descriptor; NULL: it has none yet */
    int64_t walked_ms;     /* when the last walk began */
    bool walk_missed_some; /* it could not read all directories */
    DeferredLoss told_loss;
} Due;

void deferred_init(Life *life);
void deferred_stop(Life *life);

/* A run with these flags can go by the index, and does from now on; false: it has to walk. */
bool deferred_begin_run(Life *life, unsigned flags);

/* The next candidate of the run, borrowed; NULL at its end, or when the index does not know all. */
const char *deferred_next(Life *life);
bool deferred_is_known(const Life *life);

/* When the first message is due, INT64_MAX if there is none. */
int64_t deferred_earliest_s(const Life *life);

/* Around a walk through the directory: right before it is opened, before each part of it is, for
 * each part it could not read, at its end. */
void deferred_walk_begins(Life *life);
void deferred_walk_enters(const char *path, unsigned level, void *life);
void deferred_walk_missed_some(Life *life);
void deferred_walk_ended(Life *life);

/* What became of a candidate: not taken, for a status of spool_check(); or moved to active, with
 * the status of that. */
void deferred_refused(Life *life, const char *name, SpoolStatus status, const SpoolFile *file);
void deferred_moved(Life *life, const char *queue_id, SpoolStatus status);

/* We have put a message there. */
void deferred_arrived(Life *life, const char *queue_id, int64_t due_s);

#endif
