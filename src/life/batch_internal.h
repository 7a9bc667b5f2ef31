#ifndef EQMGR_LIFE_BATCH_INTERNAL_H
#define EQMGR_LIFE_BATCH_INTERNAL_H

/*
 * batch: recipients of a message that were read together, and the answers that say where they go.
 * resolve.c makes and frees a batch, bind.c sorts it and takes its recipients.
 */

#include <glib.h>

#include "ipc/resolver.h"
#include "src/life/message_internal.h"

/* One recipient of a batch, with its answer. */
typedef struct BatchAnswer {
    Recipient *recipient;
    char *transport, *nexthop;     /* set by bind_point(); NULL: not delivered on its own */
    SchedDestination *destination; /* set by bind */
    ResolverQuestion *question;    /* while it is not answered */
    struct Batch *batch;
    int32_t flags;    /* RESOLVE_... */
    int64_t asked_ms; /* Now.mono_ms */
    bool is_asked;    /* trivial-rewrite(8) itself, not what it answered before */
} BatchAnswer;

typedef struct Batch {
    Message *message;
    unsigned count, next,
        waiting_count; /* recipients; the next to ask for; questions not answered */
    uint16_t change;   /* of maps: how many there were when it began; may wrap */
    GRefString *was_transport, *was_destination; /* they waited for it; NULL: they are new */
    BatchAnswer answers[];
} Batch;

#endif
