/*
 * report: reads the results of all runs and prints one table; writes one chart.
 *
 *   report RESULTS CHART.svg <notes
 *
 * A line of RESULTS: stock, eqmgr or bare, number of the run, workload, metric, value, with tabs
 * between. Lines of the standard input are printed above the table.
 */

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "tests/bench/chart.h"

#define STATUS_WRONG     2
#define FIELDS           5
#define DRIVER_BUSY_FROM 0.90 /* more, and it may be the driver that was measured */
#define RATIO_COLUMNS    27   /* those of a ratio and its target */
#define WAITED_FROM      0.15 /* more, and other programs have spoilt times and rates */

typedef enum Side { STOCK, EQMGR, BARE, SIDES } Side;

static const char *const side_names[SIDES] = {"stock", "eqmgr", "bare"};

/* The metrics that are printed of a workload, in this order. */
static const struct {
    const char *name, *text;
} metrics[] = {
    {"letters_per_s",    "messages/s"               },
    {"recipients_per_s", "recipients/s"             },
    {"all_done_s",       "all done, s"              },
    {"first_ms",         "first delivery, ms"       },
    {"run_cpu_ms",       "CPU of a deferred run, ms"},
    {"run_s",            "a deferred run, s"        },
    {"cpu_us",           "CPU each, us"             },
    {"user_us",          "  user, us"               },
    {"system_us",        "  system, us"             },
    {"syscalls",         "system calls each"        },
    {"p50_ms",           "to the request, p50, ms"  },
    {"p99_ms",           "to the request, p99, ms"  },
    {"lookups_at_once",  "lookups at the same time" },
    {"bytes",            "memory each, bytes"       },
    {"peak_mb",          "peak memory, Mbyte"       },
    {"daemon_busy",      "share of time it ran"     },
    {"daemon_waited",    "  it waited for a core"   },
    {"driver_busy",      "  the driver ran"         },
    {"driver_waited",    "  the driver waited"      },
    {"agents",           "agents that delivered"    },
    {"reused",           "  by kept sessions"       },
    {"troubles",         "warnings logged"          },
    {"destinations",     "destinations listed"      },
    {"listings",         "listings meanwhile"       },
    {"listed_mb",        "  bytes of them, Mbyte"   },
    {"status_p99_ms",    "a status answer, p99, ms" },
    {"loop_p99_ms",      "a busy turn, p99 <=, ms"  },
};

/* The targets: bounds of the ratio eqmgr : stock. */
static const struct {
    const char *workload, *metric;
    double bound;
    bool at_least;
} targets[] = {
    {"W1",          "cpu_us",           0.5,  false},
    {"W1",          "letters_per_s",    3,    true },
    {"W1r",         "cpu_us",           0.7,  false},
    {"W1r",         "p99_ms",           1.0,  false},
    {"W1s",         "recipients_per_s", 1,    true },
    {"W2",          "cpu_us",           0.5,  false},
    {"W2",          "letters_per_s",    3,    true },
    {"W2s",         "recipients_per_s", 1,    true },
    {"W3-one",      "recipients_per_s", 3,    true },
    {"W3-one",      "first_ms",         0.3,  false},
    {"W3-twenty",   "recipients_per_s", 3,    true },
    {"W3-twenty",   "first_ms",         0.3,  false},
    {"W3t-one",     "recipients_per_s", 1.5,  true },
    {"W3t-twenty",  "recipients_per_s", 1.5,  true },
    {"W4-2ms",      "letters_per_s",    7,    true },
    {"W4-2ms",      "p99_ms",           0.1,  false},
    {"W4-20ms",     "letters_per_s",    7,    true },
    {"W4-20ms",     "p99_ms",           0.1,  false},
    {"W4t-2ms",     "recipients_per_s", 6,    true },
    {"W4t-20ms",    "recipients_per_s", 6,    true },
    {"W4t-500ms",   "recipients_per_s", 6,    true },
    {"W5",          "run_cpu_ms",       0.02, false},
    {"W5",          "p99_ms",           1.0,  false},
    {"W6",          "all_done_s",       0.4,  false},
    {"W6",          "p99_ms",           0.05, false},
    {"W7-2",        "p99_ms",           0.2,  false},
    {"W7-20",       "p99_ms",           0.2,  false},
    {"W7-100",      "p99_ms",           0.2,  false},
    {"W7-2000",     "p99_ms",           0.2,  false},
    {"W7-2000",     "cpu_us",           0.15, false},
    {"W7-2-40k",    "p99_ms",           0.2,  false},
    {"W7-2000-40k", "p99_ms",           0.2,  false},
    {"W7-2000-40k", "cpu_us",           0.15, false},
    {"W8-20k",      "bytes",            0.5,  false},
    {"W8-100k",     "bytes",            0.5,  false},
    {"W8-list",     "bytes",            0.6,  false},
    {"W8s",         "peak_mb",          1.2,  false},
    {"W8s-4xx",     "peak_mb",          1.2,  false},
    {"W9",          "first_ms",         0.3,  false},
    {"W10",         "letters_per_s",    0.97, true },
    {"W10",         "cpu_us",           1.03, false},
    {"W10r",        "p99_ms",           1.05, false},
    {"W11",         "p99_ms",           1.05, false},
    {"W12",         "cpu_us",           1.01, false},
    {"W13",         "p99_ms",           1.05, false},
};

/* And of the ratio eqmgr : bare loop, in whatever workload that was measured. */
#define BARE_METRIC "cpu_us"
#define BARE_BOUND  1.25

/* Bounds of metrics that have nothing to be compared with. */
static const struct {
    const char *family, *metric;
    double bound;
} limits[] = {
    {"W10", "status_p99_ms", 10},
    {"W10", "loop_p99_ms",   5 },
    {"W11", "loop_p99_ms",   5 },
    {"W13", "loop_p99_ms",   5 },
};

/* In these families both sides are eqmgr; on the left is none of what they are about. */
static const char *const own_families[] = {"W10", "W11", "W12", "W13"};

/* The family whose CPU time per delivery must not depend on the size of the problem. */
#define EVEN_FAMILY "W7-"
#define EVEN_METRIC "cpu_us"
#define EVEN_BOUND  1.3

typedef struct Summary {
    double median, low, high;
    bool known;
} Summary;

static GHashTable *samples;       /* "side workload metric" -> GArray of double */
static GPtrArray *workload_names; /* in the order of the file */
static GArray *bars;              /* of ChartBar; texts are owned by `labels` */
static GPtrArray *labels;

static char *key_of(const char *side, const char *workload, const char *metric)
{
    return g_strdup_printf("%s\t%s\t%s", side, workload, metric);
}

static void add_sample(char *const *fields)
{
    g_autofree char *key = key_of(fields[0], fields[2], fields[3]);
    double value = g_ascii_strtod(fields[4], NULL);
    GArray *values = g_hash_table_lookup(samples, key);

    if (values == NULL) {
        values = g_array_new(FALSE, FALSE, sizeof(double));
        (void)g_hash_table_insert(samples, g_steal_pointer(&key), values);
    }
    g_array_append_val(values, value);
    if (!g_ptr_array_find_with_equal_func(workload_names, fields[2], g_str_equal, NULL))
        g_ptr_array_add(workload_names, g_strdup(fields[2]));
}

static bool read_results(const char *path)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return false;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, "\t", -1);

        if (g_strv_length(fields) == FIELDS)
            add_sample(fields);
    }
    return true;
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static Summary summarize(Side side, const char *workload, const char *metric)
{
    g_autofree char *key = key_of(side_names[side], workload, metric);
    GArray *values = g_hash_table_lookup(samples, key);
    Summary summary = {.known = values != NULL};
    guint middle;

    if (values == NULL)
        return summary;
    g_array_sort(values, by_value);
    middle = values->len / 2;
    summary.low = g_array_index(values, double, 0);
    summary.high = g_array_index(values, double, values->len - 1);
    summary.median = g_array_index(values, double, middle);
    if (values->len % 2 == 0)
        summary.median = (summary.median + g_array_index(values, double, middle - 1)) / 2;
    return summary;
}

static void format_number(char *text, size_t size, double value)
{
    double magnitude = fabs(value);

    (void)g_snprintf(text, size,
                     magnitude >= 1000  ? "%.0f"
                     : magnitude >= 100 ? "%.1f"
                     : magnitude >= 1   ? "%.2f"
                                        : "%.3f",
                     value);
}

static void print_summary(const Summary *summary)
{
    char median[24], low[24], high[24];
    g_autofree char *range = NULL;

    if (!summary->known) {
        (void)printf(" %10s %-19s", "-", "");
        return;
    }
    format_number(median, sizeof(median), summary->median);
    format_number(low, sizeof(low), summary->low);
    format_number(high, sizeof(high), summary->high);
    range = g_strdup_printf("[%s .. %s]", low, high);
    (void)printf(" %10s %-19s", median, range);
}

static void add_bar(const char *workload, const char *text, double ratio, double target, bool met)
{
    char *label = g_strdup_printf("%s  %s", workload, text);
    const ChartBar bar = {label, ratio, target, met};

    g_ptr_array_add(labels, label);
    if (ratio > 0)
        g_array_append_val(bars, bar);
}

/* -1: no target. */
static int find_target(const char *workload, const char *metric)
{
    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++)
        if (strcmp(targets[i].workload, workload) == 0 && strcmp(targets[i].metric, metric) == 0)
            return (int)i;
    return -1;
}

/* The columns of a ratio and its target take the same room everywhere. */
static void print_ratio(double ratio, const char *target)
{
    (void)printf(" %8.3f   %-15s", ratio, target);
}

static void print_verdict(const char *workload, const char *metric, const char *text, double ratio)
{
    int target = find_target(workload, metric);
    g_autofree char *words = NULL;
    bool met;

    if (target < 0) {
        print_ratio(ratio, "");
        return;
    }
    met =
        targets[target].at_least ? ratio >= targets[target].bound : ratio <= targets[target].bound;
    words =
        g_strdup_printf("%s %-5g %s", targets[target].at_least ? ">=" : "<=", targets[target].bound,
                        met ? "met" : "MISSED");
    print_ratio(ratio, words);
    add_bar(workload, text, ratio, targets[target].bound, met);
}

static void print_beside_bare(const char *metric, const Summary *eqmgr, const Summary *bare)
{
    bool is_bound = strcmp(metric, BARE_METRIC) == 0;
    double ratio = bare->median > 0 ? eqmgr->median / bare->median : 0;
    g_autofree char *words = NULL;

    if (!bare->known)
        return;
    print_summary(bare);
    if (!eqmgr->known || ratio <= 0)
        return;
    words = g_strdup_printf("<= %-5g %s", BARE_BOUND, ratio <= BARE_BOUND ? "met" : "MISSED");
    print_ratio(ratio, is_bound ? words : "");
}

static void print_limit(const char *workload, const char *metric, double value)
{
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++)
        if (g_str_has_prefix(workload, limits[i].family) && strcmp(metric, limits[i].metric) == 0)
            (void)printf(" %8s   <= %-5g %s", "", limits[i].bound,
                         value <= limits[i].bound ? "met" : "MISSED");
}

static void print_metric(const char *workload, size_t metric)
{
    Summary stock = summarize(STOCK, workload, metrics[metric].name);
    Summary eqmgr = summarize(EQMGR, workload, metrics[metric].name);
    Summary bare = summarize(BARE, workload, metrics[metric].name);

    if (!stock.known && !eqmgr.known && !bare.known)
        return;
    (void)printf("%-12s %-26s", workload, metrics[metric].text);
    print_summary(&stock);
    print_summary(&eqmgr);
    if (stock.known && eqmgr.known && stock.median > 0)
        print_verdict(workload, metrics[metric].name, metrics[metric].text,
                      eqmgr.median / stock.median);
    else if (bare.known)
        (void)printf("%*s", RATIO_COLUMNS, "");
    else
        print_limit(workload, metrics[metric].name, eqmgr.median);
    print_beside_bare(metrics[metric].name, &eqmgr, &bare);
    (void)printf("\n");
}

static void warn_of_busy_driver(const char *workload)
{
    for (Side side = STOCK; side < SIDES; side++) {
        Summary busy = summarize(side, workload, "driver_busy");

        if (busy.known && busy.median >= DRIVER_BUSY_FROM)
            (void)printf(
                "%-12s ! the driver was the bottleneck with %s: its rate is a lower bound\n",
                workload, side_names[side]);
    }
}

static void warn_of_company(const char *workload)
{
    static const char *const waits[] = {"daemon_waited", "driver_waited"};
    double most = 0;

    for (Side side = STOCK; side < SIDES; side++)
        for (size_t i = 0; i < G_N_ELEMENTS(waits); i++)
            most = MAX(most, summarize(side, workload, waits[i]).median);
    if (most >= WAITED_FROM)
        (void)printf(
            "%-12s ! other programs had the cores for up to %.0f %% of the time: rates and "
            "times are not worth much\n",
            workload, most * 100);
}

static void print_evenness(void)
{
    double low = INFINITY, high = 0;
    unsigned count = 0;

    for (guint i = 0; i < workload_names->len; i++) {
        const char *workload = g_ptr_array_index(workload_names, i);
        Summary summary = summarize(EQMGR, workload, EVEN_METRIC);

        if (!g_str_has_prefix(workload, EVEN_FAMILY) || !summary.known)
            continue;
        low = MIN(low, summary.median);
        high = MAX(high, summary.median);
        count++;
    }
    if (count > 1)
        (void)printf("\nW7: CPU each with eqmgr, most expensive : cheapest of %u cases: %.2f"
                     "   <= %g %s\n",
                     count, high / low, EVEN_BOUND, high / low <= EVEN_BOUND ? "met" : "MISSED");
}

static void print_table(void)
{
    (void)printf("%-12s %-26s %10s %-19s %10s %-19s %8s   %-15s %10s %-19s %8s   %s\n", "workload",
                 "", "stock", "[low .. high]", "eqmgr", "[low .. high]", "ratio", "target",
                 "bare loop", "[low .. high]", "ratio", "target");
    for (guint i = 0; i < workload_names->len; i++) {
        const char *workload = g_ptr_array_index(workload_names, i);

        (void)printf("\n");
        for (size_t own = 0; own < G_N_ELEMENTS(own_families); own++)
            if (g_str_has_prefix(workload, own_families[own]))
                (void)printf("%-12s ! both are eqmgr; on the left %s\n", workload,
                             own == 0 ? "nobody lists" : "there are no rules");
        for (size_t metric = 0; metric < G_N_ELEMENTS(metrics); metric++)
            print_metric(workload, metric);
        warn_of_busy_driver(workload);
        warn_of_company(workload);
    }
    print_evenness();
}

static void copy_notes(void)
{
    char line[1024];

    while (fgets(line, sizeof(line), stdin) != NULL)
        (void)fputs(line, stdout);
}

int main(int argc, char **argv)
{
    bool ok;

    samples = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    workload_names = g_ptr_array_new_with_free_func(g_free);
    labels = g_ptr_array_new_with_free_func(g_free);
    bars = g_array_new(FALSE, FALSE, sizeof(ChartBar));
    ok = argc == 3 && read_results(argv[1]);
    if (ok) {
        copy_notes();
        print_table();
        ok = chart_write(argv[2], "eqmgr and the stock queue manager: medians of all runs",
                         (const ChartBar *)(const void *)bars->data, bars->len);
    }
    if (!ok)
        g_printerr("usage: report RESULTS CHART.svg\n");
    g_array_free(bars, TRUE);
    g_ptr_array_free(labels, TRUE);
    g_ptr_array_free(workload_names, TRUE);
    g_hash_table_destroy(samples);
    return ok ? EXIT_SUCCESS : STATUS_WRONG;
}
