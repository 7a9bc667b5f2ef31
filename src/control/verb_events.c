/*
 * events: the last changes of state, oldest first. The cursor of an answer is the serial number of
 * its last one; a client that follows asks again with it.
 */

#include <inttypes.h>

#include "codec/control.h"
#include "src/control/discreet_internal.h"
#include "src/control/verbs_internal.h"

typedef struct Events {
    uint64_t after;
    uint64_t last; /* of the listing */
} Events;

bool events_begin(Query *query)
{
    Events *events = g_new0(Events, 1);
    uint64_t newest = event_last_serial(stats_events(query->subject->stats));
    int64_t after, limit;

    query->state = events;
    if (!request_number(&query->request, "after", 0, INT64_MAX, 0, &after) ||
        !request_number(&query->request, "limit", 0, EVENT_MAX, 0, &limit)) {
        answer_error(query->answer, CONTROL_ERROR_USAGE,
                     "after: the number of an event; limit: 1 to %d, or 0 for all", EVENT_MAX);
        return false;
    }
    events->last = newest;
    events->after = (uint64_t)after;
    if (limit > 0 && newest > events->after + (uint64_t)limit)
        events->after = newest - (uint64_t)limit;
    return true;
}

static void put_event(const Query *query, const Event *event)
{
    Answer *answer = query->answer;
    g_autofree char *reason = discreet_text(query, event->reason);

    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "event");
    answer_int(answer, "serial", (int64_t)event->serial);
    answer_time(answer, "time", event->wall_s);
    answer_str(answer, "kind", event_kind_str(event->kind));
    answer_str(answer, "transport", event->transport);
    answer_str(answer, "destination", discreet_name(query, event->destination));
    answer_str(answer, "reason", reason);
    answer_finish(answer);
}

bool events_step(Query *query, unsigned object_max)
{
    Events *events = query->state;
    EventRing *ring = stats_events(query->subject->stats);
    char cursor[32];

    for (unsigned i = 0; i < object_max; i++) {
        const Event *event = event_next(ring, events->after);

        if (event == NULL || event->serial > events->last)
            break;
        put_event(query, event);
        events->after = event->serial;
    }
    if (events->after < events->last)
        return true;
    (void)g_snprintf(cursor, sizeof(cursor), "%" PRIu64, events->last);
    answer_end(query->answer, query->answer->row_count, false, cursor);
    return false;
}
