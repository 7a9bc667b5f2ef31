#ifndef EQMGR_LIFE_SUSPENDED_INTERNAL_H
#define EQMGR_LIFE_SUSPENDED_INTERNAL_H

/*
 * suspended: which deferred messages wait for nothing but the end of a suspension, by its number
 * (operations.md 8). So no flush takes them before, and all of them are found when it ends early.
 *
 * A message whose file others remove or put on hold is forgotten when the index of deferred mail
 * knows that (deferred.c); without an index it stays until the end of its rule at most.
 *
 * It is known in memory only. After a restart the time stamp of the file still keeps queue runs
 * away, and a flush takes the message once, which then is known again.
 */

#include <stdbool.h>
#include <stdint.h>

#include "life/inspect.h"
#include "src/life/life_internal.h"

void suspended_init(Life *life);
void suspended_stop(Life *life);

/* Who holds the recipients of a message: numbers of rules. */
typedef struct SuspendedBy {
    uint32_t first; /* of the one that ends first; 0: none */
    uint32_t also;  /* of another one; 0: none */
} SuspendedBy;

#define SUSPENDED_BY_MANY UINT32_MAX /* more than one other */

/*
 * It was deferred until due_s for these rules alone. expires_s: when it passes its lifetime; 0: not
 * known.
 */
void suspended_add(Life *life, const char *queue_id, const SuspendedBy *by, int64_t due_s,
                   int64_t expires_s);

/*
 * The rule is over: what it has held together with others, which go on, is let go with its own, as
 * the last of it. So the recipients that it has held are tried. O(1) for each message of three
 * rules or more, nothing for the others.
 */
void suspended_take_over(Life *life, uint32_t rule_number);

/* It is not there any more, or goes on; no-op if it is not known. */
void suspended_forget(Life *life, const char *queue_id);

/* The rule in force whose end the message waits for; 0: none. */
uint32_t suspended_by(const Life *life, const char *queue_id);

/* True if nothing but the end of its rule, or a job after that, may make the message due. */
bool suspended_is_waiting(const Life *life, const char *queue_id);

/*
 * The rule is over, and a job is to let its messages go: until it has reached a message, nothing
 * else takes that, even if its time comes. False: so it is already, or there are none.
 */
bool suspended_keep(Life *life, uint32_t rule_number);
bool suspended_is_kept(const Life *life, const char *queue_id);

unsigned suspended_count(const Life *life);
unsigned suspended_count_of(const Life *life, uint32_t rule_number);

/* Those that another rule holds, too, and which wait for the end of that one first. */
unsigned suspended_count_also(const Life *life, uint32_t rule_number);

/* As life_count_outliving(). */
void suspended_count_outliving(const Life *life, uint32_t rule_number, int64_t end_s,
                               LifeOutliving *sum);

/* What is known of a message that is let go. */
typedef struct SuspendedMail {
    char *queue_id; /* the caller's */
    int64_t due_s, expires_s;
    uint32_t other; /* of the rules that hold it beside the one that is over; as SuspendedBy.also */
} SuspendedMail;

/*
 * The message of the rule, which is over, that waits longest; it is forgotten. False: there is
 * none.
 */
bool suspended_pop(Life *life, uint32_t rule_number, SuspendedMail *ret_mail);

/*
 * A walk over all messages in pieces: begin, then the next queue ID, borrowed, until NULL. What is
 * forgotten meanwhile, by whomever, does no harm; what is added may be missed.
 */
void suspended_walk_begin(Life *life);
const char *suspended_walk_next(Life *life);

void suspended_check(const Life *life);

#endif
