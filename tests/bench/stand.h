#ifndef EQMGR_TESTS_BENCH_STAND_H
#define EQMGR_TESTS_BENCH_STAND_H

/*
 * tests/bench/stand: the place where one queue manager is measured once: a throw-away queue
 * directory, everything that surrounds a queue manager played by us, and the meters.
 *
 * The driver and the daemon run on a core each, if there are two. Meters use the CPU clock of the
 * daemon (exact, unlike ticks) and the monotonic clock of the driver. There is one Stand per
 * process; it changes the working directory to its queue directory.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

#include "tests/bench/latency.h"
#include "tests/bench/logtap.h"
#include "tests/bench/lookups.h"
#include "tests/bench/meter.h"
#include "tests/bench/receivers.h"
#include "tests/bench/reports.h"
#include "tests/lab/core.h"
#include "tests/lab/daemon.h"

typedef struct StandOptions {
    const char *program;  /* path of the binary */
    const char *parent;   /* where the queue directory is made */
    const char *observer; /* a command that gets " -p PID" and runs while the meter does; or NULL */
    double scale;         /* of the sizes of workloads */
    bool quiet; /* W10: nobody lists; W11, W12: there are no rules; W13: nobody asks; T1 to T3:
                   there is no other mail */
} StandOptions;

typedef struct Stand {
    StandOptions options;
    Core core;
    GString *config;
    Daemon *daemon;
    Receivers *receivers;
    Lookups *lookups;
    Reports *reports;
    Logtap *logtap;
    Latency *latency; /* from arrival to the first delivery request, by serial number */
    ReactFn *react;   /* NULL: all is delivered at once */
    void *react_ctx;
    int64_t first_request_ns; /* since the last stand_trigger() or launch */
    MeterReading meter_start;
    GPid observer_pid;
    struct event *heartbeat;
} Stand;

typedef bool ReachedFn(const Stand *stand, void *ctx);

Stand *stand_new(const StandOptions *options);
void stand_free(Stand *stand);

/* Adds lines to main.cf, effective at the start. */
void stand_configure(Stand *stand, const char *lines);

/* `count` scaled; at least 1. */
unsigned stand_scaled(const Stand *stand, unsigned count);

/* Starts the daemon and does not wait for it. */
void stand_launch(Stand *stand);

/* Until the daemon has nothing to do; returns when it used CPU time last. */
int64_t stand_wait_idle(Stand *stand);

/* Both. */
void stand_start(Stand *stand);

void stand_trigger(Stand *stand, const char *bytes);

/* Until `reached`; ends the process with a message after `limit_s` (that would be no result). */
void stand_run_until(Stand *stand, ReachedFn *reached, void *ctx, int limit_s);
void stand_run_for(Stand *stand, int64_t duration_ms);

void stand_meter_start(Stand *stand);
Meter stand_meter_stop(Stand *stand);

/* The peak of the daemon's memory so far, and what it has allocated now. */
int64_t stand_peak_bytes(const Stand *stand);
int64_t stand_allocated_bytes(const Stand *stand);

#endif
