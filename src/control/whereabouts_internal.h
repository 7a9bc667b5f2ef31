#ifndef EQMGR_CONTROL_WHEREABOUTS_INTERNAL_H
#define EQMGR_CONTROL_WHEREABOUTS_INTERNAL_H

/* whereabouts: in which directory of the queue the file of a message is that is not in memory. */

#include <stdbool.h>

#include "spool/spool.h"

/*
 * The first of deferred, incoming, hold, corrupt and maildrop that has it; false: none has, or can
 * be looked into. The queue ID must be valid.
 */
bool whereabouts_find(const Spool *spool, const char *queue_id, SpoolQueue *ret_queue,
                      SpoolFile *ret_file);

/* Of a file in incoming: cleanup(8) has written all of it. */
bool whereabouts_is_whole(const SpoolFile *file);

#endif
