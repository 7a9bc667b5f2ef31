#include "model_internal.h"

/* The older strategy (17): destinations take turns, messages do not matter. */

void round_robin_assign(SchedMessage *message, SchedDestination *destination, Link *recipient,
                        SchedNow now)
{
    SchedEntry *entry = message->batch_entry;
    int limit = destination->transport->params.destination_recipient_limit;

    if (entry == NULL || entry->destination != destination || message->batch_single_recipient ||
        (limit != 0 && entry->recipient_count >= (unsigned)limit))
        entry = entry_new(message, destination, NULL, now);
    entry_add_recipient(entry, recipient);
    message->batch_entry = entry;
}

/* Those behind the chosen one, then those before it, then itself (1). */
static void rotate(struct DestinationList *destinations, const SchedDestination *chosen)
{
    SchedDestination *first;

    do {
        first = TAILQ_FIRST(destinations);
        TAILQ_REMOVE(destinations, first, in_transport);
        TAILQ_INSERT_TAIL(destinations, first, in_transport);
    } while (first != chosen);
}

SchedSelection round_robin_select(SchedTransport *transport, SchedNow now, SchedEntry **ret_entry)
{
    SchedDestination *destination;

    TAILQ_FOREACH (destination, &transport->destinations, in_transport)
        if (destination_is_usable(destination))
            break;
    if (destination == NULL)
        return SCHED_NOTHING;
    rotate(&transport->destinations, destination);
    *ret_entry = TAILQ_FIRST(&destination->waiting);
    entry_run(*ret_entry, now);
    return SCHED_SELECTED;
}
