#include "sched_internal.h"

/*
 * The older strategy, that of oqmgr (17): destinations take turns, messages do not matter. There
 * are no jobs and no peers; a message reads on when there is room for recipients over all messages.
 */

/* A message reads on when this many recipients are below the limit (17). */
#define REFILL_MARGIN 100

static SchedEntry *new_entry(SchedMessage *message, SchedDestination *destination, SchedNow now)
{
    return entry_new(message, destination, NULL, now);
}

static void assign(SchedMessage *message, SchedDestination *destination, Link *recipient,
                   SchedNow now)
{
    SchedEntry *entry = message->batch_entry;

    if (entry == NULL || entry->destination != destination || message->batch_single_recipient ||
        !entry_has_room(entry))
        entry = new_entry(message, destination, now);
    entry_add_recipient(entry, recipient);
    message->batch_entry = entry;
}

static SchedSelection select_entry(SchedTransport *transport, SchedNow now, SchedEntry **ret_entry,
                                   SchedMessage **ret_message)
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

static int64_t batch_limit(const Sched *sched, const SchedMessage *message)
{
    (void)message;
    return recipient_limit(sched);
}

static bool wants_refill(const Sched *sched, const SchedMessage *message)
{
    return message_may_read(message) &&
           sched->recipient_count < recipient_limit(sched) - REFILL_MARGIN;
}

/* Recipients of different batches do not meet in an entry. */
static void begin_or_end_batch(SchedMessage *message)
{
    message->batch_entry = NULL;
}

/* No recipient may join it any more. */
static void close_entry(SchedEntry *entry)
{
    SchedMessage *message = entry->message;

    if (message->batch_entry == entry)
        message->batch_entry = NULL;
}

const Strategy round_robin_strategy = {.assign = assign,
                                       .entry_new = new_entry,
                                       .select = select_entry,
                                       .batch_limit = batch_limit,
                                       .wants_refill = wants_refill,
                                       .begin_batch = begin_or_end_batch,
                                       .end_batch = begin_or_end_batch,
                                       .close_entry = close_entry,
                                       .redirects_backward = true};
