#ifndef EQMGR_CONFIG_HOSTNAME_INTERNAL_H
#define EQMGR_CONFIG_HOSTNAME_INTERNAL_H

/* hostname: myhostname and mydomain, whose defaults depend on each other (configuration.md 8.2). */

#include "lexicon_internal.h"

/* NULL if `name` is a host name in the sense of stock; else what to warn of, a new string. */
char *hostname_check(const char *name);

/* Enters defaults for myhostname and mydomain, then checks both. `path` is shown in errors. */
bool hostname_settle(Lexicon *lexicon, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
