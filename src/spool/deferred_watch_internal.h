#ifndef EQMGR_SPOOL_DEFERRED_WATCH_INTERNAL_H
#define EQMGR_SPOOL_DEFERRED_WATCH_INTERNAL_H

/*
 * spool/deferred_watch: what happens in deferred and its hash directories, by inotify.
 *
 * Only the directories that can hold files of messages are watched: those at most as deep as the
 * hashing, with one letter, digit or underscore for a name. An event gives a name to look at,
 * wherever it happened. A new directory gives itself, to be listed once, since there is no event
 * for what was moved into it before it was watched.
 */

#include <stdbool.h>

#include <glib.h>

#include "spool/spool.h"

typedef enum DeferredEvent {
    DEFERRED_NOTHING = 0, /* no more in this piece */
    DEFERRED_NAME,        /* something happened to a file of this name */
    DEFERRED_DIRECTORY,   /* path of a directory that is new, and watched from now on */
    DEFERRED_OVERFLOW,    /* events were lost */
    DEFERRED_UNKNOWN,     /* a directory was moved away, or a new one cannot be watched */
} DeferredEvent;

typedef struct DeferredWatch DeferredWatch;

/* Watches nothing yet. */
DeferredWatch *deferred_watch_new(unsigned depth) G_GNUC_WARN_UNUSED_RESULT;
void deferred_watch_free(DeferredWatch *watch);

/* -1: there is none (yet). */
int deferred_watch_fd(const DeferredWatch *watch);

/*
 * Watches the queue's own directory, and with the second call one below it, of that level, which is
 * about to be read. For a directory with many files this takes long (20 ms for 200,000), unless it
 * is watched already. False: it cannot be watched.
 */
bool deferred_watch_start(DeferredWatch *watch);
bool deferred_watch_enter(DeferredWatch *watch, const char *path, unsigned level);
void deferred_watch_stop(DeferredWatch *watch);

/* Reads one piece of events: SPOOL_OK, SPOOL_END if there is none now, or SPOOL_IO_ERROR. */
SpoolResult deferred_watch_read(DeferredWatch *watch);

/* The next event of this piece; the text is borrowed until the next call. */
DeferredEvent deferred_watch_next(DeferredWatch *watch, const char **ret_text);

#endif
