#ifndef EQMGR_LIFE_SCHEDULE_INTERNAL_H
#define EQMGR_LIFE_SCHEDULE_INTERNAL_H

/*
 * schedule: what the plans of a message's recipients say of it (traffic.md 4): when it is tried
 * again, how old it may become, and who of several has become too old before the others.
 *
 * An attempt keeps notes of who was bound and who was deferred; they end with it, and a message
 * without plans has none. Nothing is saved: the age and the defer log tell the next attempt.
 */

#include "codec/envelope.h"
#include "src/life/message_internal.h"

/* A transport that cannot be reached. */
#define SCHEDULE_DOWN_STATUS "4.3.0"
#define SCHEDULE_DOWN_REASON "mail transport unavailable"

/* Why mail of defer_transports is deferred, which is no attempt, either. */
#define SCHEDULE_HELD_TRANSPORT "deferred transport"

void schedule_init(Life *life);
void schedule_stop(Life *life);

/*
 * To be called before the defer log of the attempt before is removed: reads who was tried. Only a
 * message that may have recipients whose own lifetime is over, or may_be_paced: that may wait for a
 * rate until it is, costs more than a comparison.
 */
void schedule_note_log(Message *message, bool may_be_paced);

/* It is so old that a lifetime that somebody has said may be over. */
bool schedule_may_be_over(const Message *message);

/*
 * Until when the recipient may wait for its attempt: the end of its lifetime, wall clock, or later
 * by twice as long as the message came to its attempt later than that. INT64_MAX: it was not tried
 * before, as far as that is known, so it has to be.
 */
int64_t schedule_end_s(const Message *message, const Recipient *recipient);

/*
 * The messages of which somebody was tried, by the time at which a lifetime ends. One that was
 * popped comes again only if it is said. INT64_MAX: there is none, or the message does not wait.
 */
int64_t schedule_first_end_s(const Life *life);
Message *schedule_pop_end(Life *life);
void schedule_wait_for_end(Message *message, int64_t at_s);

/* Something is known of it already. */
bool schedule_has_notes(const Message *message);

/* The recipient is about to be bound to this; is_held: a rule suspends it. All of a batch first. */
void schedule_note_bound(Message *message, Recipient *recipient, const char *transport,
                         const char *nexthop, bool is_held);

/*
 * True: its own lifetime is over, it was tried before, and the message goes on for others: so it is
 * returned alone. If it is over for all, they are tried once more, and the message is returned.
 */
bool schedule_is_over(const Message *message, const Recipient *recipient);

/* It is as old as it may become: this attempt is its last. */
bool schedule_is_at_end(const Message *message, const Recipient *recipient);

/* It was deferred; is_suspended: by a rule, so when it is tried again is not the plan's to say. */
void schedule_note_deferral(Message *message, const Recipient *recipient, bool is_suspended);

/*
 * How old the message may become: the longest lifetime of those that this attempt has deferred; if
 * none was, that of main.cf.
 */
int64_t schedule_lifetime_s(const Message *message);

/* When it is tried again: the deferral with the earliest time decides. */
int64_t schedule_next_attempt_s(const Message *message);

/* Its attempt is over. */
void schedule_forget(Message *message);

/* How many messages have notes. */
unsigned schedule_notes_count(const Life *life);

/* Only messages in memory have notes, and without plans none but those of who was tried. */
void schedule_check(const Life *life);

#endif
