#ifndef EQMGR_CONFIG_SETTINGS_H
#define EQMGR_CONFIG_SETTINGS_H

/*
 * config/settings: main.cf (and eqmgr.cf, and -o) as one immutable value (configuration.md).
 *
 * settings_load() reads the files, applies overrides, evaluates and checks every parameter that a
 * queue manager uses, in stock's order, and either returns the whole or one error whose message is
 * the stock fatal text. Nothing is guessed. Warnings are complete texts without severity.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/release.h"
#include "policy/meter.h"
#include "policy/retry.h"
#include "policy/transport_rate.h"

typedef struct SettingsSource {
    const char *config_directory; /* MAIL_CONFIG, or the default */
    const char *process_name, *service_name;
    const char *mail_logtag;      /* MAIL_LOGTAG or NULL: names the process until settings are
                                   * loaded; afterwards syslog_name does, seen on the real one */
    const char *const *overrides; /* "name=value" texts of -o in order, NULL-terminated; or NULL */
    const char *start_directory;  /* working directory at start: default of queue_directory */
    const char *daemon_directory; /* default of this parameter, or NULL: the packages' one */
    const char *master_program;   /* of the running master(8), or NULL: shows the release if no
                                   * program in daemon_directory does */
    bool round_robin;             /* called as oqmgr: reads oqmgr's parameters */
} SettingsSource;

typedef struct Settings Settings; /* opaque rest: the table for per-transport names */

typedef struct SettingsValues {
    /* process */
    const char *config_directory, *queue_directory, *data_directory, *daemon_directory, *mail_owner;
    const char *syslog_name, *syslog_facility, *maillog_file, *postlog_service_name, *myhostname;
    const char *debugger_command; /* -D */
    /* services */
    const char *bounce_service_name, *defer_service_name, *trace_service_name;
    const char *address_verify_service_name, *flush_service_name, *rewrite_service_name;
    /* queue manager (8.1) */
    int qmgr_message_active_limit, qmgr_message_recipient_limit, qmgr_message_recipient_minimum;
    int qmgr_fudge_factor, initial_destination_concurrency, address_verify_pending_request_limit;
    int queue_run_delay_s, minimal_backoff_time_s, maximal_backoff_time_s;
    int maximal_queue_lifetime_s, bounce_queue_lifetime_s, transport_retry_time_s;
    int qmgr_clog_warn_time_s, qmgr_daemon_timeout_s, qmgr_ipc_timeout_s;
    const char *defer_transports, *default_filter_nexthop;
    bool disable_verp_bounces, confirm_delay_cleared, destination_concurrency_feedback_debug;
    /* library (8.2) */
    const char *hash_queue_names;
    int hash_queue_depth, default_process_limit, in_flow_delay_s, ipc_idle_s, ipc_ttl_s;
    int daemon_timeout_s, delay_logging_resolution_limit, dont_remove;
    const char *recipient_delimiter, *double_bounce_sender, *verp_delimiter_filter;
    const char *fast_flush_domains, *info_log_address_format;
    bool owner_request_special, soft_bounce, address_verify_negative_cache, smtputf8_enable;
    bool fast_flush_matches_subdomains; /* parent_domain_matches_subdomains lists fast_flush_domains
                                         */
    bool helpful_warnings;
    /* eqmgr.cf */
    const char *eqmgr_scheduler;         /* "preemptive" or "round-robin" */
    const char *eqmgr_resolver_services; /* empty: the rewrite service */
    int eqmgr_resolver_connections, eqmgr_resolver_cache_s;
    bool eqmgr_retry_exact;
    int eqmgr_new_mail_reserve;         /* percent of qmgr_message_active_limit */
    int eqmgr_destination_active_share; /* the same; 0: no destination has an allowance */
    int eqmgr_destination_active_horizon_s;
    bool eqmgr_control_socket;
    bool eqmgr_keep_state;
    const char *eqmgr_summary_users, *eqmgr_view_users, *eqmgr_control_users; /* names, @groups */
    const char *eqmgr_metrics_destinations;                                   /* names */
    const char *eqmgr_policy_file;                                            /* "": none */
    const char *eqmgr_sandbox;                                                /* yes, no, log */
    bool eqmgr_core_dump;
    int eqmgr_postfix_release; /* RELEASE(); 0: not set */
    /* what is installed */
    const char *postfix_version; /* as its programs say, such as "3.7.11"; "" if none does */
    int postfix_release;         /* the same as RELEASE(); 0 */
} SettingsValues;

/* `warnings` gets complete texts (char *, to be freed with g_free) as they arise, also on failure.
 */
Settings *settings_load(const SettingsSource *source, GPtrArray *warnings,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What holds where no file says anything; it looks at no file but those of the programs of Postfix,
 * and asks for no account. For tools; the daemon needs a main.cf.
 */
Settings *settings_of_defaults(const SettingsSource *source, GPtrArray *warnings,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
void settings_free(Settings *settings);

const SettingsValues *settings_values(const Settings *settings);

/* Per-transport parameters (configuration.md 7), texts where sched parses them itself. */
typedef struct TransportSettings {
    int destination_concurrency_limit, initial_destination_concurrency;
    int destination_recipient_limit, destination_rate_delay_s, transport_rate_delay_s;
    int delivery_slot_cost, delivery_slot_loan, delivery_slot_discount, minimum_delivery_slots;
    int recipient_limit, extra_recipient_limit, recipient_refill_limit, recipient_refill_delay_s;
    int destination_concurrency_failed_cohort_limit;
    char *positive_feedback, *negative_feedback;           /* texts */
    char *positive_feedback_name, *negative_feedback_name; /* parameter to name if bad: 11.1 */
} TransportSettings;

/* false: *error is the stock fatal text. Clear the result with transport_settings_clear(). */
bool settings_transport(const Settings *settings, const char *transport,
                        TransportSettings *ret_transport, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void transport_settings_clear(TransportSettings *transport);

/*
 * The parameter that somebody has set and that gives this transport its value: its own, or the one
 * for all transports; a new string. NULL: none is set, so the value is the built-in default. The
 * suffix begins with "_".
 */
char *settings_transport_origin(const Settings *settings, const char *transport,
                                const char *suffix) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What eqmgr.cf says of retries for this transport, or for all of them (traffic.md 1); nothing for
 * retry and error.
 */
RetryPlan settings_retry(const Settings *settings, const char *transport);
bool settings_has_retry(const Settings *settings); /* something is said for some transport */
int64_t settings_shortest_lifetime_s(const Settings *settings); /* INT64_MAX: none is said */

/* The parameter that says a part of that, a new string; NULL: none does. */
char *settings_retry_origin(const Settings *settings, const char *transport,
                            RetryPart part) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What eqmgr.cf says of a rate for this transport, or for all of them (traffic.md 1); nothing for
 * retry and error. False: nothing is said. A count of 0: there is to be no limit. *ret_name, unless
 * that is NULL, becomes the parameter that says it, a new string.
 */
bool settings_rate(const Settings *settings, const char *transport, TransportRate rate,
                   MeterLimit *ret_limit, char **ret_name);
bool settings_has_rates(const Settings *settings); /* something is said for some transport */

/* All warnings of settings_transport() so far: complete texts, oldest first. The reason of a
 * failure is usually here. */
const GPtrArray *settings_transport_warnings(const Settings *settings);

#endif
