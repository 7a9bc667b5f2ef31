#include "sched_internal.h"

/* The older strategy (17): destinations take turns, messages do not matter. */

void round_robin_assign(SchedMessage *message, SchedDestination *destination, Link *recipient,
                        SchedNow now)
{
    SchedEntry *entry = message->turns.batch_entry;

    if (entry == NULL || entry->destination != destination || message->batch_single_recipient ||
        !entry_has_room(entry))
        entry = entry_new(message, destination, NULL, now);
    entry_add_recipient(entry, recipient);
    message->turns.batch_entry = entry;
}

SchedSelection round_robin_select(SchedTransport *transport, SchedNow now, SchedEntry **ret_entry)
{
    SchedDestination *destination = usable_next_destination(transport);

    if (destination == NULL)
        return SCHED_NOTHING;
    ring_rotate(&transport->destinations, &destination->in_transport);
    *ret_entry = entry_first_waiting(destination);
    entry_run(*ret_entry, now);
    return SCHED_SELECTED;
}
