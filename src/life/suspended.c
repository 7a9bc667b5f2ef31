#include <string.h>
#include <sys/queue.h>

#include "base/second_counts.h"
#include "base/slab.h"
#include "policy/rules.h"
#include "spool/deferred_index.h"
#include "src/life/context_internal.h"
#include "src/life/suspended_internal.h"

/*
 * Suspended: a table by queue ID, and for each rule a list in the order in which its messages were
 * deferred, and how many of them pass their lifetimes when. As many messages are known as the index
 * of deferred mail may have; what is beyond comes back with a flush, and goes back.
 */

typedef struct SuspendedMessage {
    TAILQ_ENTRY(SuspendedMessage) in_rule;
    TAILQ_ENTRY(SuspendedMessage) in_also;
    struct SuspendedByRule *rule;
    struct SuspendedAlso *also; /* NULL: no other rule holds it */
    int64_t due_s, expires_s;
    char queue_id[];
} SuspendedMessage;

typedef struct SuspendedByRule {
    TAILQ_ENTRY(SuspendedByRule) in_all;
    TAILQ_HEAD(, SuspendedMessage) messages;
    uint32_t number;
    unsigned count;
    SecondCounts expiries; /* of messages of which that is known */
    bool is_kept;          /* a job is to let them go */
} SuspendedByRule;

/* Those that wait for another rule first. */
typedef struct SuspendedAlso {
    TAILQ_HEAD(, SuspendedMessage) messages;
    uint32_t number; /* or SUSPENDED_BY_MANY */
    unsigned count;
    bool is_over; /* they are let go with those of the rule itself */
    bool is_kept; /* as there */
} SuspendedAlso;

typedef struct Suspended {
    GHashTable *messages; /* set of queue_id */
    GHashTable *also;     /* number -> SuspendedAlso */
    GHashTable *rules;    /* their number -> SuspendedByRule */
    TAILQ_HEAD(, SuspendedByRule) all_rules;
    Slab expiries_memory;
    SuspendedMessage *walk_at; /* the next one of the walk; NULL: none goes on */
} Suspended;

void suspended_init(Life *life)
{
    life->suspended = g_new(Suspended, 1);
    life->suspended->messages = g_hash_table_new(g_str_hash, g_str_equal);
    life->suspended->also = g_hash_table_new_full(g_int_hash, g_int_equal, NULL, g_free);
    life->suspended->rules = g_hash_table_new_full(g_int_hash, g_int_equal, NULL, g_free);
    TAILQ_INIT(&life->suspended->all_rules);
    second_counts_init_memory(&life->suspended->expiries_memory);
    life->suspended->walk_at = NULL;
}

static SuspendedByRule *find_rule(const Life *life, uint32_t number)
{
    return g_hash_table_lookup(life->suspended->rules, &number);
}

static SuspendedByRule *ensure_rule(Life *life, uint32_t number)
{
    SuspendedByRule *rule = find_rule(life, number);

    if (rule != NULL)
        return rule;
    rule = g_new0(SuspendedByRule, 1);
    rule->number = number;
    TAILQ_INIT(&rule->messages);
    second_counts_init(&rule->expiries, &life->suspended->expiries_memory);
    TAILQ_INSERT_TAIL(&life->suspended->all_rules, rule, in_all);
    g_hash_table_insert(life->suspended->rules, &rule->number, rule);
    return rule;
}

static SuspendedMessage *find_message(const Life *life, const char *queue_id)
{
    return g_hash_table_lookup(life->suspended->messages, queue_id);
}

/* A rule in the table has one message at least. */
static SuspendedMessage *message_after(const SuspendedMessage *message)
{
    const SuspendedByRule *rule = message->rule;

    if (TAILQ_NEXT(message, in_rule) != NULL)
        return TAILQ_NEXT(message, in_rule);
    rule = TAILQ_NEXT(rule, in_all);
    return rule != NULL ? TAILQ_FIRST(&rule->messages) : NULL;
}

static void join_rule(SuspendedMessage *message, SuspendedByRule *rule)
{
    message->rule = rule;
    TAILQ_INSERT_TAIL(&rule->messages, message, in_rule);
    rule->count++;
    if (message->expires_s != 0)
        second_counts_add(&rule->expiries, message->expires_s);
}

static void leave_rule(Life *life, SuspendedMessage *message)
{
    SuspendedByRule *rule = message->rule;

    if (life->suspended->walk_at == message)
        life->suspended->walk_at = message_after(message);
    TAILQ_REMOVE(&rule->messages, message, in_rule);
    rule->count--;
    if (message->expires_s != 0)
        second_counts_remove(&rule->expiries, message->expires_s);
    if (rule->count > 0)
        return;
    TAILQ_REMOVE(&life->suspended->all_rules, rule, in_all);
    (void)g_hash_table_remove(life->suspended->rules, &rule->number);
}

static SuspendedAlso *find_also(const Life *life, uint32_t number)
{
    return g_hash_table_lookup(life->suspended->also, &number);
}

static SuspendedAlso *ensure_also(Life *life, uint32_t number)
{
    SuspendedAlso *also = find_also(life, number);

    if (also != NULL)
        return also;
    also = g_new0(SuspendedAlso, 1);
    also->number = number;
    TAILQ_INIT(&also->messages);
    g_hash_table_insert(life->suspended->also, &also->number, also);
    return also;
}

static void join_also(SuspendedMessage *message, SuspendedAlso *also)
{
    message->also = also;
    TAILQ_INSERT_TAIL(&also->messages, message, in_also);
    also->count++;
}

/* The list stays. */
static void leave_also(SuspendedMessage *message)
{
    TAILQ_REMOVE(&message->also->messages, message, in_also);
    message->also->count--;
    message->also = NULL;
}

static void free_also_if_empty(Life *life, SuspendedAlso *also)
{
    if (also->count == 0)
        (void)g_hash_table_remove(life->suspended->also, &also->number);
}

static void drop_message(Life *life, SuspendedMessage *message)
{
    SuspendedAlso *also = message->also;

    leave_rule(life, message);
    (void)g_hash_table_remove(life->suspended->messages, message->queue_id);
    if (also != NULL) {
        leave_also(message);
        free_also_if_empty(life, also);
    }
    g_free(message);
}

void suspended_add(Life *life, const char *queue_id, const SuspendedBy *by, int64_t due_s,
                   int64_t expires_s)
{
    size_t id_bytes = strlen(queue_id) + 1;
    SuspendedMessage *message;

    suspended_forget(life, queue_id);
    if (suspended_count(life) >= DEFERRED_INDEX_FILES_MAX)
        return;
    message = g_malloc(sizeof(*message) + id_bytes);
    message->due_s = due_s;
    message->expires_s = expires_s;
    message->also = NULL;
    memcpy(message->queue_id, queue_id, id_bytes);
    join_rule(message, ensure_rule(life, by->first));
    if (by->also != 0)
        join_also(message, ensure_also(life, by->also));
    g_hash_table_insert(life->suspended->messages, message->queue_id, message);
}

/* This rule may be one of the many, unless the message waits for it, or is let go anyway. */
static void take_of_many(Life *life, SuspendedAlso *also)
{
    SuspendedAlso *many = find_also(life, SUSPENDED_BY_MANY);
    SuspendedMessage *message = many != NULL ? TAILQ_FIRST(&many->messages) : NULL, *next;

    for (; message != NULL; message = next) {
        next = TAILQ_NEXT(message, in_also);
        if (message->rule->number == also->number || message->rule->is_kept)
            continue;
        leave_also(message);
        join_also(message, also);
    }
    if (many != NULL)
        free_also_if_empty(life, many);
}

void suspended_take_over(Life *life, uint32_t rule_number)
{
    SuspendedAlso *also = ensure_also(life, rule_number);

    also->is_over = true;
    take_of_many(life, also);
    free_also_if_empty(life, also);
}

void suspended_forget(Life *life, const char *queue_id)
{
    SuspendedMessage *message = find_message(life, queue_id);

    if (message != NULL)
        drop_message(life, message);
}

uint32_t suspended_by(const Life *life, const char *queue_id)
{
    const SuspendedMessage *message = find_message(life, queue_id);
    const Rule *rule = message != NULL && life->settings.rules != NULL
                           ? rules_find(life->settings.rules, message->rule->number)
                           : NULL;

    return rule != NULL && rule->end_s > life_now(life)->wall_s ? rule->number : 0;
}

static bool is_message_kept(const SuspendedMessage *message)
{
    return message->rule->is_kept || (message->also != NULL && message->also->is_kept);
}

bool suspended_is_kept(const Life *life, const char *queue_id)
{
    const SuspendedMessage *message = find_message(life, queue_id);

    return message != NULL && is_message_kept(message);
}

/* A rule whose end has come is in the set until somebody has noticed it. */
bool suspended_is_waiting(const Life *life, const char *queue_id)
{
    const SuspendedMessage *message = find_message(life, queue_id);

    return message != NULL && (is_message_kept(message) ||
                               (life->settings.rules != NULL &&
                                rules_find(life->settings.rules, message->rule->number) != NULL));
}

/* What is let go with the rule of those that wait for others; NULL: nothing. */
static SuspendedAlso *find_over(const Life *life, uint32_t rule_number)
{
    SuspendedAlso *also = find_also(life, rule_number);

    return also != NULL && also->is_over ? also : NULL;
}

bool suspended_keep(Life *life, uint32_t rule_number)
{
    SuspendedByRule *rule = find_rule(life, rule_number);
    SuspendedAlso *also = find_over(life, rule_number);
    bool is_new = (rule != NULL && !rule->is_kept) || (also != NULL && !also->is_kept);

    if (rule != NULL)
        rule->is_kept = true;
    if (also != NULL)
        also->is_kept = true;
    return is_new;
}

unsigned suspended_count(const Life *life)
{
    return g_hash_table_size(life->suspended->messages);
}

unsigned suspended_count_of(const Life *life, uint32_t rule_number)
{
    const SuspendedByRule *rule = find_rule(life, rule_number);
    const SuspendedAlso *over = find_over(life, rule_number);

    return (rule != NULL ? rule->count : 0) + (over != NULL ? over->count : 0);
}

unsigned suspended_count_also(const Life *life, uint32_t rule_number)
{
    const SuspendedAlso *also = find_also(life, rule_number);

    return also != NULL && !also->is_over ? also->count : 0;
}

void suspended_count_outliving(const Life *life, uint32_t rule_number, int64_t end_s,
                               LifeOutliving *sum)
{
    const SuspendedByRule *rule = find_rule(life, rule_number);

    if (rule == NULL)
        return;
    sum->known_count += second_counts_total(&rule->expiries);
    sum->outliving_count += second_counts_until(&rule->expiries, end_s);
}

/* The rule which is over may be the one that it waits for, or one of the others. */
static uint32_t other_rule(const SuspendedMessage *message, uint32_t rule_number)
{
    if (message->rule->number != rule_number)
        return message->rule->number;
    return message->also != NULL ? message->also->number : 0;
}

bool suspended_pop(Life *life, uint32_t rule_number, SuspendedMail *ret_mail)
{
    const SuspendedByRule *rule = find_rule(life, rule_number);
    const SuspendedAlso *over = find_over(life, rule_number);
    SuspendedMessage *message = rule != NULL   ? TAILQ_FIRST(&rule->messages)
                                : over != NULL ? TAILQ_FIRST(&over->messages)
                                               : NULL;

    if (message == NULL)
        return false;
    *ret_mail = (SuspendedMail){.queue_id = g_strdup(message->queue_id),
                                .due_s = message->due_s,
                                .expires_s = message->expires_s,
                                .other = other_rule(message, rule_number)};
    drop_message(life, message);
    return true;
}

void suspended_walk_begin(Life *life)
{
    const SuspendedByRule *rule = TAILQ_FIRST(&life->suspended->all_rules);

    life->suspended->walk_at = rule != NULL ? TAILQ_FIRST(&rule->messages) : NULL;
}

const char *suspended_walk_next(Life *life)
{
    const SuspendedMessage *message = life->suspended->walk_at;

    if (message == NULL)
        return NULL;
    life->suspended->walk_at = message_after(message);
    return message->queue_id;
}

void suspended_stop(Life *life)
{
    GHashTableIter iter;
    gpointer message;

    g_hash_table_iter_init(&iter, life->suspended->messages);
    while (g_hash_table_iter_next(&iter, NULL, &message)) {
        g_hash_table_iter_remove(&iter);
        g_free(message);
    }
    g_hash_table_destroy(life->suspended->messages);
    g_hash_table_destroy(life->suspended->also);
    g_hash_table_destroy(life->suspended->rules);
    slab_clear(&life->suspended->expiries_memory);
    g_free(life->suspended);
}

static void check_also(const Life *life)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, life->suspended->also);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const SuspendedAlso *also = value;
        const SuspendedMessage *message;
        unsigned count = 0;

        TAILQ_FOREACH (message, &also->messages, in_also) {
            CHECK(message->also == also && find_message(life, message->queue_id) == message);
            count++;
        }
        CHECK(count == also->count && count > 0);
    }
}

void suspended_check(const Life *life)
{
    GHashTableIter iter;
    gpointer value;
    unsigned count = 0;

    g_hash_table_iter_init(&iter, life->suspended->rules);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const SuspendedByRule *rule = value;
        const SuspendedMessage *message;
        unsigned of_rule = 0, of_known_expiry = 0;

        TAILQ_FOREACH (message, &rule->messages, in_rule) {
            CHECK(message->rule == rule && find_message(life, message->queue_id) == message);
            of_rule++;
            of_known_expiry += message->expires_s != 0;
        }
        CHECK(of_rule == rule->count && of_rule > 0);
        CHECK(of_known_expiry == second_counts_total(&rule->expiries));
        count += of_rule;
    }
    CHECK(count == suspended_count(life));
    check_also(life);
}
