#ifndef EQMGR_LIFE_EXPEDITE_INTERNAL_H
#define EQMGR_LIFE_EXPEDITE_INTERNAL_H

/* expedite: the line of messages that are taken into active before all others. */

#include <sys/queue.h>

#include "life/expedite.h"
#include "src/life/message_internal.h"

/* One that waits to be taken. */
typedef struct ExpeditedMessage {
    STAILQ_ENTRY(ExpeditedMessage) link;
    SpoolQueue from;
    bool is_forced;
    char queue_id[];
} ExpeditedMessage;

void expedite_init(Life *life);
void expedite_stop(Life *life);

/*
 * Of a message that was just deferred: if it was forced when a rule had held some of it already, it
 * is taken again at once, and this time as a whole. Others do not come back by this, so none does
 * twice.
 */
void expedite_note_deferred(const Message *message);

/* The first one leaves the line and is the caller's, for g_free(); NULL: there is none. */
ExpeditedMessage *expedite_pop(Life *life);

#endif
