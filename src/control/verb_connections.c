/* connections: to delivery agents, oldest first. */

#include <string.h>

#include "codec/control.h"
#include "src/control/discreet_internal.h"
#include "src/control/listing_internal.h"
#include "src/control/rows_internal.h"
#include "src/control/verbs_internal.h"
#include "src/control/walk_internal.h"

#define SLOW_PERCENT 75 /* of the time after which an agent is given up */

typedef struct Connections {
    Listing listing;
    uint32_t slot;
    int64_t older_s;
} Connections;

bool connections_begin(Query *query)
{
    Connections *connections = g_new0(Connections, 1);

    query->state = connections;
    if (!request_number(&query->request, "older", 0, INT32_MAX, 0, &connections->older_s)) {
        answer_error(query->answer, CONTROL_ERROR_USAGE, "older: a number of seconds");
        return false;
    }
    return listing_init(&connections->listing, query);
}

static int64_t connection_age_ms(const Query *query, const LifeConnectionView *connection)
{
    return query->now->mono_ms - connection->since_ms;
}

static void begin_connection(Query *query, const void *object)
{
    const LifeConnectionView *connection = object;
    Answer *answer = query->answer;
    int64_t age_ms = connection_age_ms(query, connection);
    int64_t limit_s = life_settings(query->subject->life)->daemon_timeout_s;

    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "connection");
    answer_str(answer, "transport", connection->transport);
    answer_str(answer, "destination", discreet_name(query, connection->destination));
    answer_str(answer, "state", life_connection_phase_str(connection->phase));
    answer_time(answer, "since", query->now->wall_s - age_ms / 1000);
    answer_int(answer, "slow", age_ms / 10 >= limit_s * SLOW_PERCENT);
    answer_int(answer, "recipients", connection->recipient_count);
    if (query->level >= CONTROL_LEVEL_VIEW)
        answer_str(answer, "queue_id", connection->queue_id);
}

static void visit_connection(Query *query, uint32_t *slot)
{
    Connections *connections = query->state;
    LifeConnectionView view;
    int64_t age_ms;

    if (!life_view_next_connection(query->subject->life, slot, 1, &view))
        return;
    age_ms = connection_age_ms(query, &view);
    if (age_ms >= connections->older_s * 1000)
        listing_offer(&connections->listing, query, age_ms,
                      view.queue_id != NULL ? view.queue_id : view.transport, begin_connection,
                      &view);
}

static bool is_end_of_connections(const Query *query, uint32_t slot)
{
    return life_view_connection_is_end(query->subject->life, slot);
}

bool connections_step(Query *query, unsigned object_max)
{
    static const Walk walk = {visit_connection, is_end_of_connections};
    Connections *connections = query->state;

    if (walk_step(&walk, query, &connections->slot, object_max))
        return true;
    listing_end(&connections->listing, query, NULL);
    return false;
}

void connections_end(Query *query)
{
    Connections *connections = query->state;

    listing_clear(&connections->listing);
    g_clear_pointer(&query->state, g_free);
}
