#ifndef EQMGR_CONTROL_USER_SUMS_INTERNAL_H
#define EQMGR_CONTROL_USER_SUMS_INTERNAL_H

/*
 * user_sums: the destinations of single users (user@nexthop, where the recipient limit is 1), for
 * clients who may not see them: all of a transport in one row, "*@nexthop" (operations.md 1).
 * Such destinations are as many as there are users; the memory is that of a row for each transport.
 */

#include <glib.h>

#include "sched/inspect.h"
#include "src/control/verb_internal.h"

typedef struct UserSum {
    char *transport;
    int64_t user_count;
    int64_t states[SCHED_STATE_COUNT];       /* how many are in each */
    int64_t suspended_count, draining_count; /* by rules, of any state */
    int64_t running_count, waiting_count;    /* delivery requests */
    int64_t deferred_count;                  /* messages that are known to wait for them */
    int64_t until_wall_s;                    /* when the first is tried again; 0: none waits */
    int64_t last_success_wall_s;             /* the latest; 0: none */
    uint64_t deliveries_done, deliveries_deferred;
    bool is_blocked;
} UserSum;

typedef struct UserSums {
    GHashTable *by_transport; /* of UserSum; NULL: none was added */
} UserSums;

/* Zeroed memory is an empty one. */
void user_sums_clear(UserSums *sums);

/* True: the client may not see this destination, which has been added to the sum of its transport.
 */
bool user_sums_take(UserSums *sums, const Query *query,
                    const SchedDestinationView *destination) G_GNUC_WARN_UNUSED_RESULT;

/* Calls it for each sum, in no order. */
void user_sums_foreach(const UserSums *sums, void (*each)(const UserSum *sum, void *ctx),
                       void *ctx);

/* Begins the row of a sum: a destination without what belongs to one only, and how many it is. */
void row_of_user_sum(Query *query, const UserSum *sum);

#endif
