#ifndef EQMGR_LIFE_EXPIRE_INTERNAL_H
#define EQMGR_LIFE_EXPIRE_INTERNAL_H

/*
 * expire: what is too old, or was declared so.
 */

#include "codec/report.h"
#include "src/life/message_internal.h"

bool expire_is_due(const Message *message);

/*
 * The defer log tells of those to be returned. Stock sends a notice that names nobody if there is
 * no log; so does this, but not again and again. After twice the lifetime it is returned as it is.
 */
bool expire_can_return(const Message *message);

/* Only reports are left, and there has been time enough to send them. */
bool expire_is_debt_over(const Message *message);

/*
 * Recipients that cannot be read, for this error, will never be: nobody can return what nobody can
 * read, so the file is for a human.
 */
bool expire_is_hopeless(const Message *message, int error);

/* Gives up these reports: their logs go, and nothing is left. */
void expire_end_debt(Message *message);

/*
 * After its return: LEAVE_REMOVED if each recipient was delivered or returned. Otherwise the way on
 * which those whom the return forgot are tried again.
 */
WayOut expire_after_return(const Message *message, ReportKind kind);

#endif
