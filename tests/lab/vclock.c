#include "tests/lab/vclock.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <event2/util.h>
#include <glib.h>

#include "tests/lab/clock_page.h"

#define NS_PER_S 1000000000LL

/* A quarter of a second: whole seconds would hide faults of rounding. */
#define START_FRACTION_NS 250000000LL
#define START_MONO_S      100000LL

struct Vclock {
    struct event_base *base;
    ClockPage *page;
    int page_fd, lab_fd, daemon_fd;
    struct event *on_report;
    uint32_t asked_sequence, answered_sequence;
    int64_t start_wall_ns, start_mono_ns, daemon_deadline_ns;
};

static void on_report(evutil_socket_t fd, short what, void *arg)
{
    Vclock *clock = arg;
    ClockReport report;

    (void)what;
    while (recv(fd, &report, sizeof(report), MSG_DONTWAIT) == (ssize_t)sizeof(report)) {
        clock->answered_sequence = report.sequence;
        clock->daemon_deadline_ns = report.deadline_ns;
    }
}

static void disconnect(Vclock *clock)
{
    if (clock->on_report != NULL)
        event_free(clock->on_report);
    clock->on_report = NULL;
    if (clock->lab_fd >= 0) {
        (void)close(clock->lab_fd);
        (void)close(clock->daemon_fd);
    }
    clock->lab_fd = clock->daemon_fd = -1;
}

void vclock_reset(Vclock *clock)
{
    int pair[2];

    disconnect(clock);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        g_error("socketpair: %s", g_strerror(errno));
    clock->lab_fd = pair[0];
    clock->daemon_fd = pair[1];
    clock->daemon_deadline_ns = CLOCK_NEVER_NS;
    clock->on_report =
        event_new(clock->base, clock->lab_fd, EV_READ | EV_PERSIST, on_report, clock);
    (void)event_add(clock->on_report, NULL);
}

Vclock *vclock_new(struct event_base *base)
{
    Vclock *clock = g_new0(Vclock, 1);

    clock->base = base;
    clock->lab_fd = clock->daemon_fd = -1;
    clock->page_fd = memfd_create("lab-clock", MFD_CLOEXEC);
    if (clock->page_fd < 0 || ftruncate(clock->page_fd, sizeof(*clock->page)) < 0)
        g_error("memfd: %s", g_strerror(errno));
    clock->page =
        mmap(NULL, sizeof(*clock->page), PROT_READ | PROT_WRITE, MAP_SHARED, clock->page_fd, 0);
    if (clock->page == MAP_FAILED)
        g_error("mmap: %s", g_strerror(errno));
    clock->start_wall_ns = (time(NULL) + VCLOCK_AHEAD_S) * NS_PER_S + START_FRACTION_NS;
    clock->start_mono_ns = START_MONO_S * NS_PER_S;
    clock->page->wall_ns = clock->start_wall_ns;
    clock->page->mono_ns = clock->start_mono_ns;
    vclock_reset(clock);
    return clock;
}

void vclock_free(Vclock *clock)
{
    if (clock == NULL)
        return;
    disconnect(clock);
    (void)munmap(clock->page, sizeof(*clock->page));
    (void)close(clock->page_fd);
    g_free(clock);
}

int vclock_page_fd(const Vclock *clock)
{
    return clock->page_fd;
}

int vclock_daemon_fd(const Vclock *clock)
{
    return clock->daemon_fd;
}

int64_t vclock_wall_ns(const Vclock *clock)
{
    return clock->page->wall_ns;
}

int64_t vclock_start_wall_ns(const Vclock *clock)
{
    return clock->start_wall_ns;
}

int64_t vclock_since_start_ns(const Vclock *clock)
{
    return clock->page->mono_ns - clock->start_mono_ns;
}

void vclock_ping(Vclock *clock)
{
    const ClockPing ping = {.sequence = ++clock->asked_sequence};

    (void)!send(clock->lab_fd, &ping, sizeof(ping), MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool vclock_is_answered(const Vclock *clock)
{
    return clock->answered_sequence == clock->asked_sequence;
}

int64_t vclock_daemon_wait_ns(const Vclock *clock)
{
    if (clock->daemon_deadline_ns == CLOCK_NEVER_NS)
        return CLOCK_NEVER_NS;
    return MAX(clock->daemon_deadline_ns - clock->page->mono_ns, 0);
}

uint64_t vclock_turns(const Vclock *clock)
{
    return clock->page->turns;
}

void vclock_advance(Vclock *clock, int64_t duration_ns)
{
    g_assert(duration_ns >= 0);
    clock->page->wall_ns += duration_ns;
    clock->page->mono_ns += duration_ns;
}

void vclock_step_wall(Vclock *clock, int64_t step_ns)
{
    clock->page->wall_ns += step_ns;
}
