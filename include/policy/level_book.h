#ifndef EQMGR_POLICY_LEVEL_BOOK_H
#define EQMGR_POLICY_LEVEL_BOOK_H

/*
 * policy/level_book: what a process has to know of the levels of the one before it (traffic.md 6).
 *
 * A level that comes back allows no more than it did: its numbers are rounded down, and the time
 * until it rises begins anew. It ends a day after its last step by the wall clock. A clock that was
 * set back counts as one that stood still since the level was written: who has levels puts them in
 * again from time to time, so that this is not long.
 *
 * Levels are lines of the file of meters (policy/meter_book): one for each destination, or site
 * that destinations share, that is slowed. Times are microseconds of the monotonic clock of this
 * process, in the file of the wall clock.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "policy/level.h"

#define LEVEL_BOOK_MAX   50000 /* more are not remembered */
#define LEVEL_WORD_COUNT 14    /* of a line */

/* Any texts. */
typedef struct LevelNote {
    bool is_shared;        /* the name is that of a site that destinations share */
    const char *transport; /* "": all */
    const char *name;
    const char *rule, *reason; /* of the last step */
    SiteLevel level;           /* one that holds something */
} LevelNote;

typedef struct LevelBook LevelBook;

LevelBook *level_book_new(void) G_GNUC_WARN_UNUSED_RESULT;
void level_book_free(LevelBook *book); /* NULL is a no-op */
unsigned level_book_count(const LevelBook *book);

/* Copies the note, in place of an earlier one. */
void level_book_put(LevelBook *book, const LevelNote *note);

/* It holds nothing any more; there need not be one. */
void level_book_remove(LevelBook *book, bool is_shared, const char *transport, const char *name);

/* What is in it, copied; of notes that are alive as long as they are not put again or removed. */
GPtrArray *level_book_notes(const LevelBook *book) G_GNUC_WARN_UNUSED_RESULT;

/* Something is to be written. */
bool level_book_is_due(const LevelBook *book);

/* Appends a line for each level that is not over; how many there are. Then say what became of it.
 */
unsigned level_book_write(LevelBook *book, GString *out, int64_t now_us, int64_t wall_us);
void level_book_written(LevelBook *book, bool is_durable);

/*
 * Takes in a line that level_book_write() has made, as words. NULL: success, also for a level that
 * is over by now; else what is wrong with it.
 */
const char *level_book_take(LevelBook *book, char **words, int64_t now_us,
                            int64_t wall_us) G_GNUC_WARN_UNUSED_RESULT;

/* Forgets all. */
void level_book_clear(LevelBook *book);

#endif
