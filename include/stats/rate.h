#ifndef EQMGR_STATS_RATE_H
#define EQMGR_STATS_RATE_H

/*
 * stats/rate: how much happened in the last 60 seconds, and in each of the last 60 minutes.
 *
 * Two rings of 60 counts that move on when somebody counts or asks, so an idle daemon does nothing
 * for them. Seconds are those of a clock that never runs backward (Now.timer_s).
 */

#include <stdint.h>

#define RATE_SLOTS 60

typedef struct Rate {
    int64_t at_s; /* the second that is counted now */
    uint32_t seconds[RATE_SLOTS];
    uint32_t minutes[RATE_SLOTS];
} Rate;

void rate_init(Rate *rate, int64_t now_s);
void rate_count(Rate *rate, int64_t now_s);

/* The last 60 seconds, the current one included; and the last 60 minutes. */
uint64_t rate_last_minute(const Rate *rate, int64_t now_s);
uint64_t rate_last_hour(const Rate *rate, int64_t now_s);

/* Each of the last 60 minutes, oldest first; the last one is not over yet. */
void rate_minutes(const Rate *rate, int64_t now_s, uint32_t ret_minutes[RATE_SLOTS]);

#endif
