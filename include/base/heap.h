#ifndef EQMGR_BASE_HEAP_H
#define EQMGR_BASE_HEAP_H

/*
 * base/heap: a binary heap, earliest key first, equal keys in the order of insertion.
 *
 * Elements embed a HeapNode; the heap stores the element's place in it, so removal and re-keying
 * of any element are O(log n) without searching. The heap owns nothing but its array.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct HeapNode {
    int64_t key;
    uint64_t serial; /* set by heap_set(): order among equal keys */
    size_t index;    /* place + 1; 0: not in a heap */
} HeapNode;

typedef struct Heap {
    HeapNode **nodes;
    size_t count, room;
    uint64_t next_serial;
} Heap;

void heap_init(Heap *heap);
void heap_clear(Heap *heap);

/* Inserts an element, or moves one that is inside; either way it comes last among equal keys. */
void heap_set(Heap *heap, HeapNode *node, int64_t key);

/* No-op if the element is not inside. */
void heap_remove(Heap *heap, HeapNode *node);

/* The earliest element, or NULL. */
HeapNode *heap_first(const Heap *heap);

bool heap_contains(const HeapNode *node);

/* Asserts the heap property and all back references. For tests. */
void heap_check(const Heap *heap);

#endif
