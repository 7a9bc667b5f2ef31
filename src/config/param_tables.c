#include "checks_internal.h"
#include "params_internal.h"

/* The parameters, one row each. A new parameter is a row here and a member of Settings. */

#define LIFETIME_MAX_S 8640000 /* 100 days */

#define AT(member) .offset = offsetof(struct Settings, member)

/* Rows: most parameters are stored under their own names. Limits are min, max; 0 means none. */
#define STRING(name, text, min_bytes)                               \
    {                                                               \
#name, PARAM_STRING, text, {min_bytes, 0 }, AT(values.name) \
    }
#define CHECKED(name, text, min_bytes, max_bytes)                            \
    {                                                                        \
#name, PARAM_STRING, text, {min_bytes, max_bytes }, AT(checked.name) \
    }
#define INT(name, text, min, max)                            \
    {                                                        \
#name, PARAM_INT, text, {min, max }, AT(values.name) \
    }
#define BOOL(name, text)                                  \
    {                                                     \
#name, PARAM_BOOL, text, {0, 0 }, AT(values.name) \
    }
#define TIME(name, text, min_s, max_s, unit_letter)                                          \
    {                                                                                        \
#name, PARAM_TIME, text, {min_s, max_s }, AT(values.name##_s), .unit = (unit_letter) \
    }

/* Defaults of transport parameters: of both queue managers, or of qmgr alone. */
#define TRANSPORT_INT(name, text, min, max)                              \
    {                                                                    \
        "default_" #name, PARAM_INT, text, {min, max}, AT(fallback.name) \
    }
#define TRANSPORT_TIME(name, text, min_s)                                                  \
    {                                                                                      \
        "default_" #name, PARAM_TIME, text, {min_s, 0}, AT(fallback.name##_s), .unit = 's' \
    }
#define QMGR_INT(name, text, min, max)                                    \
    {                                                                     \
        "default_" #name, PARAM_INT, text, {min, max}, AT(fallback.name), \
            .reader = READ_BY_PREEMPTIVE                                  \
    }
#define FEEDBACK(sign)                                                                   \
    {                                                                                    \
        "default_destination_concurrency_" #sign "_feedback", PARAM_STRING, "1", {1, 0}, \
            AT(fallback_##sign##_feedback)                                               \
    }

static const Param first_rows[] = {
    {"compatibility_level",
     PARAM_STRING, "0",
     {0, 0},
     AT(checked.compatibility_level),
     .check = check_level   },
    {"syslog_facility",
     PARAM_STRING, "mail",
     {1, 0},
     AT(values.syslog_facility),
     .check = check_facility},
    STRING(maillog_file, "", 0),
    CHECKED(maillog_file_prefixes, "/var, /dev/stdout", 1, 0),
    STRING(postlog_service_name, "postlog", 1),
    BOOL(smtputf8_enable, "${{$compatibility_level} <level {1} ? {no} : {yes}}"),
};

static const Param library_rows[] = {
    STRING(syslog_name, "${multi_instance_name?{$multi_instance_name}:{postfix}}", 1),
    STRING(config_directory, NULL, 0),
    STRING(queue_directory, "/var/spool/postfix", 1),
    STRING(data_directory, "/var/lib/postfix", 1),
    STRING(daemon_directory, "/usr/lib/postfix/sbin", 1),
    STRING(mail_owner, "postfix", 1),
    CHECKED(setgid_group, "postdrop", 1, 0),
    CHECKED(default_privs, "nobody", 1, 0),
    STRING(myhostname, NULL, 1),
    STRING(hash_queue_names, "deferred, defer", 1),
    CHECKED(relayhost, "", 0, 0),
    STRING(bounce_service_name, "bounce", 1),
    STRING(defer_service_name, "defer", 1),
    STRING(trace_service_name, "trace", 1),
    STRING(address_verify_service_name, "verify", 1),
    STRING(flush_service_name, "flush", 1),
    STRING(rewrite_service_name, "rewrite", 1),
    STRING(recipient_delimiter, "", 0),
    STRING(double_bounce_sender, "double-bounce", 1),
    CHECKED(default_verp_delimiters, "+=", 2, 2),
    STRING(verp_delimiter_filter, "-=+", 1),
    STRING(fast_flush_domains, "$relay_domains", 0),
    CHECKED(parent_domain_matches_subdomains, PARAMS_PARENT_DOMAIN_MATCHES_SUBDOMAINS, 0, 0),
    STRING(info_log_address_format, "external", 1),
    INT(hash_queue_depth, "1", 1, 0),
    INT(default_process_limit, "100", 1, 0),
    INT(delay_logging_resolution_limit, "2", 0, 6),
    INT(dont_remove, "0", 0, 0),
    BOOL(owner_request_special, "yes"),
    BOOL(soft_bounce, "no"),
    BOOL(address_verify_negative_cache, "yes"),
    BOOL(helpful_warnings, "yes"),
    TIME(in_flow_delay, "1s", 0, 10, 's'),
    TIME(ipc_idle, "5s", 1, 0, 's'),
    TIME(ipc_ttl, "1000s", 1, 0, 's'),
    TIME(daemon_timeout, "18000s", 1, 0, 's'),
};

static const Param eqmgr_rows[] = {
    {"eqmgr_scheduler",
     PARAM_STRING, "",
     {0, 0},
     AT(values.eqmgr_scheduler),
     .check = check_scheduler},
    {"eqmgr_postfix_release",
     PARAM_STRING, "",
     {0, 0},
     AT(checked.eqmgr_postfix_release),
     .check = check_release  },
    {"eqmgr_sandbox",
     PARAM_STRING, "yes",
     {0, 0},
     AT(values.eqmgr_sandbox),
     .check = check_sandbox  },
    INT(eqmgr_resolver_connections, "8", 1, 64),
    STRING(eqmgr_resolver_services, "", 0),
    TIME(eqmgr_resolver_cache, "10s", 0, 0, 's'),
    BOOL(eqmgr_retry_exact, "no"),
    INT(eqmgr_new_mail_reserve, "0", 0, 90),
    INT(eqmgr_destination_active_share, "0", 0, 100),
    TIME(eqmgr_destination_active_horizon, "300s", 1, 86400, 's'),
    BOOL(eqmgr_control_socket, "yes"),
    BOOL(eqmgr_keep_state, "yes"),
    STRING(eqmgr_summary_users, "", 0),
    STRING(eqmgr_view_users, "", 0),
    STRING(eqmgr_control_users, "", 0),
    STRING(eqmgr_metrics_destinations, "", 0),
    STRING(eqmgr_policy_file, "", 0),
    BOOL(eqmgr_core_dump, "no"),
};

static const Param queue_manager_rows[] = {
    INT(qmgr_message_active_limit, "20000", 1, 0),
    INT(qmgr_message_recipient_limit, "20000", 1, 0),
    {"qmgr_message_recipient_minimum",
                                                   PARAM_INT,        "10",
                                                   {1, 0},
                                                   AT(values.qmgr_message_recipient_minimum),
                                                   .reader = READ_BY_PREEMPTIVE   },
    {                                "qmgr_fudge_factor",
                                                   PARAM_INT, "100",
                                                   {10, 100},
                                                   AT(values.qmgr_fudge_factor),
                                                   .reader = READ_BY_ROUND_ROBIN},
    QMGR_INT(recipient_limit, "20000", 0, 0),
    QMGR_INT(extra_recipient_limit, "1000", 0, 0),
    QMGR_INT(recipient_refill_limit, "100", 1, 0),
    QMGR_INT(delivery_slot_cost, "5", 0, 0),
    QMGR_INT(delivery_slot_loan, "3", 0, 0),
    QMGR_INT(delivery_slot_discount, "50", 0, 100),
    QMGR_INT(minimum_delivery_slots, "3", 0, 0),
    INT(initial_destination_concurrency, "5", 1, 0),
    TRANSPORT_INT(destination_concurrency_limit, "20", 0, 0),
    TRANSPORT_INT(destination_recipient_limit, "50", 0, 0),
    TRANSPORT_INT(destination_concurrency_failed_cohort_limit, "1", 0, 0),
    INT(address_verify_pending_request_limit, "5000", 1, 0),
    FEEDBACK(positive),
    FEEDBACK(negative),
    STRING(defer_transports, "", 0),
    STRING(default_filter_nexthop, "", 0),
    BOOL(destination_concurrency_feedback_debug, "no"),
    BOOL(disable_verp_bounces, "no"),
    BOOL(confirm_delay_cleared, "no"),
    { "default_recipient_refill_delay",
                                                   PARAM_TIME,           "5s",
                                                   {1, 0},
                                                   AT(fallback.recipient_refill_delay_s),
                                                   .unit = 's',
                                                   .reader = READ_BY_PREEMPTIVE},
    TRANSPORT_TIME(destination_rate_delay, "0s", 0),
    TRANSPORT_TIME(transport_rate_delay, "0s", 0),
    TIME(queue_run_delay, "300s", 1, 0, 's'),
    TIME(minimal_backoff_time, "300s", 1, 0, 's'),
    TIME(maximal_backoff_time, "4000s", 1, 0, 's'),
    TIME(maximal_queue_lifetime, "5d", 0, LIFETIME_MAX_S, 'd'),
    TIME(bounce_queue_lifetime, "5d", 0, LIFETIME_MAX_S, 'd'),
    TIME(transport_retry_time, "60s", 1, 0, 's'),
    TIME(qmgr_clog_warn_time, "300s", 0, 0, 's'),
    TIME(qmgr_daemon_timeout, "1000s", 1, 0, 's'),
    TIME(qmgr_ipc_timeout, "60s", 1, 0, 's'),
};

#define TABLE(rows)              \
    {                            \
        rows, G_N_ELEMENTS(rows) \
    }

const ParamTable params_first = TABLE(first_rows);
const ParamTable params_library = TABLE(library_rows);
const ParamTable params_eqmgr = TABLE(eqmgr_rows);
const ParamTable params_queue_manager = TABLE(queue_manager_rows);
