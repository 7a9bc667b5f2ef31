#ifndef EQMGR_SPOOL_ARRIVALS_H
#define EQMGR_SPOOL_ARRIVALS_H

/*
 * spool/arrivals: names of mail that arrives in incoming while a long scan of it goes on.
 *
 * A scan gives names in the order of the directory, so with a large backlog new mail would wait for
 * all of it. Arrivals learns the names of files that are completed or moved in meanwhile, by
 * inotify. These are hints: a name may be given twice, need not be a queue ID, may be gone, and
 * events may be lost; the scan that follows each trigger finds everything.
 *
 * Blocking file calls, no event loop. Works for an unhashed incoming (the default).
 */

#include "spool/spool.h"

typedef struct Arrivals Arrivals;

/* Watches nothing yet. Borrows the spool. */
Arrivals *arrivals_new(const Spool *spool) G_GNUC_WARN_UNUSED_RESULT;
void arrivals_free(Arrivals *arrivals); /* NULL is a no-op */

/* Does nothing if incoming is hashed or the system cannot watch. */
void arrivals_start(Arrivals *arrivals);

/* Forgets the names that were not asked for. */
void arrivals_stop(Arrivals *arrivals);

/* The next name since the start, borrowed until the next call; NULL: none at present. */
const char *arrivals_next(Arrivals *arrivals);

#endif
