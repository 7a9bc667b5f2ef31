#ifndef EQMGR_CONTROL_ROWS_INTERNAL_H
#define EQMGR_CONTROL_ROWS_INTERNAL_H

/*
 * rows: how objects of the other layers look as rows; each begins its row in query->answer and
 * leaves it to be ended. Which attributes a row has is the contract with clients: they are only
 * ever added.
 */

#include "life/inspect.h"
#include "sched/inspect.h"
#include "src/control/verb_internal.h"

void row_of_transport(Query *query, const SchedTransportView *transport);
void row_of_destination(Query *query, const SchedDestinationView *destination);
void row_of_message(Query *query, const LifeMessageView *message);

/* What bounds the destination now, in words that name the parameter, or the rule, where there is
 * one; the caller's. */
char *rows_bound(const Query *query, const SchedDestinationView *destination);

/* The rule whose limit is that of the destination, and the same if it bounds it now; or NULL. */
const Rule *rows_limit(const Query *query, const SchedDestinationView *destination);
const Rule *rows_bounding_limit(const Query *query, const SchedDestinationView *destination);

/* The rule that holds the destination, or its mail for the domain that is its nexthop; or NULL. */
const Rule *rows_rule(const Query *query, const SchedDestinationView *destination);

/* When that rule ends, or else what holds the destination by itself; 0: no end is known. */
int64_t rows_until_wall_s(const Query *query, const SchedDestinationView *destination);

/* A second of SchedNow.timer_s as wall clock; 0 stays 0. */
int64_t rows_wall_s(const Query *query, int64_t timer_s);

/* The name as this client may see it: users of others are not shown below level view. */
const char *rows_destination_name(const Query *query, const SchedDestinationView *destination);

#endif
