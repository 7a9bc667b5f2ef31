/*
 * tests/lab/clock_preload: a library that gives the process it is loaded into (LD_PRELOAD) the
 * laboratory's clock instead of the system's.
 *
 * Time stands still while the process works, and moves only when the laboratory moves it. Every
 * wait with a time limit (epoll_wait, poll, sleep, ...) ends when a descriptor is ready or when the
 * virtual time has reached the limit; while it lasts, the process answers the laboratory's pings
 * (clock_page.h). alarm(2) and file times stay real.
 */

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/lab/clock_page.h"

#define NS_PER_S         1000000000LL
#define NS_PER_MS        1000000LL
#define WAIT_DESCRIPTORS 64 /* more than a Postfix daemon ever gives to one poll() */

static ClockPage *page;
static int control_fd = -1;
static uint32_t asked_sequence; /* of the last ping that has not been answered yet */
static bool asked;

static int (*real_poll)(struct pollfd *, nfds_t, int);
static int (*real_epoll_wait)(int, struct epoll_event *, int, int);
static int (*real_select)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_nanosleep)(const struct timespec *, struct timespec *);

/* The casts of dlsym() results that ISO C does not bless. */
static void find_real(const char *name, void *ret_function)
{
    void *symbol = dlsym(RTLD_NEXT, name);

    memcpy(ret_function, &symbol, sizeof(symbol));
}

static void attach(void)
{
    const char *spec = getenv(CLOCK_ENVIRONMENT);
    char *comma;
    void *mapped;

    find_real("poll", &real_poll);
    find_real("epoll_wait", &real_epoll_wait);
    find_real("select", &real_select);
    find_real("clock_gettime", &real_clock_gettime);
    find_real("nanosleep", &real_nanosleep);
    if (spec == NULL || strchr(spec, ',') == NULL)
        return;
    mapped = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED,
                  (int)strtol(spec, &comma, 10), 0);
    control_fd = (int)strtol(comma + 1, NULL, 10);
    if (mapped != MAP_FAILED)
        page = mapped;
}

/* Not a constructor: those of other libraries may ask for the time before ours would run. */
static bool is_virtual(void)
{
    if (real_poll == NULL)
        attach();
    return page != NULL;
}

static int64_t deadline_after(int64_t duration_ns)
{
    return duration_ns < 0 ? CLOCK_NEVER_NS : page->mono_ns + duration_ns;
}

static bool is_over(int64_t deadline_ns)
{
    return page->mono_ns >= deadline_ns;
}

static void answer_ping(int64_t deadline_ns)
{
    const ClockReport report = {.sequence = asked_sequence, .deadline_ns = deadline_ns};

    if (asked)
        (void)!send(control_fd, &report, sizeof(report), MSG_NOSIGNAL);
    asked = false;
}

/*
 * Waits until one of `fds` is ready or a ping came. The last place of `fds` is ours. The caller has
 * just seen that nothing is ready, so a ping that came earlier is answered first. After a new one
 * the caller looks again before it gets here, which is what makes the answer true.
 */
static int hold(struct pollfd *fds, nfds_t count, int64_t deadline_ns)
{
    ClockPing ping;

    answer_ping(deadline_ns);
    fds[count] = (struct pollfd){.fd = control_fd, .events = POLLIN};
    if (real_poll(fds, count + 1, -1) < 0)
        return -1;
    if (fds[count].revents == 0)
        return 0;
    if (recv(control_fd, &ping, sizeof(ping), MSG_DONTWAIT) == (ssize_t)sizeof(ping)) {
        asked_sequence = ping.sequence;
        asked = true;
    } else if ((fds[count].revents & POLLHUP) != 0) {
        _exit(EXIT_FAILURE); /* the laboratory is gone */
    }
    return 0;
}

/* The C library names the parameters of these functions in its own way. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int epoll_wait(int epfd, struct epoll_event *events, int max_events, int timeout_ms)
{
    struct pollfd fds[2] = {
        {.fd = epfd, .events = POLLIN}
    };
    int64_t deadline_ns;
    int ready;

    if (!is_virtual())
        return real_epoll_wait(epfd, events, max_events, timeout_ms);
    deadline_ns = deadline_after(timeout_ms < 0 ? -1 : timeout_ms * NS_PER_MS);
    for (;;) {
        ready = real_epoll_wait(epfd, events, max_events, 0);
        if (ready != 0 || is_over(deadline_ns)) {
            page->turns++;
            return ready;
        }
        if (hold(fds, 1, deadline_ns) < 0)
            return -1;
    }
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct pollfd all[WAIT_DESCRIPTORS];
    int64_t deadline_ns;
    int ready;

    if (!is_virtual() || count >= WAIT_DESCRIPTORS)
        return real_poll(fds, count, timeout_ms);
    deadline_ns = deadline_after(timeout_ms < 0 ? -1 : timeout_ms * NS_PER_MS);
    if (count > 0)
        memcpy(all, fds, count * sizeof(*fds));
    for (;;) {
        ready = real_poll(fds, count, 0);
        if (ready != 0 || is_over(deadline_ns))
            return ready;
        if (hold(all, count, deadline_ns) < 0)
            return -1;
    }
}

/* What poll() is called in programs built with _FORTIFY_SOURCE. */
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t fds_bytes);
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t fds_bytes)
{
    if (fds_bytes / sizeof(*fds) < count)
        abort();
    return poll(fds, count, timeout_ms);
}

static int sleep_ns(int64_t duration_ns)
{
    struct pollfd none[1];
    int64_t deadline_ns = deadline_after(duration_ns);

    while (!is_over(deadline_ns))
        if (hold(none, 0, deadline_ns) < 0)
            return -1;
    return 0;
}

unsigned int sleep(unsigned int seconds)
{
    const struct timespec duration = {.tv_sec = seconds};

    if (!is_virtual())
        return real_nanosleep(&duration, NULL) == 0 ? 0 : seconds;
    return sleep_ns(seconds * NS_PER_S) == 0 ? 0 : seconds;
}

int nanosleep(const struct timespec *duration, struct timespec *ret_rest)
{
    if (!is_virtual())
        return real_nanosleep(duration, ret_rest);
    return sleep_ns(duration->tv_sec * NS_PER_S + duration->tv_nsec);
}

int usleep(useconds_t microseconds)
{
    const struct timespec duration = {microseconds / 1000000, (microseconds % 1000000) * 1000L};

    return nanosleep(&duration, NULL);
}

/* Only the use as a finer sleep is replaced. */
int select(int count, fd_set *readable, fd_set *writable, fd_set *except, struct timeval *limit)
{
    if (!is_virtual() || count != 0 || limit == NULL)
        return real_select(count, readable, writable, except, limit);
    return sleep_ns(limit->tv_sec * NS_PER_S + limit->tv_usec * 1000LL);
}

int clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    int64_t now_ns;

    if (!is_virtual() || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID)
        return real_clock_gettime(clock, ret_time);
    now_ns =
        clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? page->wall_ns : page->mono_ns;
    *ret_time = (struct timespec){now_ns / NS_PER_S, now_ns % NS_PER_S};
    return 0;
}

int gettimeofday(struct timeval *restrict ret_time, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    *ret_time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *ret_time)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ret_time != NULL)
        *ret_time = now.tv_sec;
    return now.tv_sec;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
