/*
 * due: how many deferred messages become due in each of the next minutes, how many are overdue and
 * why, and for those who may see them the next ones by queue ID.
 */

#include "base/readable.h"
#include "codec/control.h"
#include "life/inspect.h"
#include "src/control/listing_internal.h"
#include "src/control/verbs_internal.h"
#include "src/control/walk_internal.h"

#define MINUTE_S     60
#define WITHIN_MAX_S (7 * 86400)
#define HOUR_S       3600

typedef struct DueCounts {
    Listing next; /* messages */
    uint32_t slot;
    int64_t begin_s;               /* of the first minute */
    unsigned minute, minute_count; /* the next one to be put, of so many */
    bool overdue_put;
} DueCounts;

bool due_begin(Query *query)
{
    int64_t within_s;
    DueCounts *due;

    if (!request_number(&query->request, "within", MINUTE_S, WITHIN_MAX_S, HOUR_S, &within_s)) {
        answer_error(query->answer, CONTROL_ERROR_USAGE, "within: one minute to one week");
        return false;
    }
    due = g_new0(DueCounts, 1);
    due->begin_s = query->now->wall_s;
    due->minute_count = (unsigned)((within_s + MINUTE_S - 1) / MINUTE_S);
    query->state = due;
    return listing_init(&due->next, query);
}

typedef struct DueMessage {
    const char *queue_id;
    int64_t due_s;
} DueMessage;

static void begin_due_message(Query *query, const void *object)
{
    const DueMessage *message = object;

    answer_begin(query->answer, CONTROL_ROW_DATA);
    answer_str(query->answer, "object", "due_message");
    answer_str(query->answer, "queue_id", message->queue_id);
    answer_time(query->answer, "due", message->due_s);
}

static void visit_due(Query *query, uint32_t *slot)
{
    DueCounts *due = query->state;
    DueMessage message;

    if (life_view_next_due(query->subject->life, slot, 1, &message.queue_id, &message.due_s))
        listing_offer(&due->next, query, -message.due_s, message.queue_id, begin_due_message,
                      &message);
}

static void put_minute(Answer *answer, int64_t time_s, uint32_t count, const char *why)
{
    if (count == 0)
        return;
    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "due");
    answer_int(answer, "time", time_s);
    answer_int(answer, "count", count);
    answer_str(answer, "why", why);
    answer_finish(answer);
}

static void put_overdue(Query *query, DueCounts *due, const LifeSummary *summary)
{
    if (!due->overdue_put)
        put_minute(query->answer, 0, life_due_count(query->subject->life, due->begin_s),
                   summary->is_full       ? "the active queue is full"
                   : summary->is_reserved ? "the rest of the active queue is for new mail"
                                          : "they are taken by the next queue run");
    due->overdue_put = true;
}

/* What is due at its begin is overdue. Both ends are counted now: the queue changes between steps.
 */
static uint32_t count_in_minute(const Query *query, const DueCounts *due, unsigned minute)
{
    const Life *life = query->subject->life;
    int64_t begin_s = due->begin_s + (int64_t)minute * MINUTE_S;

    return life_due_count(life, begin_s + MINUTE_S - 1) -
           life_due_count(life, minute == 0 ? begin_s : begin_s - 1);
}

/* True: there are more. */
static bool put_minutes(Query *query, DueCounts *due, unsigned minute_max)
{
    for (; due->minute < due->minute_count && minute_max > 0; due->minute++, minute_max--)
        put_minute(query->answer, due->begin_s + (int64_t)due->minute * MINUTE_S,
                   count_in_minute(query, due, due->minute), NULL);
    return due->minute < due->minute_count;
}

/* Without a limit no message is listed: that is what postqueue(1) is for. */
static bool lists_messages(const Query *query, const DueCounts *due)
{
    return query->level >= CONTROL_LEVEL_VIEW && due->next.kept != NULL;
}

/* What the minutes do not show; NULL: nothing. */
static char *note_of_rest(const Query *query, const DueCounts *due, const LifeSummary *summary)
{
    int64_t end_s = due->begin_s + (int64_t)due->minute_count * MINUTE_S - 1;
    int64_t later = (int64_t)summary->deferred_count - life_due_count(query->subject->life, end_s);
    g_autofree char *count = readable_count(later);

    if (!summary->index_complete)
        return g_strdup("deferred mail is not counted yet: the index is built by the next queue "
                        "run");
    return later > 0 ? g_strdup_printf("%s due later", count) : NULL;
}

bool due_step(Query *query, unsigned object_max)
{
    static const Walk walk = {visit_due, walk_is_end_of_due};
    DueCounts *due = query->state;
    g_autofree char *note = NULL;
    LifeSummary summary;

    if (lists_messages(query, due) && walk_step(&walk, query, &due->slot, object_max))
        return true;
    life_summarize(query->subject->life, &summary);
    put_overdue(query, due, &summary);
    if (put_minutes(query, due, object_max))
        return true;
    note = note_of_rest(query, due, &summary);
    listing_end(&due->next, query, note);
    return false;
}

void due_end(Query *query)
{
    DueCounts *due = query->state;

    if (due != NULL)
        listing_clear(&due->next);
    g_clear_pointer(&query->state, g_free);
}
