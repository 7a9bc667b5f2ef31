/*
 * metrics: one row a series: its name, labels, and a value, or the buckets of a histogram. Known
 * series exist from the start with 0. Transports are walked, messages and destinations are not.
 */

#include <inttypes.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/log.h"
#include "codec/control.h"
#include "life/inspect.h"
#include "life/jobs.h"
#include "sched/inspect.h"
#include "src/control/metric_internal.h"
#include "src/control/verbs_internal.h"

/* [reply] sections that have series of their own. */
#define RULES_NAMED_MAX 64

/* No transport has this name. */
#define ANY_TRANSPORT "*"

static void put_histogram_row(Answer *answer, const char *name, const char *transport,
                              const Histogram *histogram)
{
    g_autoptr(GString) bounds = g_string_new(NULL), buckets = g_string_new(NULL);

    for (unsigned i = 0; i < histogram->bounds->count; i++) {
        const char *comma = i > 0 ? "," : "";

        g_string_append_printf(bounds, "%s%" PRId64, comma, histogram->bounds->upper_us[i]);
        g_string_append_printf(buckets, "%s%" PRIu64, comma, histogram_up_to(histogram, i));
    }
    metric_begin(answer, name);
    answer_str(answer, "label_transport", transport);
    answer_str(answer, "bounds_us", bounds->str);
    answer_str(answer, "buckets", buckets->str);
    answer_int(answer, "count", (int64_t)histogram->total_count);
    answer_int(answer, "sum_us", (int64_t)histogram->sum_us);
    answer_finish(answer);
}

/* ---- the process ---- */

static int64_t resident_bytes(void)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) words = NULL;

    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        return 0;
    words = g_strsplit(text, " ", 3);
    return g_strv_length(words) < 2 ? 0
                                    : g_ascii_strtoll(words[1], NULL, 10) * sysconf(_SC_PAGESIZE);
}

/* Descriptors of the daemon, but not the one with which they are read; 0: they cannot be. */
static int64_t open_descriptor_count(void)
{
    GDir *directory = g_dir_open("/proc/self/fd", 0, NULL);
    int64_t count = 0;

    if (directory == NULL)
        return 0;
    while (g_dir_read_name(directory) != NULL)
        count++;
    g_dir_close(directory);
    return count - 1;
}

static void put_process(Answer *answer, const Query *query)
{
    struct rusage usage;
    struct rlimit files;
    char seconds[32];

    metric_begin(answer, "eqmgr_build_info");
    answer_str(answer, "label_version", EQMGR_VERSION);
    answer_str(answer, "label_postfix", query->settings->release);
    answer_str(answer, "label_strategy", query->settings->strategy);
    answer_int(answer, "value", 1);
    answer_finish(answer);
    metric_put(answer, "process_start_time_seconds", query->settings->started_wall_s);
    metric_put(answer, "process_resident_memory_bytes", resident_bytes());
    metric_put(answer, "process_open_fds", open_descriptor_count());
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        metric_put(answer, "process_max_fds", (int64_t)files.rlim_cur);
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return;
    (void)g_snprintf(seconds, sizeof(seconds), "%ld.%06ld",
                     (long)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
                            (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000000),
                     (long)((usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) % 1000000));
    metric_begin(answer, "process_cpu_seconds_total");
    answer_str(answer, "value", seconds);
    answer_finish(answer);
}

/* ---- the queue ---- */

static void put_queue(Answer *answer, const Query *query)
{
    const LifeSettings *settings = life_settings(query->subject->life);
    LifeSummary life;
    SchedSummary sched;

    life_summarize(query->subject->life, &life);
    sched_summarize(query->subject->sched, &sched);
    for (LifePhase phase = 0; phase < LIFE_PHASE_COUNT; phase++)
        metric_put_labelled(answer, "eqmgr_active_messages", "label_state", life_phase_str(phase),
                            life.phases[phase]);
    metric_put(answer, "eqmgr_active_messages_limit", settings->message_active_limit);
    metric_put(answer, "eqmgr_active_tried_messages", life.tried_count);
    metric_put(answer, "eqmgr_recipients", sched.recipient_count);
    metric_put(answer, "eqmgr_recipients_limit", settings->message_recipient_limit);
    metric_put(answer, "eqmgr_deferred_messages", life.deferred_count);
    metric_put(answer, "eqmgr_deferred_destination_known_messages", life.known_count);
    metric_put(answer, "eqmgr_overdue_messages", life.overdue_count);
    metric_put(answer, "eqmgr_index_complete", life.index_complete);
    metric_put(answer, "eqmgr_deferred_next_due_timestamp_seconds", life.next_due_s);
    metric_put(answer, "eqmgr_oldest_active_arrival_timestamp_seconds", life.oldest_arrival_s);
    metric_put(answer, "eqmgr_last_deferred_run_timestamp_seconds", life.last_run_wall_s);
    for (SchedState state = 0; state < SCHED_STATE_COUNT; state++)
        metric_put_labelled(answer, "eqmgr_destinations", "label_state", sched_state_str(state),
                            sched.destinations[state]);
}

/* When the one was made that holds longest by now; 0: there is none. */
static int64_t oldest_rule_s(const Rules *rules)
{
    int64_t oldest_s = 0;

    for (unsigned i = 0; i < rules_count(rules); i++) {
        int64_t made_s = rules_at(rules, i)->made_s;

        oldest_s = oldest_s == 0 ? made_s : MIN(oldest_s, made_s);
    }
    return oldest_s;
}

static void put_rules(Answer *answer, const Query *query)
{
    const Rules *rules = steer_rules(query->subject->steer);
    const Rule *first = rules_first_to_end(rules);

    for (RuleKind kind = 0; kind < RULE_KIND_COUNT; kind++)
        metric_put_labelled(answer, "eqmgr_rules", "label_kind", rule_kind_str(kind),
                            rules_count_of(rules, kind));
    metric_put(answer, "eqmgr_rules_next_expiry_timestamp_seconds",
               first != NULL ? first->end_s : 0);
    metric_put(answer, "eqmgr_rules_oldest_timestamp_seconds", oldest_rule_s(rules));
    metric_put(answer, "eqmgr_suspended_messages", life_suspended_count(query->subject->life));
}

/* Those that ended stay until LIFE_JOBS_KEPT_MAX are kept. */
static void put_jobs(Answer *answer, const Query *query)
{
    int64_t counts[LIFE_JOB_STATE_COUNT] = {0};
    LifeJobView job;

    for (uint32_t next = 1; life_view_job(query->subject->life, next, &job); next = job.number + 1)
        counts[job.state]++;
    for (LifeJobState state = 0; state < LIFE_JOB_STATE_COUNT; state++)
        metric_put_labelled(answer, "eqmgr_jobs", "label_state", life_job_state_str(state),
                            counts[state]);
}

static void put_counters(Answer *answer, const Stats *stats)
{
    static const struct {
        const char *name, *label, *value;
        StatsCounter counter;
    } rows[] = {
        {"eqmgr_messages_taken_total",   "label_queue",  "incoming",   STATS_TAKEN_INCOMING      },
        {"eqmgr_messages_taken_total",   "label_queue",  "deferred",   STATS_TAKEN_DEFERRED      },
        {"eqmgr_messages_left_total",    "label_way",    "removed",    STATS_LEFT_REMOVED        },
        {"eqmgr_messages_left_total",    "label_way",    "deferred",   STATS_LEFT_DEFERRED       },
        {"eqmgr_messages_left_total",    "label_way",    "corrupt",    STATS_LEFT_CORRUPT        },
        {"eqmgr_messages_left_total",    "label_way",    "put_back",   STATS_LEFT_PUT_BACK       },
        {"eqmgr_messages_expired_total", NULL,           NULL,         STATS_EXPIRED             },
        {"eqmgr_delay_warnings_total",   NULL,           NULL,         STATS_DELAY_WARNINGS      },
        {"eqmgr_control_requests_total", NULL,           NULL,         STATS_CONTROL_REQUESTS    },
        {"eqmgr_control_changes_total",  NULL,           NULL,         STATS_CONTROL_CHANGES     },
        {"eqmgr_control_refused_total",  "label_reason", "busy",       STATS_CONTROL_REFUSED_BUSY},
        {"eqmgr_control_refused_total",  "label_reason", "permission",
         STATS_CONTROL_REFUSED_PERMISSION                                                        },
        {"eqmgr_control_refused_total",  "label_reason", "malformed",
         STATS_CONTROL_REFUSED_MALFORMED                                                         },
        {"eqmgr_control_refused_total",  "label_reason", "slow",       STATS_CONTROL_REFUSED_SLOW},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        metric_begin(answer, rows[i].name);
        if (rows[i].label != NULL)
            answer_str(answer, rows[i].label, rows[i].value);
        answer_int(answer, "value", (int64_t)stats_counter(stats, rows[i].counter));
        answer_finish(answer);
    }
}

static void put_log_lines(Answer *answer)
{
    static const char *const severities[] = {
        [LOG_SEV_INFO] = "info",
        [LOG_SEV_WARNING] = "warning",
        [LOG_SEV_ERROR] = "error",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(severities); i++)
        metric_put_labelled(answer, "eqmgr_log_lines_total", "label_severity", severities[i],
                            (int64_t)log_count((LogSeverity)i));
}

static void put_histograms(Answer *answer, const Stats *stats)
{
    static const char *const names[STATS_HISTOGRAM_COUNT] = {
        [STATS_QUEUE_WAIT] = "eqmgr_queue_wait_seconds",
        [STATS_RESOLVE] = "eqmgr_resolve_duration_seconds",
        [STATS_RETRY_LATENESS] = "eqmgr_retry_lateness_seconds",
        [STATS_AGE_AT_REMOVAL] = "eqmgr_message_age_at_removal_seconds",
        [STATS_LOOP_BUSY] = "eqmgr_loop_busy_seconds",
    };

    for (StatsHistogramKind kind = 0; kind < STATS_HISTOGRAM_COUNT; kind++)
        put_histogram_row(answer, names[kind], NULL, stats_histogram(stats, kind));
}

static void put_steps(Answer *answer, const char *rule, const char *direction, uint64_t count)
{
    metric_begin(answer, "eqmgr_backoff_steps_total");
    answer_str(answer, "label_rule", rule);
    answer_str(answer, "label_direction", direction);
    answer_int(answer, "value", (int64_t)count);
    answer_finish(answer);
}

/* Sections beyond the first ones have one series together, which is there in any case. */
static void put_backoff(Answer *answer, const Life *life)
{
    LifeSlowedSteps others = {.rule = "other"};
    const LifeSlowedSteps *steps;

    metric_put(answer, "eqmgr_slowed_sites", life_count_slowed(life));
    for (unsigned i = 0; (steps = life_slowed_steps(life, i)) != NULL; i++) {
        if (i >= RULES_NAMED_MAX || g_str_equal(steps->rule, others.rule)) {
            others.down_count += steps->down_count;
            others.up_count += steps->up_count;
            continue;
        }
        put_steps(answer, steps->rule, "down", steps->down_count);
        put_steps(answer, steps->rule, "up", steps->up_count);
    }
    put_steps(answer, others.rule, "down", others.down_count);
    put_steps(answer, others.rule, "up", others.up_count);
}

/* ---- rates ---- */

static void put_paced(Answer *answer, const char *transport, const char *why, int64_t us)
{
    char seconds[32];

    (void)g_snprintf(seconds, sizeof(seconds), "%" PRId64 ".%06d", us / G_USEC_PER_SEC,
                     (int)(us % G_USEC_PER_SEC));
    metric_begin(answer, "eqmgr_paced_seconds_total");
    answer_str(answer, "label_transport", transport);
    answer_str(answer, "label_why", why);
    answer_str(answer, "value", seconds);
    answer_finish(answer);
}

static void put_paced_of_transport(Answer *answer, const char *label,
                                   const SchedTransportView *transport)
{
    static const char *const names[SCHED_PACED_COUNT] = {
        [SCHED_PACED_BY_DESTINATION] = "destination",
        [SCHED_PACED_BY_SITE] = "site",
        [SCHED_PACED_BY_TRANSPORT] = "transport",
    };

    for (SchedPaced why = 0; why < SCHED_PACED_COUNT; why++)
        put_paced(answer, label, names[why], transport->paced_us[why]);
}

static void put_paced_over_transports(Answer *answer, const Sched *sched)
{
    SchedSummary summary;

    sched_summarize(sched, &summary);
    put_paced(answer, ANY_TRANSPORT, "site", summary.paced_us);
}

static void put_parked(Answer *answer, const Query *query)
{
    metric_put(answer, "eqmgr_parked_messages", life_parked_count(query->subject->life));
    metric_put(answer, "eqmgr_parked_total",
               (int64_t)stats_counter(query->subject->stats, STATS_PARKED));
}

/* ---- transports ---- */

static void put_transport_gauges(Answer *answer, const Query *query)
{
    SchedTransportView transport;

    for (const char *after = NULL; sched_view_transport(query->subject->sched, after, &transport);
         after = transport.name) {
        const char *label =
            stats_transport(query->subject->stats, transport.name)->name; /* "other" after 64 */

        if (g_str_equal(label, STATS_OTHER_TRANSPORT))
            continue; /* gauges of several would be one series several times */
        metric_put_labelled(answer, "eqmgr_deliveries_running", "label_transport", label,
                            transport.running_count);
        metric_put_labelled(answer, "eqmgr_deliveries_waiting", "label_transport", label,
                            transport.waiting_count);
        metric_put_labelled(answer, "eqmgr_connections_pending", "label_transport", label,
                            transport.pending_count);
        metric_put_labelled(answer, "eqmgr_transport_dead", "label_transport", label,
                            transport.is_dead);
        if (!transport.is_internal)
            put_paced_of_transport(answer, label, &transport);
    }
}

static void put_results(Answer *answer, const char *name, const StatsTransport *transport,
                        const uint64_t counts[STATS_RESULT_COUNT])
{
    static const char *const results[STATS_RESULT_COUNT] = {"done", "deferred", "lost"};

    for (StatsResult result = 0; result < STATS_RESULT_COUNT; result++) {
        metric_begin(answer, name);
        answer_str(answer, "label_transport", transport->name);
        answer_str(answer, "label_result", results[result]);
        answer_int(answer, "value", (int64_t)counts[result]);
        answer_finish(answer);
    }
}

static void put_transport_counters(Answer *answer, const Stats *stats)
{
    const StatsTransport *transport;

    for (unsigned i = 0; (transport = stats_transport_at(stats, i)) != NULL; i++) {
        put_results(answer, "eqmgr_deliveries_total", transport, transport->deliveries);
        put_results(answer, "eqmgr_delivery_recipients_total", transport, transport->recipients);
        metric_put_labelled(answer, "eqmgr_transport_deaths_total", "label_transport",
                            transport->name, (int64_t)transport->deaths);
        metric_put_labelled(answer, "eqmgr_destination_deaths_total", "label_transport",
                            transport->name, (int64_t)transport->destination_deaths);
        put_histogram_row(answer, "eqmgr_delivery_duration_seconds", transport->name,
                          &transport->duration);
    }
}

bool metrics_step(Query *query, unsigned object_max)
{
    Answer *answer = query->answer;
    const Stats *stats = query->subject->stats;

    (void)object_max;
    put_process(answer, query);
    put_queue(answer, query);
    put_rules(answer, query);
    put_jobs(answer, query);
    put_backoff(answer, query->subject->life);
    put_paced_over_transports(answer, query->subject->sched);
    put_parked(answer, query);
    put_counters(answer, stats);
    put_log_lines(answer);
    put_transport_gauges(answer, query);
    put_transport_counters(answer, stats);
    metric_put_destinations(query);
    put_histograms(answer, stats);
    answer_end(answer, answer->row_count, false, NULL);
    return false;
}
