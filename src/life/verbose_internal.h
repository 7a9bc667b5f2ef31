#ifndef EQMGR_LIFE_VERBOSE_INTERNAL_H
#define EQMGR_LIFE_VERBOSE_INTERNAL_H

/*
 * verbose: the lines that option -v adds to the log.
 */

#include "src/life/batch_internal.h"
#include "src/life/message_internal.h"

void verbose_trigger(const Life *life, const char *bytes, size_t count);
void verbose_moves(const Message *message, const char *from, const char *to); /* its state */
void verbose_batch(const Message *message, unsigned count); /* recipients were read */
void verbose_bound(const Message *message, const BatchAnswer *answer);
void verbose_delivery_begins(const Life *life, const SchedEntry *entry);
void verbose_delivery_ends(const Life *life, const SchedEntry *entry, const SchedResult *result);
void verbose_delivery_is_put_off(const Life *life, const SchedEntry *entry);
void verbose_finish_step(const Message *message, const char *step);
void verbose_report_step(const Message *message, const Recipient *recipient, const char *service);
void verbose_next_attempt(const Message *message, SpoolQueue queue, int64_t wait_s);

#endif
