#include <sys/stat.h>

#include "base/log.h"
#include "src/life/context_internal.h"
#include "src/life/expire_internal.h"
#include "src/life/schedule_internal.h"
#include "src/life/trouble_internal.h"
#include "src/life/unreadable_internal.h"

/*
 * Expire: ends mail that is too old, or was declared so (behaviour.md 10 step 5, 11).
 *
 * Deferred recipients are returned to the sender: bounce(8) sends the defer log and marks the
 * recipients in it as done. The log may lack some: the attempt that wrote it was cut short, or an
 * agent could not reach the service, or does not write records. So a message is removed after its
 * return only if its file says that everyone is done. Recipients that were forgotten are returned
 * by another attempt, which delivers nothing: the attempt before it was the last delivery.
 *
 * A report that its service does not take is a debt: the message stays for it, deferred silently,
 * since nothing happened that its sender should know. The debt ends after twice the lifetime: a
 * service that is missing for so long is missing for good. Mail with a lifetime of 0, which is
 * tried only once, has two hours: trouble of a few minutes must not cost a report. Mail that was
 * old already when its trouble began has one more lifetime.
 */

#define LIFETIMES_ENOUGH  2
#define ENOUGH_AT_LEAST_S (2 * 3600)

/* How many to read at a time when looking for forgotten recipients; usually there are none. */
#define RECIPIENTS_PER_LOOK 100

static int64_t age_s(const Message *message)
{
    return life_now(message->life)->wall_s - message->envelope.create_s;
}

bool expire_is_due(const Message *message)
{
    return message->force_expire || age_s(message) >= schedule_lifetime_s(message);
}

static bool is_old_enough_to_give_up(const Message *message)
{
    return age_s(message) >=
           MAX(LIFETIMES_ENOUGH * schedule_lifetime_s(message), ENOUGH_AT_LEAST_S);
}

/*
 * True if trouble with the end of this message has lasted long enough to end it all the same: for a
 * lifetime, which is what mail has that expires when its trouble begins.
 */
static bool is_patience_over(const Message *message)
{
    return is_old_enough_to_give_up(message) &&
           trouble_lasts_s(message->life, TROUBLE_ENDING, message->queue_id) >=
               schedule_lifetime_s(message);
}

/*
 * An attempt that had recipients may have made the debt itself: then the services get another
 * chance.
 */
bool expire_is_debt_over(const Message *message)
{
    bool is_debt = (message->left & LEFT_REPORTS) != 0 && (message->left & ~LEFT_REPORTS) == 0;

    return is_debt && !message->had_recipients &&
           (message->force_expire || is_old_enough_to_give_up(message));
}

/*
 * True if the file says who is done. It does not for redirected mail, where the first recipient is
 * the one for all; for a probe, which has no mail to return; and for inspected mail, which agents
 * are asked not to mark.
 */
static bool is_told_by_file(const Envelope *envelope)
{
    return (envelope->trace_flags & (TRACE_PROBE_BY_MTA | TRACE_PROBE_BY_USER)) == 0 &&
           !envelope_has_text(envelope, ENVELOPE_REDIRECT) &&
           !envelope_has_text(envelope, ENVELOPE_INSPECTOR);
}

static bool has_defer_log(const Message *message)
{
    int64_t log_bytes = 0;
    SpoolStatus status =
        spool_log_size(message->life->spool, SPOOL_DEFER, message->queue_id, &log_bytes).status;

    return status == SPOOL_IO_ERROR || (status == SPOOL_OK && log_bytes > 0);
}

bool expire_can_return(const Message *message)
{
    bool was_before = message->force_expire && !message->as_logged;

    if ((message->left & LEFT_UNRECORDED) != 0)
        return is_patience_over(message);
    return !was_before || !is_told_by_file(&message->envelope) || has_defer_log(message) ||
           is_patience_over(message);
}

bool expire_is_hopeless(const Message *message, int error)
{
    if (!unreadable_is_about_the_file(error) || !is_patience_over(message))
        return false;
    log_warning("%s: recipients cannot be read, and it is too old to go on", message->queue_id);
    return true;
}

static void give_up_report(const Message *message, SpoolQueue log)
{
    SpoolResult result = spool_remove(message->life->spool, log, message->queue_id);

    if (result.status == SPOOL_IO_ERROR)
        life_warn_spool(result, "remove %s %s", spool_queue_str(log), message->queue_id);
    log_warning("%s: gave up sending its %s report", message->queue_id, spool_queue_str(log));
}

void expire_end_debt(Message *message)
{
    if ((message->left & LEFT_BOUNCE_REPORT) != 0)
        give_up_report(message, SPOOL_BOUNCE);
    if ((message->left & LEFT_TRACE_REPORT) != 0)
        give_up_report(message, SPOOL_TRACE);
    message->left = 0;
}

/* ---- after a return ---- */

/* With VERP, bounce(8) does not mark those who want no notice (ipc.md 5.1). */
static bool has_forgotten(const SpoolReading *reading, ReportKind kind)
{
    const Chain *recipients = &reading->recipients;

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link)) {
        uint8_t notify = ((Recipient *)link)->notify_flags;

        if (kind != REPORT_FLUSH_VERP || notify == 0 || (notify & NOTIFY_FAILURE) != 0)
            return true;
    }
    return false;
}

static void log_reason(gpointer text, gpointer ctx)
{
    (void)ctx;
    log_warning("%s", (const char *)text);
}

static SpoolResult look_for_forgotten(SpoolMessage *file, ReportKind kind, bool *ret_found)
{
    Envelope envelope = {0};
    SpoolReading reading;
    SpoolResult result = spool_read_first(file, RECIPIENTS_PER_LOOK, &envelope, &reading);

    *ret_found = has_forgotten(&reading, kind);
    while (result.status == SPOOL_OK && !*ret_found && !envelope.fully_read) {
        spool_reading_clear(&reading);
        result = spool_read_more(file, RECIPIENTS_PER_LOOK, &envelope, &reading);
        *ret_found = has_forgotten(&reading, kind);
    }
    if (result.status == SPOOL_DAMAGED)
        g_ptr_array_foreach(reading.warnings, log_reason, NULL);
    spool_reading_clear(&reading);
    *ret_found = *ret_found && is_told_by_file(&envelope);
    envelope_clear(&envelope);
    return result;
}

/* Makes the next attempt a return without a delivery; false if that is not certain. */
static bool mark_as_expired(const Message *message, SpoolMessage *file)
{
    SpoolFile facts;
    const Spool *spool = message->life->spool;

    return spool_check(spool, SPOOL_ACTIVE, message->queue_id, INT64_MAX, &facts).status ==
               SPOOL_OK &&
           spool_message_chmod(file, (facts.mode & 07777) | S_IXGRP).status == SPOOL_OK;
}

/*
 * The next attempt comes at once only if it will do something else than this one. So there is no
 * endless row of attempts, each with a notice, whatever the service says and does.
 */
static WayOut way_back(const Message *message, SpoolMessage *file)
{
    const Life *life = message->life;
    bool tries_something_else =
        message->force_expire ? message->as_logged : mark_as_expired(message, file);

    if (spool_remove(life->spool, SPOOL_DEFER, message->queue_id).status == SPOOL_IO_ERROR)
        return LEAVE_DEFERRED;
    return tries_something_else ? LEAVE_DUE_NOW : LEAVE_DEFERRED;
}

/* A message whose file cannot be read stays: the next attempt shows who is left. */
static WayOut way_without_look(const Message *message, SpoolResult result)
{
    SpoolFile file;

    if (result.status == SPOOL_DAMAGED)
        return LEAVE_CORRUPT;
    if (result.status == SPOOL_GONE &&
        spool_check(message->life->spool, SPOOL_ACTIVE, message->queue_id, INT64_MAX, &file)
                .status == SPOOL_GONE)
        return LEAVE_REMOVED; /* which logs that the file is gone */
    life_warn_spool(result, "read active %s", message->queue_id);
    return LEAVE_DEFERRED;
}

static WayOut way_of_forgotten(const Message *message, SpoolMessage *file)
{
    if (message->force_expire && !message->as_logged && is_patience_over(message)) {
        log_warning("%s: gave up waiting for all recipients to be returned", message->queue_id);
        return LEAVE_REMOVED;
    }
    log_warning("%s: not all recipients were returned: trying again", message->queue_id);
    return way_back(message, file);
}

WayOut expire_after_return(const Message *message, ReportKind kind)
{
    SpoolMessage *file = NULL;
    bool found = false;
    WayOut way = LEAVE_REMOVED;
    SpoolResult result = spool_message_open(message->life->spool, message->queue_id, false, &file);

    if (result.status == SPOOL_OK)
        result = look_for_forgotten(file, kind, &found);
    if (result.status != SPOOL_OK)
        way = way_without_look(message, result);
    else if (found)
        way = way_of_forgotten(message, file);
    spool_message_close(file);
    return way;
}
