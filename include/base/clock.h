#ifndef EQMGR_BASE_CLOCK_H
#define EQMGR_BASE_CLOCK_H

/*
 * base/clock: the only place that asks the system for the time.
 *
 * The loop calls clock_read() once per wake-up and passes the resulting Now down; everything that
 * happens in one turn of the loop sees the same time. Postfix has the first two
 * (scheduling.md 1):
 *  - wall: seconds (and microseconds) of the system clock, the "loop time";
 *  - steady: seconds of the wall clock that never run backward. After a step back it advances at
 *    half the real rate until the wall clock has caught up;
 *  - mono_ms: the monotonic clock, for time-outs of conversations;
 *  - timer: the monotonic clock in seconds, which begin when those of the wall clock did at the
 *    start. Timers of the scheduler go by it: no step of the wall clock makes them longer or
 *    shorter.
 */

#include <stdint.h>

typedef struct Now {
    int64_t mono_ms;
    int64_t mono_us; /* the same, where milliseconds are too coarse */
    int64_t wall_s;
    int32_t wall_us; /* 0..999999, the fraction of wall_s */
    int64_t steady_s;
    int64_t timer_s;
} Now;

/* What the last reading noticed about the wall clock; each is worth one warning
 * (behaviour.md 15.3). */
typedef enum ClockEvent {
    CLOCK_NORMAL = 0,
    CLOCK_STEPPED_BACK,       /* backward time jump detected -- slewing clock */
    CLOCK_STEPPED_BACK_AGAIN, /* another backward time jump detected -- slewing clock */
    CLOCK_RECOVERED,          /* backward time jump recovered -- back to normality */
} ClockEvent;

typedef struct Clock {
    Now now;                            /* of the last reading */
    int64_t jump_wall_s, jump_steady_s; /* where slewing began; meaningless when not slewing */
    int64_t last_wall_s;
    int64_t timer_ahead_ms; /* timer minus mono_ms: never changes */
    int slewing;
} Clock;

/* Initializes with a first reading. */
void clock_init(Clock *clock);

/* Reads all clocks into clock->now. */
ClockEvent clock_read(Clock *clock);

/* The same step with given readings; clock_read() is this with the system's. For tests. */
ClockEvent clock_advance(Clock *clock, int64_t mono_ms, int64_t wall_s, int32_t wall_us);

/* Blocks for the whole duration, signals or not. For start-up and for the last act before an exit
 * only: nothing waits while the loop runs. */
void clock_sleep_ms(int64_t duration_ms);

/* The monotonic clock alone. */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);

/* The text to log, or NULL for CLOCK_NORMAL. */
const char *clock_event_str(ClockEvent event);

#endif
