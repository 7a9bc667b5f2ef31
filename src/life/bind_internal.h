#ifndef EQMGR_LIFE_BIND_INTERNAL_H
#define EQMGR_LIFE_BIND_INTERNAL_H

/*
 * bind: turns the answers of a batch into destinations and entries.
 */

#include "src/life/batch_internal.h"
#include "src/life/message_internal.h"

void bind_init(Life *life);
void bind_stop(Life *life);

/* Where the answer goes, instead of where it went before; clears its flags. Copies. */
void bind_point(BatchAnswer *answer, const char *transport, const char *nexthop);
void bind_unpoint(BatchAnswer *answer); /* frees what bind_point() has set */

/*
 * Call when all answers are there. Takes the recipients out of the batch, which stays the caller's.
 */
void bind_batch(Message *message, Batch *batch);

/* Sorts a batch by destination (if bound), then domain and address (scheduling.md 5.2). */
void bind_sort(Life *life, Batch *batch);

#endif
