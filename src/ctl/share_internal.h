#ifndef EQMGR_CTL_SHARE_INTERNAL_H
#define EQMGR_CTL_SHARE_INTERNAL_H

/*
 * share: how large a part of something is. Numbers come from a socket, so any of them is possible:
 * nothing here overflows.
 */

#include "src/ctl/reply_internal.h"

/* At least `many`, and at least so many percent of all. */
bool share_is_large(int64_t count, int64_t many, int64_t all, int percent);

/* Percent, rounded down; 0 if there is nothing to share. */
int64_t share_percent(int64_t count, int64_t all);

/* What came since an earlier count, a second; a count that went back is of a new process: 0. */
double share_per_second(int64_t earlier, int64_t count, int64_t span_us);

/*
 * So many destinations of this status row are throttled that the reason is rather on this side.
 * Single dead sites are everyday life of a mail system.
 */
bool share_many_throttled(const Row *status);

#endif
