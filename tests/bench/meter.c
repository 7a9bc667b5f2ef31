#include "tests/bench/meter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

#define NS_PER_S     1000000000LL
#define BYTES_PER_KB 1024
#define USER_FIELD   11 /* of those behind the name in /proc/PID/stat: utime, then stime */

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) < 0)
        g_error("clock_gettime: %s", g_strerror(errno));
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t meter_now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t meter_cpu_ns(pid_t pid)
{
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0)
        g_error("the queue manager is gone");
    return clock_ns(clock);
}

static char *read_proc(pid_t pid, const char *name)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)pid, name);
    char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        g_error("%s: the queue manager is gone", path);
    return text;
}

static void read_ticks(pid_t pid, MeterReading *reading)
{
    g_autofree char *text = read_proc(pid, "stat");
    g_auto(GStrv) fields = g_strsplit(strrchr(text, ')') + 2, " ", -1);

    g_assert(g_strv_length(fields) > USER_FIELD + 1);
    reading->user_ticks = g_ascii_strtoll(fields[USER_FIELD], NULL, 10);
    reading->system_ticks = g_ascii_strtoll(fields[USER_FIELD + 1], NULL, 10);
}

/* The second number of schedstat; kernels without it leave the question open. */
static int64_t waited_ns(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/schedstat", (int)pid);
    g_autofree char *text = NULL;
    const char *blank;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    blank = strchr(text, ' ');
    return blank != NULL ? g_ascii_strtoll(blank, NULL, 10) : 0;
}

MeterReading meter_read(pid_t pid)
{
    MeterReading reading = {
        .cpu_ns = meter_cpu_ns(pid),
        .driver_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID),
        .waited_ns = waited_ns(pid),
        .driver_waited_ns = waited_ns(getpid()),
        .wall_ns = meter_now_ns(),
    };

    read_ticks(pid, &reading);
    return reading;
}

Meter meter_difference(const MeterReading *start, const MeterReading *end)
{
    int64_t user_ticks = end->user_ticks - start->user_ticks;
    int64_t ticks = user_ticks + end->system_ticks - start->system_ticks;
    Meter meter = {
        .elapsed_ns = end->wall_ns - start->wall_ns,
        .cpu_ns = end->cpu_ns - start->cpu_ns,
        .waited_ns = end->waited_ns - start->waited_ns,
        .driver_cpu_ns = end->driver_cpu_ns - start->driver_cpu_ns,
        .driver_waited_ns = end->driver_waited_ns - start->driver_waited_ns,
    };

    if (ticks > 0)
        meter.user_ns = (int64_t)((double)meter.cpu_ns * (double)user_ticks / (double)ticks);
    meter.system_ns = meter.cpu_ns - meter.user_ns;
    return meter;
}

int64_t meter_memory_bytes(pid_t pid, const char *name)
{
    g_autofree char *text = read_proc(pid, "status");
    g_autofree char *label = g_strdup_printf("\n%s:", name);
    const char *found = strstr(text, label);

    if (found == NULL)
        g_error("/proc has no %s", name);
    return g_ascii_strtoll(found + strlen(label), NULL, 10) * BYTES_PER_KB;
}
