#ifndef EQMGR_LIFE_EXPIRE_INTERNAL_H
#define EQMGR_LIFE_EXPIRE_INTERNAL_H

/*
 * expire: judges and ends mail that is too old, or was declared so.
 */

#include "codec/report.h"
#include "src/life/message_internal.h"

bool expire_is_due(const Message *message);

/*
 * True if a return can name its recipients, which are in the defer log. Without a log stock sends a
 * notice that names nobody; so do we, but not again and again. When the trouble has lasted long
 * enough the message is returned all the same.
 */
bool expire_can_return(const Message *message);

/* True if only reports are left and there has been time enough to send them. */
bool expire_is_debt_over(const Message *message);

/*
 * True if recipients that cannot be read now, because of this error, will never be readable. Nobody
 * can return what nobody can read, so a person has to look at the file.
 */
bool expire_is_hopeless(const Message *message, int error);

/* Gives up the reports that are left: removes their logs, and nothing is left. */
void expire_end_debt(Message *message);

/*
 * To be called after a return: LEAVE_REMOVED if each recipient was delivered or returned, otherwise
 * the way out on which the forgotten ones are tried again.
 */
WayOut expire_after_return(const Message *message, ReportKind kind);

#endif
