/*
 * The allowance of answers. The share of others is a mean that forgets with a time constant of a
 * tenth of a second, so that one busy turn does not slow an answer down, and a load that begins
 * meets listings at their full pace for that long only.
 */

#include <math.h>

#include <glib.h>

#include "src/control/pace_internal.h"

#define FORGET_US 1e5

void pace_init(Pace *pace, int64_t now_us)
{
    *pace = (Pace){.at_us = now_us, .allowance_us = PACE_BURST_US};
}

static double share(const Pace *pace)
{
    return CLAMP(PACE_IDLE_SHARE - pace->busy_share, PACE_BUSY_SHARE, PACE_IDLE_SHARE);
}

void pace_advance(Pace *pace, int64_t now_us, int64_t others_busy_us)
{
    double passed_us = (double)MAX(now_us - pace->at_us, 1);
    double keep = exp(-passed_us / FORGET_US);
    double busy = MIN((double)MAX(others_busy_us, 0) / passed_us, 1);

    pace->at_us = MAX(now_us, pace->at_us);
    pace->busy_share = pace->busy_share * keep + busy * (1 - keep);
    pace->allowance_us = MIN(pace->allowance_us + passed_us * share(pace), PACE_BURST_US);
}

int64_t pace_grant_us(const Pace *pace)
{
    return (int64_t)CLAMP(pace->allowance_us, 0, PACE_PIECE_US);
}

void pace_spend(Pace *pace, int64_t used_us)
{
    pace->allowance_us -= (double)used_us;
}

/* Until there is a whole piece, so that the loop is not woken for less. */
int64_t pace_wait_us(const Pace *pace)
{
    return pace_grant_us(pace) > 0
               ? 0
               : (int64_t)((PACE_PIECE_US - pace->allowance_us) / share(pace)) + 1;
}
