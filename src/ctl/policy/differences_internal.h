#ifndef EQMGR_CTL_POLICY_DIFFERENCES_INTERNAL_H
#define EQMGR_CTL_POLICY_DIFFERENCES_INTERNAL_H

/*
 * differences: where two policy files do not say the same. Sections are told by their names, their
 * lines do not count. Of a condition with other words, those that only one of both files has are
 * told, whatever file they are read from.
 */

#include "policy/site.h"

/* Rows of the view "policy_difference" (row_free()). */
GPtrArray *differences_of(const Sites *before, const Sites *after) G_GNUC_WARN_UNUSED_RESULT;

#endif
