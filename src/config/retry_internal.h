#ifndef EQMGR_CONFIG_RETRY_INTERNAL_H
#define EQMGR_CONFIG_RETRY_INTERNAL_H

/* retry: what eqmgr.cf says of when mail of a transport is tried again and how old it may become.
 */

#include "settings_internal.h"

/* Behind the name of what says jitter, while there is no eqmgr_retry_exact. */
#define RETRY_JITTER_WARNING \
    " has little effect without eqmgr_retry_exact = yes: a queue run takes all that is due"

const char *retry_suffix(RetryPart part); /* "_retry_schedule" */

/* Says a part for a transport, or for all. NULL: success; else what is wrong. Warns of what may not
 * be meant. */
const char *retry_take(Settings *settings, const char *transport, RetryPart part,
                       const char *text) G_GNUC_WARN_UNUSED_RESULT;
void retry_clear(Settings *settings);

#endif
