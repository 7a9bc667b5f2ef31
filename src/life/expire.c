#include "base/log.h"
#include "src/life/life_internal.h"

/*
 * Expire: what is too old, or was declared so, comes to an end (behaviour.md 10 step 5, 11).
 *
 * Deferred recipients are returned to the sender. A report that its service does not take is a
 * debt: the message stays for it, deferred silently, since nothing happened that its sender should
 * be told of. Twice the lifetime is enough to pay: a service that is missing for so long is missing
 * for good.
 */

#define LIFETIMES_FOR_REPORTS 2

static int64_t age_s(const Message *message)
{
    return life_now(message->life)->wall_s - message->envelope.create_s;
}

static int64_t lifetime_s(const Message *message)
{
    const LifeSettings *settings = &message->life->settings;
    bool is_bounce = *envelope_text(&message->envelope, ENVELOPE_SENDER) == '\0';

    return is_bounce ? settings->bounce_queue_lifetime_s : settings->maximal_queue_lifetime_s;
}

bool expire_is_due(const Message *message)
{
    return message->force_expire || age_s(message) >= lifetime_s(message);
}

/* An attempt that had recipients may have made the debt: the services get another chance. */
bool expire_is_debt_over(const Message *message)
{
    bool is_debt = (message->left & LEFT_REPORTS) != 0 && (message->left & ~LEFT_REPORTS) == 0;

    return is_debt && !message->had_recipients &&
           (message->force_expire || age_s(message) >= LIFETIMES_FOR_REPORTS * lifetime_s(message));
}

static void give_up_report(const Message *message, SpoolQueue log)
{
    SpoolStatus status = spool_remove(message->life->spool, log, message->queue_id);
    const char *reason = life_spool_reason(status);

    if (status == SPOOL_IO_ERROR)
        log_warning("remove %s %s: %s", spool_queue_str(log), message->queue_id, reason);
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
