#ifndef EQMGR_BASE_SECOND_COUNTS_H
#define EQMGR_BASE_SECOND_COUNTS_H

/*
 * base/second_counts: how many things there are in each second, and up to any second. Each call is
 * O(log n) in the number of different seconds, of which each takes 40 bytes: however many things
 * there are, there are rarely more seconds than the longest time has that they wait.
 *
 * The memory is the owner's, and may be that of many counts. Whoever clears it initializes all of
 * these again.
 */

#include <stdint.h>

#include "base/slab.h"
#include "base/tree.h"

typedef struct SecondCounts {
    Tree tree;
    Slab *memory;
} SecondCounts;

void second_counts_init_memory(Slab *memory); /* slab_clear() frees it */

/* Borrows the memory. */
void second_counts_init(SecondCounts *counts, Slab *memory);

/* One more, or one less, in this second. */
void second_counts_add(SecondCounts *counts, int64_t at_s);
void second_counts_remove(SecondCounts *counts, int64_t at_s);

/* In this second and all before it. */
uint32_t second_counts_until(const SecondCounts *counts, int64_t until_s);

/* In all seconds. */
uint32_t second_counts_total(const SecondCounts *counts);

/* Asserts order and sums; returns the number of different seconds. For tests. */
size_t second_counts_check(const SecondCounts *counts);

#endif
