#ifndef EQMGR_CONTROL_OVERVIEW_INTERNAL_H
#define EQMGR_CONTROL_OVERVIEW_INTERNAL_H

/*
 * overview: what the status and the metrics say of the queue as a whole. Most of it is counted as
 * it changes; the oldest message and what is overdue are found by a walk in pieces.
 */

#include <stdbool.h>
#include <stdint.h>

#include "src/control/verb_internal.h"

typedef struct Overview {
    uint32_t message_slot, due_slot; /* of the walk */
    bool messages_done;
    int64_t oldest_arrival_s; /* 0: there is none */
    uint32_t overdue_count;
} Overview;

/* Of the Overview in query->state. True: the walk goes on. */
bool overview_step(Query *query, unsigned object_max);

#endif
