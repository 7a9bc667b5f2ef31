#ifndef EQMGR_POLICY_METER_H
#define EQMGR_POLICY_METER_H

/*
 * policy/meter: at most N units in a period, in a burst at most B (traffic.md 2). A unit is what
 * the owner of the meter counts: a delivery, or a recipient.
 *
 * The algorithm is GCRA, with one number: the time at which all that was charged is worked off. A
 * unit is worked off in the spacing T = period / N. One is free as long as the debt, in time, is
 * not above (B - 1) T.
 *
 * What a caller may rely on, if it charges only while a unit is free:
 *  - In each span of time that is shorter than the period at most N + B - 1 units begin; if charges
 *    of up to n units are made, N + B - 1 + (n - 1). Units that were refunded are not counted.
 *  - In the long run N units begin in each period, less at most one microsecond for each spacing,
 *    as long as each of them is at most B - 1 spacings late.
 *
 * Times are microseconds of the monotonic clock and always arguments. They must not go back; if
 * they do, nothing is gained by it. No sum overflows: a debt ends at METER_DEBT_MAX_US. A meter
 * needs no memory of its own, and may be copied.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#define METER_COUNT_MAX    1000000000
#define METER_PERIOD_MAX_S (31 * 86400)
#define METER_BURST_MAX    100000
#define METER_PER_SECOND_MAX \
    10000 /* the spacing is at least 100 us: rounding costs less than 1 % */
#define METER_DEBT_MAX_US (INT64_C(1) << 61)

/* "N/period burst B" */
typedef struct MeterLimit {
    int64_t count;    /* 1 .. METER_COUNT_MAX */
    int64_t period_s; /* 1 .. METER_PERIOD_MAX_S */
    int64_t burst;    /* 1 .. METER_BURST_MAX */
} MeterLimit;

/* The burst if none is asked for: what fits into two seconds, at least 2. For values in range. */
int64_t meter_limit_default_burst(int64_t count, int64_t period_s);

/* What is wrong with it, in words that say the range; NULL: nothing. */
const char *meter_limit_fault(const MeterLimit *limit);

/*
 * "100/1m", "100/1m burst 4": the time in a unit of Postfix (s, m, h, d, w). NULL: success; else
 * what is wrong, in words that say what would be right.
 */
const char *meter_limit_parse(const char *text, MeterLimit *ret_limit) G_GNUC_WARN_UNUSED_RESULT;

/* As it is parsed; the burst is said if it is not the default. The caller's. */
char *meter_limit_format(const MeterLimit *limit) G_GNUC_WARN_UNUSED_RESULT;

/* T, rounded up: so that the limit is never exceeded. */
int64_t meter_limit_spacing_us(const MeterLimit *limit);

/* By how much the mark of a meter is ahead, which is what a kill may cost (policy/meter_book). */
int64_t meter_limit_lease_us(const MeterLimit *limit);

/*
 * The debt that the next process presumes if nothing is written of a meter: so much of it need not
 * be written. It is what is worked off in 5 s, or one unit of a burst.
 */
int64_t meter_limit_presumed_us(const MeterLimit *limit);

/* Private: the least slack of charges up to this one, for refunds of those before it. */
typedef struct MeterSlack {
    uint64_t number;
    int64_t slack_us;
} MeterSlack;

#define METER_SLACK_COUNT 6

/* Its members are the business of meter.c. */
typedef struct Meter {
    MeterLimit limit;
    int64_t spacing_us;
    int64_t clear_us;     /* when all is worked off; in the past: B units are free */
    int64_t mark_us;      /* how far clear_us may be, whatever is free */
    uint64_t last_number; /* of charges */
    unsigned slack_count;
    MeterSlack slacks[METER_SLACK_COUNT]; /* numbers and slacks ascend */
} Meter;

/* What was charged, for a refund. Plain data; it may be forgotten. */
typedef struct MeterCharge {
    uint64_t number;
    int64_t taken_us; /* 0: nothing to refund */
} MeterCharge;

/* The limit must have no fault. All B units are free. */
void meter_init(Meter *meter, const MeterLimit *limit, int64_t now_us);

/* How many units may begin now: 0 .. B. */
int64_t meter_free_units(const Meter *meter, int64_t now_us);

/* When the next unit is free, or was: the time from which on meter_free_units() is not 0. */
int64_t meter_next_free_us(const Meter *meter);

/* When all that was charged is worked off, so that B units are free. */
int64_t meter_clear_us(const Meter *meter);

/* How many units are not worked off yet; a part of one is one. */
int64_t meter_debt_units(const Meter *meter, int64_t now_us);

/*
 * Units (at least 1) begin. There may be more than are free: the rest is debt, and pauses what
 * follows.
 */
MeterCharge meter_charge(Meter *meter, int64_t units, int64_t now_us);

/*
 * What was charged did not happen. Gives back at most what would be free if it had never been
 * charged: so nothing of it once the meter was idle since, or its limit was changed. Nothing can be
 * refunded twice: `charge` has taken nothing afterwards.
 */
void meter_refund(Meter *meter, MeterCharge *charge);

/* Another limit. The debt, in units, stays. Earlier charges cannot be refunded any more. */
void meter_change(Meter *meter, const MeterLimit *limit, int64_t now_us);

/* ---- over a restart ---- */

/*
 * A process that is killed saves nothing. So a file has a mark for each meter, which is a time that
 * clear_us will not pass, and the next process begins with that. A unit that would take clear_us
 * beyond the mark, and beyond what is presumed anyway (meter_limit_presumed_us()), is not free
 * until a later mark is on the disk. Of a charge of several units only the first one is certain to
 * be below the mark.
 */
#define METER_NO_MARK INT64_MAX /* nothing is written, and nothing waits for it */

/* The mark that is on the disk. A new meter has METER_NO_MARK. */
void meter_set_mark(Meter *meter, int64_t mark_us);

/*
 * When a later mark should be asked for, so that the next unit need not wait for it; it may be in
 * the past. INT64_MAX: never.
 */
int64_t meter_mark_due_us(const Meter *meter, int64_t now_us);

/* That mark. */
int64_t meter_next_mark_us(const Meter *meter, int64_t now_us);

/* The unit that is free by the limit waits for a mark only. */
bool meter_waits_for_mark(const Meter *meter, int64_t now_us);

/* What is kept of a meter. */
typedef struct MeterSaved {
    int64_t wall_us;    /* wall-clock time of the debt */
    int64_t debt_units; /* in millionths of a unit, rounded up */
} MeterSaved;

MeterSaved meter_save(const Meter *meter, int64_t now_us, int64_t wall_us);

/*
 * As meter_init(), with the debt that was saved less what was worked off since. If the wall clock
 * was set back, nothing was. `saved` may have any values; NULL: nothing is known, so only one unit
 * is free.
 */
void meter_restore(Meter *meter, const MeterLimit *limit, const MeterSaved *saved, int64_t now_us,
                   int64_t wall_us);

/* Asserts every invariant; for tests. */
void meter_check(const Meter *meter);

#endif
