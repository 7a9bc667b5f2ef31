/*
 * W10: W1 and W1r while clients list what there is: 20,000 messages in active that nobody takes,
 * for as many different destinations as the row says. With --quiet everything is the same but that
 * nobody lists.
 */

#include <string.h>
#include <unistd.h>

#include "tests/bench/arrivals.h"
#include "tests/bench/asker.h"
#include "tests/bench/letters.h"
#include "tests/bench/listers.h"
#include "tests/bench/meter.h"
#include "tests/bench/workload.h"

#define LOAD_LIMIT_S 900
#define RUN_LIMIT_S  300
#define WARM_UP_MS   1000
#define NS_PER_S     1e9
#define NS_PER_MS    1e6

typedef struct Load {
    unsigned parked;  /* messages */
    unsigned sites;   /* different destinations of these */
    unsigned letters; /* that are measured, with the serial numbers after those */
    uint64_t removed; /* to wait for */
} Load;

/* Of each list its own part of the sites. */
static void write_parked(const Core *core, const Load *load)
{
    for (unsigned i = 0; i < load->parked; i++) {
        g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);

        for (unsigned site = i; site < load->sites; site += load->parked) {
            char address[LETTER_ADDRESS_BYTES];

            letter_format_address(address, i, LOOKUPS_PARKED_WORD, site);
            g_ptr_array_add(list, g_strdup(address));
        }
        letter_write(core, LETTERS_STAGE, i, list, 0);
    }
}

static bool is_loaded(const Stand *stand, void *ctx)
{
    const Load *load = ctx;

    return logtap_counts(stand->logtap).activated >= load->parked &&
           lookups_count(stand->lookups) >= load->sites;
}

static bool is_all_removed(const Stand *stand, void *ctx)
{
    const Load *load = ctx;

    return logtap_counts(stand->logtap).removed >= load->removed;
}

/* Nobody takes the mail of transport local. */
static void load_up(Stand *stand, Load *load)
{
    write_parked(&stand->core, load);
    receivers_park(stand->receivers, "local");
    stand_start(stand);
    for (unsigned i = 0; i < load->parked; i++)
        letter_arrive(i);
    stand_trigger(stand, "W");
    stand_run_until(stand, is_loaded, load, LOAD_LIMIT_S);
    (void)stand_wait_idle(stand);
}

static bool have_listers_ended(const Stand *stand, void *ctx)
{
    (void)stand;
    return listers_are_running(ctx) == 0;
}

static void report_listers(Stand *stand, const Workload *workload, Listers *listers)
{
    ListersResult result;

    listers_end(listers);
    stand_run_until(stand, have_listers_ended, listers, RUN_LIMIT_S);
    result = listers_result(listers);
    workload_result(workload, "listings", result.listings);
    workload_result(workload, "listed_mb", (double)result.bytes / 1e6);
    workload_result(workload, "status_p99_ms", result.status_p99_ms);
    workload_result(workload, "status_max_ms", result.status_max_ms);
    workload_result(workload, "loop_p99_ms", result.loop_p99_ms);
    listers_free(listers);
}

static Meter deliver(Stand *stand, const Workload *workload, Load *load)
{
    Arrivals *arrivals = NULL;
    Meter meter;

    stand_meter_start(stand);
    if (workload->per_s > 0) {
        arrivals = arrivals_start(stand, load->parked, load->letters, workload->per_s);
    } else {
        for (unsigned i = 0; i < load->letters; i++)
            letter_arrive(load->parked + i);
        stand_trigger(stand, "W");
    }
    stand_run_until(stand, is_all_removed, load, RUN_LIMIT_S);
    meter = stand_meter_stop(stand);
    if (arrivals != NULL)
        arrivals_stop(arrivals);
    return meter;
}

/* With nothing else to do: how long the first 20 of all take. */
static void time_sorted(const Workload *workload)
{
#define SORTED(key) "sort_" key "_ms", "verb\0destinations\0limit\00020\0sort\0" key "\0"
    static const struct {
        const char *metric;
        char request[64]; /* ends with an empty name */
    } sorted[] = {{SORTED("waiting")}, {SORTED("until")}, {SORTED("deferred")}, {SORTED("name")}};
    g_autoptr(GByteArray) tail = g_byte_array_new();
    int fd = asker_connect();

    for (size_t i = 0; i < G_N_ELEMENTS(sorted); i++) {
        size_t size_bytes = sizeof(sorted[i].request);
        int64_t begun_ns;

        while (sorted[i].request[size_bytes - 1] == '\0')
            size_bytes--;
        begun_ns = meter_now_ns();
        (void)asker_ask(fd, sorted[i].request, size_bytes + 2, tail);
        workload_result(workload, sorted[i].metric,
                        (double)(meter_now_ns() - begun_ns) / NS_PER_MS);
    }
    (void)close(fd);
}

void run_listed(Stand *stand, const Workload *workload)
{
    Load load = {.letters = stand_scaled(stand, workload->letters),
                 .sites = stand_scaled(stand, workload->sites)};
    Listers *listers = NULL;
    Meter meter;

    load.parked = MAX(load.sites / workload->recipients, 1);
    load_up(stand, &load);
    for (unsigned i = 0; i < load.letters; i++) {
        char address[LETTER_ADDRESS_BYTES];

        letter_format_address(address, i, "site", 0);
        letter_write_to(&stand->core, LETTERS_STAGE, load.parked + i, address, 0);
    }
    load.removed = logtap_counts(stand->logtap).removed + load.letters;
    if (!stand->options.quiet) {
        time_sorted(workload);
        listers = listers_start();
        stand_run_for(stand, WARM_UP_MS);
    }
    meter = deliver(stand, workload, &load);
    if (workload->per_s > 0)
        workload_report_latency(workload, stand);
    else
        workload_result(workload, "letters_per_s",
                        load.letters / ((double)meter.elapsed_ns / NS_PER_S));
    workload_report_meter(workload, stand, &meter, load.letters);
    workload_result(workload, "destinations", load.sites);
    if (listers != NULL)
        report_listers(stand, workload, listers);
}
