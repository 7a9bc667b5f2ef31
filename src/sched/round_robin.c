#include "sched_internal.h"

/*
 * The older strategy, that of oqmgr (17): destinations take turns, messages do not matter. There
 * are no jobs and no peers; a message reads on when there is room for recipients over all messages.
 */

/* A message reads on when this many recipients are below the limit (17). */
#define REFILL_MARGIN 100

static SchedEntry *round_robin_entry_new(SchedMessage *message, SchedDestination *destination,
                                         SchedNow now)
{
    return entry_new(message, destination, NULL, now);
}

static void round_robin_assign(SchedMessage *message, SchedDestination *destination,
                               Link *recipient, SchedNow now)
{
    SchedEntry *entry = message->batch_entry;

    if (entry == NULL || entry->destination != destination || message->batch_single_recipient ||
        !entry_has_room(entry))
        entry = round_robin_entry_new(message, destination, now);
    entry_add_recipient(entry, recipient);
    message->batch_entry = entry;
}

static SchedSelection round_robin_select(SchedTransport *transport, SchedNow now,
                                         SchedEntry **ret_entry, SchedMessage **ret_message)
{
    SchedDestination *destination = next_destination(transport);

    (void)ret_message;
    if (destination == NULL)
        return SCHED_NOTHING;
    ring_rotate(&transport->destinations, &destination->in_transport);
    *ret_entry = first_entry(destination);
    entry_run(*ret_entry, now);
    return SCHED_SELECTED;
}

/* The fudge factor lets reading and delivery overlap. */
static int64_t recipient_limit(const Sched *sched)
{
    return (int64_t)sched->settings.message_recipient_limit * sched->settings.fudge_percent / 100;
}

static int64_t round_robin_batch_limit(const Sched *sched, const SchedMessage *message)
{
    (void)message;
    return recipient_limit(sched);
}

static bool round_robin_wants_refill(const Sched *sched, const SchedMessage *message)
{
    return message_may_read(message) &&
           sched->recipient_count < recipient_limit(sched) - REFILL_MARGIN;
}

const Strategy round_robin_strategy = {.assign = round_robin_assign,
                                       .entry_new = round_robin_entry_new,
                                       .select = round_robin_select,
                                       .batch_limit = round_robin_batch_limit,
                                       .wants_refill = round_robin_wants_refill,
                                       .redirects_backward = true};
