#ifndef EQMGR_CONTROL_DISCREET_INTERNAL_H
#define EQMGR_CONTROL_DISCREET_INTERNAL_H

/*
 * discreet: what clients below level view do not see in the texts that they see: whose mail it is.
 * From level view on all is shown.
 */

#include "src/control/verb_internal.h"

/* A destination; a user of it (user@nexthop, where the recipient limit is 1) is not named. */
const char *discreet_name(const Query *query, const char *destination);

/*
 * Whether a pattern (listing_matches()) is about the destination. One that may not be named is
 * found by its domain and by "*@nexthop" only: else a pattern would tell whether there is such a
 * user.
 */
bool discreet_matches(const Query *query, const char *pattern, const char *destination,
                      bool is_user);

/*
 * What agents and remote servers say, and reasons of rules, which may quote them: the part before
 * the @ of addresses hidden. A new string, or NULL for NULL.
 */
char *discreet_text(const Query *query, const char *text) G_GNUC_WARN_UNUSED_RESULT;

#endif
