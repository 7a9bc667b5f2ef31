#ifndef EQMGR_TESTS_BENCH_METER_H
#define EQMGR_TESTS_BENCH_METER_H

/*
 * tests/bench/meter: what a process uses: CPU time from its CPU clock (exact, unlike the ticks of
 * /proc, which only say how it divides into user and system), memory from /proc.
 */

#include <stdint.h>
#include <sys/types.h>

typedef struct MeterReading {
    int64_t wall_ns; /* monotonic */
    int64_t cpu_ns, user_ticks, system_ticks;
    int64_t waited_ns;     /* ready to run, but another program had the core */
    int64_t driver_cpu_ns; /* of the calling process */
    int64_t driver_waited_ns;
} MeterReading;

/* The difference of two readings. */
typedef struct Meter {
    int64_t elapsed_ns;
    int64_t cpu_ns, user_ns, system_ns, waited_ns;
    int64_t driver_cpu_ns, driver_waited_ns;
} Meter;

int64_t meter_now_ns(void);
int64_t meter_cpu_ns(pid_t pid);
MeterReading meter_read(pid_t pid);
Meter meter_difference(const MeterReading *start, const MeterReading *end);

/* A size from /proc/PID/status, such as VmHWM (the peak) or RssAnon. */
int64_t meter_memory_bytes(pid_t pid, const char *name);

#endif
