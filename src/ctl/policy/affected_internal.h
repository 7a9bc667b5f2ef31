#ifndef EQMGR_CTL_POLICY_AFFECTED_INTERNAL_H
#define EQMGR_CTL_POLICY_AFFECTED_INTERNAL_H

/*
 * affected: for which of the destinations that the daemon has now another policy file would change
 * a number. What holds follows from the transport and the sections of both files alone, so all
 * destinations for which these are the same are one group, however many there are.
 */

#include "src/ctl/policy/numbers_internal.h"
#include "src/ctl/reply_internal.h"

/* Of both files; borrowed. */
typedef struct PolicyPair {
    const Settings *settings;
    const Sites *before, *after;
    int64_t day;
} PolicyPair;

typedef struct Affected Affected;

Affected *affected_new(const PolicyPair *pair) G_GNUC_WARN_UNUSED_RESULT;
void affected_free(Affected *affected); /* NULL is a no-op */

/* A SessionRowFn: a row of the verb destinations. */
void affected_add(const Row *row, void *ctx);

/* How many destinations were added, and for how many of them something changes. Those whose
 * nexthop this user may not see are not among them. */
typedef struct AffectedCounts {
    unsigned seen_count, changed_count, unseen_count;
} AffectedCounts;

/* Rows of the view "policy_change" (row_free()): by transport, then by section. NULL: *error. */
GPtrArray *affected_rows(const Affected *affected, AffectedCounts *ret_counts,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
