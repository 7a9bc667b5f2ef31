/*
 * An array of pointers. A free slot holds the number of the next free one, shifted to the left, and
 * the lowest bit set, which no pointer to an object has; so free slots cost nothing beside.
 */

#include "base/slot_table.h"

#include <stddef.h>

#include <glib.h>

#define ROOM_FIRST 64

static bool is_free(uintptr_t value)
{
    return (value & 1) != 0;
}

void slot_table_init(SlotTable *table)
{
    *table = (SlotTable){.slots = NULL};
}

void slot_table_clear(SlotTable *table)
{
    g_free(table->slots);
    slot_table_init(table);
}

static uint32_t take_slot(SlotTable *table)
{
    uint32_t slot;

    if (table->free_head != 0) {
        slot = table->free_head - 1;
        table->free_head = (uint32_t)(table->slots[slot] >> 1);
        return slot;
    }
    if (table->used == table->room) {
        table->room = table->room == 0 ? ROOM_FIRST : table->room * 2;
        table->slots = g_renew(uintptr_t, table->slots, table->room);
    }
    return table->used++;
}

uint32_t slot_table_add(SlotTable *table, void *object)
{
    uint32_t slot = take_slot(table);

    g_assert(object != NULL && !is_free((uintptr_t)object));
    table->slots[slot] = (uintptr_t)object;
    table->count++;
    return slot;
}

void slot_table_remove(SlotTable *table, uint32_t slot)
{
    g_assert(slot < table->used && !is_free(table->slots[slot]));
    table->slots[slot] = (uintptr_t)table->free_head << 1 | 1;
    table->free_head = slot + 1;
    table->count--;
}

void *slot_table_next(const SlotTable *table, uint32_t *slot, unsigned patience)
{
    for (; *slot < table->used && patience > 0; patience--) {
        uintptr_t value = table->slots[(*slot)++];

        if (!is_free(value))
            return (void *)value; // NOLINT(performance-no-int-to-ptr)
    }
    return NULL;
}

bool slot_table_is_end(const SlotTable *table, uint32_t slot)
{
    return slot >= table->used;
}

void slot_table_check(const SlotTable *table)
{
    uint32_t used = 0, unused = 0;

    for (uint32_t i = 0; i < table->used; i++)
        used += !is_free(table->slots[i]);
    for (uint32_t next = table->free_head; next != 0; unused++) {
        g_assert(next <= table->used && is_free(table->slots[next - 1]) && unused < table->used);
        next = (uint32_t)(table->slots[next - 1] >> 1);
    }
    g_assert(used == table->count && used + unused == table->used && table->used <= table->room);
}
