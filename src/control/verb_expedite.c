/*
 * expedite: messages, by their queue IDs, that go before all others. Each is looked for in memory,
 * then in the directories; there is a row for each, also for those of which nothing can be done.
 */

#include "base/log.h"
#include "codec/control.h"
#include "codec/logline.h"
#include "codec/queue_id.h"
#include "life/expedite.h"
#include "life/inspect.h"
#include "src/control/verbs_internal.h"
#include "src/control/whereabouts_internal.h"

typedef struct ExpediteQuery {
    char **queue_ids;
    unsigned next;
    bool is_forced, is_dry_run;
    int64_t done_count;
} ExpediteQuery;

/* Blanks of any kind are between them. Each is one message, however often it is named. */
static char **split_queue_ids(const char *text)
{
    char **words = g_strsplit_set(text, " \t\r\n", -1);
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    unsigned count = 0;

    for (char **word = words; *word != NULL; word++) {
        if (**word == '\0' || g_hash_table_contains(known, *word)) {
            g_free(*word);
        } else {
            (void)g_hash_table_add(known, *word);
            words[count++] = *word;
        }
    }
    words[count] = NULL;
    return words;
}

bool expedite_begin(Query *query)
{
    const char *words = request_text(&query->request, "queue_id");
    ExpediteQuery *expedite = g_new0(ExpediteQuery, 1);

    query->state = expedite;
    expedite->queue_ids = split_queue_ids(words != NULL ? words : "");
    expedite->is_forced = request_text(&query->request, "force") != NULL;
    expedite->is_dry_run = request_text(&query->request, "dry_run") != NULL;
    for (char **queue_id = expedite->queue_ids; *queue_id != NULL; queue_id++) {
        if (!queue_id_is_valid(*queue_id)) {
            answer_error(query->answer, CONTROL_ERROR_USAGE, "not a queue ID: %s", *queue_id);
            return false;
        }
    }
    if (expedite->queue_ids[0] == NULL)
        answer_error(query->answer, CONTROL_ERROR_USAGE, "which messages? their queue IDs");
    return expedite->queue_ids[0] != NULL;
}

/* What is said of one message. */
typedef struct Expedited {
    const char *place, *text;
    char *long_text; /* owned; in place of text */
    bool is_done;
} Expedited;

static void put_expedited(Query *query, const char *queue_id, const Expedited *expedited)
{
    Answer *answer = query->answer;

    answer_begin(answer, CONTROL_ROW_DATA);
    answer_str(answer, "object", "expedite");
    answer_str(answer, "queue_id", queue_id);
    answer_str(answer, "place", expedited->place);
    answer_str(answer, "state", expedited->is_done ? "next" : "not done");
    answer_str(answer, "text",
               expedited->long_text != NULL ? expedited->long_text : expedited->text);
    answer_finish(answer);
}

static bool is_round_robin(const Query *query)
{
    return life_settings(query->subject->life)->round_robin;
}

/* Without force; of rules it is only known that there are some. */
static bool may_be_held(const Query *query)
{
    const ExpediteQuery *expedite = query->state;

    return !expedite->is_forced &&
           rules_count_of(steer_rules(query->subject->steer), RULE_SUSPEND) > 0;
}

static const char *first_text(const Query *query)
{
    if (is_round_robin(query))
        return "oqmgr(8) keeps the order of a destination's mail; it is in it";
    return may_be_held(query)
               ? "it goes before all other mail of its transports; a rule that suspends its "
                 "recipients holds them still: --force passes it once"
               : "it goes before all other mail of its transports";
}

/* With force, rules do not hold it any more: that is done even where its order stays. */
static Expedited said_of_active(const Query *query, const char *queue_id)
{
    const ExpediteQuery *expedite = query->state;
    Expedited expedited = {.place = "active", .is_done = expedite->is_forced};
    LifeMessageView message;

    if (!life_view_message(query->subject->life, queue_id, &message))
        return (Expedited){.place = "nowhere", .text = "it has just left"};
    switch (message.phase) {
    case LIFE_RESOLVING:
    case LIFE_WAITING:
        expedited.is_done = expedited.is_done || !is_round_robin(query);
        expedited.text = first_text(query);
        break;
    case LIFE_DELIVERING:
        expedited.text = expedite->is_forced
                             ? "a delivery agent has it now; no rule holds what is left of it"
                             : "a delivery agent has it now";
        break;
    case LIFE_FINISHING:
    case LIFE_STUCK:
    case LIFE_PHASE_COUNT:
        expedited.is_done = false;
        expedited.text = "its deliveries are over; eqmgrctl explain tells what it waits for";
        break;
    }
    return expedited;
}

static char *held_text(const Query *query, const char *queue_id)
{
    uint32_t number = life_suspended_by(query->subject->life, queue_id);
    const Rule *rule = rules_find(steer_rules(query->subject->steer), number);

    return g_strdup_printf("suspended by #%u: %s; --force passes the rule once", number,
                           rule != NULL ? rule->reason : "");
}

static const char *next_text(const Query *query)
{
    LifeSummary summary;

    life_summarize(query->subject->life, &summary);
    if (may_be_held(query))
        return "it is taken into active before all others; a rule that suspends its recipients "
               "holds them still: --force passes it once";
    return summary.is_full ? "it is taken into active before all others, once there is room"
                           : "it is taken into active before all others";
}

/* The message is in incoming or deferred, or in active after all. */
static Expedited expedite_known(Query *query, const char *queue_id, SpoolQueue from)
{
    const ExpediteQuery *expedite = query->state;
    Life *life = query->subject->life;
    LifeExpedite outcome = expedite->is_dry_run
                               ? life_would_expedite(life, queue_id, expedite->is_forced)
                               : life_expedite(life, queue_id, from, expedite->is_forced);
    Expedited expedited = {.place = spool_queue_str(from)};

    switch (outcome) {
    case LIFE_EXPEDITE_NEXT:
        expedited.is_done = true;
        expedited.text = next_text(query);
        break;
    case LIFE_EXPEDITE_ACTIVE:
        return said_of_active(query, queue_id);
    case LIFE_EXPEDITE_HELD:
        expedited.long_text = held_text(query, queue_id);
        break;
    case LIFE_EXPEDITE_FULL:
        expedited.text = "too many messages are expedited already; try again when active has room";
        break;
    }
    return expedited;
}

/* Where Postfix itself must act first, its command is named. */
static Expedited expedite_file(Query *query, const char *queue_id)
{
    static const char *const why_not[SPOOL_QUEUE_COUNT] = {
        [SPOOL_HOLD] = "it is on hold; postsuper -H QUEUE-ID releases it",
        [SPOOL_CORRUPT] = "its file is damaged; the mail log has a warning about it",
        [SPOOL_MAILDROP] = "it waits for pickup(8), which gives it another queue ID",
    };
    SpoolQueue queue;
    SpoolFile file;

    if (!whereabouts_find(query->subject->spool, queue_id, &queue, &file))
        return (Expedited){.place = "nowhere",
                           .text = "it is not in this queue; search the mail log"};
    if (why_not[queue] != NULL)
        return (Expedited){.place = spool_queue_str(queue), .text = why_not[queue]};
    if (queue == SPOOL_INCOMING && !whereabouts_is_whole(&file))
        return (Expedited){.place = "incoming", .text = "cleanup(8) still writes it"};
    return expedite_known(query, queue_id, queue);
}

static void tell_expedited(const Query *query, const char *queue_id)
{
    const ExpediteQuery *expedite = query->state;
    g_autofree char *line = logline_expedite(queue_id, expedite->is_forced, query->uid);

    log_info("%s", line);
    stats_count(query->subject->stats, STATS_CONTROL_CHANGES);
}

static void expedite_one(Query *query, const char *queue_id)
{
    ExpediteQuery *expedite = query->state;
    LifeMessageView message;
    Expedited expedited = life_view_message(query->subject->life, queue_id, &message)
                              ? expedite_known(query, queue_id, SPOOL_ACTIVE)
                              : expedite_file(query, queue_id);

    put_expedited(query, queue_id, &expedited);
    g_free(expedited.long_text);
    if (!expedited.is_done)
        return;
    expedite->done_count++;
    if (!expedite->is_dry_run)
        tell_expedited(query, queue_id);
}

bool expedite_step(Query *query, unsigned object_max)
{
    ExpediteQuery *expedite = query->state;

    for (unsigned i = 0; i < object_max && expedite->queue_ids[expedite->next] != NULL; i++)
        expedite_one(query, expedite->queue_ids[expedite->next++]);
    if (expedite->queue_ids[expedite->next] != NULL)
        return true;
    answer_end_as(query->answer,
                  &(AnswerEnd){.matched_count = expedite->done_count,
                               .note = expedite->is_dry_run ? "nothing was changed" : NULL});
    return false;
}

void expedite_end(Query *query)
{
    ExpediteQuery *expedite = query->state;

    if (expedite != NULL)
        g_strfreev(expedite->queue_ids);
    g_clear_pointer(&query->state, g_free);
}
