#ifndef EQMGR_POLICY_LEVEL_H
#define EQMGR_POLICY_LEVEL_H

/*
 * policy/level: how far a site is slowed because of what it has answered (traffic.md 6).
 *
 * A level is a rate and a concurrency beside those that are configured; the lower one holds. Each
 * answer that a rule is for lowers it by one step, and time without such answers raises it again.
 *
 * What a caller may rely on:
 *  - One step in an epoch: an answer counts only if its delivery began LEVEL_SETTLE_S after the
 * last step. So what is under way when the site begins to refuse is one event, however much of it
 * is refused.
 *  - A step never raises anything, and never goes below the floor.
 *  - After each tenth of the hold time, if no step was made and a delivery that began since has
 *    succeeded, what was lowered rises by a tenth of what was too much; beyond that by a tenth,
 * then two tenths, and so on, as nothing is known there.
 *  - The level ends when it has risen to what was too much and there is less mail than it lets
 *    through: if it ended while it holds mail back, all of that would come at once. In any case it
 *    ends LEVEL_MAX_S after the last step.
 *
 * Times are microseconds of the monotonic clock and always arguments. A level is plain data and may
 * be copied; all zero is a level that holds nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "policy/meter.h"

#define LEVEL_MAX_S       86400
#define LEVEL_SETTLE_S    5
#define LEVEL_TRIGGER_MAX 16
#define LEVEL_HOLD_MAX_S  LEVEL_MAX_S

typedef enum LevelKind { LEVEL_RATE, LEVEL_CONCURRENCY, LEVEL_KIND_COUNT } LevelKind;

/* What an answer does: "slow 1/2 floor 6/1m", "concurrency 1/2 floor 1". */
typedef struct LevelStep {
    LevelKind kind;
    int numerator, denominator; /* 0 < numerator < denominator */
    double floor;               /* deliveries a second, or at a time */
    int64_t hold_s;             /* to rise from nothing to where it began */
    unsigned trigger_count;     /* so many answers within trigger_s make the first step; 1: each */
    int64_t trigger_s;
} LevelStep;

typedef struct SiteLevel {
    double base[LEVEL_KIND_COUNT]; /* what was too much at the last step; 0: not lowered */
    double now[LEVEL_KIND_COUNT];
    unsigned beyond; /* rises since it is above the base */
    int64_t hold_s;
    int64_t stepped_us, next_us; /* the last step; when the next rise may be */
    bool has_success;            /* of a delivery that began after the last step or rise */
    unsigned trigger_count;      /* answers that made no step yet */
    int64_t trigger_us[LEVEL_TRIGGER_MAX];
} SiteLevel;

typedef enum LevelChange {
    LEVEL_SAME,    /* nothing */
    LEVEL_STEPPED, /* it is lower */
    LEVEL_RAISED,
    LEVEL_ENDED, /* it holds nothing any more */
} LevelChange;

/* It holds something. */
bool level_is_active(const SiteLevel *level);

/*
 * A delivery that began at this time was answered so. `seen`: what the site has now of this kind,
 * which is where a first step begins: above 0.
 */
LevelChange level_answer(SiteLevel *level, const LevelStep *step, double seen, int64_t began_us,
                         int64_t now_us);

/*
 * An answer for which there is a suspension in place of a step: there were enough of them, and they
 * are counted anew.
 */
bool level_trigger(SiteLevel *level, const LevelStep *step, int64_t now_us);

/* A delivery that began at this time has succeeded. */
void level_succeed(SiteLevel *level, int64_t began_us);

/* It was that of another process: the time until it rises begins now, and needs a success. */
void level_resume(SiteLevel *level, int64_t now_us);

/* When level_turn() may change something; INT64_MAX: never. */
int64_t level_next_us(const SiteLevel *level);

/* `seen`: what the site has now of each kind. */
LevelChange level_turn(SiteLevel *level, const double seen[LEVEL_KIND_COUNT], int64_t now_us);

/*
 * False: the rate is not lowered. The burst is what fits into a fifth of a second, at least 2: who
 * was refused should not come in bursts.
 */
bool level_rate(const SiteLevel *level, MeterLimit *ret_rate);

/* 0: the concurrency is not lowered; else 1 or more. */
int level_concurrency(const SiteLevel *level);

/* A rate as a limit. Above ten a day, rounding down takes less than a tenth of it. */
MeterLimit level_limit_of(double per_s);

#endif
