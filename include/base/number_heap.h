#ifndef EQMGR_BASE_NUMBER_HEAP_H
#define EQMGR_BASE_NUMBER_HEAP_H

/*
 * base/number_heap: a binary heap of numbers that name objects of its owner, who says which of two
 * comes first. It is for many small objects: it costs 4 bytes for each, and 4 more in the object,
 * which keeps its place; base/heap costs 32 and keeps keys itself.
 *
 * Adding, removing and moving are O(log n), the first one is O(1). Of objects that are equally
 * early any may be the first. The heap owns nothing but its array.
 */

#include <stdbool.h>
#include <stdint.h>

/* The objects of an owner. A place is counted from 1; 0 is that of an object that is not inside. */
typedef struct NumberHeapKind {
    bool (*is_before)(const void *owner, uint32_t a, uint32_t b);
    uint32_t (*place)(const void *owner, uint32_t number);
    void (*set_place)(void *owner, uint32_t number, uint32_t place);
} NumberHeapKind;

typedef struct NumberHeap {
    const NumberHeapKind *kind;
    void *owner; /* borrowed */
    uint32_t *numbers;
    uint32_t count, room; /* count: of objects inside, less than 2^31 */
} NumberHeap;

void number_heap_init(NumberHeap *heap, const NumberHeapKind *kind, void *owner);

/* Leaves an empty heap, and the places of the objects as they are. */
void number_heap_clear(NumberHeap *heap);

/* The object must not be inside. */
void number_heap_add(NumberHeap *heap, uint32_t number);

/* The object must be inside. move: its order has changed, that of no other one. */
void number_heap_move(NumberHeap *heap, uint32_t number);
void number_heap_remove(NumberHeap *heap, uint32_t number);

static inline bool number_heap_is_empty(const NumberHeap *heap)
{
    return heap->count == 0;
}

/* The earliest; there must be one. */
static inline uint32_t number_heap_first(const NumberHeap *heap)
{
    return heap->numbers[0];
}

/* Asserts the order and all places. For tests. */
void number_heap_check(const NumberHeap *heap);

#endif
