#ifndef EQMGR_CTL_POLICY_NUMBERS_INTERNAL_H
#define EQMGR_CTL_POLICY_NUMBERS_INTERNAL_H

/* numbers: what holds for a destination, and where each number comes from. */

#include "config/settings.h"
#include "policy/site.h"

/* What an explanation is made of; all borrowed. */
typedef struct PolicySubject {
    const Settings *settings;
    const char *path; /* of the policy file */
    const Site *site; /* NULL: no section matches */
    const ReplyRules *replies;
    const char *transport;
    int64_t day; /* today, as in policy/ramp */
} PolicySubject;

/* Rows of the view "policy" (row_free()). NULL: *error says what is wrong with main.cf. */
GPtrArray *numbers_of(const PolicySubject *subject, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
