#ifndef EQMGR_LIFE_OLDEST_INTERNAL_H
#define EQMGR_LIFE_OLDEST_INTERNAL_H

/*
 * oldest: which of the messages in memory arrived first. They are in a heap by their slots in the
 * table of all messages: 4 bytes for each, beside its place.
 */

#include "base/number_heap.h"
#include "src/life/message_internal.h"

/* Borrows the table. Clear it with number_heap_clear(). */
void oldest_init(NumberHeap *oldest, SlotTable *messages);

/* The envelope was read: if the arrival time is known now, the message is among them from now on.
 * It does not change any more. */
void oldest_note(NumberHeap *oldest, const Message *message);
void oldest_forget(NumberHeap *oldest, const Message *message);

/* Wall clock; 0: no arrival time is known. */
int64_t oldest_arrival_s(const NumberHeap *oldest);

#endif
