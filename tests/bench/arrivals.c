#include "tests/bench/arrivals.h"

#include "tests/bench/letters.h"

#define STEP_US  500
#define NS_PER_S 1000000000LL

/* So many connections that nobody accepts begin to block the sender. To skip a trigger then makes
 * no difference: those that wait are still to come. */
#define OPEN_TRIGGERS_MAX 90

struct Arrivals {
    Stand *stand;
    struct event *timer;
    unsigned first_serial, count, arrived, per_s;
    int64_t start_ns;
};

static void arrive(const Arrivals *arrivals, unsigned serial)
{
    Stand *stand = arrivals->stand;

    latency_begin(stand->latency, serial, meter_now_ns());
    letter_arrive(serial);
    if (daemon_open_triggers(stand->daemon) < OPEN_TRIGGERS_MAX)
        daemon_trigger(stand->daemon, "W", 1, true);
}

static void on_step(evutil_socket_t fd, short what, void *arg)
{
    Arrivals *arrivals = arg;
    int64_t since_ns = meter_now_ns() - arrivals->start_ns;
    int64_t due = MIN(since_ns * arrivals->per_s / NS_PER_S, (int64_t)arrivals->count);

    (void)fd;
    (void)what;
    while (arrivals->arrived < due)
        arrive(arrivals, arrivals->first_serial + arrivals->arrived++);
    if (arrivals->arrived == arrivals->count)
        (void)event_del(arrivals->timer);
}

Arrivals *arrivals_start(Stand *stand, unsigned first_serial, unsigned count, unsigned per_s)
{
    const struct timeval step = {.tv_usec = STEP_US};
    Arrivals *arrivals = g_new0(Arrivals, 1);

    arrivals->stand = stand;
    arrivals->first_serial = first_serial;
    arrivals->count = count;
    arrivals->per_s = per_s;
    arrivals->start_ns = meter_now_ns();
    arrivals->timer = event_new(stand->core.base, -1, EV_PERSIST, on_step, arrivals);
    (void)event_add(arrivals->timer, &step);
    return arrivals;
}

unsigned arrivals_count(const Arrivals *arrivals)
{
    return arrivals->arrived;
}

void arrivals_stop(Arrivals *arrivals)
{
    event_free(arrivals->timer);
    g_free(arrivals);
}
