#include "src/setup.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/words.h"
#include "codec/control.h"
#include "config/feedback.h"
#include "control/users.h"
#include "daemon/process.h"
#include "daemon/service.h"

/*
 * One function for each layer: it copies the parameters that the layer has to know into the
 * layer's own struct. What needs a judgement is decided here, with a warning: which release it is,
 * who may use the control socket, what a feedback that cannot be parsed means.
 */

/* The wire is the same in 3.6 and in the releases up to 3.9. */
#define OLDEST_RELEASE RELEASE(3, 6, RELEASE_PART_MAX)

/* Agents, status services and the rest share the files with messages being resolved. */
#define FILE_LIMIT_PARTS 4

bool setup_is_round_robin(const char *program_name, const SettingsValues *values)
{
    return g_str_equal(program_name, "oqmgr") ||
           (values != NULL && g_str_equal(values->eqmgr_scheduler, "round-robin"));
}

/* A release that is configured without a patch level agrees with each patch level. */
static bool is_stale(int configured, int found)
{
    return found != 0 && configured != found &&
           !(RELEASE_SAME_MINOR(configured, found) &&
             RELEASE_PATCH(configured) == RELEASE_PART_MAX);
}

/* With a wrong release agents refuse every delivery, so each start warns if it is uncertain. */
int setup_release(const SettingsValues *values)
{
    int configured = values->eqmgr_postfix_release, found = values->postfix_release;

    if (configured == 0 && found == 0) {
        log_warning("cannot find the release of Postfix in %s: 3.6 is assumed, and nothing can be "
                    "delivered if it is 3.10 or later -- set eqmgr_postfix_release",
                    values->daemon_directory);
        return OLDEST_RELEASE;
    }
    if (configured == 0)
        return found;
    if (!is_stale(configured, found))
        return found != 0 ? found : configured;
    log_warning("eqmgr_postfix_release is %d.%d, but the programs in %s are of Postfix %s: "
                "delivery agents may refuse all mail -- correct or remove the parameter",
                RELEASE_MAJOR(configured), RELEASE_MINOR(configured), values->daemon_directory,
                values->postfix_version);
    return configured;
}

MeterBookOwner setup_meter_owner(const Setup *setup)
{
    const SettingsValues *values = settings_values(setup->settings);

    return (MeterBookOwner){values->myhostname, values->queue_directory, setup->boot};
}

SpoolSettings setup_spool(const Setup *setup)
{
    const SettingsValues *values = settings_values(setup->settings);

    return (SpoolSettings){
        .hash_queue_names = values->hash_queue_names,
        .hash_queue_depth = (unsigned)values->hash_queue_depth,
        .release = setup->release,
        .round_robin = setup->round_robin,
        .verp_delimiter_filter = values->verp_delimiter_filter,
    };
}

static SchedFeedback parse_feedback(const char *text, const char *parameter)
{
    SchedFeedback feedback = {.value = 1};

    if (!feedback_parse(text, &feedback.value, &feedback.per_window))
        log_warning("%s: ignoring malformed or unreasonable feedback: %s", parameter, text);
    return feedback;
}

/* Both hold, but who wants a rate with concurrency does not get it (traffic.md 2). */
static void warn_of_rate_delay(const char *transport, const Settings *settings,
                               const TransportSettings *values)
{
    g_autofree char *name = NULL;
    MeterLimit limit;

    if (values->destination_rate_delay_s > 0 &&
        settings_rate(settings, transport, TRANSPORT_RATE_DELIVERIES, &limit, &name) &&
        limit.count > 0)
        log_warning("%s: destination_rate_delay makes it one delivery at a time, beside %s",
                    transport, name);
}

/* As in stock, a broken value for one transport is fatal, but only when the transport is first
 * used.
 */
static SchedTransportParams transport_params(const char *transport, void *ctx)
{
    const Settings *settings = ctx;
    g_autoptr(GError) error = NULL;
    SchedTransportParams params;
    TransportSettings values;

    if (!settings_transport(settings, transport, &values, &error)) {
        const GPtrArray *warnings = settings_transport_warnings(settings);

        for (guint i = 0; i < warnings->len; i++)
            log_warning("%s", (const char *)g_ptr_array_index(warnings, i));
        log_fatal("%s", error->message);
    }
    warn_of_rate_delay(transport, settings, &values);
    params = (SchedTransportParams){
        .destination_concurrency_limit = values.destination_concurrency_limit,
        .initial_destination_concurrency = values.initial_destination_concurrency,
        .destination_recipient_limit = values.destination_recipient_limit,
        .destination_rate_delay_s = values.destination_rate_delay_s,
        .transport_rate_delay_s = values.transport_rate_delay_s,
        .slot_cost = values.delivery_slot_cost,
        .slot_loan = values.delivery_slot_loan,
        .slot_discount_percent = values.delivery_slot_discount,
        .minimum_slots = values.minimum_delivery_slots,
        .recipient_limit = values.recipient_limit,
        .extra_recipient_limit = values.extra_recipient_limit,
        .refill_limit = values.recipient_refill_limit,
        .refill_delay_s = values.recipient_refill_delay_s,
        .failed_cohort_limit = values.destination_concurrency_failed_cohort_limit,
        .positive = parse_feedback(values.positive_feedback, values.positive_feedback_name),
        .negative = parse_feedback(values.negative_feedback, values.negative_feedback_name),
        .positive_name = g_intern_string(values.positive_feedback_name),
        .negative_name = g_intern_string(values.negative_feedback_name),
    };
    transport_settings_clear(&values);
    return params;
}

static RetryPlan transport_retry(const char *transport, char **ret_name, void *ctx)
{
    *ret_name = settings_retry_origin(ctx, transport, RETRY_SCHEDULE);
    return settings_retry(ctx, transport);
}

static bool transport_rate(const char *transport, TransportRate rate, MeterLimit *ret_limit,
                           char **ret_name, void *ctx)
{
    g_autofree char *name = NULL;
    MeterLimit limit;

    if (!settings_rate(ctx, transport, rate, &limit, &name) || limit.count == 0)
        return false;
    *ret_limit = limit;
    if (ret_name != NULL)
        *ret_name = g_steal_pointer(&name);
    return true;
}

static void set_rates(LifeSettings *life, Settings *settings)
{
    if (!settings_has_rates(settings))
        return;
    life->transport_rate = transport_rate;
    life->transport_rate_ctx = settings;
}

static void set_retry(LifeSettings *life, Settings *settings)
{
    if (!settings_has_retry(settings))
        return;
    life->transport_retry = transport_retry;
    life->transport_retry_ctx = settings;
    life->shortest_lifetime_s = settings_shortest_lifetime_s(settings);
}

SchedSettings setup_sched(const Setup *setup)
{
    const SettingsValues *values = settings_values(setup->settings);

    return (SchedSettings){
        .strategy = setup->round_robin ? SCHED_ROUND_ROBIN : SCHED_PREEMPTIVE,
        .message_active_limit = values->qmgr_message_active_limit,
        .message_recipient_limit = values->qmgr_message_recipient_limit,
        .message_recipient_minimum = values->qmgr_message_recipient_minimum,
        .fudge_percent = values->qmgr_fudge_factor,
        .initial_destination_concurrency = values->initial_destination_concurrency,
        .transport_retry_s = values->transport_retry_time_s,
        .minimal_backoff_s = values->minimal_backoff_time_s,
        .clog_warn_s = values->qmgr_clog_warn_time_s,
        .start_us = clock_mono_us(),
        .counts_messages = values->eqmgr_destination_active_share > 0 ||
                           (setup->sites != NULL && sites_have_shares(setup->sites)),
        .meters = setup->meters,
        .helpful_warnings = values->helpful_warnings,
        .feedback_debug = values->destination_concurrency_feedback_debug || setup->verbose,
        .retry_params = transport_params("retry", setup->settings),
    };
}

static int count_tokens(void *ctx)
{
    int count = flow_count(MASTER_FLOW_READ);

    (void)ctx;
    if (count < 0)
        log_warning("mail_flow_count: %s", g_strerror(errno));
    return count;
}

static void put_tokens(int count, void *ctx)
{
    (void)ctx;
    flow_put(MASTER_FLOW_WRITE, count);
}

static void take_tokens(int count, void *ctx)
{
    (void)ctx;
    flow_take(MASTER_FLOW_READ, count);
}

static void set_services(LifeSettings *life, const SettingsValues *values)
{
    life->bounce_service = values->bounce_service_name;
    life->defer_service = values->defer_service_name;
    life->trace_service = values->trace_service_name;
    life->verify_service = values->address_verify_service_name;
    life->flush_service = values->flush_service_name;
    life->rewrite_service = values->rewrite_service_name;
    life->fast_flush_domains = values->fast_flush_domains;
    life->fast_flush_matches_subdomains = values->fast_flush_matches_subdomains;
}

static void set_times(LifeSettings *life, const SettingsValues *values)
{
    life->queue_run_delay_s = values->queue_run_delay_s;
    life->retry_exact = values->eqmgr_retry_exact;
    life->minimal_backoff_s = values->minimal_backoff_time_s;
    life->maximal_backoff_s = values->maximal_backoff_time_s;
    life->maximal_queue_lifetime_s = values->maximal_queue_lifetime_s;
    life->bounce_queue_lifetime_s = values->bounce_queue_lifetime_s;
    life->ipc_timeout_s = values->qmgr_ipc_timeout_s;
    life->daemon_timeout_s = values->daemon_timeout_s;
    life->ipc_idle_s = values->ipc_idle_s;
    life->ipc_ttl_s = values->ipc_ttl_s;
}

static LifeFlow make_flow(const SettingsValues *values)
{
    return (LifeFlow){
        .count = count_tokens,
        .put = put_tokens,
        .take = take_tokens,
        .target = values->in_flow_delay_s > 0 ? values->default_process_limit : 0,
    };
}

LifeSettings setup_life(const Setup *setup)
{
    const SettingsValues *values = settings_values(setup->settings);
    LifeSettings life = {
        .round_robin = setup->round_robin,
        .verbose = setup->verbose,
        .message_active_limit = values->qmgr_message_active_limit,
        .message_recipient_limit = values->qmgr_message_recipient_limit,
        .new_mail_reserve_percent = values->eqmgr_new_mail_reserve,
        .destination_share_percent = values->eqmgr_destination_active_share,
        .destination_horizon_s = values->eqmgr_destination_active_horizon_s,
        .initial_destination_concurrency = values->initial_destination_concurrency,
        .resolving_max = MAX(setup->file_limit / FILE_LIMIT_PARTS, 1),
        .probe_limit = values->address_verify_pending_request_limit,
        .resolver_connections = values->eqmgr_resolver_connections,
        .resolver_services = values->eqmgr_resolver_services,
        .resolver_cache_s = values->eqmgr_resolver_cache_s,
        .keep_finished = values->dont_remove != 0,
        .confirm_delay_cleared = values->confirm_delay_cleared,
        .disable_verp_bounces = values->disable_verp_bounces,
        .verify_negative_cache = values->address_verify_negative_cache,
        .smtputf8 = values->smtputf8_enable,
        .defer_transports = values->defer_transports,
        .default_filter_nexthop = values->default_filter_nexthop,
        .myhostname = values->myhostname,
        .names = {.recipient_delimiter = values->recipient_delimiter,
                  .double_bounce_sender = values->double_bounce_sender,
                  .owner_request_special = values->owner_request_special},
        .address_format = strcasecmp(values->info_log_address_format, "internal") == 0
                              ? ADDRESS_INTERNAL
                              : ADDRESS_EXTERNAL,
        .delay_resolution_limit = values->delay_logging_resolution_limit,
        .wire = wire_names_for_release(setup->release),
        .flow = make_flow(values),
        .transport_params = transport_params,
        .transport_params_ctx = setup->settings,
        .stats = setup->stats,
        .rules = setup->rules,
        .sites = setup->sites,
        .levels = setup->meters != NULL ? meter_book_levels(setup->meters) : NULL,
    };

    set_services(&life, values);
    set_times(&life, values);
    set_retry(&life, setup->settings);
    set_rates(&life, setup->settings);
    return life;
}

/* Users are personal data, and as many as there are. */
static void watch(Stats *stats, const char *name)
{
    if (strchr(name, '@') != NULL)
        log_warning("eqmgr_metrics_destinations: ignoring %s: a user has no place in metrics",
                    name);
    else if (!stats_watch(stats, name))
        log_warning("eqmgr_metrics_destinations: ignoring %s: there are %d already", name,
                    STATS_WATCHED_MAX);
}

void setup_watch(const Setup *setup)
{
    const char *names = settings_values(setup->settings)->eqmgr_metrics_destinations;
    g_auto(GStrv) words = words_split(names, ", \t\r\n");

    for (char **word = words; *word != NULL; word++)
        watch(setup->stats, *word);
}

void setup_find_members(Setup *setup)
{
    const SettingsValues *values = settings_values(setup->settings);
    const char *names[CONTROL_LEVEL_COUNT] = {
        [CONTROL_LEVEL_NONE] = "",
        [CONTROL_LEVEL_SUMMARY] = values->eqmgr_summary_users,
        [CONTROL_LEVEL_VIEW] = values->eqmgr_view_users,
        [CONTROL_LEVEL_CONTROL] = values->eqmgr_control_users,
    };
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);

    for (ControlLevel level = CONTROL_LEVEL_NONE; level < CONTROL_LEVEL_COUNT; level++)
        control_members_resolve(names[level], &setup->members[level], warnings);
    for (guint i = 0; i < warnings->len; i++)
        log_warning("%s", (const char *)g_ptr_array_index(warnings, i));
}

void setup_clear_members(Setup *setup)
{
    for (ControlLevel level = CONTROL_LEVEL_NONE; level < CONTROL_LEVEL_COUNT; level++)
        control_members_clear(&setup->members[level]);
}

static char *find_origin(const char *transport, const char *suffix, void *ctx)
{
    return settings_transport_origin(ctx, transport, suffix);
}

ControlSettings setup_control(const Setup *setup)
{
    const SettingsValues *values = settings_values(setup->settings);
    ControlSettings control = {
        .path = CONTROL_SOCKET,
        .owner = geteuid(),
        .host = values->myhostname,
        .queue_directory = values->queue_directory,
        .release = values->postfix_version,
        .strategy = setup->round_robin ? "round-robin" : "preemptive",
        .log_file = values->maillog_file,
        .started_wall_s = g_get_real_time() / G_USEC_PER_SEC,
        .origin = find_origin,
        .origin_ctx = setup->settings,
    };

    memcpy(control.members, setup->members, sizeof(control.members));
    return control;
}
