#ifndef EQMGR_POLICY_ALLOWANCE_H
#define EQMGR_POLICY_ALLOWANCE_H

/*
 * policy/allowance: how many messages for one site may be in the active queue at the same time
 * (traffic.md 5), so that a slow site does not take the places of all others.
 *
 *   as many as the site takes within the horizon, and those of its window; not fewer than the
 *   floor, and never more than its share of the active queue
 *
 * A fast site never meets it. What is beyond waits in the deferred queue for its turn; it comes in
 * when the site is below 60 percent of its allowance, until that is full.
 *
 * Pure: times and counts are arguments.
 */

#include <stdbool.h>
#include <stdint.h>

/* The floor is so many messages, or this part of the active queue, whichever is more. */
#define ALLOWANCE_FLOOR      50
#define ALLOWANCE_FLOOR_PART 200

/* Below this part of the allowance mail is called in. */
#define ALLOWANCE_CALL_PERCENT 60

/* No turn is estimated to come earlier. */
#define ALLOWANCE_TURN_MIN_S 10

typedef struct AllowanceTerms {
    int active_limit;  /* qmgr_message_active_limit, at least 1 */
    int share_percent; /* of it, 1 .. 100 */
    int horizon_s;     /* at least 1 */
    double rate_per_s; /* deliveries that the site takes; 0: nothing is known */
    int window;        /* of them run at the same time; 0: nothing is known */
} AllowanceTerms;

/* At least 1. The share is never exceeded, not even by the floor. */
unsigned allowance_of(const AllowanceTerms *terms);

/* So few messages are there that others are called in. */
bool allowance_calls(unsigned allowance, unsigned message_count);

/*
 * In how many seconds it is the turn of a message with so many others before it: 10 to `most_s`
 * (10, if that is less).
 */
int64_t allowance_turn_s(const AllowanceTerms *terms, uint64_t before_count, int64_t most_s);

/* Deliveries that have ended in the last minute; all zero: none did. */
typedef struct AllowanceMeasure {
    int64_t since_us; /* it is measured; 0: not yet */
    int64_t minute;   /* of `ended` */
    unsigned ended[2];
} AllowanceMeasure;

/* From now on, unless it has begun. now_us: monotonic, above 0. */
void allowance_measure_begin(AllowanceMeasure *measure, int64_t now_us);
void allowance_measure_end(AllowanceMeasure *measure, int64_t now_us);

/* In the last minute, as near as the counts of two minutes tell. */
unsigned allowance_ended(const AllowanceMeasure *measure, int64_t now_us);

/* A second, over the last minute or since it has begun; 0: none ended. */
double allowance_measured(const AllowanceMeasure *measure, int64_t now_us);

#endif
