#ifndef EQMGR_BASE_SLOT_TABLE_H
#define EQMGR_BASE_SLOT_TABLE_H

/*
 * base/slot_table: a set of objects that can be walked in pieces while it changes.
 *
 * An object keeps its slot as long as it is inside, so a walk from slot 0 upward, however often it
 * is interrupted and whatever is added and removed meanwhile, meets each object that is inside all
 * the time exactly once. Adding and removing are O(1); the slots of removed objects are used again.
 * The memory is that of the most objects there have been at a time, 8 bytes each. The table owns
 * nothing but its array; objects must be aligned to 2 bytes at least.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct SlotTable {
    uintptr_t *slots; /* an object, or the next free slot, marked by the lowest bit */
    uint32_t used, room;
    uint32_t free_head; /* + 1; 0: none is free */
    uint32_t count;
} SlotTable;

void slot_table_init(SlotTable *table);
void slot_table_clear(SlotTable *table);

/* Returns the slot, which the object keeps. */
uint32_t slot_table_add(SlotTable *table, void *object);

/* The slot must be in use. */
void slot_table_remove(SlotTable *table, uint32_t slot);

/* The object in a slot, which must be in use. */
static inline void *slot_table_at(const SlotTable *table, uint32_t slot)
{
    return (void *)table->slots[slot]; // NOLINT(performance-no-int-to-ptr)
}

/*
 * The object in the first used slot from *slot on, with *slot set to the one after it; NULL if
 * there is none. Looks at no more than `patience` slots: then it is NULL as well, and
 * slot_table_is_end() tells the two apart.
 */
void *slot_table_next(const SlotTable *table, uint32_t *slot, unsigned patience);

/* Nothing is left for a walk from this slot on. */
bool slot_table_is_end(const SlotTable *table, uint32_t slot);

/* Asserts that each slot is used or in the list of free ones. For tests. */
void slot_table_check(const SlotTable *table);

#endif
