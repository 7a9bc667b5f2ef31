#ifndef EQMGR_LIFE_SUSPEND_INTERNAL_H
#define EQMGR_LIFE_SUSPEND_INTERNAL_H

/*
 * suspend: whom the rules of an administrator hold, and when held mail is tried again
 * (operations.md 8). Every way of a recipient to an agent passes here twice: when it is bound, and
 * right before its request is sent.
 */

#include <stdbool.h>
#include <stdint.h>

#include "codec/envelope.h"
#include "policy/rules.h"
#include "src/life/message_internal.h"

/* Something is suspended at all; if not, nobody need ask anything else. */
bool suspend_is_used(const Life *life);

/* The rule that holds this recipient back now; NULL: none, or the message is forced. */
const Rule *suspend_find(const Message *message, const char *transport, const char *destination,
                         const char *nexthop, const Recipient *recipient);

/*
 * The rule that holds back the first entries that wait for the destination, `max` at most; NULL:
 * none holds all of them.
 */
const Rule *suspend_find_for_first(const SchedDestination *destination, unsigned max);

/* The one that holds back all recipients of an entry that waits; NULL: no single one does. */
const Rule *suspend_find_for_entry(const SchedEntry *entry);

/*
 * As sched_select(), but recipients that a rule holds back are redirected to the retry service, and
 * what is selected is to be delivered. Call settle_sched() afterwards. SCHED_SELECTED without an
 * entry: many were redirected, and there may be more; ask again in the next turn.
 */
SchedSelection suspend_select(Life *life, SchedTransport *transport, SchedEntry **ret_entry,
                              SchedMessage **ret_message);

/*
 * What held mail is deferred with, of the nexthop of retry that it waits for: so it is deferred
 * even if that service is not there to say so. NULL: no rule holds it.
 */
const char *suspend_reason_at_retry(const char *nexthop);

/*
 * What a deferral with this text leaves of the message: LEFT_SUSPENDED or LEFT_DEFERRED. True: the
 * former.
 */
bool suspend_note_deferral(Message *message, const char *text);
bool suspend_note_end(Message *message, const SchedEntry *entry);

/* Seconds, from 0 to most_s, that are the same each time for a message and differ between them. */
#define SUSPEND_SPREAD_MAX_S 300
int64_t suspend_spread_s(const char *queue_id, int64_t most_s);

/* True if only suspensions keep the message: then, when the next attempt is due. */
bool suspend_is_only_cause(const Message *message);
int64_t suspend_next_attempt_s(const Message *message);

#endif
