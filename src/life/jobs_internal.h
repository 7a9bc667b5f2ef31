#ifndef EQMGR_LIFE_JOBS_INTERNAL_H
#define EQMGR_LIFE_JOBS_INTERNAL_H

/* jobs: see life/jobs.h; and what other rooms tell them. */

#include "life/jobs.h"
#include "src/life/pilot_internal.h"

void jobs_init(Life *life);
void jobs_stop(Life *life);

/* The message is taken into active. */
void jobs_note_taken(Life *life, const char *queue_id);

/* A delivery for the message has ended well. */
void jobs_note_success(Life *life, const char *queue_id, const SchedDestination *destination);

/* destination NULL: the transport is dead. */
void jobs_note_death(Life *life, const char *transport, const char *destination,
                     const char *reason);

/* One more job for the mail of a rule may run. */
bool jobs_has_room_for_rule(const Life *life);

/* There is such a job, and it has not left all mail of the rule yet. */
bool jobs_has_rule(const Life *life, uint32_t rule_number);

/* When the last job for it was cancelled, or stopped: what it left was not tried. 0: it was not. */
int64_t jobs_gave_up_rule_s(const Life *life, uint32_t rule_number);

/* A job has made the message due, or knows that it came back. */
bool jobs_is_trying(const Life *life, const char *queue_id);

/* A job has made the message due, and it was not taken yet. */
bool jobs_makes_due(const Life *life, const char *queue_id);

/* The job of this number, or else the first one of a higher number; NULL: there is none. */
ReleaseJob *jobs_from(const Life *life, uint32_t number);

/* A piece of one job. True: there is more to do at once. */
bool jobs_turn(Life *life);

/* ---- for the room that resolves mail anew ---- */

ReleaseJob *jobs_find(const Life *life, uint32_t number); /* NULL: it is forgotten */

/* It ends: of itself if uid is -1. Takes over the reason, which may be NULL. */
void jobs_close(ReleaseJob *job, LifeJobState state, char *reason, int64_t uid);

void jobs_check(const Life *life);

#endif
