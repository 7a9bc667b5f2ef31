/*
 * The line of a destination, for those who look: how much mail comes before a message. It is walked
 * from its head when somebody asks, and no further than he has patience; nothing is kept for it.
 */

#include "life/inspect.h"
#include "sched/walk.h"
#include "src/life/life_internal.h"
#include "src/life/message_internal.h"

static void add_entries(const GPtrArray *entries, LifeLine *line)
{
    const SchedEntry *first = g_ptr_array_index(entries, 0);
    const Message *message = sched_message_owner(sched_entry_message(first));
    unsigned recipient_count = 0;

    for (guint i = 0; i < entries->len; i++)
        recipient_count += sched_entry_recipient_count(g_ptr_array_index(entries, i));
    line->delivery_count += entries->len;
    line->recipient_count += recipient_count;
    line->message_count++;
    if (recipient_count <= line->longest_recipient_count)
        return;
    line->longest_recipient_count = recipient_count;
    line->longest_id = message->queue_id;
}

/* True: the message was met. */
static bool walk_to(SchedWalk *walk, const SchedMessage *message, unsigned delivery_max,
                    LifeLine *line)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new();

    while (sched_walk_next(walk, entries)) {
        if (sched_entry_message(g_ptr_array_index(entries, 0)) == message)
            return true;
        if (line->delivery_count >= delivery_max) {
            line->is_cut = true;
            return true;
        }
        add_entries(entries, line);
    }
    return false;
}

bool life_view_line(const Life *life, const SchedMessage *message,
                    const SchedDestinationView *destination, unsigned delivery_max,
                    LifeLine *ret_line)
{
    const SchedTransport *transport = sched_transport_find(life->sched, destination->transport);
    const SchedDestination *of =
        transport != NULL ? sched_destination_find(transport, destination->name) : NULL;
    LifeLine line = {.delivery_count = 0};
    SchedWalk *walk;
    bool is_in_line;

    if (of == NULL)
        return false;
    walk = sched_walk_new(life->sched, of);
    is_in_line = walk_to(walk, message, delivery_max, &line);
    sched_walk_free(walk);
    if (!is_in_line)
        return false;
    line.transport_delivery_count =
        sched_view_before(message, destination->transport, delivery_max, &line.is_transport_cut);
    *ret_line = line;
    return true;
}
