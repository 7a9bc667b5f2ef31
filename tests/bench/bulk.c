/*
 * Workloads in which all mail is there at once and the question is how fast it goes: W1, W2, W3,
 * W9.
 */

#include "tests/bench/letters.h"
#include "tests/bench/workload.h"

#define RUN_LIMIT_S 300
#define NS_PER_S    1e9
#define NS_PER_MS   1e6

static bool all_removed(const Stand *stand, void *ctx)
{
    const unsigned *count = ctx;

    return logtap_counts(stand->logtap).removed >= *count;
}

static bool is_requested(const Stand *stand, void *ctx)
{
    (void)ctx;
    return stand->first_request_ns != 0;
}

/* Brings in all letters 0 .. count-1 of the stage at once, and waits until the last one is gone. */
static Meter deliver_all(Stand *stand, unsigned count, int64_t *ret_first_ns)
{
    int64_t start_ns;
    Meter meter;

    stand_start(stand);
    for (unsigned i = 0; i < count; i++)
        letter_arrive(i);
    stand_meter_start(stand);
    start_ns = meter_now_ns();
    stand_trigger(stand, "W");
    stand_run_until(stand, all_removed, &count, RUN_LIMIT_S);
    meter = stand_meter_stop(stand);
    *ret_first_ns = stand->first_request_ns - start_ns;
    return meter;
}

void run_bulk(Stand *stand, const Workload *workload)
{
    unsigned count = stand_scaled(stand, workload->letters);
    int64_t first_ns;
    Meter meter;

    workload_write_letters(stand, LETTERS_STAGE, 0, count, "site", workload->sites);
    meter = deliver_all(stand, count, &first_ns);
    workload_result(workload, "letters_per_s", count / ((double)meter.elapsed_ns / NS_PER_S));
    workload_report_meter(workload, stand, &meter, count);
}

/* Recipients user, user + 1 and so on, spread over the sites. */
static void write_list(const Core *core, unsigned serial, unsigned user, unsigned recipients,
                       unsigned sites)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = user; i < user + recipients; i++) {
        char address[LETTER_ADDRESS_BYTES];

        letter_format_address(address, i, "site", i % sites);
        g_ptr_array_add(list, g_strdup(address));
    }
    letter_write(core, LETTERS_STAGE, serial, list, 0);
}

unsigned workload_write_lists(const Core *core, const Workload *workload, double scale)
{
    unsigned recipients = MAX((unsigned)(workload->recipients * scale), 1);

    for (unsigned i = 0; i < workload->letters; i++)
        write_list(core, i, 0, recipients, workload->sites);
    return workload->letters * recipients;
}

unsigned workload_write_stage(const Core *core, const Workload *workload, double scale)
{
    unsigned count = MAX((unsigned)(workload->letters * scale), 1);

    if (workload->recipients > 1)
        return workload_write_lists(core, workload, scale);
    for (unsigned i = 0; i < count; i++)
        write_list(core, i, i, 1, workload->sites);
    return count;
}

void run_lists(Stand *stand, const Workload *workload)
{
    unsigned count = workload_write_lists(&stand->core, workload, stand->options.scale);
    int64_t first_ns;
    Meter meter;

    meter = deliver_all(stand, workload->letters, &first_ns);
    if (receivers_counts(stand->receivers).recipients != count)
        g_error("%s: recipients were lost or repeated", workload->name);
    workload_result(workload, "recipients_per_s", count / ((double)meter.elapsed_ns / NS_PER_S));
    workload_result(workload, "first_ms", (double)first_ns / NS_PER_MS);
    workload_report_meter(workload, stand, &meter, count);
}

/* A queue manager that has died leaves its messages in active; its successor begins with them. */
void run_restart(Stand *stand, const Workload *workload)
{
    unsigned count = stand_scaled(stand, workload->letters);
    int64_t start_ns;

    workload_write_letters(stand, "active", 0, count, "site", workload->sites);
    start_ns = meter_now_ns();
    stand_launch(stand);
    stand_run_until(stand, is_requested, NULL, RUN_LIMIT_S);
    workload_result(workload, "first_ms", (double)(stand->first_request_ns - start_ns) / NS_PER_MS);
    stand_run_until(stand, all_removed, &count, RUN_LIMIT_S);
    workload_result(workload, "all_done_s", (double)(meter_now_ns() - start_ns) / NS_PER_S);
    workload_result(workload, "cpu_us",
                    (double)meter_cpu_ns(daemon_pid(stand->daemon)) / 1000.0 / count);
}
