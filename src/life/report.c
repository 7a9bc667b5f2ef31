#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "ipc/report_client.h"
#include "src/life/context_internal.h"
#include "src/life/flush_site_internal.h"
#include "src/life/message_internal.h"
#include "src/life/report_internal.h"
#include "src/life/schedule_internal.h"
#include "src/life/suspend_internal.h"
#include "src/life/verbose_internal.h"

/*
 * Report: recipients that the queue manager disposes of itself (ipc.md 5.3, 5.5, 5.6, 6).
 *
 * A report is a short list of requests to other services, sent one after the other, and one log
 * line. A deferral is best effort: every request is sent, failures are warnings, and the line is
 * logged right after the defer record. All other reports stop at the first failure, and their
 * recipient is tried again.
 *
 * The reports of one message are sent one after the other, so that records have the order of the
 * recipients. Those of different messages do not wait for each other.
 */

#define PROBE_DELIVERABLE 0
#define PROBE_DEFERRED    1

/* Requests that one service may have to answer at the same time. */
#define RECORD_CONCURRENCY 20

#define FLUSH_DENIED 4 /* not a failure: the site is not one of fast_flush_domains */

typedef enum ReportStep {
    REPORT_STEP_DEFER,           /* record in the defer log */
    REPORT_STEP_TRACE,           /* record in the trace log */
    REPORT_STEP_VERIFY_ORIGINAL, /* probe result for the original recipient */
    REPORT_STEP_VERIFY_FINAL,    /* the same for the final recipient */
    REPORT_STEP_FLUSH,           /* tell the fast-flush service */
} ReportStep;

#define STEPS_MAX 3

typedef struct RecipientReport {
    Link link; /* in its message's reports; first member */
    Message *message;
    Recipient *recipient;
    char *status, *reason;
    const char *action;   /* of the records */
    const char *log_word; /* status= in the log line */
    bool is_delivered, is_best_effort;
    bool is_asking; /* a request is under way */
    unsigned step_count, steps_done;
    ReportStep steps[STEPS_MAX];
} RecipientReport;

typedef struct Reports {
    ReportClient *defer, *trace, *verify, *flush;
    char **flush_site_words; /* fast_flush_domains */
} Reports;

/* The report that is being sent; the others wait for its end. */
static RecipientReport *first_report(const Message *message)
{
    return (RecipientReport *)chain_first(&message->reports);
}

/* Only the first one can end. */
static void end_first(Message *message)
{
    RecipientReport *report = (RecipientReport *)chain_pop_first(&message->reports);

    g_free(report->recipient);
    g_free(report->status);
    g_free(report->reason);
    g_free(report);
}

static void report_log_delivery(const RecipientReport *report)
{
    const Message *message = report->message;
    const Now *now = life_now(message->life);
    g_autofree char *line = logline_delivery(&(LoglineDelivery){
        .queue_id = message->queue_id,
        .recipient = report->recipient,
        .envelope = &message->envelope,
        .active_s = message->active_s,
        .active_us = message->active_us,
        .now_s = now->wall_s,
        .now_us = now->wall_us,
        .dsn = report->status,
        .status = report->log_word,
        .reason = report->reason,
        .resolution_limit = message->life->settings.delay_resolution_limit,
        .format = message->life->settings.address_format,
    });

    log_info("%s", line);
}

/* ---- the requests ---- */

static void put_append(const RecipientReport *report, GByteArray *request)
{
    report_append_encode(request, &(ReportAppend){
                                      .flags = report->message->envelope.trace_flags,
                                      .queue_id = report->message->queue_id,
                                      .recipient = report->recipient,
                                      .status = report->status,
                                      .action = report->action,
                                      .reason = report->reason,
                                  });
}

static void put_verify(const RecipientReport *report, const char *address, GByteArray *request)
{
    verify_update_encode(request, address,
                         report->is_delivered ? PROBE_DELIVERABLE : PROBE_DEFERRED, report->reason);
}

static const char *recipient_site(const Recipient *recipient)
{
    const char *at = strrchr(recipient_address(recipient), '@');

    return at != NULL ? at + 1 : "";
}

static ReportClient *encode_step(const RecipientReport *report, ReportStep step,
                                 GByteArray *request)
{
    const Life *life = report->message->life;

    switch (step) {
    case REPORT_STEP_DEFER:
        put_append(report, request);
        return life->reports->defer;
    case REPORT_STEP_TRACE:
        put_append(report, request);
        return life->reports->trace;
    case REPORT_STEP_VERIFY_ORIGINAL:
        put_verify(report, recipient_original(report->recipient), request);
        return life->reports->verify;
    case REPORT_STEP_VERIFY_FINAL:
        put_verify(report, recipient_address(report->recipient), request);
        return life->reports->verify;
    case REPORT_STEP_FLUSH:
        flush_add_encode(request, recipient_site(report->recipient), report->message->queue_id);
        return life->reports->flush;
    }
    g_assert_not_reached();
}

static const char *step_service(const RecipientReport *report, ReportStep step)
{
    const LifeSettings *settings = &report->message->life->settings;

    switch (step) {
    case REPORT_STEP_DEFER:
        return settings->defer_service;
    case REPORT_STEP_TRACE:
        return settings->trace_service;
    case REPORT_STEP_VERIFY_ORIGINAL:
    case REPORT_STEP_VERIFY_FINAL:
        return settings->verify_service;
    case REPORT_STEP_FLUSH:
        return settings->flush_service;
    }
    g_assert_not_reached();
}

/* ---- the sequence ---- */

static void report_go_on(Message *message);

static void report_succeed(RecipientReport *report)
{
    Message *message = report->message;

    if (!report->is_best_effort)
        report_log_delivery(report);
    if (report->is_delivered)
        message_check_mark(message, spool_mark_done(message->life->spool, message->queue_id,
                                                    report->recipient->offset));
    end_first(message);
    message_release(message);
}

/* A discarded notification that could not be recorded is deferred like other mail. */
static void report_fail(RecipientReport *report)
{
    Message *message = report->message;
    Recipient *recipient = g_steal_pointer(&report->recipient);
    bool is_probe =
        (message->envelope.trace_flags & (TRACE_PROBE_BY_MTA | TRACE_PROBE_BY_USER)) != 0;
    bool is_discard = report->is_delivered && !is_probe;
    g_autofree char *reason = g_strdup_printf("%s: %s service failed", message->queue_id,
                                              message->life->settings.trace_service);

    message->left |= LEFT_DEFERRED;
    end_first(message);
    if (is_discard)
        report_deferred(message, recipient, "4.3.0", reason);
    else
        g_free(recipient);
    message_release(message);
}

/* Like stock, logs twice that a deferral could not be traced. */
static void log_failure(const RecipientReport *report, ReportStep step)
{
    int times = step == REPORT_STEP_TRACE && report->is_best_effort ? 2 : 1;

    for (int i = 0; i < times; i++)
        log_warning("%s: %s service failure", report->message->queue_id,
                    step_service(report, step));
}

static void on_step_done(int32_t status, const char *warning, void *ctx)
{
    RecipientReport *report = ctx;
    Message *message = report->message;
    ReportStep step = report->steps[report->steps_done];
    bool failed = status != 0 && !(step == REPORT_STEP_FLUSH && status == FLUSH_DENIED);

    g_assert(report == first_report(message) && report->is_asking);
    life_warn_lines(warning);
    if (failed)
        log_failure(report, step);
    if (step == REPORT_STEP_DEFER) {
        message->left |= failed ? LEFT_UNRECORDED : 0;
        report_log_delivery(report);
    }
    report->steps_done++;
    report->is_asking = false;
    if (failed && !report->is_best_effort)
        report_fail(report);
    report_go_on(message);
}

static void send_step(RecipientReport *report)
{
    ReportStep step = report->steps[report->steps_done];
    GByteArray *request = g_byte_array_new();
    ReportClient *client = encode_step(report, step, request);

    verbose_report_step(report->message, report->recipient, step_service(report, step));
    report->is_asking = true;
    report_send(client, request, on_step_done, report);
    g_byte_array_unref(request);
}

/* Goes on until a report waits for an answer or no report is left. */
static void report_go_on(Message *message)
{
    RecipientReport *report;

    while ((report = first_report(message)) != NULL && !report->is_asking) {
        if (report->steps_done < report->step_count)
            send_step(report);
        else
            report_succeed(report);
    }
}

static void add_step(RecipientReport *report, ReportStep step)
{
    g_assert(report->step_count < STEPS_MAX);
    report->steps[report->step_count++] = step;
}

static void add_verify_steps(RecipientReport *report)
{
    const char *original = recipient_original(report->recipient);
    const char *address = recipient_address(report->recipient);

    if (*original != '\0')
        add_step(report, REPORT_STEP_VERIFY_ORIGINAL);
    if (strcmp(original, address) != 0)
        add_step(report, REPORT_STEP_VERIFY_FINAL);
}

static RecipientReport *report_new(Message *message, Recipient *recipient, const char *status,
                                   const char *reason)
{
    RecipientReport *report = g_new0(RecipientReport, 1);

    report->message = message;
    report->recipient = recipient;
    report->status = g_strdup(status);
    report->reason = g_strdup(reason);
    chain_append(&message->reports, &report->link);
    message_hold(message, 1);
    return report;
}

static void plan_deferral(RecipientReport *report)
{
    Message *message = report->message;
    const LifeSettings *settings = &message->life->settings;

    report->action = "delayed";
    report->log_word = "deferred";
    report->is_best_effort = true;
    (void)suspend_note_deferral(message, report->reason);
    add_step(report, REPORT_STEP_DEFER);
    if ((message->envelope.trace_flags & TRACE_RECORD) != 0)
        add_step(report, REPORT_STEP_TRACE);
    if (flush_site_matches(message->life->reports->flush_site_words,
                           settings->fast_flush_matches_subdomains,
                           recipient_site(report->recipient)))
        add_step(report, REPORT_STEP_FLUSH);
}

void report_deferred(Message *message, Recipient *recipient, const char *status, const char *reason)
{
    int32_t trace_flags = message->envelope.trace_flags;
    bool is_temporary = dsn_is_valid(status) && *status == '4';
    bool is_suspended = rule_number_in_text(reason) != 0;
    RecipientReport *report =
        report_new(message, recipient, is_temporary ? status : "4.0.0", reason);

    schedule_note_deferral(message, recipient, is_suspended);
    if (!is_temporary)
        log_warning("defer_append: ignoring dsn code \"%s\"", status);
    report->action = report->log_word = "undeliverable";
    if ((trace_flags & TRACE_PROBE_BY_MTA) != 0) {
        if (message->life->settings.verify_negative_cache)
            add_verify_steps(report);
        else
            report->log_word = "undeliverable-but-not-cached";
    } else if ((trace_flags & TRACE_PROBE_BY_USER) != 0) {
        add_step(report, REPORT_STEP_TRACE);
    } else {
        plan_deferral(report);
    }
    report_go_on(message);
}

/* A success notice is recorded once for each reason to send one (ipc.md 5.6). */
static void plan_discard(RecipientReport *report)
{
    int32_t trace_flags = report->message->envelope.trace_flags;
    uint8_t notify = report->recipient->notify_flags;
    bool delay_was_told =
        (trace_flags & TRACE_DELAY_CLEARED) != 0 && (notify == 0 || (notify & NOTIFY_DELAY) != 0);

    report->action = "delivered";
    report->log_word = "sent";
    if ((trace_flags & TRACE_RECORD) != 0 || delay_was_told)
        add_step(report, REPORT_STEP_TRACE);
    if ((notify & NOTIFY_SUCCESS) != 0)
        add_step(report, REPORT_STEP_TRACE);
}

void report_discarded(Message *message, Recipient *recipient)
{
    int32_t trace_flags = message->envelope.trace_flags;
    RecipientReport *report =
        report_new(message, recipient, "2.0.0", "undeliverable postmaster notification discarded");

    report->is_delivered = true;
    report->action = report->log_word = "deliverable";
    if ((trace_flags & TRACE_PROBE_BY_MTA) != 0)
        add_verify_steps(report);
    else if ((trace_flags & TRACE_PROBE_BY_USER) != 0)
        add_step(report, REPORT_STEP_TRACE);
    else
        plan_discard(report);
    report_go_on(message);
}

/* ---- start and end ---- */

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

void report_init(Life *life)
{
    const LifeSettings *settings = &life->settings;
    Reports *reports = g_new(Reports, 1);

    reports->defer = open_recorder(life, "private", settings->defer_service, STATUS_PROTOCOL);
    reports->trace = open_recorder(life, "private", settings->trace_service, STATUS_PROTOCOL);
    reports->verify = open_recorder(life, "private", settings->verify_service, VERIFY_PROTOCOL);
    reports->flush = open_recorder(life, "public", settings->flush_service, FLUSH_PROTOCOL);
    reports->flush_site_words = flush_site_split(settings->fast_flush_domains);
    life->reports = reports;
}

static void drop_reports(Life *life)
{
    g_autoptr(GPtrArray) messages = message_list(life);

    for (guint i = 0; i < messages->len; i++) {
        Message *message = g_ptr_array_index(messages, i);

        while (!chain_is_empty(&message->reports)) {
            end_first(message);
            message_release(message);
        }
    }
}

void report_stop(Life *life)
{
    Reports *reports = life->reports;

    drop_reports(life);
    report_client_free(reports->defer);
    report_client_free(reports->trace);
    report_client_free(reports->verify);
    report_client_free(reports->flush);
    g_strfreev(reports->flush_site_words);
    g_clear_pointer(&life->reports, g_free);
}

/* The first report of a message waits for an answer, and all others for the first one. */
void report_check(const Life *life)
{
    g_autoptr(GPtrArray) messages = message_list(life);

    for (guint i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        const RecipientReport *first = first_report(message);

        for (Link *link = chain_first(&message->reports); link != NULL;
             link = chain_next(&message->reports, link)) {
            const RecipientReport *report = (const RecipientReport *)link;

            CHECK(report->message == message && report->recipient != NULL);
            CHECK(report->is_asking == (report == first));
            CHECK(report->steps_done < report->step_count || report != first);
            CHECK(report->step_count <= STEPS_MAX);
        }
    }
}
