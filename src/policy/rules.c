#include "policy/rules.h"

#include <string.h>

#include "base/check.h"
#include "base/element.h"
#include "base/heap.h"

/*
 * The set of rules: an array in the order of numbers, for those who list them; a hash table by kind
 * and object, for lookups; a heap by end.
 */

typedef struct StoredRule {
    Rule rule;
    HeapNode by_end; /* not in the heap: it is for ever */
    char *name, *reason;
} StoredRule;

/* Of the rules of one kind: what there is none of need not be looked up. */
typedef struct RuleCounts {
    unsigned all, for_subdomains, about[RULE_OBJECT_COUNT];
} RuleCounts;

/* Bits of a filter before the hash table. With 10,000 rules a seventh of them is set. */
#define FILTER_BITS      65536
#define FILTER_WORD_BITS 64

struct Rules {
    GPtrArray *by_number;                            /* of StoredRule, owned */
    GHashTable *by_object;                           /* set of Rule */
    uint64_t filter[FILTER_BITS / FILTER_WORD_BITS]; /* by hash; bits of rules that are gone stay */
    Heap by_end;
    RuleCounts counts[RULE_KIND_COUNT];
    uint32_t next_number;
    GPtrArray *kept_lines;
};

/* ---- the table by object ---- */

static guint hash_rule(gconstpointer key)
{
    const Rule *rule = key;
    guint hash = 5381 + (guint)(rule->kind * 31 + rule->measure) * 31 + (guint)rule->object;

    /* Without the bit that tells the cases of letters apart: other characters may do without it. */
    for (const char *at = rule->name; *at != '\0'; at++)
        hash = hash * 33 + ((guchar)*at | ('a' ^ 'A'));
    return hash;
}

static gboolean is_same_object(gconstpointer left, gconstpointer right)
{
    const Rule *a = left, *b = right;

    return a->kind == b->kind && a->measure == b->measure && a->object == b->object &&
           g_ascii_strcasecmp(a->name, b->name) == 0;
}

/* Most lookups find nothing, and the filter stays in a near cache, as the table does not. */
static guint filter_place(const Rule *rule)
{
    return hash_rule(rule) * 2654435769U >> 16;
}

static void filter_add(Rules *rules, const Rule *rule)
{
    guint place = filter_place(rule);

    rules->filter[place / FILTER_WORD_BITS] |= (uint64_t)1 << place % FILTER_WORD_BITS;
}

static bool may_be_there(const Rules *rules, const Rule *rule)
{
    guint place = filter_place(rule);

    return (rules->filter[place / FILTER_WORD_BITS] >> place % FILTER_WORD_BITS & 1) != 0;
}

static bool is_for_subdomains(const Rule *rule)
{
    return rule->object == RULE_DOMAIN && rule->name[0] == '.';
}

/* One more, or one less. */
static void count_rule(RuleCounts counts[RULE_KIND_COUNT], const Rule *rule, int change)
{
    RuleCounts *of_kind = &counts[rule->kind];

    of_kind->all += (unsigned)change;
    of_kind->about[rule->object] += (unsigned)change;
    if (is_for_subdomains(rule))
        of_kind->for_subdomains += (unsigned)change;
}

/* ---- life ---- */

static void free_stored(gpointer data)
{
    StoredRule *stored = data;

    g_free(stored->name);
    g_free(stored->reason);
    g_free(stored);
}

Rules *rules_new(void)
{
    Rules *rules = g_new0(Rules, 1);

    rules->by_number = g_ptr_array_new_with_free_func(free_stored);
    rules->by_object = g_hash_table_new(hash_rule, is_same_object);
    heap_init(&rules->by_end);
    rules->next_number = 1;
    rules->kept_lines = g_ptr_array_new_with_free_func(g_free);
    return rules;
}

static void drop_content(Rules *rules)
{
    g_hash_table_destroy(rules->by_object);
    heap_clear(&rules->by_end);
    g_ptr_array_unref(rules->by_number);
    g_ptr_array_unref(rules->kept_lines);
}

void rules_free(Rules *rules)
{
    if (rules == NULL)
        return;
    drop_content(rules);
    g_free(rules);
}

Rules *rules_copy(const Rules *rules)
{
    Rules *copy = rules_new();

    for (unsigned i = 0; i < rules_count(rules); i++) {
        const Rule *put = rules_put(copy, rules_at(rules, i));

        g_assert(put != NULL);
    }
    for (unsigned i = 0; i < rules_kept_line_count(rules); i++)
        rules_keep_line(copy, rules_kept_line(rules, i));
    rules_raise_next_number(copy, rules->next_number);
    return copy;
}

void rules_take(Rules *to, Rules *from)
{
    drop_content(to);
    *to = *from;
    g_free(from);
}

/* ---- by number ---- */

unsigned rules_count(const Rules *rules)
{
    return rules->by_number->len;
}

unsigned rules_count_of(const Rules *rules, RuleKind kind)
{
    return rules->counts[kind].all;
}

static StoredRule *stored_at(const Rules *rules, unsigned place)
{
    return g_ptr_array_index(rules->by_number, place);
}

const Rule *rules_at(const Rules *rules, unsigned place)
{
    return &stored_at(rules, place)->rule;
}

unsigned rules_place_from(const Rules *rules, uint32_t number)
{
    unsigned low = 0, high = rules_count(rules);

    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (rules_at(rules, middle)->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const Rule *rules_find(const Rules *rules, uint32_t number)
{
    unsigned place = rules_place_from(rules, number);

    return place < rules_count(rules) && rules_at(rules, place)->number == number
               ? rules_at(rules, place)
               : NULL;
}

const Rule *rules_same(const Rules *rules, const Rule *rule)
{
    return g_hash_table_lookup(rules->by_object, rule);
}

uint32_t rules_next_number(const Rules *rules)
{
    return rules->next_number;
}

void rules_raise_next_number(Rules *rules, uint32_t number)
{
    rules->next_number = MAX(rules->next_number, number);
}

/* ---- changes ---- */

static void set_content(Rules *rules, StoredRule *stored, const Rule *rule)
{
    char *reason = g_strdup(rule->reason);

    g_free(stored->reason);
    stored->rule.made_s = rule->made_s;
    stored->rule.end_s = rule->end_s;
    stored->rule.most = rule->most;
    stored->rule.period_s = rule->period_s;
    stored->rule.uid = rule->uid;
    stored->rule.reason = stored->reason = reason;
    if (rule->end_s == RULE_FOREVER)
        heap_remove(&rules->by_end, &stored->by_end);
    else
        heap_set(&rules->by_end, &stored->by_end, rule->end_s);
}

static const Rule *rules_add(Rules *rules, const Rule *rule, uint32_t number)
{
    StoredRule *stored = g_new0(StoredRule, 1);

    stored->rule = *rule;
    stored->rule.number = number;
    stored->rule.name = stored->name = g_ascii_strdown(rule->name, -1);
    set_content(rules, stored, rule);
    g_ptr_array_insert(rules->by_number, (gint)rules_place_from(rules, number), stored);
    (void)g_hash_table_add(rules->by_object, &stored->rule);
    filter_add(rules, rule);
    count_rule(rules->counts, rule, 1);
    rules_raise_next_number(rules, number + 1);
    return &stored->rule;
}

const Rule *rules_put(Rules *rules, const Rule *rule)
{
    const Rule *same = rules_same(rules, rule);
    uint32_t number = rule->number != 0 ? rule->number : rules->next_number;

    g_assert(rule_fault(rule) == NULL);
    if (same != NULL) {
        set_content(rules, ELEMENT(same, StoredRule, rule), rule);
        return same;
    }
    if (rules_count(rules) >= RULES_MAX || number > RULE_NUMBER_LAST ||
        rules_find(rules, number) != NULL)
        return NULL;
    return rules_add(rules, rule, number);
}

bool rules_remove(Rules *rules, uint32_t number)
{
    const Rule *rule = rules_find(rules, number);

    if (rule == NULL)
        return false;
    (void)g_hash_table_remove(rules->by_object, rule);
    heap_remove(&rules->by_end, &ELEMENT(rule, StoredRule, rule)->by_end);
    count_rule(rules->counts, rule, -1);
    (void)g_ptr_array_remove_index(rules->by_number, rules_place_from(rules, number));
    return true;
}

const Rule *rules_first_to_end(const Rules *rules)
{
    const HeapNode *first = heap_first(&rules->by_end);

    return first != NULL ? &ELEMENT(first, StoredRule, by_end)->rule : NULL;
}

/* ---- lookup ---- */

typedef struct Lookup {
    const Rules *rules;
    RuleKind kind;
    RuleMeasure measure;
    int64_t now_s;
    const Rule *best;
} Lookup;

/* The suspension that ends last decides. */
static bool is_better(const Rule *rule, const Rule *best)
{
    return best == NULL || rule->end_s > best->end_s ||
           (rule->end_s == best->end_s && rule->number < best->number);
}

static void look_up(Lookup *lookup, RuleObject object, const char *name)
{
    const Rule key = {
        .kind = lookup->kind, .measure = lookup->measure, .object = object, .name = name};
    const Rule *rule;

    if (lookup->rules->counts[lookup->kind].about[object] == 0)
        return;
    /* The first limit decides: objects come smallest first. */
    if (lookup->kind == RULE_LIMIT && lookup->best != NULL)
        return;
    if (!may_be_there(lookup->rules, &key))
        return;
    rule = g_hash_table_lookup(lookup->rules->by_object, &key);
    if (rule != NULL && rule->end_s > lookup->now_s && is_better(rule, lookup->best))
        lookup->best = rule;
}

/* No rule has a longer name, so a hostile domain of a thousand labels costs no more than a real
 * one. */
static void look_up_domain(Lookup *lookup, const char *domain)
{
    size_t length = strlen(domain);

    if (length <= RULE_DOMAIN_MAX_BYTES)
        look_up(lookup, RULE_DOMAIN, domain);
    if (lookup->rules->counts[lookup->kind].for_subdomains == 0 || length == 0)
        return;
    if (length > RULE_DOMAIN_MAX_BYTES)
        domain += length - RULE_DOMAIN_MAX_BYTES - 1;
    for (const char *dot = strchr(domain + 1, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
        look_up(lookup, RULE_DOMAIN, dot);
}

/* From the smallest object to the largest. */
static const Rule *look_up_all(Lookup *lookup, const RuleSubject *subject)
{
    if (lookup->rules->counts[lookup->kind].all == 0 ||
        !rule_may_suspend_transport(subject->transport))
        return NULL;
    if (subject->destination != NULL)
        look_up(lookup, RULE_DESTINATION, subject->destination);
    if (subject->nexthop != NULL)
        look_up(lookup, RULE_DESTINATION, subject->nexthop);
    if (subject->domain != NULL)
        look_up_domain(lookup, subject->domain);
    look_up(lookup, RULE_TRANSPORT, subject->transport);
    look_up(lookup, RULE_ALL, "");
    return lookup->best;
}

const Rule *rules_suspension(const Rules *rules, const RuleSubject *subject, int64_t now_s)
{
    Lookup lookup = {.rules = rules, .kind = RULE_SUSPEND, .now_s = now_s};

    return look_up_all(&lookup, subject);
}

const Rule *rules_limit(const Rules *rules, const RuleSubject *subject, RuleMeasure measure,
                        int64_t now_s)
{
    Lookup lookup = {.rules = rules, .kind = RULE_LIMIT, .measure = measure, .now_s = now_s};

    return look_up_all(&lookup, subject);
}

/* ---- lines that are kept ---- */

unsigned rules_kept_line_count(const Rules *rules)
{
    return rules->kept_lines->len;
}

const char *rules_kept_line(const Rules *rules, unsigned place)
{
    return g_ptr_array_index(rules->kept_lines, place);
}

void rules_keep_line(Rules *rules, const char *line)
{
    g_ptr_array_add(rules->kept_lines, g_strdup(line));
}

static void check_rule(const Rules *rules, const StoredRule *stored)
{
    CHECK(rule_fault(&stored->rule) == NULL);
    CHECK(rules_same(rules, &stored->rule) == &stored->rule);
    CHECK(heap_contains(&stored->by_end) == (stored->rule.end_s != RULE_FOREVER));
    CHECK(stored->rule.number < rules->next_number);
}

void rules_check(const Rules *rules)
{
    RuleCounts counts[RULE_KIND_COUNT] = {{0}};
    unsigned ends = 0;

    CHECK(rules_count(rules) <= RULES_MAX);
    CHECK(g_hash_table_size(rules->by_object) == rules_count(rules));
    heap_check(&rules->by_end);
    for (unsigned i = 0; i < rules_count(rules); i++) {
        const StoredRule *stored = stored_at(rules, i);

        CHECK(i == 0 || rules_at(rules, i - 1)->number < stored->rule.number);
        check_rule(rules, stored);
        CHECK(may_be_there(rules, &stored->rule));
        ends += heap_contains(&stored->by_end);
        count_rule(counts, &stored->rule, 1);
    }
    CHECK(ends == rules->by_end.count);
    CHECK(memcmp(counts, rules->counts, sizeof(counts)) == 0);
}
