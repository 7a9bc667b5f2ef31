#ifndef EQMGR_SPOOL_DEFERRED_INDEX_H
#define EQMGR_SPOOL_DEFERRED_INDEX_H

/*
 * spool/deferred_index: which deferred mail is due, without looking at every file (spool.md 10.3).
 *
 * For each message in deferred the index knows when it is to be looked at: its time stamp. It is
 * filled by a walk through the directory that the caller makes anyway, and kept up to date by what
 * the caller tells of his own moves, and by inotify for what others do. It is a list of candidates
 * and no more: whether a file is there, ready and due is for spool_check() to say, right before
 * the file is taken; that a candidate is gone is normal.
 *
 * States: lost (knows nothing, watches nothing) -> begin_walk -> filling -> end_walk -> complete.
 * Whenever the index cannot be trusted any more (events were lost, a hash directory was moved, too
 * many files) it becomes lost by itself and gives its memory back; calls that tell it something are
 * then without effect, and only the next walk helps. While it is not complete a walk is the only
 * way to find all mail that is due.
 *
 * A walk while the index is complete is for what happened without an event. It adds and corrects;
 * the index stays complete and goes on watching. What is gone without an event is found out when
 * it is due.
 *
 * A run takes what was known to be due when it began, earliest first, and each file once: what the
 * index is told of during a run waits for the next one. Files that are not ready are not known; the
 * event of their chmod brings them in.
 *
 * Calls do a bounded amount of work: O(log n), one directory watched at a time, at most some
 * hundred lstat() for one piece of events. Memory for a message whose queue ID is shorter than 24
 * bytes is about 60 bytes.
 *
 * Blocking file calls, no event loop, no clock: times are arguments, in seconds of the wall clock.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spool/spool.h"

/* With this many deferred messages (100 MB of index) looking at all of them is the lesser evil. */
#define DEFERRED_INDEX_FILES_MAX 2000000

typedef struct DeferredIndex DeferredIndex;

/* Why the index is lost. */
typedef enum DeferredLoss {
    DEFERRED_NOT_LOST = 0,
    DEFERRED_LOST_EVENTS,    /* more happened than inotify's queue holds */
    DEFERRED_LOST_DIRECTORY, /* one was moved or unmounted, or could not be walked */
    DEFERRED_LOST_ROOM,      /* more than files_max messages */
    DEFERRED_LOST_WATCHES,   /* inotify cannot watch the directories, or there are too many */
} DeferredLoss;

const char *deferred_loss_str(DeferredLoss loss);

/* Borrows the spool. Lost, for the time being. files_max: usually DEFERRED_INDEX_FILES_MAX. */
DeferredIndex *deferred_index_new(const Spool *spool, uint32_t files_max) G_GNUC_WARN_UNUSED_RESULT;
void deferred_index_free(DeferredIndex *index); /* NULL is a no-op */

bool deferred_index_is_complete(const DeferredIndex *index);
DeferredLoss deferred_index_loss(const DeferredIndex *index);
uint32_t deferred_index_count(const DeferredIndex *index);

/* When the message is to be looked at; false if it is not known. */
bool deferred_index_lookup(const DeferredIndex *index, const char *queue_id, int64_t *ret_due_s);

/* ---- keeping it up to date ---- */

/*
 * The inotify descriptor, readable when there is something for deferred_index_read(); -1 if the
 * system gives none (yet): begin_walk tries again. Once there it stays the same.
 */
int deferred_index_fd(const DeferredIndex *index);

/*
 * Takes in one piece of what happened. SPOOL_OK: there may be more; SPOOL_END: nothing more now;
 * SPOOL_IO_ERROR: events cannot be read, so the index is lost.
 */
SpoolResult deferred_index_read(DeferredIndex *index) G_GNUC_WARN_UNUSED_RESULT;

/*
 * To be called right before a walk is opened: watches the queue's own directory. False if it stays
 * lost: it cannot, or the walk before found too many files; then this one counts them by what is
 * noted.
 */
bool deferred_index_begin_walk(DeferredIndex *index);

/* Right before the walk opens a directory below (spool_scan_on_enter()): watches it. */
void deferred_index_enter(DeferredIndex *index, const char *path, unsigned level);

/* After the last name of the walk; saw_all: all hash directories could be read. */
void deferred_index_end_walk(DeferredIndex *index, bool saw_all);

/* The file is in deferred, to be looked at when due_s has come. */
void deferred_index_note(DeferredIndex *index, const char *queue_id, int64_t due_s);

/* The file is not in deferred any more, or nothing to deliver. */
void deferred_index_forget(DeferredIndex *index, const char *queue_id);

/* ---- taking what is due ---- */

/* A run for all that is due at now_s + 1, as a scan would find. */
void deferred_index_begin_run(DeferredIndex *index, int64_t now_s);

/*
 * The next candidate of the run, borrowed until the next call; equally due ones in alphabetical
 * order. The index forgets it: tell it with deferred_index_note() if the file stays. NULL: the run
 * is over; if the index is not complete, only because it was lost.
 */
const char *deferred_index_next(DeferredIndex *index);

/* When the first message is to be looked at; INT64_MAX if none is known. */
int64_t deferred_index_earliest_s(const DeferredIndex *index);

/* Asserts that all parts agree. For tests. */
void deferred_index_check(const DeferredIndex *index);

#endif
