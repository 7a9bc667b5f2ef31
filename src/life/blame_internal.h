#ifndef EQMGR_LIFE_BLAME_INTERNAL_H
#define EQMGR_LIFE_BLAME_INTERNAL_H

/*
 * blame: which destination has deferred a message first in this attempt, and with which status: for
 * those who look (operations.md 1, "Deferred by destination"). Nothing is decided by it.
 *
 * Mail that is redirected to the retry service is deferred by the destination that died.
 */

#include "sched/sched.h"
#include "spool/deferred_cause.h"
#include "src/life/message_internal.h"

/* Each of these counts only if nothing has deferred the message before. */

/* An agent, or something dead, has deferred recipients. Status and reason may be "": not told. */
void blame_destination(Message *message, const SchedTransport *transport, const char *destination,
                       const char *status, const char *reason);

/* The same by transport and nexthop, which need not be known to the scheduler. */
void blame_nexthop(Message *message, const char *transport, const char *nexthop,
                   const char *address, const char *status, const char *reason);

/* The delivery of the entry was deferred. */
void blame_entry(Message *message, const SchedEntry *entry, const char *status, const char *reason);

/* An entry that was to be redirected has been given up. */
void blame_origin(Message *message, const char *status, const char *reason);

/* What is known; borrowed from the message. */
DeferredCause blame_cause(const Message *message);

void blame_clear(Message *message);

#endif
