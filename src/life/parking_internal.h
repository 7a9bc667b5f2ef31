#ifndef EQMGR_LIFE_PARKING_INTERNAL_H
#define EQMGR_LIFE_PARKING_INTERNAL_H

/*
 * parking: whether a message has a place in the active queue, as far as the share of the site is
 * concerned that it goes to, and when it is called in if it has none (traffic.md 5).
 *
 * A recipient whose site has as many messages as it may stays unbound: there is no attempt, no
 * record, and nothing is learned about the site. The rest of the message goes on. When nothing is
 * left to do for it, it waits in the deferred queue, its time stamp about its turn. When the site
 * has room, mail is called in, that which has arrived first; until none waits, newer mail waits
 * behind it.
 *
 * No message turns in circles: one that is called in has its place, and one that waits is not
 * looked at before it is called, at the end of maximal_backoff_time, or at that of its lifetime.
 * Nothing is returned untried: mail that is too old to wait has its attempt.
 */

#include <stdbool.h>
#include <stdint.h>

#include "life/inspect.h"
#include "sched/sched.h"
#include "src/life/message_internal.h"
#include "src/life/parked_internal.h"

void parking_init(Life *life);
void parking_stop(Life *life);

/* Some site has a share. If none has, nobody need ask anything else. */
bool parking_is_used(const Life *life);

/*
 * There is no place for this recipient, which was resolved with these flags, and it is noted that
 * it waits. False: bind it.
 */
bool parking_holds(Message *message, const SchedDestination *destination,
                   const Recipient *recipient, int32_t flags);

/* A delivery to the destination has ended with an answer. To be called before it may be gone. */
void parking_note_end(Life *life, const SchedDestination *destination);

/* Nothing but its turn keeps the message: then, when that is about. */
bool parking_is_only_cause(const Message *message);
int64_t parking_next_attempt_s(const Message *message, int64_t expires_s);

/* What deferred mail is said to wait for; before the message is deferred. */
void parking_blame(Message *message);

/* It is in the deferred queue now. */
void parking_note_deferred(const Message *message, int64_t expires_s);

/*
 * The next message to be called in, and for which site; NULL: none now. The queue ID is the
 * caller's. may_be_tried: there is room for one that was tried before.
 */
char *parking_call(Life *life, bool may_be_tried, ParkSite **ret_site);

/* The site of the destination, if mail of it may be parked, and how many messages it may have in
 * active; NULL: as many as it likes, or nobody has asked yet. */
const ParkSite *parking_site_of(const Life *life, const SchedDestination *destination,
                                unsigned *ret_allowance);

/* As life_view_parked(). */
bool parking_view(const Life *life, const char *queue_id, LifeParked *ret_parked);

void parking_check(const Life *life);

#endif
