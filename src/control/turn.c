#include <math.h>

#include "base/readable.h"
#include "sched/inspect.h"
#include "src/control/turn_internal.h"

/* From fewer ones nothing is said about what comes (operations.md 4). */
#define ENDED_MIN 20

/* Longer waits than that are no estimate, they are a complaint. */
#define TURN_MAX_S (1000 * 86400)

/* NULL: there is an estimate. */
static char *why_there_is_none(const SchedDestinationView *destination, unsigned ended_count)
{
    g_autofree char *ended = NULL;

    if (destination->state == SCHED_STATE_THROTTLED)
        return g_strdup("none: it is dead");
    if (destination->is_blocked && !destination->is_blocked_by_rate &&
        !destination->is_blocked_by_limit)
        return g_strdup("none: its transport is dead, or waits for its rate delay");
    if (ended_count == 0)
        return g_strdup("none: nothing has ended there in the last minute");
    ended = readable_counted(ended_count, "delivery has", "deliveries have");
    return ended_count < ENDED_MIN
               ? g_strdup_printf("none: only %s ended there in the last minute", ended)
               : NULL;
}

/* Those before it and the one that makes room for it have to end. */
static int64_t wait_until_turn_s(const LifeLine *line, double rate_per_s)
{
    return (int64_t)CLAMP(ceil((line->delivery_count + 1.0) / rate_per_s), 1, TURN_MAX_S);
}

static void put_estimate(Query *query, const SchedDestinationView *destination,
                         const LifeLine *line)
{
    int64_t now_us = query->now->mono_us, wait_s;
    unsigned ended_count = allowance_ended(destination->measure, now_us);
    g_autofree char *words = why_there_is_none(destination, ended_count);
    g_autofree char *duration = NULL, *count = NULL;

    answer_int(query->answer, "ended_in_minute", ended_count);
    if (words == NULL) {
        wait_s = wait_until_turn_s(line, allowance_measured(destination->measure, now_us));
        duration = readable_duration(wait_s);
        count = readable_count(ended_count);
        words = g_strdup_printf("in %s %s, as %s deliveries have ended there in the last minute",
                                line->is_cut ? "more than" : "about", duration, count);
        answer_time(query->answer, "turn", query->now->wall_s + wait_s);
    }
    answer_str(query->answer, "estimate", words);
}

void turn_put(Query *query, const SchedMessage *message, const SchedDestinationView *destination,
              unsigned delivery_max)
{
    Answer *answer = query->answer;
    LifeLine line;

    if (!life_view_line(query->subject->life, message, destination, delivery_max, &line))
        return;
    answer_int(answer, "ahead", line.delivery_count);
    answer_int(answer, "ahead_recipients", line.recipient_count);
    answer_int(answer, "ahead_messages", line.message_count);
    if (line.is_cut)
        answer_int(answer, "ahead_cut", 1);
    if (line.transport_delivery_count >= 0)
        answer_int(answer, "ahead_of_transport", line.transport_delivery_count);
    if (line.is_transport_cut)
        answer_int(answer, "ahead_of_transport_cut", 1);
    answer_str(answer, "longest", line.longest_id);
    if (line.longest_id != NULL)
        answer_int(answer, "longest_recipients", line.longest_recipient_count);
    put_estimate(query, destination, &line);
}
