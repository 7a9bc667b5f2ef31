#ifndef EQMGR_LIFE_EXPEDITE_INTERNAL_H
#define EQMGR_LIFE_EXPEDITE_INTERNAL_H

/* expedite: the line of messages that are taken into active before all others. */

#include <sys/queue.h>

#include "life/expedite.h"
#include "src/life/life_internal.h"

/* One that waits to be taken. */
typedef struct ExpeditedMessage {
    STAILQ_ENTRY(ExpeditedMessage) link;
    SpoolQueue from;
    bool is_forced;
    char queue_id[];
} ExpeditedMessage;

void expedite_init(Life *life);
void expedite_stop(Life *life);

/* The first one leaves the line and is the caller's, for g_free(); NULL: there is none. */
ExpeditedMessage *expedite_pop(Life *life);

#endif
