#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "daemon/process.h"
#include "log_internal.h"

/*
 * The watchdog: alarm(2) comes three times in a period. A loop that turns answers each alarm, so
 * three in a row without an answer mean that it hangs.
 */

enum {
    ALARMS_PER_PERIOD = 3,
    REARM_AFTER_MS = 1000,
    RESTART_PAUSE_S = 1, /* as after each fatal error: keeps a restart loop slow */
};

/* One for the process, as alarm(2) is. */
static volatile sig_atomic_t unanswered_alarms;
static unsigned alarm_s;
static int64_t armed_mono_ms; /* when the alarm was last set */
static int wake_fd = -1;
static struct event *wake_event;

static void on_alarm(int signal_number)
{
    static const uint64_t one = 1;
    int saved_errno = errno;

    (void)signal_number;
    unanswered_alarms = unanswered_alarms + 1;
    if (unanswered_alarms >= ALARMS_PER_PERIOD) {
        last_words_arm_last_resort();
        log_transport_last_words("fatal: watchdog timeout");
        (void)sleep(RESTART_PAUSE_S);
        _exit(EXIT_FAILURE);
    }
    (void)alarm(alarm_s);
    (void)!write(wake_fd, &one, sizeof one);
    errno = saved_errno;
}

void watchdog_start(int period_s)
{
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    sigset_t alarm_only;

    g_assert(wake_fd < 0);
    if (period_s < ALARMS_PER_PERIOD) /* configuration.md 8.1: stock's words and way to end */
        log_panic("watchdog_create: timeout %d is too small", period_s);
    alarm_s = (unsigned)period_s / ALARMS_PER_PERIOD;
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0)
        log_fatal("watchdog: eventfd: %s", g_strerror(errno));
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGALRM, &action, NULL);
    (void)sigemptyset(&alarm_only);
    (void)sigaddset(&alarm_only, SIGALRM);
    (void)sigprocmask(SIG_UNBLOCK, &alarm_only, NULL); /* whoever started master may block it */
    armed_mono_ms = -REARM_AFTER_MS;
    watchdog_pat();
}

/* A busy loop pats thousands of times in a second; the alarm need not be moved so often. */
void watchdog_pat(void)
{
    int64_t now_ms = clock_mono_ms();

    unanswered_alarms = 0;
    if (now_ms - armed_mono_ms < REARM_AFTER_MS || last_words_are_due())
        return;
    armed_mono_ms = now_ms;
    (void)alarm(alarm_s);
}

static void watchdog_on_wake(evutil_socket_t fd, short what, void *ctx)
{
    uint64_t alarms;

    (void)what;
    (void)ctx;
    if (read(fd, &alarms, sizeof alarms) < 0 && errno != EAGAIN && errno != EINTR)
        log_fatal("watchdog: read: %s", g_strerror(errno)); /* it would wake us for ever */
    watchdog_pat();
}

void watchdog_watch(struct event_base *base)
{
    g_assert(wake_fd >= 0 && wake_event == NULL);
    wake_event = event_new(base, wake_fd, EV_READ | EV_PERSIST, watchdog_on_wake, NULL);
    (void)event_priority_set(wake_event, 0);
    loop_add(wake_event, NULL);
}

void watchdog_stop(void)
{
    alarm_s = 0; /* a later pat arms nothing */
    (void)alarm(alarm_s);
    (void)signal(SIGALRM, SIG_DFL);
    if (wake_event != NULL)
        event_free(wake_event);
    wake_event = NULL;
    if (wake_fd >= 0)
        (void)close(wake_fd);
    wake_fd = -1;
}
