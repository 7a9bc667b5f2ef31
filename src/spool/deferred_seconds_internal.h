#ifndef EQMGR_SPOOL_DEFERRED_SECONDS_INTERNAL_H
#define EQMGR_SPOOL_DEFERRED_SECONDS_INTERNAL_H

/*
 * spool/deferred_seconds: how many files are due in each second, and up to any second. Each call is
 * O(log n) in the number of different seconds, of which each takes 40 bytes: there are rarely more
 * than the longest retry time has, however much mail there is.
 */

#include <stdint.h>

#include "base/slab.h"
#include "base/tree.h"

typedef struct DeferredSeconds {
    Tree tree;
    Slab memory;
} DeferredSeconds;

void deferred_seconds_init(DeferredSeconds *seconds);
void deferred_seconds_clear(DeferredSeconds *seconds); /* leaves an empty one */

/* One file more, or one less, is due at due_s. */
void deferred_seconds_add(DeferredSeconds *seconds, int64_t due_s);
void deferred_seconds_remove(DeferredSeconds *seconds, int64_t due_s);

/* Files that are due at until_s or earlier. */
uint32_t deferred_seconds_count(const DeferredSeconds *seconds, int64_t until_s);

/* Asserts order and sums; returns the number of different seconds. For tests. */
size_t deferred_seconds_check(const DeferredSeconds *seconds);

#endif
