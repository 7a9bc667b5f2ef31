#include "life/life.h"

#include <limits.h>

#include "base/log.h"
#include "base/loop.h"
#include "src/life/life_internal.h"

/* Where stock would give up and die, we go on asking: mail waits, the line says why. */
static void on_resolver_trouble(const char *text, bool is_fatal, void *ctx)
{
    (void)is_fatal;
    (void)ctx;
    log_warning("%s", text);
}

/* Names separated by commas and white space, as a set; NULL if there are none. */
static GHashTable *parse_name_set(const char *names)
{
    g_auto(GStrv) words = g_strsplit_set(names, ", \t\r\n", -1);
    GHashTable *set = NULL;

    for (char **word = words; *word != NULL; word++) {
        if (**word == '\0')
            continue;
        if (set == NULL)
            set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        (void)g_hash_table_add(set, g_strdup(*word));
    }
    return set;
}

static ReportClient *open_recorder(const Life *life, const char *directory, const char *service,
                                   const char *protocol)
{
    g_autofree char *path = g_strconcat(directory, "/", service, NULL);

    return report_client_new(life->base,
                             &(ReportClientSettings){.service = path,
                                                     .protocol = protocol,
                                                     .concurrency = RECORD_CONCURRENCY,
                                                     .timeout_s = life->settings.ipc_timeout_s,
                                                     .voice = REPORT_ALOUD});
}

static ReportClient *open_notifier(const Life *life, const char *service)
{
    g_autofree char *path = g_strconcat("private/", service, NULL);

    return report_client_new(life->base, &(ReportClientSettings){.service = path,
                                                                 .protocol = STATUS_PROTOCOL,
                                                                 .concurrency = NOTICE_CONCURRENCY,
                                                                 .timeout_s = FLUSH_TIMEOUT_S,
                                                                 .voice = REPORT_QUIETLY});
}

static void open_resolver(Life *life)
{
    const LifeSettings *settings = &life->settings;
    g_auto(GStrv) names = g_strsplit_set(settings->resolver_services, ", \t\r\n", -1);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    ResolverSettings resolver = {
        .cache_s = settings->resolver_cache_s,
        .idle_s = settings->ipc_idle_s,
        .ttl_s = settings->ipc_ttl_s,
        .timeout_s = settings->ipc_timeout_s,
    };

    for (char **name = names; *name != NULL; name++)
        if (**name != '\0')
            g_ptr_array_add(paths, g_strconcat("private/", *name, NULL));
    if (paths->len == 0)
        g_ptr_array_add(paths, g_strconcat("private/", settings->rewrite_service, NULL));
    resolver.connection_limit = MAX(settings->resolver_connections, (int)paths->len);
    g_ptr_array_add(paths, NULL);
    resolver.services = (const char *const *)paths->pdata;
    life->resolver = resolver_new(life->base, &resolver, on_resolver_trouble, NULL);
}

static void open_clients(Life *life)
{
    const LifeSettings *settings = &life->settings;

    open_resolver(life);
    life->record_defer = open_recorder(life, "private", settings->defer_service, STATUS_PROTOCOL);
    life->record_trace = open_recorder(life, "private", settings->trace_service, STATUS_PROTOCOL);
    life->record_verify = open_recorder(life, "private", settings->verify_service, VERIFY_PROTOCOL);
    life->record_flush = open_recorder(life, "public", settings->flush_service, FLUSH_PROTOCOL);
    life->notify_bounce = open_notifier(life, settings->bounce_service);
    life->notify_defer = open_notifier(life, settings->defer_service);
    life->notify_trace = open_notifier(life, settings->trace_service);
}

static void close_clients(Life *life)
{
    resolver_free(life->resolver);
    report_client_free(life->record_defer);
    report_client_free(life->record_trace);
    report_client_free(life->record_verify);
    report_client_free(life->record_flush);
    report_client_free(life->notify_bounce);
    report_client_free(life->notify_defer);
    report_client_free(life->notify_trace);
}

Life *life_new(struct event_base *base, Spool *spool, Sched *sched, const LifeSettings *settings)
{
    Life *life = g_new0(Life, 1);

    life->settings = *settings;
    life->base = base;
    life->spool = spool;
    life->sched = sched;
    settle_init(life);
    message_init(life);
    leave_init(life);
    trouble_init(life);
    locked_init(life);
    takeover_init(life);
    TAILQ_INIT(&life->connections);
    clock_init(&life->clock);
    deferred_init(life);
    scan_init(life);
    life->first_scan = &life->incoming;
    life->flush_site_words = flush_site_split(settings->fast_flush_domains);
    life->defer_transports = parse_name_set(settings->defer_transports);
    life->request = g_byte_array_new();
    open_clients(life);
    return life;
}

void life_start(Life *life)
{
    takeover_begin(life);
    scan_begin(life);
}

void life_trigger(Life *life, const char *bytes, size_t count)
{
    unsigned incoming = 0, deferred = 0, both = 0;
    bool is_flush = false;

    verbose_trigger(life, bytes, count);
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == 'W' || bytes[i] == 'I') {
            incoming |= SCAN_START;
        } else if (bytes[i] == 'D') {
            deferred |= SCAN_START;
        } else if (bytes[i] == 'F') {
            is_flush = true;
            both |= SCAN_LIFT;
        } else if (bytes[i] == 'A') {
            both |= SCAN_ALL;
        }
    }
    if (is_flush) {
        resolver_forget(life->resolver); /* who asks for it may have changed a table */
        sched_flush(life->sched, life_sched_now(life));
        settle_sched(life);
    }
    if ((incoming | both) != 0)
        scan_request(life, &life->incoming, incoming | both);
    if ((deferred | both) != 0)
        scan_request(life, &life->deferred, deferred | both);
}

bool life_turn(Life *life)
{
    bool found;

    settle_turn(life);
    finish_turn(life);
    deliver_open_connections(life);
    found = takeover_turn(life);
    found = intake_turn(life) || found;
    scan_arm_exact_timer(life);
    intake_flow_control(life);
    return found || life->idle_count > 0;
}

void life_before_wait(Life *life)
{
    life->clock_is_stale = true;
}

void life_check(const Life *life)
{
    message_check(life);
}

/* Whatever waits fails, everywhere: so the scheduler hands back all recipients. */
static void drop_entries(Life *life)
{
    SchedNow now = life_sched_now(life);
    SchedTransport *transport;
    SchedEntry *entry;
    const char *status, *reason;

    while ((now.timer_s = sched_next_timer_s(life->sched)) != INT64_MAX)
        sched_run_timers(life->sched, now);
    now = life_sched_now(life);
    while ((transport = sched_next_connection(life->sched)) != NULL)
        sched_connection_failed(life->sched, transport, "4.3.0", "", now);
    while ((entry = sched_take_undeliverable(life->sched, &status, &reason)) != NULL) {
        Message *message = sched_message_owner(sched_entry_message(entry));
        Chain recipients = sched_entry_discard(life->sched, entry);

        recipients_free(&recipients);
        message_release(message);
    }
}

void life_free(Life *life)
{
    if (life == NULL)
        return;
    deliver_stop(life);
    report_stop(life);
    drop_entries(life);
    resolve_stop(life);
    message_stop(life);
    leave_stop(life);
    trouble_stop(life);
    locked_stop(life);
    takeover_stop(life);
    close_clients(life);
    scan_stop(life);
    deferred_stop(life);
    settle_stop(life);
    if (life->defer_transports != NULL)
        g_hash_table_destroy(life->defer_transports);
    g_strfreev(life->flush_site_words);
    g_byte_array_free(life->request, TRUE);
    g_free(life);
}
