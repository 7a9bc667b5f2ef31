/* rules: what an administrator has set, in the order of the numbers. */

#include "src/control/rule_list_internal.h"
#include "src/control/verbs_internal.h"

bool rules_begin(Query *query)
{
    RuleList *list = g_new0(RuleList, 1);

    query->state = list;
    return rule_list_init(list, query, RULE_ORDER_NUMBER);
}

bool rules_step(Query *query, unsigned object_max)
{
    RuleList *list = query->state;

    if (rule_list_step(list, query, object_max))
        return true;
    listing_end(&list->listing, query, steer_problem(query->subject->steer));
    return false;
}

void rules_end(Query *query)
{
    RuleList *list = query->state;

    if (list == NULL)
        return;
    rule_list_clear(list);
    g_clear_pointer(&query->state, g_free);
}
