#include <string.h>

#include "sched/inspect.h"
#include "src/life/mail_walk_internal.h"
#include "src/life/message_internal.h"

/* Mail walk: see the header. */

/* Unused slots of destinations that are passed in one step. */
#define PATIENCE 100

/* ---- what it is about ---- */

static bool is_about_destination(const LifeJobOrder *order, const MailWalk *walk)
{
    return order->matches(order->about, walk->transport, walk->destination);
}

/* Behind a relay host the mail of all domains is for one destination. */
static bool is_about_recipient(const LifeJobOrder *order, const Recipient *recipient)
{
    const char *at = strrchr(recipient_address(recipient), '@');

    return at != NULL && order->matches(order->about, "", at + 1);
}

static bool is_about_entry(const LifeJobOrder *order, const SchedEntry *entry)
{
    const Chain *recipients = sched_entry_recipients(entry);

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        if (is_about_recipient(order, (const Recipient *)link))
            return true;
    return false;
}

static bool asks_nobody(const Message *message)
{
    const Envelope *envelope = &message->envelope;

    return envelope_has_text(envelope, ENVELOPE_CONTENT_FILTER) &&
           (envelope->trace_flags & (TRACE_PROBE_BY_MTA | TRACE_PROBE_BY_USER)) == 0;
}

/* ---- the walk ---- */

static void leave_destination(MailWalk *walk)
{
    g_clear_pointer(&walk->waiting, sched_walk_free);
    g_clear_pointer(&walk->transport, g_free);
    g_clear_pointer(&walk->destination, g_free);
}

void mail_walk_begin(MailWalk *walk)
{
    mail_walk_clear(walk);
    walk->entries = g_ptr_array_new();
}

void mail_walk_clear(MailWalk *walk)
{
    leave_destination(walk);
    g_clear_pointer(&walk->entries, g_ptr_array_unref);
    walk->slot = 0;
    walk->destination_count = 0;
}

/* Mail on its way to retry or error asks nobody. */
static void walk_into_destination(const Life *life, const LifeJobOrder *order, MailWalk *walk,
                                  const SchedDestination *destination)
{
    const char *transport = sched_transport_name(sched_destination_transport(destination));

    if (!rule_may_suspend_transport(transport))
        return;
    walk->transport = g_strdup(transport);
    walk->destination = g_strdup(sched_destination_name(destination));
    walk->is_all = is_about_destination(order, walk);
    walk->destination_count += walk->is_all;
    if (walk->is_all || order->about->object == RULE_DOMAIN)
        walk->waiting = sched_walk_new(life->sched, destination);
    else
        leave_destination(walk);
}

/* True: some are left. */
static bool keep_wanted(const LifeJobOrder *order, const MailWalk *walk)
{
    GPtrArray *entries = walk->entries;

    if (asks_nobody(sched_message_owner(sched_entry_message(entries->pdata[0]))))
        return false;
    for (guint i = entries->len; i > 0 && !walk->is_all; i--)
        if (!is_about_entry(order, entries->pdata[i - 1]))
            (void)g_ptr_array_remove_index(entries, i - 1);
    return entries->len > 0;
}

MailWalkStep mail_walk_next(const Life *life, const LifeJobOrder *order, MailWalk *walk)
{
    const SchedDestination *destination;

    if (walk->waiting != NULL && sched_walk_next(walk->waiting, walk->entries))
        return keep_wanted(order, walk) ? MAIL_WALK_FOUND : MAIL_WALK_LOOKED;
    leave_destination(walk);
    destination = sched_destination_next(life->sched, &walk->slot, PATIENCE);
    if (destination != NULL)
        walk_into_destination(life, order, walk, destination);
    else if (sched_view_is_end(life->sched, walk->slot))
        return MAIL_WALK_END;
    return MAIL_WALK_LOOKED;
}
