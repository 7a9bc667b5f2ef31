#ifndef EQMGR_LIFE_BACKOFF_INTERNAL_H
#define EQMGR_LIFE_BACKOFF_INTERNAL_H

/*
 * backoff: what a site answers slows deliveries to it, and time raises them again, as the sections
 * [reply] of a policy file say (traffic.md 6).
 *
 * smtp(8) does not tell with which words a site has refused a message or a recipient: such a reply
 * looks like that of a site that works. So for sites that a section is for, the record of the
 * deferral is read: one open() and one read for each deferred delivery to them, and nothing else.
 */

#include <stdbool.h>

#include "policy/reply_rules.h"
#include "src/life/message_internal.h"

void backoff_init(Life *life);
void backoff_stop(Life *life);

/* A delivery of the entry begins. */
void backoff_note_begin(Life *life, const SchedEntry *entry);

/*
 * It has ended so, which began at began_us (Now.mono_us). True: the answer is one that slows the
 * site, for SchedResult.is_slowed. *ret_rule: the section that the answer matches, or NULL. Call
 * settle_sched() afterwards.
 */
bool backoff_note_end(Life *life, const SchedEntry *entry, const SchedResult *result,
                      int64_t began_us, const ReplyRule **ret_rule);

#endif
