#ifndef EQMGR_LIFE_TROUBLE_INTERNAL_H
#define EQMGR_LIFE_TROUBLE_INTERNAL_H

/*
 * trouble: since when something goes wrong with a message.
 */

#include "src/life/life_internal.h"

typedef enum TroubleKind {
    TROUBLE_READING, /* its file can be neither opened nor read */
    TROUBLE_ENDING,  /* what has to be done before it may end cannot be done */
} TroubleKind;

#define TROUBLE_KIND_COUNT 2
#define TROUBLE_IS_NEW     (-1)

void trouble_init(Life *life);
void trouble_stop(Life *life);

/* There is trouble now: for how many seconds there has been, or TROUBLE_IS_NEW. */
int64_t trouble_lasts_s(Life *life, TroubleKind kind, const char *queue_id);

/* The message is gone, whatever trouble it had. */
void trouble_forget(Life *life, const char *queue_id);

#endif
