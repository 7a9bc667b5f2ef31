#include "base/clock.h"

#include <stddef.h>
#include <time.h>

#include <glib.h>

/*
 * Clock: the steady clock is slewed, not set. After a step back of the wall clock it advances at
 * half the real rate until it is overtaken, as in stock, so that what is ordered by it stays in
 * order.
 */

#define MS_PER_S  1000
#define NS_PER_MS 1000000
#define NS_PER_US 1000

static struct timespec read_system(clockid_t id)
{
    struct timespec ts;
    int rc = clock_gettime(id, &ts);

    g_assert(rc == 0); /* both clocks exist on every system with clock_gettime() */
    return ts;
}

static int64_t ms_of(struct timespec ts)
{
    return (int64_t)ts.tv_sec * MS_PER_S + ts.tv_nsec / NS_PER_MS;
}

static int64_t us_of(struct timespec ts)
{
    return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / NS_PER_US;
}

static void set_now(Clock *clock, int64_t mono_ms, int64_t wall_s, int32_t wall_us)
{
    clock->now.mono_ms = mono_ms;
    clock->now.mono_us = mono_ms * (NS_PER_MS / NS_PER_US);
    clock->now.timer_s = (mono_ms + clock->timer_ahead_ms) / MS_PER_S;
    clock->now.wall_s = wall_s;
    clock->now.wall_us = wall_us;
    clock->last_wall_s = wall_s;
}

void clock_init(Clock *clock)
{
    struct timespec mono = read_system(CLOCK_MONOTONIC);
    struct timespec wall = read_system(CLOCK_REALTIME);

    *clock = (Clock){.timer_ahead_ms = ms_of(wall) - ms_of(mono)};
    set_now(clock, ms_of(mono), wall.tv_sec, (int32_t)(wall.tv_nsec / NS_PER_US));
    clock->now.steady_s = wall.tv_sec;
}

ClockEvent clock_read(Clock *clock)
{
    struct timespec mono = read_system(CLOCK_MONOTONIC);
    struct timespec wall = read_system(CLOCK_REALTIME);

    ClockEvent event =
        clock_advance(clock, ms_of(mono), wall.tv_sec, (int32_t)(wall.tv_nsec / NS_PER_US));

    clock->now.mono_us = us_of(mono);
    return event;
}

/* Half the real rate since the jump: the wall clock gains on the steady one and overtakes it. */
static int64_t slewed_s(const Clock *clock, int64_t wall_s)
{
    return clock->jump_steady_s + (wall_s - clock->jump_wall_s) / 2;
}

static ClockEvent begin_slewing(Clock *clock, int64_t wall_s)
{
    ClockEvent event = clock->slewing ? CLOCK_STEPPED_BACK_AGAIN : CLOCK_STEPPED_BACK;

    clock->slewing = 1;
    clock->jump_wall_s = wall_s;
    clock->jump_steady_s = clock->now.steady_s;
    return event;
}

static ClockEvent advance_steady(Clock *clock, int64_t wall_s)
{
    ClockEvent event = CLOCK_NORMAL;

    if (wall_s < clock->last_wall_s)
        event = begin_slewing(clock, wall_s);
    if (clock->slewing && slewed_s(clock, wall_s) <= wall_s) {
        clock->slewing = 0;
        event = CLOCK_RECOVERED;
    }
    clock->now.steady_s = clock->slewing ? slewed_s(clock, wall_s) : wall_s;
    return event;
}

int64_t clock_mono_ms(void)
{
    return ms_of(read_system(CLOCK_MONOTONIC));
}

int64_t clock_mono_us(void)
{
    return us_of(read_system(CLOCK_MONOTONIC));
}

ClockEvent clock_advance(Clock *clock, int64_t mono_ms, int64_t wall_s, int32_t wall_us)
{
    int64_t before_s = clock->now.steady_s;
    ClockEvent event = advance_steady(clock, wall_s);

    g_assert(clock->now.steady_s >= before_s);
    set_now(clock, mono_ms, wall_s, wall_us);
    return event;
}

void clock_sleep_ms(int64_t duration_ms)
{
    struct timespec rest = {
        .tv_sec = (time_t)(duration_ms / MS_PER_S),
        .tv_nsec = (long)(duration_ms % MS_PER_S) * NS_PER_MS,
    };

    while (nanosleep(&rest, &rest) != 0)
        ; /* a signal came: sleep the rest */
}

const char *clock_event_str(ClockEvent event)
{
    switch (event) {
    case CLOCK_NORMAL:
        return NULL;
    case CLOCK_STEPPED_BACK:
        return "backward time jump detected -- slewing clock";
    case CLOCK_STEPPED_BACK_AGAIN:
        return "another backward time jump detected -- slewing clock";
    case CLOCK_RECOVERED:
        return "backward time jump recovered -- back to normality";
    }
    g_assert_not_reached();
}
