#ifndef EQMGR_LIFE_NAME_INTERNAL_H
#define EQMGR_LIFE_NAME_INTERNAL_H

/*
 * The name of a destination, and the order of the recipients of a batch (scheduling.md 4 and 5.2).
 */

#include "life/life.h"

/*
 * `recipient_limit` is the transport's destination_recipient_limit. Returns a new string:
 * the nexthop, or localpart@nexthop if the limit is 1, folded to lower case.
 */
char *name_destination(const char *transport, int recipient_limit, const char *nexthop,
                       const char *recipient, const LifeNameRules *rules);

/* Rules 3 and 4 of 5.2: domain, then address. `round_robin`: the tie-break ignores case. */
int name_compare_recipients(const char *address_a, const char *address_b, bool utf8,
                            bool round_robin);

#endif
