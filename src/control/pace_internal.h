#ifndef EQMGR_CONTROL_PACE_INTERNAL_H
#define EQMGR_CONTROL_PACE_INTERNAL_H

/*
 * pace: how much time answers may take.
 *
 * An allowance grows with time. Beside a busy daemon it grows by PACE_BUSY_PART of the time that
 * others use, so that each of their turns costs so much more at most, however busy they are; beside
 * an idle one by PACE_IDLE_SHARE of all time. In between, up to PACE_IDLE_BELOW of others, it goes
 * from one to the other. Each kind of work has a least share beside. The allowance is never more
 * than PACE_BURST_US, which is enough for any short answer at once, and it may be overdrawn by the
 * last piece, which is paid back first. All times are arguments.
 */

#include <stdbool.h>
#include <stdint.h>

#define PACE_BUSY_PART  0.01
#define PACE_IDLE_SHARE 0.1
#define PACE_IDLE_BELOW 0.1
#define PACE_BURST_US   5000
#define PACE_PIECE_US   1000 /* in one turn of the loop */
#define PACE_FORGET_US  25000
#define PACE_STEP_US    1000 /* from one look at the time to the next, while nobody asks */

/* Least shares: of short answers and of changes; of listings, so that one ends in any case. */
#define PACE_LEAST_SHARE   0.02
#define PACE_LISTING_SHARE 0.005

typedef struct Pace {
    int64_t at_us;
    double least_share, allowance_us;
    double busy_share; /* of others, over about the last PACE_FORGET_US */
} Pace;

/* least_share: of all time. */
void pace_init(Pace *pace, int64_t now_us, double least_share);

/* Time has passed, of which others were busy for so long. */
void pace_advance(Pace *pace, int64_t now_us, int64_t others_busy_us);

/* What may be used now, at most PACE_PIECE_US; 0: nothing. */
int64_t pace_grant_us(const Pace *pace);
void pace_spend(Pace *pace, int64_t used_us);

/* How long until something is granted, if it goes on like this; 0: it is. */
int64_t pace_wait_us(const Pace *pace);

#endif
