#ifndef EQMGR_CONFIG_RETRY_INTERNAL_H
#define EQMGR_CONFIG_RETRY_INTERNAL_H

/*
 * retry: parameters of a transport in eqmgr.cf that say when its mail is tried again and how old it
 * may become (traffic.md 1). For all transports but retry and error, "default" stands in place of a
 * name. They are no parameters in main.cf, where names of that shape may be somebody's own.
 */

#include "settings_internal.h"

/* Behind the name of what says jitter, while there is no eqmgr_retry_exact. */
#define RETRY_JITTER_WARNING \
    " has little effect without eqmgr_retry_exact = yes: a queue run takes all that is due"

/* The name is one of them; maximal_queue_lifetime and other names of Postfix are not. */
bool retry_is_parameter(const char *name);

/*
 * Evaluates those whose names retry_admit() was told. False: one of them is broken, as *error says.
 * Call it when all other parameters have values; warns of what may not be meant.
 */
void retry_admit(Settings *settings, const char *name);
bool retry_evaluate(Settings *settings, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void retry_clear(Settings *settings);

#endif
