/*
 * destination: all about one: its row, its last errors, and for those who may see messages the next
 * of them.
 */

#include <string.h>

#include "codec/control.h"
#include "src/control/discreet_internal.h"
#include "src/control/rows_internal.h"
#include "src/control/verbs_internal.h"
#include "src/control/walk_internal.h"

#define ERRORS_SHOWN   10
#define MESSAGES_SHOWN 5

typedef struct Destination {
    char *transport, *name; /* what was found */
    uint32_t slot;          /* of the walk over messages */
    unsigned message_count; /* shown */
} Destination;

bool destination_begin(Query *query)
{
    const char *name = request_text(&query->request, "destination");
    const char *transport = request_text(&query->request, "transport");
    SchedDestinationView view;
    Destination *destination;

    if (name == NULL || !sched_view_destination(query->subject->sched, transport, name, &view) ||
        (view.is_user && query->level < CONTROL_LEVEL_VIEW)) {
        answer_error(
            query->answer, CONTROL_ERROR_NOT_FOUND,
            "no destination \"%s\" is known: it has no mail in the active queue, and is not "
            "dead; eqmgrctl destinations '*%s*' shows similar ones",
            name != NULL ? name : "", name != NULL ? name : "");
        return false;
    }
    destination = g_new0(Destination, 1);
    query->state = destination;
    destination->transport = g_strdup(view.transport);
    destination->name = g_strdup(view.name);
    return true;
}

static void put_errors(Query *query, const Destination *destination)
{
    FailureRing *ring = stats_failures(query->subject->stats);
    const Failure *failure = NULL;

    for (unsigned i = 0; i < ERRORS_SHOWN; i++) {
        g_autofree char *reason = NULL;

        failure = failure_find(ring, destination->transport, destination->name,
                               failure != NULL ? failure->serial : UINT64_MAX);
        if (failure == NULL)
            return;
        answer_begin(query->answer, CONTROL_ROW_DATA);
        answer_str(query->answer, "object", "trouble");
        answer_time(query->answer, "time", failure->wall_s);
        answer_str(query->answer, "status", failure->status);
        reason = discreet_text(query, failure->reason);
        answer_str(query->answer, "reason", reason);
        answer_finish(query->answer);
    }
}

static bool put_first_rows(Query *query, const Destination *destination)
{
    SchedDestinationView view;

    if (!sched_view_destination(query->subject->sched, destination->transport, destination->name,
                                &view)) {
        answer_error(query->answer, CONTROL_ERROR_NOT_FOUND, "%s is gone meanwhile",
                     destination->name);
        return false;
    }
    row_of_destination(query, &view);
    answer_finish(query->answer);
    put_errors(query, destination);
    return true;
}

static bool has_destination(const LifeMessageView *message, const Destination *destination)
{
    SchedShare shares[SCHED_SHARES_MAX];
    unsigned count = sched_view_shares(message->sched, shares);

    for (unsigned i = 0; i < count; i++)
        if (g_str_equal(shares[i].destination.name, destination->name) &&
            g_str_equal(shares[i].destination.transport, destination->transport))
            return true;
    return false;
}

static void visit_message_to_it(Query *query, uint32_t *slot)
{
    Destination *destination = query->state;
    LifeMessageView message;

    if (!life_view_next(query->subject->life, slot, 1, &message) ||
        !has_destination(&message, destination))
        return;
    row_of_message(query, &message);
    answer_finish(query->answer);
    destination->message_count++;
}

static bool has_shown_messages(const Query *query, uint32_t slot)
{
    const Destination *destination = query->state;

    return query->level < CONTROL_LEVEL_VIEW || destination->message_count >= MESSAGES_SHOWN ||
           walk_is_end_of_messages(query, slot);
}

bool destination_step(Query *query, unsigned object_max)
{
    static const Walk walk = {visit_message_to_it, has_shown_messages};
    Destination *destination = query->state;

    if (destination->slot == 0 && !put_first_rows(query, destination))
        return false;
    if (walk_step(&walk, query, &destination->slot, object_max))
        return true;
    answer_end(query->answer, 1, false, NULL);
    return false;
}

void destination_end(Query *query)
{
    Destination *destination = query->state;

    if (destination == NULL)
        return;
    g_free(destination->transport);
    g_free(destination->name);
    g_clear_pointer(&query->state, g_free);
}
