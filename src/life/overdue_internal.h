#ifndef EQMGR_LIFE_OVERDUE_INTERNAL_H
#define EQMGR_LIFE_OVERDUE_INTERNAL_H

/*
 * overdue: mail that waits in active for a rate when its lifetime ends (traffic.md 4). A rate is
 * the administrator's, not the site's: so who was tried before is deferred then, as if this had
 * been the last attempt, and the message is returned unless it goes on for others.
 *
 * Who was not tried has an attempt, however late. So has mail that somebody has flushed or forced,
 * and mail that waits for anything else, as in stock: its turn is the site's to give.
 */

#include <stdbool.h>

#include "src/life/life_internal.h"

void overdue_init(Life *life);
void overdue_stop(Life *life);

/* True: there is more to do at once. */
bool overdue_turn(Life *life);

void overdue_check(const Life *life);

#endif
