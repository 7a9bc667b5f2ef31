#ifndef EQMGR_CONFIG_OWN_NAME_INTERNAL_H
#define EQMGR_CONFIG_OWN_NAME_INTERNAL_H

/* own_name: myhostname and mydomain, whose defaults depend on each other (configuration.md 8.2). */

#include "lexicon_internal.h"

/* Enters defaults for myhostname and mydomain, then checks both. `path` is shown in errors. */
bool own_name_settle(Lexicon *lexicon, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
