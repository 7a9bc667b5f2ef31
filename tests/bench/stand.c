#include "tests/bench/stand.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/letters.h"
#include "tests/bench/place.h"

#define HEARTBEAT_US      5000 /* conditions are looked at that often even if nothing happens */
#define IDLE_STEP_MS      20
#define IDLE_STEPS        10 /* that long without CPU time is idle */
#define START_LIMIT_S     300
#define OBSERVER_START_MS 1000
#define DAEMON_CPU        1
#define DRIVER_CPU        0
#define US_PER_MS         1000
#define NS_PER_MS         1000000LL
#define NS_PER_S          1000000000LL

static Reaction on_request(const DeliveryRequest *request, void *ctx)
{
    Stand *stand = ctx;
    int64_t now_ns = meter_now_ns();

    if (stand->first_request_ns == 0)
        stand->first_request_ns = now_ns;
    latency_end(stand->latency, letter_parse_serial(request->queue_id), now_ns);
    return stand->react != NULL ? stand->react(request, stand->react_ctx) : (Reaction){0};
}

static void pin(pid_t pid, int cpu)
{
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    if (sysconf(_SC_NPROCESSORS_ONLN) > 1 && sched_setaffinity(pid, sizeof(cpus), &cpus) < 0)
        g_printerr("bench: cannot choose a core: %s\n", g_strerror(errno));
}

static void on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg; /* the loop has turned, that is all */
}

static void start_heartbeat(Stand *stand)
{
    const struct timeval period = {.tv_usec = HEARTBEAT_US};

    stand->heartbeat = event_new(stand->core.base, -1, EV_PERSIST, on_heartbeat, stand);
    (void)event_add(stand->heartbeat, &period);
}

Stand *stand_new(const StandOptions *options)
{
    Stand *stand = g_new0(Stand, 1);

    stand->options = *options;
    stand->config = g_string_new(NULL);
    pin(0, DRIVER_CPU);
    place_make(&stand->core, options->parent);
    stand->latency = latency_new();
    stand->logtap = logtap_new(stand->core.base);
    stand->lookups = lookups_new(stand->core.base);
    stand->reports = reports_new(stand->core.base);
    stand->receivers = receivers_new(stand->core.base, on_request, stand);
    stand->daemon = daemon_new(&stand->core, NULL);
    start_heartbeat(stand);
    return stand;
}

void stand_configure(Stand *stand, const char *lines)
{
    g_string_append(stand->config, lines);
}

unsigned stand_scaled(const Stand *stand, unsigned count)
{
    return MAX((unsigned)(count * stand->options.scale), 1);
}

void stand_launch(Stand *stand)
{
    const DaemonProgram program = {.path = stand->options.program, .name = "qmgr"};

    place_configure(&stand->core, stand->config->str);
    stand->first_request_ns = 0;
    daemon_start(stand->daemon, &program);
    pin(daemon_pid(stand->daemon), DAEMON_CPU);
}

static void turn(Stand *stand)
{
    (void)event_base_loop(stand->core.base, EVLOOP_ONCE);
    if (!daemon_is_running(stand->daemon))
        g_error("the queue manager has ended");
}

void stand_run_until(Stand *stand, ReachedFn *reached, void *ctx, int limit_s)
{
    int64_t end_ns = meter_now_ns() + limit_s * NS_PER_S;

    while (!reached(stand, ctx)) {
        turn(stand);
        if (meter_now_ns() > end_ns)
            g_error("no end after %d s", limit_s);
    }
}

void stand_run_for(Stand *stand, int64_t duration_ms)
{
    int64_t end_ns = meter_now_ns() + duration_ms * NS_PER_MS;

    while (meter_now_ns() < end_ns)
        turn(stand);
}

int64_t stand_wait_idle(Stand *stand)
{
    int64_t limit_ns = meter_now_ns() + START_LIMIT_S * NS_PER_S;
    int64_t busy_ns = meter_now_ns();
    int64_t cpu_ns = meter_cpu_ns(daemon_pid(stand->daemon));

    for (int step = 0; step < IDLE_STEPS && meter_now_ns() < limit_ns; step++) {
        int64_t before_ns = cpu_ns;

        stand_run_for(stand, IDLE_STEP_MS);
        cpu_ns = meter_cpu_ns(daemon_pid(stand->daemon));
        if (cpu_ns != before_ns) {
            step = -1;
            busy_ns = meter_now_ns();
        }
    }
    return busy_ns;
}

void stand_start(Stand *stand)
{
    stand_launch(stand);
    (void)stand_wait_idle(stand);
}

void stand_trigger(Stand *stand, const char *bytes)
{
    stand->first_request_ns = 0;
    daemon_trigger(stand->daemon, bytes, strlen(bytes), true);
}

static void start_observer(Stand *stand)
{
    g_autofree char *command =
        g_strdup_printf("%s -p %d", stand->options.observer, (int)daemon_pid(stand->daemon));
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) argv = NULL;

    if (!g_shell_parse_argv(command, NULL, &argv, &error) ||
        !g_spawn_async(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                       NULL, &stand->observer_pid, &error))
        g_error("%s: %s", command, error->message);
    stand_run_for(stand, OBSERVER_START_MS);
}

static void stop_observer(Stand *stand)
{
    (void)kill(stand->observer_pid, SIGINT);
    (void)waitpid(stand->observer_pid, NULL, 0);
    stand->observer_pid = 0;
}

void stand_meter_start(Stand *stand)
{
    if (stand->options.observer != NULL)
        start_observer(stand);
    stand->meter_start = meter_read(daemon_pid(stand->daemon));
}

Meter stand_meter_stop(Stand *stand)
{
    MeterReading end = meter_read(daemon_pid(stand->daemon));

    if (stand->observer_pid != 0)
        stop_observer(stand);
    return meter_difference(&stand->meter_start, &end);
}

int64_t stand_peak_bytes(const Stand *stand)
{
    return meter_memory_bytes(daemon_pid(stand->daemon), "VmHWM");
}

int64_t stand_allocated_bytes(const Stand *stand)
{
    return meter_memory_bytes(daemon_pid(stand->daemon), "RssAnon");
}

void stand_free(Stand *stand)
{
    if (stand == NULL)
        return;
    daemon_free(stand->daemon);
    receivers_free(stand->receivers);
    lookups_free(stand->lookups);
    reports_free(stand->reports);
    logtap_free(stand->logtap);
    latency_free(stand->latency);
    event_free(stand->heartbeat);
    place_clear(&stand->core, false);
    g_string_free(stand->config, TRUE);
    g_free(stand);
}
