#include "policy/allowance.h"

#include <math.h>

#include <glib.h>

#define US_PER_S  INT64_C(1000000)
#define MINUTE_US (60 * US_PER_S)

/* What is left of a product that should be a whole number is no message. */
#define ROUNDING 1e-6

/* The last message of a long wait is not more than this away. */
#define TURN_MAX_S 1e15

static double allowance_cap(const AllowanceTerms *terms)
{
    int64_t places = (int64_t)terms->active_limit * terms->share_percent / 100;

    return (double)MAX(places, 1);
}

unsigned allowance_of(const AllowanceTerms *terms)
{
    double floor_count = MAX(ALLOWANCE_FLOOR, terms->active_limit / ALLOWANCE_FLOOR_PART);
    double taken = ceil(terms->rate_per_s * terms->horizon_s - ROUNDING);
    double wanted = MAX(taken, 0) + terms->window;

    return (unsigned)MIN(MAX(wanted, floor_count), allowance_cap(terms));
}

bool allowance_calls(unsigned allowance, unsigned message_count)
{
    return (uint64_t)message_count * 100 < (uint64_t)allowance * ALLOWANCE_CALL_PERCENT;
}

/* If nothing is known the site takes its allowance within the horizon: that is what it is for. */
int64_t allowance_turn_s(const AllowanceTerms *terms, uint64_t before_count, int64_t most_s)
{
    double rate =
        terms->rate_per_s > 0 ? terms->rate_per_s : (double)allowance_of(terms) / terms->horizon_s;
    double wait_s = MIN(ceil((double)before_count / rate - ROUNDING), TURN_MAX_S);

    return CLAMP((int64_t)wait_s, ALLOWANCE_TURN_MIN_S, MAX(most_s, ALLOWANCE_TURN_MIN_S));
}

void allowance_measure_begin(AllowanceMeasure *measure, int64_t now_us)
{
    if (measure->since_us == 0)
        measure->since_us = now_us;
}

void allowance_measure_end(AllowanceMeasure *measure, int64_t now_us)
{
    int64_t minute = now_us / MINUTE_US;

    allowance_measure_begin(measure, now_us);
    if (minute != measure->minute) {
        measure->ended[1] = minute == measure->minute + 1 ? measure->ended[0] : 0;
        measure->ended[0] = 0;
        measure->minute = minute;
    }
    measure->ended[0]++;
}

/* Of the minute before the part that is not older than a minute counts. */
static double count_ended(const AllowanceMeasure *measure, int64_t now_us)
{
    int64_t ago = now_us / MINUTE_US - measure->minute;
    double part = (double)(now_us % MINUTE_US) / (double)MINUTE_US;

    if (ago == 0)
        return measure->ended[0] + measure->ended[1] * (1 - part);
    return ago == 1 ? measure->ended[0] * (1 - part) : 0;
}

unsigned allowance_ended(const AllowanceMeasure *measure, int64_t now_us)
{
    return (unsigned)ceil(count_ended(measure, now_us) - ROUNDING);
}

double allowance_measured(const AllowanceMeasure *measure, int64_t now_us)
{
    double span_s =
        (double)CLAMP(now_us - measure->since_us, US_PER_S, MINUTE_US) / (double)US_PER_S;

    return count_ended(measure, now_us) / span_s;
}
