#ifndef EQMGR_LIFE_BATCH_INTERNAL_H
#define EQMGR_LIFE_BATCH_INTERNAL_H

/*
 * batch: recipients of a message that were read together, and the answers to where they go. Made
 * and freed by resolve.c, ordered by bind.c.
 */

#include <glib.h>

#include "ipc/resolver.h"
#include "src/life/message_internal.h"

/* One recipient of a batch with its answer. */
typedef struct BatchAnswer {
    Recipient *recipient;
    GRefString *transport, *nexthop; /* NULL: not bound to anything */
    SchedDestination *destination;   /* set by bind */
    ResolverQuestion *question;      /* while it is out */
    struct Batch *batch;
    int32_t flags; /* RESOLVE_... */
} BatchAnswer;

typedef struct Batch {
    Message *message;
    unsigned count, next, waiting_count; /* recipients, the next to ask for, questions out */
    BatchAnswer answers[];
} Batch;

#endif
