#ifndef EQMGR_LIFE_KEPT_INTERNAL_H
#define EQMGR_LIFE_KEPT_INTERNAL_H

/*
 * kept: deferred mail that a scan has met and that is not to be taken now, though its file is ready
 * and due, or times do not count.
 */

#include "src/life/scan_internal.h"

/* True: leave it. It is met again. What was expired, flushed or expedited by hand is never kept. */
bool kept_is_left(Life *life, const Scan *scan, const char *name, const SpoolFile *file);

#endif
