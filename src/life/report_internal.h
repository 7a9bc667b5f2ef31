#ifndef EQMGR_LIFE_REPORT_INTERNAL_H
#define EQMGR_LIFE_REPORT_INTERNAL_H

/*
 * report: disposes of recipients without a delivery: records why, and logs it.
 */

#include "src/life/message_internal.h"

/* Both take ownership of the recipient, and hold the message until all is recorded. */
void report_deferred(Message *message, Recipient *recipient, const char *status,
                     const char *reason);
void report_discarded(Message *message, Recipient *recipient);
void report_init(Life *life);
void report_stop(Life *life); /* drops all reports */
void report_check(const Life *life);

#endif
