#ifndef EQMGR_LIFE_JOBS_INTERNAL_H
#define EQMGR_LIFE_JOBS_INTERNAL_H

/* jobs: see life/jobs.h; and what other rooms tell them. */

#include "life/jobs.h"
#include "src/life/life_internal.h"

void jobs_init(Life *life);
void jobs_stop(Life *life);

/* A delivery for the message has ended well. */
void jobs_note_success(Life *life, const char *queue_id, const SchedDestination *destination);

/* destination NULL: the transport is dead. */
void jobs_note_death(Life *life, const char *transport, const char *destination,
                     const char *reason);

/* A piece of each job. True: there is more to do at once. */
bool jobs_turn(Life *life);

void jobs_check(const Life *life);

#endif
