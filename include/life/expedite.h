#ifndef EQMGR_LIFE_EXPEDITE_H
#define EQMGR_LIFE_EXPEDITE_H

/*
 * life/expedite: one message next, on the word of an administrator (operations.md 8).
 *
 * A message of incoming or deferred is taken into active before all others, whatever its time, as
 * soon as there is room. Dead sites that it goes to are alive again for that, and defer_transports
 * does not hold it, as after postqueue -i. With preemptive scheduling it goes before the other mail
 * of its transports, with round-robin to the end of its destinations, like all mail.
 *
 * What is asked for is known in memory only: after a restart nothing is expedited.
 */

#include <stdbool.h>

#include "life/life.h"

#define LIFE_EXPEDITE_MAX 1000 /* messages that wait to be taken */

typedef enum LifeExpedite {
    LIFE_EXPEDITE_NEXT,   /* it is taken next */
    LIFE_EXPEDITE_ACTIVE, /* it is in active, and goes before others there */
    LIFE_EXPEDITE_HELD,   /* nothing was done: a rule in force holds it, and it is not forced */
    LIFE_EXPEDITE_FULL,   /* nothing was done: LIFE_EXPEDITE_MAX others wait already */
} LifeExpedite;

/*
 * from: incoming or deferred, where its file was seen; of no meaning if it is in active already. If
 * the file has gone when it is its turn, nothing happens. is_forced: no rule holds this message
 * back for as long as it stays in active then. If one has held some of it there already, the
 * message is taken once more as soon as that is recorded. The same again changes nothing, or makes
 * it forced.
 */
LifeExpedite life_expedite(Life *life, const char *queue_id, SpoolQueue from, bool is_forced);

/* What life_expedite() would do. */
LifeExpedite life_would_expedite(const Life *life, const char *queue_id, bool is_forced);

/* Messages that wait to be taken. */
unsigned life_expedited_count(const Life *life);

#endif
