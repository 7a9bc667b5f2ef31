#ifndef EQMGR_LIFE_ATTEMPT_INTERNAL_H
#define EQMGR_LIFE_ATTEMPT_INTERNAL_H

/*
 * attempt: when an attempt to deliver a message begins, the defer log of the one before is removed.
 *
 * As in stock that is when the message is taken in. Where mail may have to wait for its turn
 * (parking_internal.h), it is when the first recipient is bound: what only waits keeps its log.
 */

#include <stdbool.h>

#include "src/life/message_internal.h"

/* It is taken in, and the attempt begins later: notes whether it has a log, and was tried. */
void attempt_expect(Message *message);

/*
 * The attempt begins, unless it has. False: the old log can neither be removed nor emptied, and it
 * would name recipients as undelivered that are delivered now: there must not be an attempt.
 */
bool attempt_begin(Message *message);

#endif
