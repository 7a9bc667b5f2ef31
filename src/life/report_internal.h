#ifndef EQMGR_LIFE_REPORT_INTERNAL_H
#define EQMGR_LIFE_REPORT_INTERNAL_H

/*
 * report: recipients that the queue manager disposes of itself.
 */

#include "src/life/message_internal.h"

/* Each takes the recipient and keeps the message outstanding until all is recorded. */
void report_deferred(Message *message, Recipient *recipient, const char *status,
                     const char *reason);
void report_discarded(Message *message, Recipient *recipient);
void report_init(Life *life);
void report_stop(Life *life); /* drops all reports */
void report_check(const Life *life);

#endif
