#ifndef EQMGR_LIFE_BIND_INTERNAL_H
#define EQMGR_LIFE_BIND_INTERNAL_H

/*
 * bind: from answers to destinations and entries.
 */

#include "src/life/batch_internal.h"
#include "src/life/message_internal.h"

void bind_init(Life *life);
void bind_stop(Life *life);

/* All answers are there: bind, sort, group. Takes the recipients; the batch is freed by resolve.
 */
void bind_batch(Message *message, Batch *batch);

/* Sorts by destination (if bound), then domain and address (scheduling.md 5.2). */
void bind_sort(Life *life, Batch *batch);

#endif
