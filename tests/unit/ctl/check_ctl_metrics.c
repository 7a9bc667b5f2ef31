#include <string.h>

#include "src/ctl/metrics_internal.h"
#include "tests/support/ctl_row.h"
#include "tests/support/metric_table.h"
#include "tests/support/runner.h"

/* What is shipped for others to evaluate. */
static const char *const shipped[] = {"conf/grafana-eqmgr.json", "conf/prometheus-eqmgr.rules.yml"};

/* The family of a series: a histogram has three. */
static bool is_family(const char *series)
{
    static const char *const ends[] = {"_bucket", "_sum", "_count"};

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *name = g_str_has_suffix(series, ends[i])
                                    ? g_strndup(series, strlen(series) - strlen(ends[i]))
                                    : NULL;

        if (name != NULL && metrics_knows(name))
            return true;
    }
    return metrics_knows(series);
}

START_TEST(what_is_shipped_asks_for_metrics_that_exist)
{
    g_autoptr(GRegex) names = g_regex_new("\\beqmgr_[a-z_]+", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *text = NULL;
    unsigned count = 0;

    ck_assert_msg(g_file_get_contents(shipped[_i], &text, NULL, NULL), "%s", shipped[_i]);
    for (g_regex_match(names, text, 0, &match); g_match_info_matches(match);
         g_match_info_next(match, NULL)) {
        g_autofree char *series = g_match_info_fetch(match, 0);

        ck_assert_msg(is_family(series), "%s: there is no metric %s", shipped[_i], series);
        count++;
    }
    ck_assert_uint_gt(count, 5);
}
END_TEST

/* ---- as the table says ---- */

/* HELP and TYPE of a family with one series, in the format. */
static char *head_of(const MetricRow *metric, MetricsFormat format)
{
    const Row row = ROW("name", metric->name, "value", "1");
    Metrics *metrics = metrics_new();
    char *text;

    metrics_add(&row, metrics);
    text = metrics_text(metrics, format);
    metrics_free(metrics);
    g_hash_table_unref(row.values);
    return text;
}

/* OpenMetrics names the family of a counter without the end of its series. */
static char *family_name(const MetricRow *metric, MetricsFormat format)
{
    bool is_cut = format == METRICS_OPENMETRICS && g_str_equal(metric->type, "counter");

    return g_strndup(metric->name, strlen(metric->name) - (is_cut ? strlen("_total") : 0));
}

START_TEST(each_metric_of_the_table_has_its_type_and_help)
{
    const MetricsFormat format = _i == 0 ? METRICS_PROMETHEUS : METRICS_OPENMETRICS;
    MetricTable *table = metric_table_read(".");
    const MetricRow *metric;
    guint i;

    for (i = 0; (metric = metric_table_at(table, i)) != NULL; i++) {
        g_autofree char *name = family_name(metric, format), *text = head_of(metric, format);
        g_autofree char *want = g_strdup_printf("# HELP %s %s\n# TYPE %s %s\n%s 1\n", name,
                                                metric->help, name, metric->type, metric->name);

        ck_assert_msg(g_str_has_prefix(text, want), "%s\ninstead of\n%s", text, want);
        ck_assert_int_eq(g_str_equal(metric->type, "counter"),
                         g_str_has_suffix(metric->name, "_total"));
    }
    ck_assert_uint_eq(i, metrics_count());
    metric_table_free(table);
}
END_TEST

/* What the manual says of a metric, as one line: its name, type and labels, and the help text. */
static char *entry_of_manual(const MetricRow *metric)
{
    GString *entry = g_string_new(NULL);

    g_string_append_printf(entry, ".It Va %s Pq %s", metric->name, metric->type);
    for (char **label = metric->labels; *label != NULL; label++)
        if (!g_str_has_prefix(*label, "le="))
            g_string_append_printf(entry, "%s %.*s", label == metric->labels ? ";" : ",",
                                   (int)strcspn(*label, "="), *label);
    g_string_append_printf(entry, " %s. ", metric->help);
    return g_string_free(entry, FALSE);
}

START_TEST(the_manual_has_each_metric_as_the_table)
{
    MetricTable *table = metric_table_read(".");
    const MetricRow *metric;
    g_autofree char *manual = NULL;

    ck_assert(g_file_get_contents("man/eqmgrctl.8", &manual, NULL, NULL));
    (void)g_strdelimit(manual, "\n", ' ');
    for (guint i = 0; (metric = metric_table_at(table, i)) != NULL; i++) {
        g_autofree char *entry = entry_of_manual(metric);

        ck_assert_msg(strstr(manual, entry) != NULL, "the manual lacks: %s", entry);
    }
    metric_table_free(table);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("metrics");

    tcase_add_loop_test(tcase, what_is_shipped_asks_for_metrics_that_exist, 0,
                        G_N_ELEMENTS(shipped));
    tcase_add_loop_test(tcase, each_metric_of_the_table_has_its_type_and_help, 0, 2);
    tcase_add_test(tcase, the_manual_has_each_metric_as_the_table);
    return run_suite("ctl/metrics", tcase, NULL);
}
