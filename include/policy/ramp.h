#ifndef EQMGR_POLICY_RAMP_H
#define EQMGR_POLICY_RAMP_H

/*
 * policy/ramp: a rate that grows with the date, to warm up an address (traffic.md 1).
 *
 *   2026-12-01 50/1d x2 each 2d to 20000/1d
 *
 * 50 a day on the first day and the next one, 100 on the two days after them, and so on until it is
 * 20000 a day. Before the first day the first rate holds. Days are numbers of civil days, counted
 * from 1970-01-01; which day it is, is the caller's to say.
 */

#include <stdint.h>

#include "policy/meter.h"

#define RAMP_FACTOR_MAX_PERCENT 1000

typedef struct Ramp {
    int64_t first_day;
    int64_t from_count, to_count, period_s; /* in each period */
    int64_t factor_percent;                 /* 101 .. RAMP_FACTOR_MAX_PERCENT */
    int64_t step_days;                      /* 1 or more */
} Ramp;

/* NULL: success; else what is wrong, in words that say what would be right. */
const char *ramp_parse(const char *text, Ramp *ret_ramp) G_GNUC_WARN_UNUSED_RESULT;

/* As it is parsed. The caller's. */
char *ramp_format(const Ramp *ramp) G_GNUC_WARN_UNUSED_RESULT;

/* The rate of this day, with the default burst. */
MeterLimit ramp_limit(const Ramp *ramp, int64_t day);

/* The next day on which the rate is another one; INT64_MAX: there is none. */
int64_t ramp_next_day(const Ramp *ramp, int64_t day);

/* The day by the local calendar at this time, and when the next one begins. */
int64_t ramp_local_day(int64_t wall_s);
int64_t ramp_day_end_s(int64_t wall_s);

/* The number of the day with this date, which need not exist: 2026-02-30 is 2026-03-02. */
int64_t ramp_day_of(int year, int month, int day);

#endif
