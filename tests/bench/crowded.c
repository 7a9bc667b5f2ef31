/*
 * Workloads about places in the active queue (traffic.md 9): T1 a slow site and T2 a dead one with
 * far more due mail than active takes, T3 retries of many sites, each beside other mail that
 * arrives one by one; T4 mail that waits for its turn, for its order and what it costs. With
 * --quiet, the other mail of T1 to T3 is alone.
 *
 * Letters of the crowd have the serial numbers from 0 on, those that arrive beside it the ones
 * behind.
 */

#include <dirent.h>
#include <string.h>

#include "tests/bench/arrivals.h"
#include "tests/bench/letters.h"
#include "tests/bench/workload.h"

#define RUN_LIMIT_S  600
#define BESIDE_SITES 10
#define FIRST_S      30 /* the crowd comes in */
#define THEN_S       20
#define NO_LIMIT     1000000
#define LOOK_EACH_S  1
#define NS_PER_S     1e9
#define WINDOW       20  /* default_destination_concurrency_limit */
#define NOT_COUNTED  300 /* of T4: those that had a place at once, and the ones that ran */

typedef struct Crowd {
    Stand *stand;
    unsigned letters;
    int64_t delay_us;
    bool is_dead, is_deferred;
    uint64_t requests;
    unsigned most_active; /* of the crowd */
    struct event *look;
    GArray *order; /* unsigned: serial numbers as they were delivered; NULL: nobody asks */
} Crowd;

/* ---- the crowd ---- */

static Reaction react_to_crowd(const DeliveryRequest *request, void *ctx)
{
    Crowd *crowd = ctx;
    unsigned serial = letter_parse_serial(request->queue_id);

    if (serial >= crowd->letters)
        return (Reaction){0};
    crowd->requests++;
    if (crowd->order != NULL)
        g_array_append_val(crowd->order, serial);
    if (strcmp(request->transport, "retry") == 0)
        return (Reaction){.deferred = true};
    return (Reaction){.delay_us = crowd->delay_us,
                      .deferred = crowd->is_deferred,
                      .site_is_dead = crowd->is_dead};
}

static unsigned count_active(unsigned letters)
{
    DIR *dir = opendir("active");
    const struct dirent *entry;
    unsigned count = 0;

    while (dir != NULL && (entry = readdir(dir)) != NULL)
        count += entry->d_name[0] != '.' && letter_parse_serial(entry->d_name) < letters;
    if (dir != NULL)
        (void)closedir(dir);
    return count;
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
    Crowd *crowd = arg;

    (void)fd;
    (void)what;
    crowd->most_active = MAX(crowd->most_active, count_active(crowd->letters));
}

static void write_due(Stand *stand, const Workload *workload, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char address[LETTER_ADDRESS_BYTES];

        letter_format_address(address, i, "crowd", i % workload->sites);
        letter_write_to(&stand->core, "deferred", i, address, 0);
    }
}

static void crowd_init(Crowd *crowd, Stand *stand, const Workload *workload)
{
    static const struct timeval second = {LOOK_EACH_S, 0};

    *crowd = (Crowd){.stand = stand, .delay_us = workload->delay_us};
    crowd->letters = stand_scaled(stand, workload->letters);
    if (!stand->options.quiet)
        write_due(stand, workload, crowd->letters);
    workload_write_letters(stand, LETTERS_STAGE, crowd->letters,
                           workload->per_s * (FIRST_S + THEN_S), "fast", BESIDE_SITES);
    stand->react = react_to_crowd;
    stand->react_ctx = crowd;
    receivers_set_process_limit(stand->receivers, NO_LIMIT);
    crowd->look = event_new(stand->core.base, -1, EV_PERSIST, on_look, crowd);
    (void)event_add(crowd->look, &second);
}

/* Those that have not begun by now are samples, too. */
static void report_beside(const Workload *workload, Crowd *crowd, const char *when)
{
    const Stand *stand = crowd->stand;
    g_autofree char *p50 = g_strconcat(when, "_p50_ms", NULL);
    g_autofree char *p99 = g_strconcat(when, "_p99_ms", NULL);
    g_autofree char *late = g_strconcat(when, "_not_begun", NULL);
    g_autofree char *samples = g_strconcat(when, "_samples", NULL);
    g_autofree char *active = g_strconcat(when, "_active_most", NULL);

    workload_result(workload, late, latency_end_all(stand->latency, meter_now_ns()));
    workload_result(workload, samples, latency_count(stand->latency));
    workload_result(workload, p50, (double)latency_percentile_ns(stand->latency, 50) / 1e6);
    workload_result(workload, p99, (double)latency_percentile_ns(stand->latency, 99) / 1e6);
    workload_result(workload, active, crowd->most_active);
    latency_reset(stand->latency);
    crowd->most_active = 0;
}

static void measure_beside(Crowd *crowd, const Workload *workload)
{
    Stand *stand = crowd->stand;
    Arrivals *arrivals;
    Meter meter;

    stand_launch(stand);
    stand_meter_start(stand);
    arrivals = arrivals_start(stand, crowd->letters, workload->per_s * (FIRST_S + THEN_S),
                              workload->per_s);
    stand_run_for(stand, FIRST_S * 1000);
    report_beside(workload, crowd, "first");
    stand_run_for(stand, THEN_S * 1000);
    report_beside(workload, crowd, "then");
    meter = stand_meter_stop(stand);
    arrivals_stop(arrivals);
    workload_result(workload, "requests", (double)crowd->requests);
    workload_report_meter(workload, stand, &meter, 1);
    event_free(crowd->look);
}

void run_crowded(Stand *stand, const Workload *workload)
{
    Crowd crowd;

    crowd_init(&crowd, stand, workload);
    measure_beside(&crowd, workload);
}

void run_crowded_dead(Stand *stand, const Workload *workload)
{
    Crowd crowd;

    crowd_init(&crowd, stand, workload);
    crowd.is_dead = true;
    measure_beside(&crowd, workload);
}

void run_retries(Stand *stand, const Workload *workload)
{
    Crowd crowd;

    crowd_init(&crowd, stand, workload);
    crowd.is_deferred = true;
    measure_beside(&crowd, workload);
}

/* ---- T4 ---- */

static bool is_crowd_gone(const Stand *stand, void *ctx)
{
    const Crowd *crowd = ctx;

    return logtap_counts(stand->logtap).removed >= crowd->letters;
}

/* How many were delivered after one that has arrived later, and was not among those that may run at
 * the same time. */
static unsigned out_of_order(const GArray *order)
{
    unsigned latest = 0, count = 0;

    for (guint i = NOT_COUNTED; i < order->len; i++) {
        unsigned serial = g_array_index(order, unsigned, i);

        count += serial + WINDOW < latest;
        latest = MAX(latest, serial);
    }
    return count;
}

void run_called_in(Stand *stand, const Workload *workload)
{
    Crowd crowd = {.stand = stand, .delay_us = workload->delay_us};
    Meter meter;

    crowd.letters = stand_scaled(stand, workload->letters);
    crowd.order = g_array_new(FALSE, FALSE, sizeof(unsigned));
    workload_write_letters(stand, LETTERS_STAGE, 0, crowd.letters, "crowd", workload->sites);
    stand->react = react_to_crowd;
    stand->react_ctx = &crowd;
    stand_start(stand);
    for (unsigned i = 0; i < crowd.letters; i++)
        letter_arrive(i);
    stand_meter_start(stand);
    stand_trigger(stand, "W");
    stand_run_until(stand, is_crowd_gone, &crowd, RUN_LIMIT_S);
    meter = stand_meter_stop(stand);
    workload_result(workload, "all_done_s", (double)meter.elapsed_ns / NS_PER_S);
    workload_result(workload, "activated", (double)logtap_counts(stand->logtap).activated);
    workload_result(workload, "deliveries", crowd.order->len);
    workload_result(workload, "out_of_order", out_of_order(crowd.order));
    workload_report_meter(workload, stand, &meter, crowd.letters);
    g_array_unref(crowd.order);
}
