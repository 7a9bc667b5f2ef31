/*
 * Workloads with mail that arrives one by one, alone or beside trouble: W1r, W4, W6, W7.
 *
 * Letters of trouble have the serial numbers from 0 on, those that arrive beside it the ones
 * behind.
 */

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/arrivals.h"
#include "tests/bench/letters.h"
#include "tests/bench/workload.h"

#define RUN_LIMIT_S    300
#define BESIDE_S       60 /* that much mail to arrive beside trouble is on the stage */
#define BESIDE_SITES   10
#define BESIDE_WORD    "fast"
#define DEAD_WORD      "dead"
#define LEAD_MS        500 /* of the mail beside, before trouble begins */
#define SLOW_PER_S     500 /* deliveries of all slow sites together */
#define SLOW_WINDOW    2   /* deliveries at a time to one, see the settings of W7 */
#define SLOW_METER_MS  5000
#define SLOW_SETTLE_MS 1000
#define LOOK_EVERY_NS  20000000
#define NO_LIMIT       1000000
#define RANDOM_SEED    1
#define US_PER_S       1e6
#define NS_PER_S       1e9

typedef struct Trouble {
    unsigned letters;
    int64_t delay_us;
    uint64_t requests;
    int64_t next_look_ns; /* at the deferred queue */
} Trouble;

static bool none_pending(const Stand *stand, void *ctx)
{
    (void)ctx;
    return latency_pending(stand->latency) == 0;
}

static bool is_count_removed(const Stand *stand, void *ctx)
{
    const unsigned *count = ctx;

    return logtap_counts(stand->logtap).removed >= *count;
}

void run_steady(Stand *stand, const Workload *workload)
{
    unsigned count = stand_scaled(stand, workload->letters);
    Arrivals *arrivals;
    Meter meter;

    workload_write_letters(stand, LETTERS_STAGE, 0, count, "site", workload->sites);
    stand_start(stand);
    stand_meter_start(stand);
    arrivals = arrivals_start(stand, 0, count, workload->per_s);
    stand_run_until(stand, is_count_removed, &count, RUN_LIMIT_S);
    meter = stand_meter_stop(stand);
    arrivals_stop(arrivals);
    workload_report_latency(workload, stand);
    workload_report_meter(workload, stand, &meter, count);
}

static Arrivals *start_beside(Stand *stand, const Workload *workload, const Trouble *trouble)
{
    return arrivals_start(stand, trouble->letters, workload->per_s * BESIDE_S, workload->per_s);
}

static void write_both(Stand *stand, const Workload *workload, const Trouble *trouble,
                       const char *word)
{
    workload_write_letters(stand, LETTERS_STAGE, 0, trouble->letters, word, workload->sites);
    workload_write_letters(stand, LETTERS_STAGE, trouble->letters, workload->per_s * BESIDE_S,
                           BESIDE_WORD, BESIDE_SITES);
}

static void let_trouble_in(Stand *stand, const Trouble *trouble)
{
    for (unsigned i = 0; i < trouble->letters; i++)
        letter_arrive(i);
    stand_trigger(stand, "W");
}

/* Stops the mail beside, and waits until all that arrived is delivered: waiting counts. */
static void end_beside(Stand *stand, const Workload *workload, Arrivals *arrivals)
{
    arrivals_stop(arrivals);
    stand_run_until(stand, none_pending, NULL, RUN_LIMIT_S);
    workload_report_latency(workload, stand);
}

static bool is_trouble(const DeliveryRequest *request, const Trouble *trouble)
{
    return letter_parse_serial(request->queue_id) < trouble->letters;
}

static Reaction react_to_slow_lookup(const DeliveryRequest *request, void *ctx)
{
    Trouble *trouble = ctx;

    trouble->requests += is_trouble(request, trouble);
    return (Reaction){0};
}

static bool is_all_requested(const Stand *stand, void *ctx)
{
    const Trouble *trouble = ctx;

    (void)stand;
    return trouble->requests >= trouble->letters;
}

void run_slow_lookups(Stand *stand, const Workload *workload)
{
    Trouble trouble = {.letters = stand_scaled(stand, workload->letters)};
    Arrivals *arrivals;
    Meter meter;

    write_both(stand, workload, &trouble, LOOKUPS_SLOW_WORD);
    lookups_set_slow(stand->lookups, workload->delay_us);
    stand->react = react_to_slow_lookup;
    stand->react_ctx = &trouble;
    stand_start(stand);
    stand_meter_start(stand);
    let_trouble_in(stand, &trouble);
    arrivals = start_beside(stand, workload, &trouble);
    stand_run_until(stand, is_all_requested, &trouble, RUN_LIMIT_S);
    meter = stand_meter_stop(stand);
    workload_result(workload, "letters_per_s",
                    trouble.letters / ((double)meter.elapsed_ns / NS_PER_S));
    workload_result(workload, "lookups_at_once", lookups_connections(stand->lookups));
    end_beside(stand, workload, arrivals);
    workload_report_meter(workload, stand, &meter,
                          (double)(trouble.letters + latency_count(stand->latency)));
}

static unsigned count_directory(const char *path, int depth)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    unsigned count = 0;

    if (dir == NULL)
        return 0;
    while ((entry = readdir(dir)) != NULL) {
        g_autofree char *below = NULL;

        if (entry->d_name[0] == '.')
            continue;
        if (depth == 0) {
            count++;
            continue;
        }
        below = g_build_filename(path, entry->d_name, NULL);
        count += count_directory(below, depth - 1);
    }
    (void)closedir(dir);
    return count;
}

/* Every letter was tried, sent to the retry transport or reported as deferred; only then is it
 * worth looking whether all files are there. */
static bool is_all_deferred(const Stand *stand, void *ctx)
{
    Trouble *trouble = ctx;
    int64_t now_ns = meter_now_ns();

    if (trouble->requests + reports_count(stand->reports) < trouble->letters ||
        now_ns < trouble->next_look_ns)
        return false;
    trouble->next_look_ns = now_ns + LOOK_EVERY_NS;
    return count_directory("deferred", 1) >= trouble->letters;
}

static Reaction react_to_dead_site(const DeliveryRequest *request, void *ctx)
{
    Trouble *trouble = ctx;

    if (!is_trouble(request, trouble))
        return (Reaction){0};
    trouble->requests++;
    if (strcmp(request->transport, "retry") == 0)
        return (Reaction){.deferred = true};
    return (Reaction){.deferred = true, .site_is_dead = true, .delay_us = trouble->delay_us};
}

void run_dead_site(Stand *stand, const Workload *workload)
{
    Trouble trouble = {.letters = stand_scaled(stand, workload->letters),
                       .delay_us = workload->delay_us};
    Arrivals *arrivals;
    Meter meter;

    write_both(stand, workload, &trouble, DEAD_WORD);
    stand->react = react_to_dead_site;
    stand->react_ctx = &trouble;
    stand_start(stand);
    arrivals = start_beside(stand, workload, &trouble);
    stand_run_for(stand, LEAD_MS);
    latency_reset(stand->latency);
    stand_meter_start(stand);
    let_trouble_in(stand, &trouble);
    stand_run_until(stand, is_all_deferred, &trouble, RUN_LIMIT_S);
    meter = stand_meter_stop(stand);
    workload_result(workload, "all_done_s", (double)meter.elapsed_ns / NS_PER_S);
    end_beside(stand, workload, arrivals);
    workload_report_meter(workload, stand, &meter,
                          (double)(trouble.letters + latency_count(stand->latency)));
}

/* Times of the slow sites vary without memory, so that their rate is steady from the first. */
static Reaction react_slowly(const DeliveryRequest *request, void *ctx)
{
    const Trouble *trouble = ctx;

    if (!is_trouble(request, trouble))
        return (Reaction){0};
    return (Reaction){.delay_us = 1 + (int64_t)(-log(1.0 - drand48()) * (double)trouble->delay_us)};
}

/* A queue manager that resolves in the background is ready only when that is over, too. */
static bool is_all_active(const Stand *stand, void *ctx)
{
    const Trouble *trouble = ctx;

    return logtap_counts(stand->logtap).activated >= trouble->letters &&
           lookups_count(stand->lookups) >= trouble->letters;
}

void run_slow_sites(Stand *stand, const Workload *workload)
{
    double in_flight = (double)workload->sites * SLOW_WINDOW;
    Trouble trouble = {.letters = stand_scaled(stand, workload->letters),
                       .delay_us = (int64_t)(in_flight / SLOW_PER_S * US_PER_S)};
    uint64_t replies_before;
    Arrivals *arrivals;
    Meter meter;

    srand48(RANDOM_SEED);
    write_both(stand, workload, &trouble, "slow");
    stand->react = react_slowly;
    stand->react_ctx = &trouble;
    receivers_set_process_limit(stand->receivers, NO_LIMIT);
    stand_start(stand);
    let_trouble_in(stand, &trouble);
    stand_run_until(stand, is_all_active, &trouble, RUN_LIMIT_S);
    arrivals = start_beside(stand, workload, &trouble);
    stand_run_for(stand, SLOW_SETTLE_MS);
    latency_reset(stand->latency);
    replies_before = receivers_counts(stand->receivers).replies;
    stand_meter_start(stand);
    stand_run_for(stand, SLOW_METER_MS);
    meter = stand_meter_stop(stand);
    workload_report_meter(workload, stand, &meter,
                          (double)(receivers_counts(stand->receivers).replies - replies_before));
    end_beside(stand, workload, arrivals);
}
