#include "tests/bench/workload.h"

#include <stdio.h>

#include "tests/bench/letters.h"

#define NS_PER_US 1000.0
#define NS_PER_MS 1e6
#define MB        1048576.0

/* Limits are raised only for a workload that would not fit, and then for both queue managers. */
#define MANY_ACTIVE "qmgr_message_active_limit = 200000\nqmgr_message_recipient_limit = 200000\n"
#define NARROW      "default_destination_concurrency_limit = 2\ninitial_destination_concurrency = 2\n"

/* 20,000 messages wait with 50 recipients each, all of them in memory. */
#define MANY_DESTINATIONS                                                         \
    "qmgr_message_active_limit = 60000\nqmgr_message_recipient_limit = 1200000\n" \
    "default_recipient_limit = 1200000\nlocal_destination_recipient_limit = 50\n"

/* For the rows of traffic (tests/traffic/README.md), which are chosen by name only. */
#define A_FIFTH       "eqmgr_destination_active_share = 20\n"
#define SHORT_HORIZON "eqmgr_destination_active_share = 20\neqmgr_destination_active_horizon = 1s\n"
#define RESERVE       "eqmgr_new_mail_reserve = 20\n"

/* clang-format off */
const Workload workloads[] = {
    {"W1",          run_bulk,         20000,   1,     1,       0,    0,        "",                 NULL},
    {"W1r",         run_steady,       10000,   1,     1,       1000, 0,        "",                 NULL},
    {"W1s",         NULL,             5000,    1,     1,       0,    0,        "",                 NULL},
    {"W2",          run_bulk,         20000,   1,     1000,    0,    0,        "",                 NULL},
    {"W2s",         NULL,             5000,    1,     500,     0,    0,        "",                 NULL},
    {"W3-one",      run_lists,        1,       20000, 1000,    0,    0,        "",                 NULL},
    {"W3-twenty",   run_lists,        20,      1000,  1000,    0,    0,        "",                 NULL},
    {"W3t-one",     NULL,             1,       20000, 1000,    0,    0,        "",                 NULL},
    {"W3t-twenty",  NULL,             20,      1000,  1000,    0,    0,        "",                 NULL},
    {"W4-2ms",      run_slow_lookups, 1000,    1,     1000,    100,  2000,     "",                 NULL},
    {"W4-20ms",     run_slow_lookups, 1000,    1,     1000,    100,  20000,    "",                 NULL},
    {"W4t-2ms",     NULL,             1000,    1,     1000,    0,    2000,     "",                 NULL},
    {"W4t-20ms",    NULL,             1000,    1,     1000,    0,    20000,    "",                 NULL},
    {"W4t-500ms",   NULL,             100,     1,     100,     0,    500000,   "",                 NULL},
    {"W5",          run_deferred,     200000,  1,     1000,    200,  0,        "",                 NULL},
    {"W6",          run_dead_site,    15000,   1,     1,       200,  300000,   "",                 NULL},
    {"W7-2",        run_slow_sites,   20000,   1,     2,       200,  0,        MANY_ACTIVE NARROW, NULL},
    {"W7-20",       run_slow_sites,   20000,   1,     20,      200,  0,        MANY_ACTIVE NARROW, NULL},
    {"W7-100",      run_slow_sites,   20000,   1,     100,     200,  0,        MANY_ACTIVE NARROW, NULL},
    {"W7-2000",     run_slow_sites,   20000,   1,     2000,    200,  0,        MANY_ACTIVE NARROW, NULL},
    {"W7-2-40k",    run_slow_sites,   40000,   1,     2,       200,  0,        MANY_ACTIVE NARROW, NULL},
    {"W7-2000-40k", run_slow_sites,   40000,   1,     2000,    200,  0,        MANY_ACTIVE NARROW, NULL},
    {"W8-20k",      run_parked,       20000,   1,     100,     0,    0,        MANY_ACTIVE,        NULL},
    {"W8-100k",     run_parked,       100000,  1,     100,     0,    0,        MANY_ACTIVE,        NULL},
    {"W8-list",     run_parked_list,  1,       5000,  100,     0,    0,        MANY_ACTIVE,        NULL},
    {"W8s",         NULL,             50000,   1,     1,       0,    0,        "",                 NULL},
    {"W8s-4xx",     NULL,             50000,   1,     1,       0,    0,        "",                 NULL},
    {"W9",          run_restart,      20000,   1,     100,     0,    0,        "",                 NULL},
    {"W10",         run_listed,       20000,   50,    1000000, 0,    0,        MANY_DESTINATIONS,  NULL},
    {"W10r",        run_listed,       10000,   50,    1000000, 1000, 0,        MANY_DESTINATIONS,  NULL},
    {"W11",         run_suspended,    20000,   1,     1,       200,  300000,   MANY_ACTIVE NARROW, NULL},
    {"W12",         run_ruled,        20000,   1,     1,       0,    0,        "",                 NULL},
    {"W13",         run_reresolved,   20000,   1,     1,       200,  300000,   MANY_ACTIVE NARROW, NULL},
    {"T1",          run_crowded,      100000,  1,     1,       200,  30000000, "",                 NULL},
    {"T1-share",    run_crowded,      100000,  1,     1,       200,  30000000, "",                 A_FIFTH},
    {"T2",          run_crowded_dead, 100000,  1,     1,       200,  30000000, "",                 NULL},
    {"T2-share",    run_crowded_dead, 100000,  1,     1,       200,  30000000, "",                 A_FIFTH},
    {"T3",          run_retries,      1000000, 1,     100,     200,  30000000, NARROW,             NULL},
    {"T3-reserve",  run_retries,      1000000, 1,     100,     200,  30000000, NARROW,             RESERVE},
    {"T4",          run_called_in,    5000,    1,     1,       0,    100000,   "",                 NULL},
    {"T4-share",    run_called_in,    5000,    1,     1,       0,    100000,   "",                 SHORT_HORIZON},
};
/* clang-format on */

const size_t workload_count = G_N_ELEMENTS(workloads);

void workload_result(const Workload *workload, const char *metric, double value)
{
    (void)printf("%s\t%s\t%.6g\n", workload->name, metric, value);
}

void workload_report_meter(const Workload *workload, const Stand *stand, const Meter *meter,
                           double count)
{
    double elapsed_ns = (double)meter->elapsed_ns;

    workload_result(workload, "cpu_us", (double)meter->cpu_ns / count / NS_PER_US);
    workload_result(workload, "user_us", (double)meter->user_ns / count / NS_PER_US);
    workload_result(workload, "system_us", (double)meter->system_ns / count / NS_PER_US);
    workload_result(workload, "peak_mb", (double)stand_peak_bytes(stand) / MB);
    workload_result(workload, "daemon_busy", (double)meter->cpu_ns / elapsed_ns);
    workload_result(workload, "driver_busy", (double)meter->driver_cpu_ns / elapsed_ns);
    workload_result(workload, "daemon_waited", (double)meter->waited_ns / elapsed_ns);
    workload_result(workload, "driver_waited", (double)meter->driver_waited_ns / elapsed_ns);
    workload_result(workload, "counted", count);
}

void workload_report_latency(const Workload *workload, const Stand *stand)
{
    workload_result(workload, "p50_ms",
                    (double)latency_percentile_ns(stand->latency, 50) / NS_PER_MS);
    workload_result(workload, "p99_ms",
                    (double)latency_percentile_ns(stand->latency, 99) / NS_PER_MS);
    workload_result(workload, "samples", latency_count(stand->latency));
}

void workload_write_letters(Stand *stand, const char *queue, unsigned first, unsigned count,
                            const char *word, unsigned sites)
{
    for (unsigned i = 0; i < count; i++) {
        char address[LETTER_ADDRESS_BYTES];

        letter_format_address(address, i, word, i % sites);
        letter_write_to(&stand->core, queue, first + i, address, 0);
    }
}
