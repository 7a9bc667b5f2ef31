#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "tests/support/runner.h"

/* Each row is one reading after an initial one at 1000 s; rows are one story in order. */
static const struct {
    int64_t wall_s, want_steady_s;
    ClockEvent want;
} story[] = {
    {1010, 1010, CLOCK_NORMAL            },
    {1010, 1010, CLOCK_NORMAL            },
    {910,  1010, CLOCK_STEPPED_BACK      }, /* 100 s back */
    {920,  1015, CLOCK_NORMAL            }, /* half the rate */
    {921,  1015, CLOCK_NORMAL            },
    {1000, 1055, CLOCK_NORMAL            },
    {1100, 1105, CLOCK_NORMAL            },
    {1050, 1105, CLOCK_STEPPED_BACK_AGAIN},
    {1150, 1155, CLOCK_NORMAL            },
    {1161, 1161, CLOCK_RECOVERED         }, /* slewed would be 1160: the wall has caught up */
    {1162, 1162, CLOCK_NORMAL            },
    {1161, 1162, CLOCK_STEPPED_BACK      },
    {9999, 9999, CLOCK_RECOVERED         }, /* a step forward ends it at once */
};

static Clock at_1000(void)
{
    Clock clock = {0};

    (void)clock_advance(&clock, 0, 1000, 0);
    return clock;
}

START_TEST(steady_time_never_runs_backward)
{
    Clock clock = at_1000();

    for (size_t i = 0; i < G_N_ELEMENTS(story); i++) {
        ClockEvent got = clock_advance(&clock, (int64_t)i, story[i].wall_s, 7);

        ck_assert_msg(got == story[i].want && clock.now.steady_s == story[i].want_steady_s,
                      "reading %zu: event %d, steady %" PRId64, i, got, clock.now.steady_s);
        ck_assert_int_eq(clock.now.wall_s, story[i].wall_s);
        ck_assert_int_eq(clock.now.wall_us, 7);
        ck_assert_int_eq(clock.now.mono_ms, (int64_t)i);
    }
}
END_TEST

START_TEST(timers_follow_no_step_of_the_wall_clock)
{
    Clock clock = {.timer_ahead_ms = 999500};

    (void)clock_advance(&clock, 500, 1000, 0);
    ck_assert_int_eq(clock.now.timer_s, 1000);
    (void)clock_advance(&clock, 1499, 900, 0);
    ck_assert_int_eq(clock.now.timer_s, 1000);
    (void)clock_advance(&clock, 1500, 4600, 0);
    ck_assert_int_eq(clock.now.timer_s, 1001);
}
END_TEST

START_TEST(events_have_the_stock_texts)
{
    ck_assert_ptr_null(clock_event_str(CLOCK_NORMAL));
    ck_assert_str_eq(clock_event_str(CLOCK_STEPPED_BACK),
                     "backward time jump detected -- slewing clock");
    ck_assert_str_eq(clock_event_str(CLOCK_STEPPED_BACK_AGAIN),
                     "another backward time jump detected -- slewing clock");
    ck_assert_str_eq(clock_event_str(CLOCK_RECOVERED),
                     "backward time jump recovered -- back to normality");
}
END_TEST

START_TEST(system_clocks_are_read_and_sleeping_takes_its_time)
{
    Clock clock;
    int64_t start_ms;

    clock_init(&clock);
    start_ms = clock.now.mono_ms;
    ck_assert_int_eq(clock.now.steady_s, clock.now.wall_s);
    ck_assert_int_eq(clock.now.timer_s, clock.now.wall_s);
    ck_assert_int_gt(clock.now.wall_s, 1500000000);
    clock_sleep_ms(20);
    ck_assert_int_eq(clock_read(&clock), CLOCK_NORMAL);
    ck_assert_int_ge(clock.now.mono_ms, start_ms + 20);
    ck_assert(clock.now.wall_us >= 0 && clock.now.wall_us < 1000000);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("clock");

    tcase_add_test(tc, steady_time_never_runs_backward);
    tcase_add_test(tc, timers_follow_no_step_of_the_wall_clock);
    tcase_add_test(tc, events_have_the_stock_texts);
    tcase_add_test(tc, system_clocks_are_read_and_sleeping_takes_its_time);
    return run_suite("base/clock", tc, NULL);
}
