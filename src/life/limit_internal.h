#ifndef EQMGR_LIFE_LIMIT_INTERNAL_H
#define EQMGR_LIFE_LIMIT_INTERNAL_H

/*
 * limit: the limits that an administrator sets for a time (operations.md 8), and where there are
 * none those of the policy file (traffic.md 1), or lower ones because of what a site has answered
 * (traffic.md 6), as the scheduler has to keep them. What is allowed is looked up once for a
 * destination, when it is made, and for all of them when the rules have changed: a delivery asks
 * nobody.
 */

#include <stdbool.h>

#include "policy/rules.h"
#include "src/life/life_internal.h"
#include "src/life/slowed_internal.h"

void limit_init(Life *life);
void limit_stop(Life *life);

/* Mail may have to wait for a rate: one is said, or there may be one by what sites answer. */
bool limit_may_pace(const Life *life);

/* Mail is bound to the destination. True: it was a new one, and has its limits now: call
 * settle_sched(). */
bool limit_new_destination(const Life *life, SchedDestination *destination);

/* What holds for the destination has changed; call settle_sched(). Without mail it may be gone. */
void limit_destination(const Life *life, SchedDestination *destination);

/* The same of a site that destinations share. */
void limit_shared_site(const Life *life, SchedSite *shared, SlowedSite *slowed);

/* The same of all destinations of a transport together. */
void limit_transport(const Life *life, SchedTransport *transport);

/* The rules have changed: from now on all destinations are looked at, in pieces. */
void limit_rules_changed(Life *life);

/* Rates that grow with the date are those of the local day; that is looked at by itself each hour.
 */
void limit_look_at_day(Life *life);

/* That is not over. */
bool limit_is_walking(const Life *life);

/* A piece of that; call settle_sched() afterwards. True: there is more to do at once. */
bool limit_turn(Life *life);

/*
 * Who keeps this destination to what, as a sentence: "limit #7 of an administrator keeps it to
 * concurrency 2: REASON"; NULL: nobody but main.cf. The caller's.
 */
char *limit_holder_text(const Life *life, const RuleSubject *subject, RuleMeasure measure);

/* Whose rate it is, as tools show it: "rate 100/1m of [site NAME]"; NULL: there is none. The
 * caller's. */
char *limit_rate_text(const Life *life, const char *transport, const char *nexthop);

#endif
