#ifndef EQMGR_LIFE_MAIL_WALK_INTERNAL_H
#define EQMGR_LIFE_MAIL_WALK_INTERNAL_H

/*
 * mail_walk: over the delivery requests that wait in active, and that a job to resolve mail again
 * is about (life/reresolve.h), in small steps between which anything may happen.
 */

#include "life/jobs.h"
#include "sched/walk.h"
#include "src/life/life_internal.h"

typedef struct MailWalk {
    uint32_t slot;                 /* of the next destination */
    SchedWalk *waiting;            /* over what waits for one; NULL: the next one has its turn */
    bool is_all;                   /* all that waits for it */
    char *transport, *destination; /* where that waits; copies, as it may be gone */
    GPtrArray *entries;            /* found last */
    int64_t destination_count;     /* that the name means, so far */
} MailWalk;

/* All zero is a walk that did not begin. */
void mail_walk_begin(MailWalk *walk);
void mail_walk_clear(MailWalk *walk);

typedef enum MailWalkStep {
    MAIL_WALK_FOUND,  /* entries of one message for one destination */
    MAIL_WALK_LOOKED, /* nothing yet */
    MAIL_WALK_END,
} MailWalkStep;

/* Looks at one destination, or at what one message has waiting for it. `about` and `matches` of the
 * order are used. */
MailWalkStep mail_walk_next(const Life *life, const LifeJobOrder *order, MailWalk *walk);

#endif
