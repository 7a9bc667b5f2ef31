#include "base/log.h"
#include "ipc/report_client.h"
#include "src/life/context_internal.h"
#include "src/life/expire_internal.h"
#include "src/life/finish_internal.h"
#include "src/life/leave_internal.h"
#include "src/life/resolve_internal.h"
#include "src/life/verbose_internal.h"

/*
 * Finish: what happens when nothing goes on for a message any more (behaviour.md 10). The steps are
 * in the order of that section. Each returns the next one, or itself to wait for an answer that
 * goes on from there.
 */

typedef enum FinishStep {
    FINISH_BOUNCE,    /* send the non-delivery report that agents have collected */
    FINISH_CHECK,     /* did an agent mark the file as corrupt? */
    FINISH_MORE,      /* read on if there are more recipients */
    FINISH_TRACE,     /* send the delivery report */
    FINISH_EXPIRE,    /* return to sender, or warn of delay */
    FINISH_FORGOTTEN, /* was somebody forgotten by the return? */
    FINISH_END,       /* remove or defer */
    FINISH_GONE,      /* the message is not ours any more: it left, or has more recipients */
} FinishStep;

/* For each notice the service sends a mail, which takes time (ipc.md 5.4). */
#define NOTICE_TIMEOUT_S   1000
#define NOTICE_CONCURRENCY 100

typedef struct Notices {
    ReportClient *bounce, *defer, *trace;
} Notices;

static void finish_advance(Message *message);

/* ---- requests whose answer decides ---- */

static const char *flush_what(const Message *message, ReportKind kind)
{
    switch (kind) {
    case REPORT_WARN:
        return "delay warning";
    case REPORT_TRACE:
        return "trace";
    case REPORT_FLUSH_VERP:
        return message->life->settings.wire.verp_failed;
    case REPORT_FLUSH:
    case REPORT_APPEND:
        break;
    }
    return "bounce";
}

static void log_flush_failure(const Message *message, ReportKind kind)
{
    log_info("%s: status=deferred (%s failed)", message->queue_id, flush_what(message, kind));
}

/* Non-delivery reports are VERP-style if the message is and the configuration allows it. */
static ReportKind flush_kind(const Message *message)
{
    bool is_verp = *envelope_text(&message->envelope, ENVELOPE_VERP_DELIMITERS) != '\0';

    return is_verp && !message->life->settings.disable_verp_bounces ? REPORT_FLUSH_VERP
                                                                    : REPORT_FLUSH;
}

/* The client does not log that such a request failed; the caller's line says all. */
static void send_flush(Message *message, ReportClient *client, ReportKind kind, int32_t flags,
                       ReportDoneFn *done)
{
    GByteArray *request = g_byte_array_new();

    report_flush_encode(request, kind, flags, message->queue_id, &message->envelope,
                        message->life->settings.wire);
    report_send(client, request, done, message);
    g_byte_array_unref(request);
}

/* The log of the report stays, and with it the message: the next attempt sends the report. */
static void owe_report(Message *message, Left report, ReportKind kind)
{
    message->left |= report;
    log_flush_failure(message, kind);
}

static void enter_step(Message *message, FinishStep step)
{
    static const char *const names[] = {
        [FINISH_BOUNCE] = "bounce",
        [FINISH_CHECK] = "check",
        [FINISH_MORE] = "more recipients",
        [FINISH_TRACE] = "trace",
        [FINISH_EXPIRE] = "expire or warn",
        [FINISH_FORGOTTEN] = "forgotten recipients",
        [FINISH_END] = "end",
    };

    message->finish_step = step;
    verbose_finish_step(message, names[step]);
}

static void finish_go_on(Message *message, FinishStep step)
{
    g_assert(message->state == MESSAGE_FINISHING);
    enter_step(message, step);
    finish_advance(message);
}

/* ---- step 1: bounce ---- */

static void on_bounced(int32_t status, const char *warning, void *ctx)
{
    Message *message = ctx;

    life_warn_lines(warning);
    if (status != 0)
        owe_report(message, LEFT_BOUNCE_REPORT, flush_kind(message));
    finish_go_on(message, FINISH_CHECK);
}

/*
 * Stock takes a log that cannot be examined for a missing one and loses the report. Here the next
 * attempt looks again.
 */
static FinishStep step_bounce(Message *message)
{
    Life *life = message->life;
    int64_t log_bytes = 0;
    SpoolResult result = spool_log_size(life->spool, SPOOL_BOUNCE, message->queue_id, &log_bytes);

    if (result.status == SPOOL_IO_ERROR) {
        message_warn_log(message, SPOOL_BOUNCE, result);
        message->left |= LEFT_BOUNCE_REPORT;
        return FINISH_CHECK;
    }
    if (result.status == SPOOL_OK && log_bytes > 0) {
        send_flush(message, life->notices->bounce, flush_kind(message), 0, on_bounced);
        return FINISH_BOUNCE;
    }
    if (result.status == SPOOL_OK) {
        result = spool_remove(life->spool, SPOOL_BOUNCE, message->queue_id);
        if (result.status == SPOOL_IO_ERROR)
            life_warn_spool(result, "remove bounce %s", message->queue_id);
    }
    return FINISH_CHECK;
}

/* ---- step 2: corrupt test ---- */

static FinishStep step_check(Message *message)
{
    SpoolFile file;
    SpoolResult result;
    g_autofree char *path = NULL;

    if (message->left == 0)
        return FINISH_MORE;
    result = spool_check(message->life->spool, SPOOL_ACTIVE, message->queue_id, INT64_MAX, &file);
    if (result.status == SPOOL_OK)
        return (message->left & LEFT_UNREAD) != 0 ? FINISH_END : FINISH_MORE;
    path = spool_path(message->life->spool, SPOOL_ACTIVE, message->queue_id);
    if (result.status == SPOOL_IO_ERROR) {
        life_warn_spool(result, "%s", path);
        return FINISH_END; /* unknown: a later attempt looks again */
    }
    if (result.status == SPOOL_NOT_REGULAR)
        log_warning("%s: uid %ld: not a regular file", path, (long)file.uid);
    message_leave(message, result.status == SPOOL_GONE ? LEAVE_MISSING : LEAVE_CORRUPT);
    return FINISH_GONE;
}

/* ---- step 3: more recipients ---- */

/* If it fails for want of descriptors, say, the next attempt does what is left to do. */
static FinishStep step_more(Message *message)
{
    SpoolReading reading;
    SpoolResult result;
    FinishStep next = FINISH_GONE;

    if (message->envelope.fully_read)
        return FINISH_TRACE;
    result = message_read_more(message, &reading);
    if (result.status == SPOOL_OK) {
        resolve_batch(message, &reading);
        message_release(message);
    } else if (result.status == SPOOL_IO_ERROR && !expire_is_hopeless(message, result.error)) {
        message->left |= LEFT_UNREAD;
        next = FINISH_CHECK;
    } else {
        message_leave(message, result.status == SPOOL_GONE ? LEAVE_MISSING : LEAVE_CORRUPT);
    }
    spool_reading_clear(&reading);
    return next;
}

/* ---- step 4: trace ---- */

static void on_traced(int32_t status, const char *warning, void *ctx)
{
    Message *message = ctx;
    const Envelope *envelope = &message->envelope;

    life_warn_lines(warning);
    if (status != 0) {
        owe_report(message, LEFT_TRACE_REPORT, REPORT_TRACE);
    } else if (envelope->trace_offset > 0) {
        message_check_mark(message, spool_mark_traced(message->life->spool, message->queue_id,
                                                      envelope->trace_offset));
    }
    finish_go_on(message, FINISH_EXPIRE);
}

/* Nothing was tried: what there is of records is that of the attempt before. */
static bool has_only_waited(const Message *message)
{
    return (message->left & LEFT_PARKED) != 0 && !message->has_begun;
}

static FinishStep step_trace(Message *message)
{
    const Envelope *envelope = &message->envelope;
    bool has_report =
        (envelope->trace_flags & (TRACE_PROBE_BY_USER | TRACE_RECORD | TRACE_DELAY_CLEARED)) != 0;

    if (has_only_waited(message) ||
        (!has_report && (envelope->size_flags & ENVELOPE_FLAG_NOTIFY_SUCCESS) == 0))
        return FINISH_EXPIRE;
    send_flush(message, message->life->notices->trace, REPORT_TRACE, envelope->trace_flags,
               on_traced);
    return FINISH_TRACE;
}

/* ---- step 5: too old, or worth a warning ---- */

/* Stock removes the message even if it owes another report, whose log then stays behind. */
static void on_returned(int32_t status, const char *warning, void *ctx)
{
    Message *message = ctx;

    life_warn_lines(warning);
    if (status != 0) {
        log_flush_failure(message, flush_kind(message));
        finish_go_on(message, FINISH_END);
        return;
    }
    message->left &= LEFT_REPORTS;
    finish_go_on(message, FINISH_FORGOTTEN);
}

/* Looks for recipients that the return forgot; stock trusts the defer log to name all. */
static FinishStep step_forgotten(Message *message)
{
    WayOut way = expire_after_return(message, flush_kind(message));

    if (way == LEAVE_REMOVED)
        return FINISH_END;
    message_leave(message, way);
    return FINISH_GONE;
}

static void on_warned(int32_t status, const char *warning, void *ctx)
{
    Message *message = ctx;

    life_warn_lines(warning);
    if (status == 0)
        stats_count(message->life->settings.stats, STATS_DELAY_WARNINGS);
    if (status != 0)
        log_flush_failure(message, REPORT_WARN);
    else
        message_check_mark(message, spool_mark_warned(message->life->spool, message->queue_id,
                                                      message->envelope.warn_offset));
    finish_go_on(message, FINISH_END);
}

static void return_to_sender(Message *message)
{
    const char *sender = envelope_text(&message->envelope, ENVELOPE_SENDER);
    g_autofree char *line = logline_expired(
        message->queue_id, sender, message->life->settings.address_format, message->force_expire);

    log_info("%s", line);
    stats_count(message->life->settings.stats, STATS_EXPIRED);
    send_flush(message, message->life->notices->defer, flush_kind(message),
               REPORT_DELETE_RECIPIENTS, on_returned);
}

static bool is_warning_due(const Message *message)
{
    const Envelope *envelope = &message->envelope;

    return envelope->warn_s > 0 && life_now(message->life)->wall_s >= envelope->warn_s - 1;
}

/*
 * A message that is too old is not returned while a suspension holds some of its recipients, or
 * some wait for their turn: who is returned would be all that the defer log names. They have one
 * attempt first.
 */
static bool is_return_due(const Message *message)
{
    return expire_is_due(message) &&
           ((message->left & (LEFT_SUSPENDED | LEFT_PARKED)) == 0 || message->force_expire);
}

/* The defer log names recipients that are still not delivered to. */
static bool has_record(const Message *message)
{
    return (message->left & (LEFT_DEFERRED | LEFT_SUSPENDED)) != 0 ||
           (has_only_waited(message) && message->has_log);
}

/* The sender is told only of recipients that were deferred by an attempt, this one or the last. */
static FinishStep step_expire(Message *message)
{
    if (expire_is_debt_over(message))
        expire_end_debt(message);
    if (!has_record(message))
        return FINISH_END;
    if (is_return_due(message)) {
        if (!expire_can_return(message))
            return FINISH_END;
        return_to_sender(message);
        return FINISH_EXPIRE;
    }
    if (!is_warning_due(message))
        return FINISH_END;
    send_flush(message, message->life->notices->defer, REPORT_WARN, 0, on_warned);
    return FINISH_EXPIRE;
}

/* ---- step 6: end ---- */

/*
 * True if recipients are done and not marked, while the message stays for a report only: the next
 * attempt would deliver to them again. Of redirected mail only the first recipient is marked, who
 * is the one for all; of inspected mail agents mark nobody.
 */
static bool lacks_marks(const Message *message)
{
    return message->left != 0 && (message->left & ~(LEFT_REPORTS | LEFT_UNKNOWN)) == 0 &&
           (envelope_has_text(&message->envelope, ENVELOPE_REDIRECT) ||
            envelope_has_text(&message->envelope, ENVELOPE_INSPECTOR));
}

static FinishStep step_end(Message *message)
{
    if (lacks_marks(message))
        message_mark_all_done(message);
    message_leave(message, message->left != 0 ? LEAVE_DEFERRED : LEAVE_REMOVED);
    return FINISH_GONE;
}

/* ---- the sequence ---- */

static FinishStep run_step(Message *message, FinishStep step)
{
    switch (step) {
    case FINISH_BOUNCE:
        return step_bounce(message);
    case FINISH_CHECK:
        return step_check(message);
    case FINISH_MORE:
        return step_more(message);
    case FINISH_TRACE:
        return step_trace(message);
    case FINISH_EXPIRE:
        return step_expire(message);
    case FINISH_FORGOTTEN:
        return step_forgotten(message);
    case FINISH_END:
        return step_end(message);
    case FINISH_GONE:
        break;
    }
    g_assert_not_reached();
}

/* Runs steps until one waits or the message has left the pipeline. */
static void finish_advance(Message *message)
{
    for (;;) {
        FinishStep before = message->finish_step;
        FinishStep after = run_step(message, before);

        if (after == FINISH_GONE)
            return;
        if (after == before)
            return;
        enter_step(message, after);
    }
}

void finish_turn(Life *life)
{
    for (unsigned left = message_idle_count(life); left > 0; left--) {
        Message *message = message_pop_idle(life);

        enter_step(message, FINISH_BOUNCE);
        finish_advance(message);
    }
}

static ReportClient *open_notifier(const Life *life, const char *service)
{
    g_autofree char *path = g_strconcat("private/", service, NULL);

    return report_client_new(life->base, &(ReportClientSettings){.service = path,
                                                                 .protocol = STATUS_PROTOCOL,
                                                                 .concurrency = NOTICE_CONCURRENCY,
                                                                 .timeout_s = NOTICE_TIMEOUT_S,
                                                                 .voice = REPORT_QUIETLY});
}

void finish_init(Life *life)
{
    const LifeSettings *settings = &life->settings;

    life->notices = g_new(Notices, 1);
    life->notices->bounce = open_notifier(life, settings->bounce_service);
    life->notices->defer = open_notifier(life, settings->defer_service);
    life->notices->trace = open_notifier(life, settings->trace_service);
}

void finish_stop(Life *life)
{
    report_client_free(life->notices->bounce);
    report_client_free(life->notices->defer);
    report_client_free(life->notices->trace);
    g_free(life->notices);
}
