/* The walk over messages and deferred mail that an overview takes. */

#include "life/inspect.h"
#include "src/control/overview_internal.h"
#include "src/control/walk_internal.h"

static void look_at_message(Overview *overview, const LifeMessageView *message)
{
    if (message->arrival_s != 0 &&
        (overview->oldest_arrival_s == 0 || message->arrival_s < overview->oldest_arrival_s))
        overview->oldest_arrival_s = message->arrival_s;
}

static void visit_message_for_age(Query *query, uint32_t *slot)
{
    LifeMessageView message;

    if (life_view_next(query->subject->life, slot, 1, &message))
        look_at_message(query->state, &message);
}

static void visit_due_for_count(Query *query, uint32_t *slot)
{
    Overview *overview = query->state;
    const char *queue_id;
    int64_t due_s;

    if (life_view_next_due(query->subject->life, slot, 1, &queue_id, &due_s))
        overview->overdue_count += due_s <= query->now->wall_s;
}

bool overview_step(Query *query, unsigned object_max)
{
    static const Walk messages = {visit_message_for_age, walk_is_end_of_messages};
    static const Walk due = {visit_due_for_count, walk_is_end_of_due};
    Overview *overview = query->state;
    LifeSummary summary;

    if (!overview->messages_done) {
        overview->messages_done = !walk_step(&messages, query, &overview->message_slot, object_max);
        return true;
    }
    life_summarize(query->subject->life, &summary);
    /* The heap knows the earliest: as long as that is to come, nothing is overdue. */
    if (summary.next_due_s == 0 || summary.next_due_s > query->now->wall_s)
        return false;
    return walk_step(&due, query, &overview->due_slot, object_max);
}
