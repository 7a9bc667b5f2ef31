/* The walk over messages and deferred mail that an overview takes. */

#include "life/inspect.h"
#include "src/control/overview_internal.h"

static void look_at_message(Overview *overview, const LifeMessageView *message)
{
    if (message->arrival_s != 0 &&
        (overview->oldest_arrival_s == 0 || message->arrival_s < overview->oldest_arrival_s))
        overview->oldest_arrival_s = message->arrival_s;
}

static bool walk_messages(Overview *overview, const Life *life, unsigned object_max)
{
    LifeMessageView message;

    for (unsigned i = 0; i < object_max; i++)
        if (life_view_next(life, &overview->message_slot, 1, &message))
            look_at_message(overview, &message);
    return !life_view_is_end(life, overview->message_slot);
}

static bool walk_due(Overview *overview, const Life *life, int64_t now_s, unsigned object_max)
{
    const char *queue_id;
    int64_t due_s;

    for (unsigned i = 0; i < object_max; i++)
        if (life_view_next_due(life, &overview->due_slot, 1, &queue_id, &due_s) && due_s <= now_s)
            overview->overdue_count++;
    return !life_view_due_is_end(life, overview->due_slot);
}

bool overview_step(Overview *overview, const Query *query, unsigned object_max)
{
    const Life *life = query->subject->life;
    LifeSummary summary;

    if (!overview->messages_done) {
        overview->messages_done = !walk_messages(overview, life, object_max);
        return true;
    }
    life_summarize(life, &summary);
    /* The heap knows the earliest: as long as that is to come, nothing is overdue. */
    if (summary.next_due_s == 0 || summary.next_due_s > query->now->wall_s)
        return false;
    return walk_due(overview, life, query->now->wall_s, object_max);
}
