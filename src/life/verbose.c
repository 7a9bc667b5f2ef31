#include "base/log.h"
#include "src/life/verbose_internal.h"

/*
 * Verbose: what option -v adds to the log, for a person who asks why a message goes where it goes,
 * and when. Each line has one function here, which does nothing without -v. Programs that read mail
 * logs look for "to=<", "from=<" and "status=": these lines must have none of them.
 */

void verbose_trigger(const Life *life, const char *bytes, size_t count)
{
    if (life->settings.verbose)
        log_info("asked to look for mail: %.*s", (int)MIN(count, LOG_TEXT_MAX_BYTES), bytes);
}

void verbose_batch(const Message *message, unsigned count)
{
    if (message->life->settings.verbose)
        log_info("%s: recipients read: %u, %s", message->queue_id, count,
                 message->envelope.fully_read ? "no more to come" : "more to come");
}

/*
 * A destination's name says more than its nexthop if recipients or owners have queues of their own.
 */
void verbose_bound(const Message *message, const BatchAnswer *answer)
{
    const SchedDestination *destination = answer->destination;
    const char *name, *nexthop;

    if (!message->life->settings.verbose || destination == NULL)
        return;
    name = sched_destination_name(destination);
    nexthop = sched_destination_nexthop(destination);
    log_info("%s: <%s> goes by %s to %s%s%s", message->queue_id,
             recipient_address(answer->recipient),
             sched_transport_name(sched_destination_transport(destination)), nexthop,
             g_ascii_strcasecmp(name, nexthop) != 0 ? ", in a queue of its own: " : "",
             g_ascii_strcasecmp(name, nexthop) != 0 ? name : "");
}

static void verbose_log_delivery(const SchedEntry *entry, const char *what, const char *more)
{
    const Message *message = sched_message_owner(sched_entry_message(entry));
    const SchedDestination *destination = sched_entry_destination(entry);

    log_info("%s: delivery by %s to %s %s%s", message->queue_id,
             sched_transport_name(sched_destination_transport(destination)),
             sched_destination_nexthop(destination), what, more);
}

void verbose_delivery_begins(const Life *life, const SchedEntry *entry)
{
    g_autofree char *count = NULL;

    if (!life->settings.verbose)
        return;
    count = g_strdup_printf("%u", sched_entry_recipient_count(entry));
    verbose_log_delivery(entry, "begins, recipients: ", count);
}

void verbose_delivery_ends(const Life *life, const SchedEntry *entry, const SchedResult *result)
{
    g_autofree char *why = NULL;

    if (!life->settings.verbose)
        return;
    if (result->deferred && *result->status != '\0')
        why = g_strdup_printf("; the site: %s %s", result->status, result->reason);
    if (result->crashed)
        verbose_log_delivery(entry, "ends without an answer", "");
    else
        verbose_log_delivery(entry, result->deferred ? "ends: not for all" : "ends: for all",
                             why != NULL ? why : "");
}

void verbose_delivery_is_put_off(const Life *life, const SchedEntry *entry)
{
    if (life->settings.verbose)
        verbose_log_delivery(entry, "is put off: the agent is gone", "");
}

void verbose_next_attempt(const Message *message, SpoolQueue queue, int64_t wait_s)
{
    if (message->life->settings.verbose)
        log_info("%s: waits in %s, next attempt in %" G_GINT64_FORMAT " s", message->queue_id,
                 spool_queue_str(queue), wait_s);
}

void verbose_moves(const Message *message, const char *from, const char *to)
{
    if (message->life->settings.verbose)
        log_info("%s: was %s, is %s", message->queue_id, from, to);
}

void verbose_finish_step(const Message *message, const char *step)
{
    if (message->life->settings.verbose)
        log_info("%s: finishing, next step: %s", message->queue_id, step);
}

void verbose_report_step(const Message *message, const Recipient *recipient, const char *service)
{
    if (message->life->settings.verbose)
        log_info("%s: <%s> is reported to service %s", message->queue_id,
                 recipient_address(recipient), service);
}
