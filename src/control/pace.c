/*
 * The allowance of answers. The share of others is a mean that forgets so slowly that one busy turn
 * does not slow an answer down, and so fast that a load that begins soon meets listings at the pace
 * that is for it.
 */

#include <math.h>

#include <glib.h>

#include "src/control/pace_internal.h"

void pace_init(Pace *pace, int64_t now_us, double least_share)
{
    *pace = (Pace){.at_us = now_us, .allowance_us = PACE_BURST_US, .least_share = least_share};
}

static double share_of_time(const Pace *pace)
{
    double beside_busy = PACE_BUSY_PART * pace->busy_share;
    double beside_idle = PACE_IDLE_SHARE * (1 - pace->busy_share / PACE_IDLE_BELOW);

    return MAX(MAX(beside_busy, beside_idle), pace->least_share);
}

void pace_advance(Pace *pace, int64_t now_us, int64_t others_busy_us)
{
    double passed_us = (double)MAX(now_us - pace->at_us, 1);
    double keep = exp(-passed_us / PACE_FORGET_US);
    double busy = MIN((double)MAX(others_busy_us, 0) / passed_us, 1);

    pace->at_us = MAX(now_us, pace->at_us);
    pace->busy_share = pace->busy_share * keep + busy * (1 - keep);
    pace->allowance_us = MIN(pace->allowance_us + passed_us * share_of_time(pace), PACE_BURST_US);
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
               : (int64_t)((PACE_PIECE_US - pace->allowance_us) / share_of_time(pace)) + 1;
}
