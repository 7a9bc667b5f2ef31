#ifndef EQMGR_CONTROL_RULE_LIST_INTERNAL_H
#define EQMGR_CONTROL_RULE_LIST_INTERNAL_H

/* rule_list: rows of the rules in force, in pieces, for the verbs that list them. */

#include "src/control/listing_internal.h"

typedef enum RuleOrder {
    RULE_ORDER_NUMBER,
    RULE_ORDER_END /* suspensions only: soonest first, those without an end last */
} RuleOrder;

typedef struct RuleList {
    Listing listing;
    RuleOrder order;
    uint32_t next_number;
} RuleList;

/* As listing_init(); clear it in any case. */
bool rule_list_init(RuleList *list, Query *query, RuleOrder order);
void rule_list_clear(RuleList *list);

/* Looks at so many rules; true: there are more. What is kept is not put yet. */
bool rule_list_step(RuleList *list, Query *query, unsigned object_max);

#endif
