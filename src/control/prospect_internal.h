#ifndef EQMGR_CONTROL_PROSPECT_INTERNAL_H
#define EQMGR_CONTROL_PROSPECT_INTERNAL_H

/*
 * prospect: what will hold a message when it is tried the next time. Its last attempt has failed
 * for one reason; a rule that was made since then, or the policy, may be the next one.
 */

#include "base/chain.h"
#include "src/control/verb_internal.h"

/*
 * A row for each of them that has force at at_s, wall clock: suspensions of the destination that
 * has deferred the message and of the domains of its recipients; limits of that destination, and
 * what the policy says of it: its rate, its slowing, and the messages for which it has no place in
 * the active queue. Nothing but domains is known as long as the destination is not. Chain of
 * Recipient: those that are open, or the first of them.
 */
void prospect_put(Query *query, const char *queue_id, int64_t at_s, const Chain *recipients);

#endif
