/*
 * Rows of metrics as text. The daemon sends names, labels and numbers; types and help texts are
 * here, in the order in which the families are to come. A family without a row here is not shown.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/ctl/metrics_internal.h"
#include "src/ctl/show_internal.h"
#include "src/ctl/text_internal.h"

#define LABEL_PREFIX "label_"
#define TOTAL        "_total"
#define US_PER_S     1e6

typedef struct Family {
    const char *name, *type, *help;
} Family;

static const Family families[] = {
    {"eqmgr_build_info",                              "gauge",
     "Version of eqmgr, release of Postfix, strategy of the scheduler"                                                       },
    {"process_start_time_seconds",                    "gauge",     "When the daemon was started"                             },
    {"process_cpu_seconds_total",                     "counter",   "CPU time of the daemon, user and system"                 },
    {"process_resident_memory_bytes",                 "gauge",     "Resident memory of the daemon"                           },
    {"process_open_fds",                              "gauge",     "Open descriptors of the daemon"                          },
    {"process_max_fds",                               "gauge",     "Descriptors that the daemon may open"                    },
    {"eqmgr_active_messages",                         "gauge",
     "Messages in the active queue (postfix_showq_queue_depth of other exporters)"                                           },
    {"eqmgr_active_messages_limit",                   "gauge",
     "Messages that the active queue may have (qmgr_message_active_limit)"                                                   },
    {"eqmgr_active_tried_messages",                   "gauge",
     "Messages in the active queue that an attempt was made for before"                                                      },
    {"eqmgr_recipients",                              "gauge",     "Recipients in memory"                                    },
    {"eqmgr_recipients_limit",                        "gauge",
     "Recipients that memory may have (qmgr_message_recipient_limit)"                                                        },
    {"eqmgr_deferred_messages",                       "gauge",     "Deferred messages that are known"                        },
    {"eqmgr_overdue_messages",                        "gauge",     "Deferred messages whose time has come"                   },
    {"eqmgr_index_complete",                          "gauge",     "1 if all deferred messages are known"                    },
    {"eqmgr_deferred_destination_known_messages",     "gauge",
     "Deferred messages whose destination is known"                                                                          },
    {"eqmgr_deferred_next_due_timestamp_seconds",     "gauge",
     "When the next deferred message is due; 0: there is none"                                                               },
    {"eqmgr_oldest_active_arrival_timestamp_seconds", "gauge",
     "Arrival of the oldest message in the active queue; 0: there is none"                                                   },
    {"eqmgr_last_deferred_run_timestamp_seconds",     "gauge",
     "Begin of the last queue run; 0: there was none"                                                                        },
    {"eqmgr_messages_taken_total",                    "counter",   "Messages taken into the active queue"                    },
    {"eqmgr_messages_left_total",                     "counter",
     "Messages that left the active queue (removed: postfix_qmgr_messages_removed_total of other "
     "exporters)"                                                                                                            },
    {"eqmgr_messages_expired_total",                  "counter",
     "Messages returned for their age or by order (postfix_qmgr_messages_expired_total of other "
     "exporters)"                                                                                                            },
    {"eqmgr_delay_warnings_total",                    "counter",   "Delay warnings sent"                                     },
    {"eqmgr_deliveries_total",                        "counter",
     "Deliveries by result; done includes those that the agent returned"                                                     },
    {"eqmgr_delivery_recipients_total",               "counter",   "Recipients of deliveries by result"                      },
    {"eqmgr_deliveries_running",                      "gauge",     "Deliveries that run"                                     },
    {"eqmgr_deliveries_waiting",                      "gauge",     "Delivery requests that wait"                             },
    {"eqmgr_connections_pending",                     "gauge",     "Connections whose agent has not announced itself"        },
    {"eqmgr_transport_dead",                          "gauge",     "1 if the transport is dead"                              },
    {"eqmgr_transport_deaths_total",                  "counter",   "How often the transport died"                            },
    {"eqmgr_destination_deaths_total",                "counter",   "How often destinations of the transport died"            },
    {"eqmgr_destinations",                            "gauge",     "Destinations by state, each counted in its worst one"    },
    {"eqmgr_destination_waiting",                     "gauge",     "Delivery requests that wait for the destination"         },
    {"eqmgr_destination_running",                     "gauge",     "Deliveries to the destination that run"                  },
    {"eqmgr_destination_window",                      "gauge",
     "Deliveries to the destination that may run, by feedback"                                                               },
    {"eqmgr_destination_throttled",                   "gauge",
     "In how many transports the destination is dead; other: how many destinations are"                                      },
    {"eqmgr_destination_suspended",                   "gauge",     "In how many transports a rule holds the destination"     },
    {"eqmgr_destination_deferred_known",              "gauge",
     "Deferred messages that are known to wait for the destination"                                                          },
    {"eqmgr_destination_watched_deaths_total",        "counter",   "How often the destination died"                          },
    {"eqmgr_meter_debt_units",                        "gauge",
     "Deliveries to the destination that its rate has not worked off yet"                                                    },
    {"eqmgr_delivery_duration_seconds",               "histogram",
     "Duration of a delivery, from request to reply"                                                                         },
    {"eqmgr_queue_wait_seconds",                      "histogram", "Time from arrival to the first delivery request"         },
    {"eqmgr_resolve_duration_seconds",                "histogram", "Duration of one question to trivial-rewrite"             },
    {"eqmgr_retry_lateness_seconds",                  "histogram",
     "Time from when a deferred message was due to when it was taken"                                                        },
    {"eqmgr_message_age_at_removal_seconds",          "histogram", "Time from arrival to removal"                            },
    {"eqmgr_loop_busy_seconds",                       "histogram",
     "Duration of one turn of the event loop, without its wait: nothing stalls if it is short"                               },
    {"eqmgr_log_lines_total",                         "counter",   "Lines written to the mail log"                           },
    {"eqmgr_rules",                                   "gauge",     "Rules of an administrator that are in force"             },
    {"eqmgr_rules_next_expiry_timestamp_seconds",     "gauge",     "When the next rule ends; 0: none does"                   },
    {"eqmgr_rules_oldest_timestamp_seconds",          "gauge",
     "When the oldest rule in force was set; 0: there is none"                                                               },
    {"eqmgr_suspended_messages",                      "gauge",
     "Deferred messages that are known to wait for the end of a rule alone"                                                  },
    {"eqmgr_jobs",                                    "gauge",     "Jobs by state; some that ended are kept"                 },
    {"eqmgr_slowed_sites",                            "gauge",     "Destinations that are slowed because of what they answer"},
    {"eqmgr_backoff_steps_total",                     "counter",   "Steps of back-off by replies: down, and up again"        },
    {"eqmgr_paced_seconds_total",                     "counter",
     "Time for which mail that could go else has waited for a rate, of all that keep one together"                           },
    {"eqmgr_parked_messages",                         "gauge",
     "Deferred messages that wait for a place in the active queue"                                                           },
    {"eqmgr_parked_total",                            "counter",   "Times that a message was parked to wait for its turn"    },
    {"eqmgr_control_changes_total",                   "counter",   "Changes of rules, their ends included"                   },
    {"eqmgr_control_requests_total",                  "counter",   "Requests on the control socket"                          },
    {"eqmgr_control_refused_total",                   "counter",
     "Requests and connections that the control socket refused"                                                              },
};

bool metrics_knows(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(families); i++)
        if (g_str_equal(families[i].name, name))
            return true;
    return false;
}

unsigned metrics_count(void)
{
    return G_N_ELEMENTS(families);
}

struct Metrics {
    GHashTable *samples; /* lines of samples, a GString by the name of the family */
};

static void put_label_value(GString *out, const char *value)
{
    g_autofree char *valid = text_utf8(value);

    for (const char *at = valid; *at != '\0'; at++) {
        if (*at == '\n')
            g_string_append(out, "\\n");
        else if (*at == '"' || *at == '\\')
            g_string_append_printf(out, "\\%c", *at);
        else
            g_string_append_c(out, *at);
    }
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

/* name="value",... of all labels, in the order of their names. */
static char *labels_of(const Row *row)
{
    GString *out = g_string_new(NULL);
    GList *names = g_list_sort(g_hash_table_get_keys(row->values), compare_names);

    for (GList *name = names; name != NULL; name = name->next) {
        if (!g_str_has_prefix(name->data, LABEL_PREFIX))
            continue;
        g_string_append_printf(out, "%s%s=\"", out->len > 0 ? "," : "",
                               (const char *)name->data + strlen(LABEL_PREFIX));
        put_label_value(out, row_text(row, name->data));
        g_string_append_c(out, '"');
    }
    g_list_free(names);
    return g_string_free(out, FALSE);
}

/* Without the point and zeros that are not needed, in any locale. */
static const char *number(double value, char buffer[G_ASCII_DTOSTR_BUF_SIZE])
{
    return g_ascii_formatd(buffer, G_ASCII_DTOSTR_BUF_SIZE, "%.9g", value);
}

static void put_histogram_lines(GString *out, const char *name, const char *labels, const Row *row)
{
    g_auto(GStrv) bounds = g_strsplit(row_text(row, "bounds_us") ?: "", ",", -1);
    g_auto(GStrv) counts = g_strsplit(row_text(row, "buckets") ?: "", ",", -1);
    const char *comma = *labels != '\0' ? "," : "";
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    for (unsigned i = 0; bounds[i] != NULL && counts[i] != NULL; i++)
        g_string_append_printf(out, "%s_bucket{%s%sle=\"%s\"} %s\n", name, labels, comma,
                               number(g_ascii_strtod(bounds[i], NULL) / US_PER_S, buffer),
                               counts[i]);
    g_string_append_printf(out, "%s_bucket{%s%sle=\"+Inf\"} %" PRId64 "\n", name, labels, comma,
                           row_number(row, "count", 0));
    g_string_append_printf(out, "%s_sum%s%s%s %s\n", name, *labels != '\0' ? "{" : "", labels,
                           *labels != '\0' ? "}" : "",
                           number((double)row_number(row, "sum_us", 0) / US_PER_S, buffer));
    g_string_append_printf(out, "%s_count%s%s%s %" PRId64 "\n", name, *labels != '\0' ? "{" : "",
                           labels, *labels != '\0' ? "}" : "", row_number(row, "count", 0));
}

void metrics_add(const Row *row, void *ctx)
{
    Metrics *metrics = ctx;
    const char *name = row_text(row, "name"), *value = row_text(row, "value");
    g_autofree char *labels = labels_of(row);
    GString *out;

    if (name == NULL)
        return;
    out = g_hash_table_lookup(metrics->samples, name);
    if (out == NULL) {
        out = g_string_new(NULL);
        g_hash_table_insert(metrics->samples, g_strdup(name), out);
    }
    if (value == NULL)
        put_histogram_lines(out, name, labels, row);
    else
        g_string_append_printf(out, "%s%s%s%s %s\n", name, *labels != '\0' ? "{" : "", labels,
                               *labels != '\0' ? "}" : "", value);
}

static void put_family(GString *out, const Family *family, MetricsFormat format,
                       const GString *samples)
{
    g_autofree char *name = g_strdup(family->name);

    if (format == METRICS_OPENMETRICS && g_str_has_suffix(name, TOTAL))
        name[strlen(name) - strlen(TOTAL)] = '\0';
    g_string_append_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s", name, family->help, name,
                           family->type, samples->str);
}

static void free_samples(gpointer samples)
{
    (void)g_string_free(samples, TRUE);
}

Metrics *metrics_new(void)
{
    Metrics *metrics = g_new(Metrics, 1);

    metrics->samples = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_samples);
    return metrics;
}

void metrics_free(Metrics *metrics)
{
    g_hash_table_destroy(metrics->samples);
    g_free(metrics);
}

char *metrics_text(const Metrics *metrics, MetricsFormat format)
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
        const GString *samples = g_hash_table_lookup(metrics->samples, families[i].name);

        if (samples != NULL)
            put_family(out, &families[i], format, samples);
    }
    if (format == METRICS_OPENMETRICS)
        g_string_append(out, "# EOF\n");
    return g_string_free(out, FALSE);
}

int metrics_run(const Invocation *invocation)
{
    bool is_open = g_hash_table_contains(invocation->flags, "openmetrics");
    Session *session = NULL;
    SessionAnswer answer = {.problem = NULL};
    SessionStatus status;
    Metrics *metrics;
    int result = show_connect(invocation, &session);

    if (result != 0)
        return result;
    metrics = metrics_new();
    status = session_ask(session, "metrics", NULL, metrics_add, metrics, &answer);
    session_close(session);
    if (status == SESSION_OK) {
        g_autofree char *text =
            metrics_text(metrics, is_open ? METRICS_OPENMETRICS : METRICS_PROMETHEUS);

        (void)fputs(text, stdout);
    } else {
        result = show_problem(invocation, status, answer.problem);
    }
    metrics_free(metrics);
    session_answer_clear(&answer);
    return result;
}
