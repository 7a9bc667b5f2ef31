#ifndef EQMGR_CONFIG_EXTRA_INTERNAL_H
#define EQMGR_CONFIG_EXTRA_INTERNAL_H

/*
 * extra: parameters of a transport that stock does not have (traffic.md 1): its retries (retry) and
 * its rates (rate). They are parameters in eqmgr.cf only: in main.cf names of that shape may be
 * somebody's own. For all transports but retry and error, "default" stands in place of a name.
 */

#include "settings_internal.h"

#define EXTRA_FOR_ALL "default"

/* Something can be said for this transport, or for all. */
static inline bool extra_is_for(const char *transport)
{
    return *transport != '\0' && !g_str_equal(transport, "retry") &&
           !g_str_equal(transport, "error");
}

/* The name is one of them; maximal_queue_lifetime and other names of Postfix are not. */
bool extra_is_parameter(const char *name);

/* A name that eqmgr.cf has, and in which line. */
void extra_admit(Settings *settings, const char *name, int line);

/*
 * Evaluates all that were admitted, when all other parameters have values; warns of what may not be
 * meant. False: some are broken. All of them are told with `path` and line, the last one in *error,
 * the others as warnings before.
 */
bool extra_evaluate(Settings *settings, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void extra_clear(Settings *settings);

#endif
