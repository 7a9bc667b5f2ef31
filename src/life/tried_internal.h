#ifndef EQMGR_LIFE_TRIED_INTERNAL_H
#define EQMGR_LIFE_TRIED_INTERNAL_H

/*
 * tried: how many messages in active were tried before. With eqmgr_new_mail_reserve they cannot
 * have all places of the active queue: some are left to new mail (traffic.md 5).
 *
 * A message was tried before if it comes from deferred, or has a defer log. A restart puts mail of
 * active back into incoming: of this, what had lost its log to an attempt counts as new.
 */

#include <stdbool.h>

#include "src/life/message_internal.h"

/* Counts the message until tried_forget(). */
void tried_note(Message *message);
void tried_forget(Message *message);

/* One more of them may be taken in, as far as the reserve is concerned. */
bool tried_has_room(const Life *life);

void tried_check(const Life *life);

#endif
