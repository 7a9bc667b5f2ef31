#include "codec/logline.h"

/*
 * The words for what the scheduler has to say: warnings of a clogged queue (behaviour.md 15), with
 * other advice if somebody wants it so; and the debug lines of windows, in which names of stock's
 * functions are part of the text.
 */

#define DOMINANT_SHARE 0.9 /* of all mail: nothing else could be slowed down */

static const char *function_name(bool is_negative)
{
    return is_negative ? "qmgr_queue_throttle" : "qmgr_queue_unthrottle";
}

static void add(GPtrArray *lines, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add(GPtrArray *lines, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(lines, g_strdup_vprintf(format, args));
    va_end(args);
}

static void advise_faster_failure(GPtrArray *lines, const char *transport)
{
    add(lines, "you may need to reduce %s connect and helo timeouts", transport);
    add(lines, "so that Postfix quickly skips unavailable hosts");
    add(lines,
        "you may need to increase the main.cf minimal_backoff_time and maximal_backoff_time");
    add(lines, "so that Postfix wastes less time on undeliverable mail");
    add(lines, "you may need to increase the master.cf %s process limit", transport);
}

static bool may_be_faster(const LoglineClog *clog)
{
    return clog->limit > 0 && clog->limit <= clog->running_count + 1;
}

static void advise_more_at_a_time(GPtrArray *lines, const LoglineClog *clog)
{
    add(lines, "you may need to increase the main.cf %s_destination_concurrency_limit from %d",
        clog->transport, clog->limit);
}

static void advise(GPtrArray *lines, const LoglineClog *clog, double share)
{
    if (may_be_faster(clog))
        advise_more_at_a_time(lines, clog);
    else if (clog->window > clog->active_limit * share)
        add(lines, "you may need to increase the main.cf qmgr_message_active_limit from %d",
            clog->active_limit);
    else if (clog->destination_count > 1)
        add(lines, "you may need a separate master.cf transport for %s", clog->nexthop);
    else
        advise_faster_failure(lines, clog->transport);
}

/* A site that has an allowance leaves room for other mail, and a flush does not touch what waits.
 */
static void tell_of_parked(GPtrArray *lines, const LoglineClog *clog)
{
    add(lines, "%s%s%s may have %u messages in active (active_share), the rest is for other mail",
        clog->site_transport, *clog->site_transport != '\0' ? "/" : "", clog->site,
        clog->allowance);
    if (clog->parked_count > 0)
        add(lines,
            "%u more wait in the deferred queue for their turn and are called in as others end: "
            "nothing is wrong with these",
            clog->parked_count);
    if (clog->holder == NULL && may_be_faster(clog))
        advise_more_at_a_time(lines, clog);
}

static void tell_as_stock(GPtrArray *lines, const LoglineClog *clog)
{
    double share = (double)clog->entry_count / clog->message_count;

    if (share < DOMINANT_SHARE)
        add(lines, "this may slow down other mail deliveries");
    if (clog->holder != NULL)
        return;
    advise(lines, clog, share);
    add(lines, "please avoid flushing the whole queue when you have");
    add(lines, "lots of deferred mail, that is bad for performance");
}

char **logline_clog(const LoglineClog *clog)
{
    GPtrArray *lines = g_ptr_array_new();

    add(lines, "mail for %s is using up %d of %u active queue entries", clog->nexthop,
        clog->entry_count, clog->message_count);
    if (clog->allowance > 0)
        tell_of_parked(lines, clog);
    else
        tell_as_stock(lines, clog);
    if (clog->holder != NULL)
        add(lines, "%s", clog->holder);
    add(lines, "to turn off these warnings specify: qmgr_clog_warn_time = 0");
    g_ptr_array_add(lines, NULL);
    return (char **)g_ptr_array_free(lines, FALSE);
}

char *logline_feedback_type(const char *transport, const char *parameter, int type, int window,
                            double value)
{
    return g_strdup_printf("%s: %s feedback type %d value at %d: %g", transport, parameter, type,
                           window, value);
}

char *logline_feedback(bool is_negative, double feedback)
{
    return g_strdup_printf("%s: feedback %g", function_name(is_negative), feedback);
}

char *logline_window(bool is_negative, const LoglineWindow *window)
{
    return g_strdup_printf("%s: queue %s: limit %d window %d success %g failure %g fail_cohorts %g",
                           function_name(is_negative), window->name, window->limit, window->window,
                           window->success, window->failure, window->cohorts);
}
