/* messages: those of the active queue, oldest first. */

#include <string.h>

#include "codec/control.h"
#include "src/control/listing_internal.h"
#include "src/control/rows_internal.h"
#include "src/control/verbs_internal.h"
#include "src/control/walk_internal.h"

typedef struct Messages {
    Listing listing;
    uint32_t slot;
    LifePhase phase; /* LIFE_PHASE_COUNT: any */
    int64_t older_s;
} Messages;

bool messages_begin(Query *query)
{
    Messages *messages = g_new0(Messages, 1);
    const char *state = request_text(&query->request, "state");

    query->state = messages;
    messages->phase = LIFE_PHASE_COUNT;
    if (state != NULL && !life_phase_parse(state, &messages->phase)) {
        answer_error(query->answer, CONTROL_ERROR_USAGE,
                     "no such state: %s (resolving, waiting, delivering, finishing, stuck)", state);
        return false;
    }
    if (request_text(&query->request, "destination") != NULL &&
        g_str_equal(query->settings->strategy, "round-robin")) {
        answer_error(query->answer, CONTROL_ERROR_USAGE,
                     "destination: round-robin keeps no list of the destinations of a message; "
                     "explain QUEUE-ID shows those of one");
        return false;
    }
    if (!request_number(&query->request, "older", 0, INT32_MAX, 0, &messages->older_s)) {
        answer_error(query->answer, CONTROL_ERROR_USAGE, "older: a number of seconds");
        return false;
    }
    return listing_init(&messages->listing, query);
}

static bool goes_to(const LifeMessageView *message, const char *pattern)
{
    SchedShare shares[SCHED_SHARES_MAX];
    unsigned count;

    if (pattern == NULL)
        return true;
    count = sched_view_shares(message->sched, shares);
    for (unsigned i = 0; i < count; i++)
        if (listing_matches(pattern, shares[i].destination.name))
            return true;
    return false;
}

static bool message_belongs(const Messages *messages, const Query *query,
                            const LifeMessageView *message)
{
    return (messages->phase == LIFE_PHASE_COUNT || messages->phase == message->phase) &&
           query->now->wall_s - message->arrival_s >= messages->older_s &&
           listing_matches(request_text(&query->request, "sender"), message->sender) &&
           goes_to(message, request_text(&query->request, "destination"));
}

static void begin_message(Query *query, const void *view)
{
    row_of_message(query, view);
}

static void visit_message(Query *query, uint32_t *slot)
{
    Messages *messages = query->state;
    LifeMessageView message;

    if (life_view_next(query->subject->life, slot, 1, &message) &&
        message_belongs(messages, query, &message))
        listing_offer(&messages->listing, query, -message.arrival_s, message.queue_id,
                      begin_message, &message);
}

bool messages_step(Query *query, unsigned object_max)
{
    static const Walk walk = {visit_message, walk_is_end_of_messages};
    Messages *messages = query->state;

    if (walk_step(&walk, query, &messages->slot, object_max))
        return true;
    listing_end(&messages->listing, query, NULL);
    return false;
}

void messages_end(Query *query)
{
    Messages *messages = query->state;

    listing_clear(&messages->listing);
    g_clear_pointer(&query->state, g_free);
}
