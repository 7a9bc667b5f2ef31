#ifndef EQMGR_LIFE_DEFERRED_INTERNAL_H
#define EQMGR_LIFE_DEFERRED_INTERNAL_H

/*
 * deferred: which deferred mail a queue run looks at; owner of the index of deferred mail.
 */

#include <event2/event.h>

#include "spool/deferred_index.h"
#include "src/life/life_internal.h"

/* Visible for tests. */
typedef struct Due {
    DeferredIndex *index;
    struct event *events;  /* of its inotify descriptor; NULL if there is none yet */
    int64_t walked_ms;     /* when the last walk that fills it began */
    bool walk_missed_some; /* that walk could not read all directories */
    DeferredLoss told_loss;
    bool was_complete;       /* as the last event said */
    uint64_t vanished_count; /* of files, when the last walk over suspended mail began */
    bool is_sweeping;        /* that walk goes on */
    bool wants_sweep;        /* another one is to begin */
} Due;

void deferred_init(Life *life);
void deferred_stop(Life *life);

/* True if a run with these flags goes by the index: it has begun. False if it has to walk. */
bool deferred_begin_run(Life *life, unsigned flags);

/*
 * The next candidate of the run, borrowed. NULL at its end, or when the index is not complete any
 * more: then deferred_is_known() is false.
 */
const char *deferred_next(Life *life);
bool deferred_is_known(const Life *life);
const DeferredIndex *deferred_index(const Life *life); /* for those who look */

/* When the first message is due, INT64_MAX if there is none. */
int64_t deferred_earliest_s(const Life *life);

/*
 * To be called around a walk through the directory: before it is opened, before each part of it is
 * opened, for each part that cannot be read, at its end.
 */
void deferred_walk_begins(Life *life);
void deferred_walk_enters(const char *path, unsigned level, void *life);
void deferred_walk_missed_some(Life *life);
void deferred_walk_ended(Life *life);

/*
 * To be called for each candidate that is not taken, with the status of spool_check(), or that was
 * to be moved to active, with the status of that move.
 */
void deferred_refused(Life *life, const char *name, SpoolStatus status, const SpoolFile *file);
/* Not now, whatever the time of the file says: it is met again with the next queue run. */
void deferred_put_off(Life *life, const char *queue_id);
/* The same, if the time of the file has come; else it is met at that time. */
void deferred_kept(Life *life, const char *queue_id, int64_t time_s);
void deferred_moved(Life *life, const char *queue_id, SpoolStatus status);

/*
 * A piece of a turn: an event says when the index has become complete, or was lost; what others
 * have removed is not suspended any more. True: there is more to do at once.
 */
bool deferred_turn(Life *life);

/* For a walk over the mail of some destinations; free it before deferred_stop(). */
DeferredPick *deferred_pick(Life *life, unsigned max, DeferredMatchFn *matches, void *ctx);

/* There is no index, and waiting for one does not help: why; else NULL. */
const char *deferred_why_never_known(const Life *life);

/* Files to be read, and what they tell (spool/deferred_cause.h). */
const char *deferred_give_unread(Life *life, uint32_t *slot, unsigned patience);
void deferred_learn(Life *life, const char *queue_id, const DeferredCause *cause);

/*
 * To be called when we have put a message into the deferred queue, with what is known of why; NULL:
 * nothing.
 */
void deferred_arrived(Life *life, const char *queue_id, int64_t due_s, const DeferredCause *cause);

#endif
