/* rules: what an administrator has set, in the order of the numbers. */

#include "codec/control.h"
#include "src/control/listing_internal.h"
#include "src/control/rule_words_internal.h"
#include "src/control/verbs_internal.h"

typedef struct RuleList {
    Listing listing;
    uint32_t next_number;
} RuleList;

bool rules_begin(Query *query)
{
    RuleList *list = g_new0(RuleList, 1);

    query->state = list;
    return listing_init(&list->listing, query);
}

static void begin_rule(Query *query, const void *rule)
{
    row_of_rule(query, rule);
}

/* By number: a rule that comes or goes between two steps makes no other come twice. */
bool rules_step(Query *query, unsigned object_max)
{
    RuleList *list = query->state;
    const Rules *rules = steer_rules(query->subject->steer);
    unsigned place = rules_place_from(rules, list->next_number);

    for (unsigned i = 0; i < object_max && place < rules_count(rules); i++, place++) {
        const Rule *rule = rules_at(rules, place);

        list->next_number = rule->number + 1;
        listing_offer(&list->listing, query, -(int64_t)rule->number, "", begin_rule, rule);
    }
    if (place < rules_count(rules))
        return true;
    listing_end(&list->listing, query, steer_problem(query->subject->steer));
    return false;
}

void rules_end(Query *query)
{
    RuleList *list = query->state;

    if (list == NULL)
        return;
    listing_clear(&list->listing);
    g_clear_pointer(&query->state, g_free);
}
