/*
 * Workloads about what is merely there: W5 a big deferred queue, W8 memory.
 */

#include "tests/bench/arrivals.h"
#include "tests/bench/letters.h"
#include "tests/bench/workload.h"

#define RUN_LIMIT_S   300
#define NOT_DUE_S     36000
#define NEW_MAIL_S    4
#define DEFERRED_RUNS 3
#define NS_PER_MS     1e6
#define NS_PER_S      1e9

typedef struct Expected {
    uint64_t activated, looked_up;
} Expected;

static bool is_there(const Stand *stand, void *ctx)
{
    const Expected *expected = ctx;

    return logtap_counts(stand->logtap).activated >= expected->activated &&
           lookups_count(stand->lookups) >= expected->looked_up;
}

static bool none_pending(const Stand *stand, void *ctx)
{
    (void)ctx;
    return latency_pending(stand->latency) == 0;
}

static void write_deferred(Stand *stand, unsigned count, unsigned sites)
{
    for (unsigned i = 0; i < count; i++) {
        char address[LETTER_ADDRESS_BYTES];

        letter_format_address(address, i, "site", i % sites);
        letter_write_to(&stand->core, "deferred", i, address, NOT_DUE_S);
    }
}

/* Runs of the deferred queue with nothing else to do. */
static void measure_runs(Stand *stand, const Workload *workload)
{
    int64_t busy_ns = 0, start_ns;
    Meter meter;

    stand_meter_start(stand);
    for (int i = 0; i < DEFERRED_RUNS; i++) {
        start_ns = meter_now_ns();
        stand_trigger(stand, "D");
        busy_ns += stand_wait_idle(stand) - start_ns;
    }
    meter = stand_meter_stop(stand);
    workload_result(workload, "run_cpu_ms", (double)meter.cpu_ns / NS_PER_MS / DEFERRED_RUNS);
    workload_result(workload, "run_s", (double)busy_ns / NS_PER_S / DEFERRED_RUNS);
    workload_report_meter(workload, stand, &meter, DEFERRED_RUNS);
}

/* New mail while runs follow each other, as they do when an operator is impatient. */
static void measure_new_mail(Stand *stand, const Workload *workload, unsigned first_serial)
{
    unsigned count = workload->per_s * NEW_MAIL_S;
    Arrivals *arrivals = arrivals_start(stand, first_serial, count, workload->per_s);

    for (int second = 0; second < NEW_MAIL_S; second++) {
        stand_trigger(stand, "D");
        stand_run_for(stand, 1000);
    }
    stand_run_until(stand, none_pending, NULL, RUN_LIMIT_S);
    arrivals_stop(arrivals);
    workload_report_latency(workload, stand);
}

void run_deferred(Stand *stand, const Workload *workload)
{
    unsigned count = stand_scaled(stand, workload->letters);

    write_deferred(stand, count, workload->sites);
    workload_write_letters(stand, LETTERS_STAGE, count, workload->per_s * NEW_MAIL_S, "new", 1);
    stand_start(stand);
    measure_runs(stand, workload);
    measure_new_mail(stand, workload, count);
}

/* Nobody ever takes a delivery, so all that comes in stays in memory. */
static void park(Stand *stand, Expected *expected)
{
    stand_trigger(stand, "W");
    stand_run_until(stand, is_there, expected, RUN_LIMIT_S);
    (void)stand_wait_idle(stand);
}

void run_parked(Stand *stand, const Workload *workload)
{
    unsigned count = stand_scaled(stand, workload->letters);
    Expected expected = {.activated = count, .looked_up = count};
    int64_t before_bytes;
    Meter meter;

    workload_write_letters(stand, LETTERS_STAGE, 0, count, "site", workload->sites);
    receivers_set_process_limit(stand->receivers, 0);
    stand_start(stand);
    before_bytes = stand_allocated_bytes(stand);
    for (unsigned i = 0; i < count; i++)
        letter_arrive(i);
    stand_meter_start(stand);
    park(stand, &expected);
    meter = stand_meter_stop(stand);
    workload_result(workload, "bytes",
                    (double)(stand_allocated_bytes(stand) - before_bytes) / count);
    workload_report_meter(workload, stand, &meter, count);
}

/* The memory of a list, compared with a letter to one. */
void run_parked_list(Stand *stand, const Workload *workload)
{
    unsigned count = stand_scaled(stand, workload->recipients);
    Expected one = {.activated = 1, .looked_up = 1};
    Expected both = {.activated = 2, .looked_up = 1 + count};
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    int64_t before_bytes;
    Meter meter;

    for (unsigned i = 0; i < count; i++) {
        char address[LETTER_ADDRESS_BYTES];

        letter_format_address(address, i, "site", i % workload->sites);
        g_ptr_array_add(list, g_strdup(address));
    }
    workload_write_letters(stand, LETTERS_STAGE, 0, 1, "first", 1);
    letter_write(&stand->core, LETTERS_STAGE, 1, list, 0);
    receivers_set_process_limit(stand->receivers, 0);
    stand_start(stand);
    letter_arrive(0);
    park(stand, &one);
    before_bytes = stand_allocated_bytes(stand);
    letter_arrive(1);
    stand_meter_start(stand);
    park(stand, &both);
    meter = stand_meter_stop(stand);
    workload_result(workload, "bytes",
                    (double)(stand_allocated_bytes(stand) - before_bytes) / count);
    workload_report_meter(workload, stand, &meter, count);
}
