#ifndef EQMGR_LIFE_ENDED_INTERNAL_H
#define EQMGR_LIFE_ENDED_INTERNAL_H

/*
 * ended: suspensions that are over, and whose mail a job lets go (life/jobs.h). When more of them
 * end than jobs may run, they wait in line, and their mail with them.
 *
 * A process that starts does not know whose mail an earlier one has held, or was about to let go.
 * The defer log of a message tells: it names the rule. So mail of a rule that is over does not come
 * as a storm after a restart; it is let go by a job, too.
 */

#include <stdbool.h>
#include <stdint.h>

#include "src/life/life_internal.h"

void ended_init(Life *life);
void ended_stop(Life *life);

/* The rule is over; uid: who ended it, -1: it ended by itself. */
void ended_let_go(Life *life, const Rule *rule, int64_t uid);

/*
 * To be asked before a deferred message whose time has come is taken in: true if a job is to do
 * that. Reads its defer log if this process does not know what it waits for, and there ever was a
 * rule.
 */
bool ended_keeps(Life *life, const char *queue_id, int64_t due_s);

#define ENDED_RECORDS_READ 100 /* of one defer log */

/*
 * The records of the defer log of a message, of which nothing else is known: if all of them name a
 * suspension, it is known from now on. If that is over, a job takes it, or it has got a later time:
 * true. At most ENDED_RECORDS_READ were read; of longer logs nobody says that a rule holds all
 * recipients.
 */
bool ended_learn(Life *life, const char *queue_id, int64_t due_s, const GPtrArray *records);

/* There was a rule some day, whose mail may be here. */
bool ended_is_used(const Life *life);

/* A piece of a turn: the first in line get their jobs. */
void ended_turn(Life *life);

#endif
