#ifndef EQMGR_LIFE_REQUEST_INTERNAL_H
#define EQMGR_LIFE_REQUEST_INTERNAL_H

/*
 * request: the delivery request of an entry, as bytes, and what is counted of it.
 */

#include <glib.h>

#include "src/life/message_internal.h"

/* Replaces what is in `out`. */
void request_encode(const Message *message, const SchedEntry *entry, GByteArray *out);

/* A request is sent: of the first one it is counted how long the message has waited for it since it
 * arrived. */
void request_count_wait(Message *message);

/*
 * The delivery of the entry has ended so, which was requested at since_ms (Now.mono_ms): it is
 * counted, and what went wrong is remembered. counts may be NULL.
 */
void request_count_end(const SchedEntry *entry, const SchedResult *result, StatsTransport *counts,
                       int64_t since_ms);

#endif
