#ifndef EQMGR_CONFIG_RATE_INTERNAL_H
#define EQMGR_CONFIG_RATE_INTERNAL_H

/* rate: the rates that eqmgr.cf says of a transport. An empty one is no limit, whatever is said for
 * all. */

#include "settings_internal.h"

const char *rate_suffix(TransportRate rate); /* "_destination_rate_limit" */

/* Says one for a transport, or for all. NULL: success; else what is wrong. */
const char *rate_take(Settings *settings, const char *transport, TransportRate rate,
                      const char *text) G_GNUC_WARN_UNUSED_RESULT;
void rate_clear(Settings *settings);

#endif
