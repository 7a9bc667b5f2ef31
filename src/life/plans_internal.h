#ifndef EQMGR_LIFE_PLANS_INTERNAL_H
#define EQMGR_LIFE_PLANS_INTERNAL_H

/*
 * plans: when mail of a destination is tried again and how old it may become, by the section of the
 * policy file, and for what that does not say by parameters of the transport (traffic.md 4).
 *
 * Plans have small numbers, which recipients carry from the moment they are bound: so it is known
 * who has deferred mail even after it went to the retry service. They live as long as the Life.
 */

#include "policy/reply_rules.h"
#include "policy/retry.h"
#include "src/life/life_internal.h"

/* Nothing is said: queue manager parameters of main.cf decide. */
#define PLANS_NONE 0

typedef struct Plan {
    RetryPlan retry;
    char *origin; /* what says the schedule: "[site x] retry"; NULL: there is none */
} Plan;

void plans_init(Life *life);
void plans_stop(Life *life);

/* Something is said for some mail. If not, nobody need ask anything else. */
bool plans_are_used(const Life *life);

/* The shortest lifetime of all; INT64_MAX: none is said. */
int64_t plans_shortest_lifetime_s(const Life *life);

/* The number of the plan of a destination. */
uint16_t plans_find(Life *life, const char *transport, const char *nexthop);

/* The number of a plan like this one, but with the schedule that a section [reply] says. */
uint16_t plans_with_retry(Life *life, uint16_t number, const ReplyRule *rule);

/* The number of this plan, which is taken over; visible for tests. */
uint16_t plans_number(Life *life, Plan *plan);

/* Borrowed. */
const Plan *plans_at(const Life *life, uint16_t number);

#endif
