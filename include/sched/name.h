#ifndef EQMGR_SCHED_NAME_H
#define EQMGR_SCHED_NAME_H

/*
 * sched/name: the name of a destination, and the order of recipients (scheduling.md 4 and 5.2).
 */

#include <stdbool.h>

typedef struct SchedNameRules {
    const char *recipient_delimiter; /* a set of characters, "" for none */
    const char *double_bounce_sender;
    bool owner_request_special;
} SchedNameRules;

/*
 * `recipient_limit` is the transport's destination_recipient_limit. Returns a new string:
 * the nexthop, or localpart@nexthop if the limit is 1, folded to lower case.
 */
char *sched_name_destination(const char *transport, int recipient_limit, const char *nexthop,
                             const char *recipient, const SchedNameRules *rules);

/* Rules 3 and 4 of 5.2: domain, then address. `round_robin`: the tie-break ignores case. */
int sched_name_compare_recipients(const char *address_a, const char *address_b, bool utf8,
                                  bool round_robin);

#endif
