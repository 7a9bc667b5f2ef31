#include "sched_internal.h"

static void add(Sched *sched, bool is_warning, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void add(Sched *sched, bool is_warning, const char *format, ...)
{
    Notice *notice = g_new0(Notice, 1);
    va_list args;

    va_start(args, format);
    notice->notice.text = g_strdup_vprintf(format, args);
    va_end(args);
    notice->notice.is_warning = is_warning;
    TAILQ_INSERT_TAIL(&sched->notices, notice, in_sched);
}

bool sched_take_notice(Sched *sched, SchedNotice *ret_notice)
{
    Notice *notice = TAILQ_FIRST(&sched->notices);

    if (notice == NULL)
        return false;
    TAILQ_REMOVE(&sched->notices, notice, in_sched);
    *ret_notice = notice->notice;
    g_free(notice);
    return true;
}

void notice_clear(Sched *sched)
{
    SchedNotice notice;

    while (sched_take_notice(sched, &notice))
        g_free(notice.text);
}

/* ---- clog warnings (15) ---- */

#define CLOG_SHARE          5   /* of the active queue, in one destination */
#define CLOG_DOMINANT_SHARE 0.9 /* of all mail: nothing else could be slowed down */

static int clog_size(const SchedDestination *destination)
{
    return destination->waiting_count + destination->running_count;
}

static void advise_faster_failure(Sched *sched, const char *transport)
{
    add(sched, true, "you may need to reduce %s connect and helo timeouts", transport);
    add(sched, true, "so that Postfix quickly skips unavailable hosts");
    add(sched, true,
        "you may need to increase the main.cf minimal_backoff_time and maximal_backoff_time");
    add(sched, true, "so that Postfix wastes less time on undeliverable mail");
    add(sched, true, "you may need to increase the master.cf %s process limit", transport);
}

static void advise(Sched *sched, const SchedDestination *destination, double share)
{
    const SchedTransport *transport = destination->transport;
    int limit = transport->params.destination_concurrency_limit;
    int active_limit = sched->settings.message_active_limit;

    if (limit > 0 && limit <= destination->running_count + 1)
        add(sched, true,
            "you may need to increase the main.cf %s_destination_concurrency_limit from %d",
            transport->name, limit);
    else if (destination->window > active_limit * share)
        add(sched, true, "you may need to increase the main.cf qmgr_message_active_limit from %d",
            active_limit);
    else if (g_hash_table_size(transport->destinations_by_name) > 1)
        add(sched, true, "you may need a separate master.cf transport for %s",
            destination->nexthop);
    else
        advise_faster_failure(sched, transport->name);
}

static void warn_of_clog(Sched *sched, const SchedDestination *destination)
{
    double share = (double)clog_size(destination) / sched->message_count;

    add(sched, true, "mail for %s is using up %d of %u active queue entries", destination->nexthop,
        clog_size(destination), sched->message_count);
    if (share < CLOG_DOMINANT_SHARE)
        add(sched, true, "this may slow down other mail deliveries");
    advise(sched, destination, share);
    add(sched, true, "please avoid flushing the whole queue when you have");
    add(sched, true, "lots of deferred mail, that is bad for performance");
    add(sched, true, "to turn off these warnings specify: qmgr_clog_warn_time = 0");
}

void notice_add_clog(Sched *sched, SchedDestination *destination, SchedNow now)
{
    const SchedSettings *settings = &sched->settings;

    if (!settings->helpful_warnings || settings->clog_warn_s <= 0 ||
        clog_size(destination) <= settings->message_active_limit / CLOG_SHARE ||
        now.timer_s < destination->next_clog_warning_s)
        return;
    warn_of_clog(sched, destination);
    destination->next_clog_warning_s = now.timer_s + settings->clog_warn_s;
}

/* ---- feedback debug lines (16); their function names are part of the text ---- */

#define POSITIVE "qmgr_queue_unthrottle"
#define NEGATIVE "qmgr_queue_throttle"

static void add_transport_feedback(SchedTransport *transport, const char *parameter,
                                   SchedFeedback feedback)
{
    int window = transport->sched->settings.initial_destination_concurrency;

    add(transport->sched, false, "%s: %s feedback type %d value at %d: %g", transport->name,
        parameter, feedback.per_window ? 1 : 0, window, sched_feedback_at(feedback, window));
}

void notice_add_transport(SchedTransport *transport)
{
    const SchedTransportParams *params = &transport->params;

    if (!transport->sched->settings.feedback_debug)
        return;
    add_transport_feedback(transport, params->positive_name, params->positive);
    add_transport_feedback(transport, params->negative_name, params->negative);
}

static bool is_debugged(const SchedDestination *destination)
{
    return destination->transport->sched->settings.feedback_debug &&
           !destination->transport->is_internal;
}

static void add_window(SchedDestination *destination, const char *function)
{
    const SchedTransport *transport = destination->transport;

    if (!is_debugged(destination))
        return;
    add(transport->sched, false,
        "%s: queue %s: limit %d window %d success %g failure %g fail_cohorts %g", function,
        destination->name, transport->params.destination_concurrency_limit, destination->window,
        destination->success, destination->failure, destination->cohorts);
}

static void add_feedback(SchedDestination *destination, const char *function, double feedback)
{
    if (is_debugged(destination))
        add(destination->transport->sched, false, "%s: feedback %g", function, feedback);
}

void notice_add_positive(SchedDestination *destination)
{
    add_window(destination, POSITIVE);
}

void notice_add_positive_feedback(SchedDestination *destination, double feedback)
{
    add_feedback(destination, POSITIVE, feedback);
}

void notice_add_negative(SchedDestination *destination)
{
    add_window(destination, NEGATIVE);
}

void notice_add_negative_feedback(SchedDestination *destination, double feedback)
{
    add_feedback(destination, NEGATIVE, feedback);
}
