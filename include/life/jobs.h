#ifndef EQMGR_LIFE_JOBS_H
#define EQMGR_LIFE_JOBS_H

/*
 * life/jobs: deferred mail comes back by pilot and portions (operations.md 8, resume and flush).
 *
 * A job makes a few messages due, the earliest first: as many as the initial concurrency of their
 * transport. When one comes through, the rest follows in portions of at most a tenth of the active
 * queue, the next one when the last has left it. Each message is tried once; another job may try it
 * again. A destination is left alone from the moment at which it dies, and after a pilot or portion
 * of which messages came back and none came through; what waits for it keeps its times, as does the
 * rest of a cancelled job. If the same is suspended again, that holds the rest of a rule that is
 * over. What was made due and not taken yet gets its time back then. A job is over when nothing is
 * left that it may try.
 *
 * It does not try what a rule holds. Mail whose destination is not known is read first
 * (life_learn_deferred()). While the index of deferred mail is incomplete a job waits; if there can
 * be none it stops.
 *
 * Jobs are in memory only: after a restart the rest keeps its times. Mail of a rule that is over is
 * found again by its defer log, and goes on by a job.
 */

#include <sys/types.h>

#include "life/life.h"
#include "policy/rules.h"

#define LIFE_JOBS_RUNNING_MAX 10 /* of each kind: for mail of rules that are over, and others */
#define LIFE_JOBS_KEPT_MAX    30 /* those that have ended included, the oldest go first */

/* Whether deferred mail of this destination belongs to the job whose object and name `about` has.
 */
typedef bool LifeJobMatchFn(const Rule *about, const char *transport, const char *destination);

/* An object: of the rule only the number is known, which is the name. */
#define LIFE_JOB_ABOUT_RULE RULE_OBJECT_COUNT

typedef struct LifeJobOrder {
    const Rule *about; /* copied: object and name */
    LifeJobMatchFn *matches;
    uint32_t rule_number; /* the mail that was held by this rule, which has ended; 0: that of
                             matching destinations */
    bool is_found;        /* with rule_number: its mail becomes known while files are read */
    bool is_reresolve;    /* of mail in active (life/reresolve.h), which begins it */
    const char *verb;     /* literal: "flush", "resume" */
    int64_t uid;
} LifeJobOrder;

typedef enum LifeJobState {
    LIFE_JOB_WAITING, /* for the index, or until files were read */
    LIFE_JOB_PILOT,
    LIFE_JOB_PORTIONS,
    LIFE_JOB_ASKING, /* where mail goes */
    LIFE_JOB_DONE,
    LIFE_JOB_STOPPED,
    LIFE_JOB_CANCELLED,
    LIFE_JOB_STATE_COUNT
} LifeJobState;

const char *life_job_state_str(LifeJobState state); /* "pilot" */

/* Borrowed until the loop goes on. */
typedef struct LifeJobView {
    uint32_t number;
    LifeJobState state;
    const Rule *about;
    const char *verb;
    int64_t uid;
    int64_t begun_s, ended_s; /* wall clock; 0: it runs */
    uint32_t tried_count, through_count, back_count;
    uint32_t running_count; /* of those tried: due, or in active */
    uint32_t left_count;    /* not tried, as far as it is known */
    const char *reason;     /* why it stopped; NULL */
} LifeJobView;

const char *life_job_about_str(const Rule *about); /* "domain" */

/* The number; 0: it was refused, and *ret_problem, the caller's, says why. */
uint32_t life_job_start(Life *life, const LifeJobOrder *order, char **ret_problem);

/* False: no job of this number runs. */
bool life_job_cancel(Life *life, uint32_t number, int64_t uid);

/* Why such a job would be refused now, the caller's; NULL: it would not. */
char *life_job_why_not(const Life *life, const LifeJobOrder *order);

/* The first job whose number is not less; false if there is none. */
bool life_view_job(const Life *life, uint32_t number, LifeJobView *ret_view);

#endif
