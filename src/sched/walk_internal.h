#ifndef EQMGR_SCHED_WALK_INTERNAL_H
#define EQMGR_SCHED_WALK_INTERNAL_H

/* walk: see sched/walk.h; and what the indexes tell walks. */

#include "objects_internal.h"

/* Before the node leaves the tree of what waits for a destination. */
void walk_pass_over(const Sched *sched, const TreeNode *node);

#endif
