#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/process.h"
#include "tests/support/daemon_child.h"
#include "tests/support/runner.h"

enum { PERIOD_S = 1000 };

/* Alarms come by raise(): nothing here waits for the clock, except the pause before the end. */
static void receive_alarms(int count)
{
    for (int i = 0; i < count; i++)
        (void)raise(SIGALRM);
}

static void hang(void *ctx)
{
    (void)ctx;
    watchdog_start(PERIOD_S);
    receive_alarms(3);
}

START_TEST(three_alarms_without_a_turn_end_the_process)
{
    ChildEnd end = run_child(hang, NULL, STDERR_FILENO);

    ck_assert_int_eq(end.exit_status, 1);
    ck_assert_str_eq(end.output, "fatal: watchdog timeout\n");
}
END_TEST

/* As it is inherited from whoever has started master(8). */
static void hang_with_alarms_blocked(void *ctx)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    hang(ctx);
}

START_TEST(alarms_that_were_blocked_end_it_too)
{
    ck_assert_int_eq(run_child(hang_with_alarms_blocked, NULL, STDERR_FILENO).exit_status, 1);
}
END_TEST

static void start_too_short(void *ctx)
{
    (void)ctx;
    watchdog_start(2);
}

START_TEST(period_too_short_to_divide_is_a_panic)
{
    ChildEnd end = run_child(start_too_short, NULL, STDERR_FILENO);

    ck_assert_int_eq(end.signal, SIGABRT);
    ck_assert_ptr_nonnull(strstr(end.output, "panic: watchdog_create: timeout 2 is too small"));
}
END_TEST

static void hang_for_real(void *ctx)
{
    (void)ctx;
    watchdog_start(3);
    while (true)
        (void)pause();
}

START_TEST(alarms_come_by_themselves)
{
    ck_assert_int_eq(run_child(hang_for_real, NULL, STDERR_FILENO).exit_status, 1);
}
END_TEST

static void pat_in_time(void *ctx)
{
    (void)ctx;
    watchdog_start(PERIOD_S);
    for (int turn = 0; turn < 5; turn++) {
        receive_alarms(2);
        watchdog_pat();
    }
    g_assert(alarm(0) > PERIOD_S / 4); /* a third, less what a busy machine takes */
    watchdog_stop();
}

START_TEST(pat_starts_the_count_again)
{
    ck_assert_int_eq(run_child(pat_in_time, NULL, STDERR_FILENO).exit_status, CHILD_RETURNED);
}
END_TEST

static void idle(void *ctx)
{
    struct event_base *base = event_base_new();

    (void)ctx;
    g_assert(event_base_priority_init(base, 3) == 0);
    watchdog_start(PERIOD_S);
    watchdog_watch(base);
    for (int i = 0; i < 5; i++) {
        receive_alarms(1);
        g_assert(event_base_loop(base, EVLOOP_ONCE) == 0); /* returns: the alarm woke it */
    }
    watchdog_stop();
    event_base_free(base);
}

START_TEST(alarm_wakes_an_idle_loop_and_does_no_harm)
{
    ck_assert_int_eq(run_child(idle, NULL, STDERR_FILENO).exit_status, CHILD_RETURNED);
}
END_TEST

static void stop(void *ctx)
{
    (void)ctx;
    watchdog_stop();
    watchdog_start(PERIOD_S);
    watchdog_stop();
    g_assert(alarm(0) == 0);
    watchdog_start(PERIOD_S);
    watchdog_stop();
    watchdog_pat();
    g_assert(alarm(0) == 0);
}

START_TEST(watchdog_can_be_stopped_and_started_again)
{
    ck_assert_int_eq(run_child(stop, NULL, STDERR_FILENO).exit_status, CHILD_RETURNED);
}
END_TEST

int main(void)
{
    TCase *watchdog = tcase_create("watchdog");

    tcase_set_timeout(watchdog, LONG_TEST_S);
    tcase_add_test(watchdog, three_alarms_without_a_turn_end_the_process);
    tcase_add_test(watchdog, alarms_that_were_blocked_end_it_too);
    tcase_add_test(watchdog, period_too_short_to_divide_is_a_panic);
    tcase_add_test(watchdog, alarms_come_by_themselves);
    tcase_add_test(watchdog, pat_starts_the_count_again);
    tcase_add_test(watchdog, alarm_wakes_an_idle_loop_and_does_no_harm);
    tcase_add_test(watchdog, watchdog_can_be_stopped_and_started_again);
    return run_suite("daemon/watchdog", watchdog, NULL);
}
