#ifndef EQMGR_LIFE_PILOT_INTERNAL_H
#define EQMGR_LIFE_PILOT_INTERNAL_H

/* pilot: which messages a job tries next, and how many at a time. */

#include "life/jobs.h"
#include "src/life/round_internal.h"
#include "src/life/suspended_internal.h"

typedef struct ReleaseJob {
    uint32_t number;
    LifeJobState state;
    Rule about; /* its name is this one: */
    char *name;
    LifeJobMatchFn *matches;
    uint32_t rule_number;
    const char *verb;
    int64_t uid, begun_s, ended_s;
    Life *life;
    Round round;
    DeferredPick *pick;    /* being walked, or being taken from, in several rounds; NULL: none */
    unsigned place;        /* of the next one to be taken */
    unsigned most;         /* of this round */
    unsigned met, added;   /* in this round */
    uint64_t looked_at;    /* files, in all walks */
    bool is_picking;       /* this round is not complete */
    bool is_picked;        /* the walk is over */
    bool is_dying;         /* a destination has died */
    bool is_giving_back;   /* what was made due for one that has died */
    bool is_found;         /* as in the order */
    bool is_reresolve;     /* the same: then only its counts are the round's */
    uint32_t asking_count; /* messages that are being resolved again */
    enum {
        JOB_OPEN,
        JOB_GIVES_BACK,  /* it has ended: what was made due and not taken; then it is told */
        JOB_LEAVES_REST, /* what it has not tried */
        JOB_FORGETS,
        JOB_CLOSED
    } closing;
    int64_t wait_until_ms; /* for files to be read */
    uint32_t left_count;
    char *reason;
    int64_t ended_by_uid; /* -1: it ended by itself */
} ReleaseJob;

static inline bool job_has_ended(const ReleaseJob *job)
{
    return job->state >= LIFE_JOB_DONE;
}

void pilot_begin_round(ReleaseJob *job);

/* From the begin of a round until all that it may try is due; then pilot_end_round(). */
bool pilot_is_picking(const ReleaseJob *job);

/* True: there is more to pick. */
bool pilot_piece(ReleaseJob *job);
void pilot_end_round(ReleaseJob *job);

/* What the last walk has met and no round has taken; 0 if that is not known. */
uint32_t pilot_left_count(const ReleaseJob *job);

/* Nothing is picked any more. */
void pilot_stop(ReleaseJob *job);

/*
 * What a job for the mail of a rule does not try keeps its time, due_s. If that has passed, or will
 * soon, the file gets one from minimal_backoff_time to maximal_backoff_time from now.
 */
void pilot_leave_message(Life *life, const char *queue_id, int64_t due_s);

/*
 * The same. If the object of the rule is suspended anew meanwhile, that rule holds the message from
 * now on, though it was not tried: so it is let go with all that the new rule holds.
 */
void pilot_leave_held(const ReleaseJob *job, const SuspendedMail *mail);

/* The index was lost meanwhile. */
bool pilot_is_lost(const ReleaseJob *job);

#endif
