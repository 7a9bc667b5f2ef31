#ifndef EQMGR_SPOOL_DEFERRED_INDEX_H
#define EQMGR_SPOOL_DEFERRED_INDEX_H

/*
 * spool/deferred_index: which deferred mail is due, without looking at every file (spool.md 10.3).
 *
 * For each message in deferred the index knows when to look at it: its time stamp. It is filled by
 * a walk through the directory that the caller makes anyway. It is kept up to date by the caller,
 * who reports his own moves, and by inotify for those of others. It is only a list of candidates:
 * spool_check(), right before the file is moved, says whether it exists and is ready and due; a
 * candidate that is gone is not an error.
 *
 * States: lost (knows nothing, watches nothing) -> begin_walk -> filling -> end_walk -> complete.
 * When the index cannot be trusted any more (events were lost, a hash directory was moved, too many
 * files) it becomes lost by itself and gives its memory back; until the next walk, reports to it
 * have no effect. While it is not complete, only a walk finds all mail that is due.
 *
 * A walk while the index is complete is for changes without an event. It adds and corrects; the
 * index stays complete and goes on watching. A file that went without an event is noticed when it
 * is due.
 *
 * A run gives what was known to be due when it began, earliest first, and each file once: what is
 * reported during a run waits for the next one. Files that are not ready are not in the index; the
 * event of their chmod adds them.
 *
 * Calls do a bounded amount of work: O(log n), one directory watched at a time, at most some
 * hundred lstat() for one piece of events. Memory for a message whose queue ID is shorter than 24
 * bytes is about 60 bytes (and 40 for each different time stamp), and 12 more where it is known
 * what the message waits for (spool/deferred_cause.h).
 *
 * Blocking file calls, no event loop, no clock: times are arguments, in seconds of the wall clock.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spool/deferred_cause.h"
#include "spool/spool.h"

/* With more deferred messages (100 MB of index) it is better to look at all of them. */
#define DEFERRED_INDEX_FILES_MAX 2000000

/* Why the index is lost. */
typedef enum DeferredLoss {
    DEFERRED_NOT_LOST = 0,
    DEFERRED_LOST_EVENTS,    /* more happened than inotify's queue holds */
    DEFERRED_LOST_DIRECTORY, /* one was moved or unmounted, or could not be walked */
    DEFERRED_LOST_ROOM,      /* more than files_max messages */
    DEFERRED_LOST_WATCHES,   /* inotify cannot watch the directories, or there are too many */
} DeferredLoss;

const char *deferred_loss_str(DeferredLoss loss);

/* Borrows the spool. The index is lost at first. files_max: usually DEFERRED_INDEX_FILES_MAX. */
DeferredIndex *deferred_index_new(const Spool *spool, uint32_t files_max) G_GNUC_WARN_UNUSED_RESULT;
void deferred_index_free(DeferredIndex *index); /* NULL is a no-op */

bool deferred_index_is_complete(const DeferredIndex *index);
DeferredLoss deferred_index_loss(const DeferredIndex *index);
uint32_t deferred_index_count(const DeferredIndex *index);

/* Of these: those to look at at until_s or earlier. */
uint32_t deferred_index_count_until(const DeferredIndex *index, int64_t until_s);

/* When to look at the message; false if it is not in the index. */
bool deferred_index_lookup(const DeferredIndex *index, const char *queue_id, int64_t *ret_due_s);

/* The first run that begins at now_s or later gives it, unless the present run does. */
bool deferred_index_is_due(const DeferredIndex *index, const char *queue_id, int64_t now_s);

/*
 * A walk in pieces over all that is known, from slot 0 on: a file that is known during the whole
 * walk comes exactly once. False after looking at so many slots, or at the end. The name is
 * borrowed.
 */
bool deferred_index_walk(const DeferredIndex *index, uint32_t *slot, unsigned patience,
                         const char **ret_queue_id, int64_t *ret_due_s);
bool deferred_index_walk_is_over(const DeferredIndex *index, uint32_t slot);

/* ---- keeping it up to date ---- */

/*
 * The inotify descriptor, readable when there is something for deferred_index_read(); -1 if the
 * system has not given one: begin_walk tries again. It never changes after that.
 */
int deferred_index_fd(const DeferredIndex *index);

/*
 * Takes in one piece of what happened. SPOOL_OK: there may be more; SPOOL_END: nothing more now;
 * SPOOL_IO_ERROR: events cannot be read, so the index is lost.
 */
SpoolResult deferred_index_read(DeferredIndex *index) G_GNUC_WARN_UNUSED_RESULT;

/* How many files others have taken away since the start, as far as events told it. */
uint64_t deferred_index_vanished_count(const DeferredIndex *index);

/*
 * Call right before a walk is opened: watches the queue's own directory. False if the index stays
 * lost: the directory cannot be watched, or the walk before found too many files, so that this one
 * only counts them.
 */
bool deferred_index_begin_walk(DeferredIndex *index);

/* Call right before the walk opens a directory below (spool_scan_on_enter()): watches it. */
void deferred_index_enter(DeferredIndex *index, const char *path, unsigned level);

/* Call after the last name of the walk. saw_all: all hash directories could be read. */
void deferred_index_end_walk(DeferredIndex *index, bool saw_all);

/* The file is in deferred and is to be looked at from due_s on. */
void deferred_index_note(DeferredIndex *index, const char *queue_id, int64_t due_s);

/* The file is not in deferred any more, or is not a message to deliver. */
void deferred_index_forget(DeferredIndex *index, const char *queue_id);

/* ---- taking what is due ---- */

/* Begins a run for all that is due at now_s + 1, as a scan does. */
void deferred_index_begin_run(DeferredIndex *index, int64_t now_s);

/*
 * The next candidate of the run, borrowed until the next call; those due at the same time come in
 * alphabetical order. The index forgets it: call deferred_index_note() if the file stays. If that
 * is done before the next candidate is asked for, and the file was not reported gone meanwhile,
 * what is known of its cause stays known. NULL: the run is over, or, if the index is not complete
 * any more, it was lost.
 */
const char *deferred_index_next(DeferredIndex *index);

/* When to look at the first message; INT64_MAX if the index is empty. */
int64_t deferred_index_earliest_s(const DeferredIndex *index);

/* Asserts that all parts agree. For tests. */
void deferred_index_check(const DeferredIndex *index);

#endif
