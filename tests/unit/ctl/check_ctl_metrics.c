#include <string.h>

#include "src/ctl/metrics_internal.h"
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

/* A row of section 5 of operations.md that is not here is missing for whoever reads it. */
static const char *const specified[] = {
    "eqmgr_build_info",
    "process_start_time_seconds",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_open_fds",
    "process_max_fds",
    "eqmgr_active_messages",
    "eqmgr_active_messages_limit",
    "eqmgr_recipients",
    "eqmgr_recipients_limit",
    "eqmgr_deferred_messages",
    "eqmgr_overdue_messages",
    "eqmgr_index_complete",
    "eqmgr_deferred_destination_known_messages",
    "eqmgr_deferred_next_due_timestamp_seconds",
    "eqmgr_oldest_active_arrival_timestamp_seconds",
    "eqmgr_last_deferred_run_timestamp_seconds",
    "eqmgr_messages_taken_total",
    "eqmgr_messages_left_total",
    "eqmgr_messages_expired_total",
    "eqmgr_delay_warnings_total",
    "eqmgr_deliveries_total",
    "eqmgr_delivery_recipients_total",
    "eqmgr_deliveries_running",
    "eqmgr_deliveries_waiting",
    "eqmgr_connections_pending",
    "eqmgr_transport_dead",
    "eqmgr_transport_deaths_total",
    "eqmgr_destination_deaths_total",
    "eqmgr_destinations",
    "eqmgr_rules",
    "eqmgr_rules_next_expiry_timestamp_seconds",
    "eqmgr_suspended_messages",
    "eqmgr_delivery_duration_seconds",
    "eqmgr_queue_wait_seconds",
    "eqmgr_resolve_duration_seconds",
    "eqmgr_retry_lateness_seconds",
    "eqmgr_message_age_at_removal_seconds",
    "eqmgr_loop_busy_seconds",
    "eqmgr_log_lines_total",
    "eqmgr_control_requests_total",
    "eqmgr_control_refused_total",
    "eqmgr_destination_waiting",
    "eqmgr_destination_running",
    "eqmgr_destination_window",
    "eqmgr_destination_throttled",
    "eqmgr_destination_suspended",
    "eqmgr_destination_deferred_known",
    "eqmgr_destination_watched_deaths_total",
};

START_TEST(each_metric_of_the_specification_exists)
{
    ck_assert_msg(metrics_knows(specified[_i]), "%s", specified[_i]);
    ck_assert(!metrics_knows("eqmgr_nonsense"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("metrics");

    tcase_add_loop_test(tcase, what_is_shipped_asks_for_metrics_that_exist, 0,
                        G_N_ELEMENTS(shipped));
    tcase_add_loop_test(tcase, each_metric_of_the_specification_exists, 0, G_N_ELEMENTS(specified));
    return run_suite("ctl/metrics", tcase, NULL);
}
