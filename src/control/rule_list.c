#include "src/control/rule_list_internal.h"
#include "src/control/rule_words_internal.h"

bool rule_list_init(RuleList *list, Query *query, RuleOrder order)
{
    *list = (RuleList){.order = order};
    return listing_init(&list->listing, query);
}

void rule_list_clear(RuleList *list)
{
    listing_clear(&list->listing);
}

static void begin_rule(Query *query, const void *rule)
{
    row_of_rule(query, rule);
}

static int64_t key_of_rule(const RuleList *list, const Rule *rule)
{
    return list->order == RULE_ORDER_NUMBER ? -(int64_t)rule->number : -rule->end_s;
}

/* By number: a rule that comes or goes between two steps makes no other come twice. */
bool rule_list_step(RuleList *list, Query *query, unsigned object_max)
{
    const Rules *rules = steer_rules(query->subject->steer);
    unsigned place = rules_place_from(rules, list->next_number);

    for (unsigned i = 0; i < object_max && place < rules_count(rules); i++, place++) {
        const Rule *rule = rules_at(rules, place);

        list->next_number = rule->number + 1;
        if (list->order == RULE_ORDER_END && rule->kind != RULE_SUSPEND)
            continue;
        listing_offer(&list->listing, query, key_of_rule(list, rule), rule->name, begin_rule, rule);
    }
    return place < rules_count(rules);
}
