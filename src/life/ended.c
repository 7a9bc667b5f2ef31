#include "life/jobs.h"
#include "policy/rules.h"
#include "spool/defer_log.h"
#include "src/life/context_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/ended_internal.h"
#include "src/life/jobs_internal.h"
#include "src/life/pilot_internal.h"
#include "src/life/suspended_internal.h"

/*
 * Ended: see the header. What the last rules were about is remembered, for mail of them that is
 * found later; of others only their number is known.
 */

#define REMEMBERED_MAX 1000

typedef struct EndedRule {
    Rule rule; /* number, object and name */
    char *name;
    int64_t uid; /* who ended it; -1: it ended by itself */
    bool is_found;
} EndedRule;

typedef struct Ended {
    GQueue line;            /* of EndedRule, its own */
    GHashTable *remembered; /* number -> EndedRule */
} Ended;

static void free_rule(gpointer data)
{
    EndedRule *ended = data;

    g_free(ended->name);
    g_free(ended);
}

static EndedRule *new_rule(const Rule *rule, int64_t uid)
{
    EndedRule *ended = g_new0(EndedRule, 1);

    ended->name = g_strdup(rule->name);
    ended->rule = (Rule){.number = rule->number, .object = rule->object, .name = ended->name};
    ended->uid = uid;
    return ended;
}

void ended_init(Life *life)
{
    life->ended = g_new0(Ended, 1);
    g_queue_init(&life->ended->line);
    life->ended->remembered = g_hash_table_new_full(g_int_hash, g_int_equal, NULL, free_rule);
}

void ended_stop(Life *life)
{
    g_queue_clear_full(&life->ended->line, free_rule);
    g_hash_table_unref(life->ended->remembered);
    g_free(life->ended);
}

bool ended_is_used(const Life *life)
{
    return life->settings.rules != NULL && rules_next_number(life->settings.rules) > 1;
}

/* ---- the line ---- */

static void join_line(Life *life, EndedRule *ended)
{
    g_queue_push_tail(&life->ended->line, ended);
}

static void remember(Life *life, const Rule *rule, int64_t uid)
{
    GHashTable *remembered = life->ended->remembered;
    EndedRule *ended = new_rule(rule, uid);

    if (g_hash_table_size(remembered) >= REMEMBERED_MAX)
        g_hash_table_remove_all(remembered);
    g_hash_table_replace(remembered, &ended->rule.number, ended);
}

void ended_let_go(Life *life, const Rule *rule, int64_t uid)
{
    remember(life, rule, uid);
    suspended_take_over(life, rule->number);
    if (suspended_keep(life, rule->number) && !jobs_has_rule(life, rule->number))
        join_line(life, new_rule(rule, uid));
}

void ended_turn(Life *life)
{
    GQueue *line = &life->ended->line;

    while (!g_queue_is_empty(line) && jobs_has_room_for_rule(life)) {
        EndedRule *ended = g_queue_pop_head(line);
        const LifeJobOrder order = {.about = &ended->rule,
                                    .rule_number = ended->rule.number,
                                    .is_found = ended->is_found,
                                    .verb = "resume",
                                    .uid = ended->uid};
        g_autofree char *problem = NULL;

        (void)life_job_start(life, &order, &problem);
        free_rule(ended);
    }
}

/* ---- mail that is found ---- */

/* The rule has no force any more, and nobody has let go this message. */
static void expect(Life *life, uint32_t number)
{
    const EndedRule *known = g_hash_table_lookup(life->ended->remembered, &number);
    g_autofree char *name = g_strdup_printf("%u", number);
    const Rule unknown = {.number = number, .object = LIFE_JOB_ABOUT_RULE, .name = name};
    EndedRule *ended;

    if (!suspended_keep(life, number) || jobs_has_rule(life, number))
        return;
    ended = known != NULL ? new_rule(&known->rule, known->uid) : new_rule(&unknown, -1);
    ended->is_found = true;
    join_line(life, ended);
}

/* The rules that the records tell, the first one first; none if one record tells something else. */
static SuspendedBy rules_of_log(const GPtrArray *records)
{
    SuspendedBy by = {0};

    for (guint i = 0; i < records->len; i++) {
        const DeferRecord *record = records->pdata[i];
        uint32_t number = g_str_equal(record->status, RULE_SUSPENSION_STATUS)
                              ? rule_number_in_text(record->reason)
                              : 0;

        if (number == 0)
            return (SuspendedBy){0};
        if (i == 0)
            by.first = number;
        else if (number != by.first)
            by.also = by.also == 0 || by.also == number ? number : SUSPENDED_BY_MANY;
    }
    return records->len < ENDED_RECORDS_READ ? by : (SuspendedBy){0};
}

static bool is_in_force(const Life *life, uint32_t number)
{
    return life->settings.rules != NULL && rules_find(life->settings.rules, number) != NULL;
}

/* One that is over comes first, as it holds the message no longer. */
static void put_over_first(const Life *life, SuspendedBy *by)
{
    uint32_t first = by->first;

    if (by->also == 0 || by->also == SUSPENDED_BY_MANY || !is_in_force(life, first) ||
        is_in_force(life, by->also))
        return;
    by->first = by->also;
    by->also = first;
}

/* A job for the rule ended early. False: the message has a time for after that, and comes then. */
static bool leave_if_early(Life *life, const char *queue_id, int64_t due_s, int64_t since_s)
{
    int64_t from_s = MIN(since_s, life_now(life)->wall_s) + life->settings.minimal_backoff_s;

    if (due_s >= from_s)
        return false;
    pilot_leave_message(life, queue_id, due_s);
    return true;
}

/* Where a job for the rule has met a dead site, others do not try at once what is found later. */
bool ended_learn(Life *life, const char *queue_id, int64_t due_s, const GPtrArray *records)
{
    SuspendedBy by = rules_of_log(records);
    int64_t since_s;

    if (by.first == 0 || suspended_is_kept(life, queue_id) || jobs_is_trying(life, queue_id))
        return false;
    put_over_first(life, &by);
    since_s = jobs_gave_up_rule_s(life, by.first);
    if (is_in_force(life, by.first)) {
        suspended_add(life, queue_id, &by, due_s, 0);
        return false;
    }
    if (since_s != 0)
        return leave_if_early(life, queue_id, due_s, since_s);
    suspended_add(life, queue_id, &by, due_s, 0);
    expect(life, by.first);
    deferred_put_off(life, queue_id);
    return true;
}

/* If a job is to take it, the index knows from now on what it waits for, and it is not read again.
 */
static bool is_kept_by_log(Life *life, const char *queue_id, int64_t due_s)
{
    g_autoptr(GPtrArray) records = NULL;
    const DeferRecord *first;

    if (defer_log_read(life->spool, queue_id, ENDED_RECORDS_READ, &records).status != SPOOL_OK ||
        !ended_learn(life, queue_id, due_s, records))
        return false;
    first = records->pdata[0];
    deferred_learn(life, queue_id,
                   &(DeferredCause){.status = first->status, .reason = first->reason});
    return true;
}

bool ended_keeps(Life *life, const char *queue_id, int64_t due_s)
{
    DeferredCause cause = {.status = NULL};

    if (!ended_is_used(life) || jobs_is_trying(life, queue_id))
        return false;
    if (suspended_is_kept(life, queue_id)) {
        deferred_put_off(life, queue_id);
        return true;
    }
    (void)deferred_index_cause(deferred_index(life), queue_id, &cause);
    return cause.status == NULL && is_kept_by_log(life, queue_id, due_s);
}
