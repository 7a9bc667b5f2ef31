#include "base/heap.h"

#include <glib.h>

/*
 * Heap: the usual array of pointers, with each element's place kept in the element, so that any of
 * them can be moved or removed without a search.
 */

#define FIRST_ROOM 64

void heap_init(Heap *heap)
{
    *heap = (Heap){0};
}

void heap_clear(Heap *heap)
{
    for (size_t i = 0; i < heap->count; i++)
        heap->nodes[i]->index = 0;
    g_free(heap->nodes);
    heap_init(heap);
}

static bool heap_comes_before(const HeapNode *a, const HeapNode *b)
{
    return a->key != b->key ? a->key < b->key : a->serial < b->serial;
}

static void heap_put(Heap *heap, size_t place, HeapNode *node)
{
    heap->nodes[place] = node;
    node->index = place + 1;
}

static void heap_sift_up(Heap *heap, size_t place, HeapNode *node)
{
    while (place > 0) {
        size_t parent = (place - 1) / 2;

        if (!heap_comes_before(node, heap->nodes[parent]))
            break;
        heap_put(heap, place, heap->nodes[parent]);
        place = parent;
    }
    heap_put(heap, place, node);
}

static void heap_sift_down(Heap *heap, size_t place, HeapNode *node)
{
    for (;;) {
        size_t child = 2 * place + 1;

        if (child + 1 < heap->count &&
            heap_comes_before(heap->nodes[child + 1], heap->nodes[child]))
            child++;
        if (child >= heap->count || !heap_comes_before(heap->nodes[child], node))
            break;
        heap_put(heap, place, heap->nodes[child]);
        place = child;
    }
    heap_put(heap, place, node);
}

/* Puts `node` at `place`, whose former content the caller has saved, and moves it to where its key
 * belongs. */
static void heap_settle(Heap *heap, size_t place, HeapNode *node)
{
    if (place > 0 && heap_comes_before(node, heap->nodes[(place - 1) / 2]))
        heap_sift_up(heap, place, node);
    else
        heap_sift_down(heap, place, node);
}

static size_t append_place(Heap *heap)
{
    if (heap->count == heap->room) {
        heap->room = heap->room == 0 ? FIRST_ROOM : heap->room * 2;
        heap->nodes = g_renew(HeapNode *, heap->nodes, heap->room);
    }
    return heap->count++;
}

void heap_set(Heap *heap, HeapNode *node, int64_t key)
{
    size_t place = node->index > 0 ? node->index - 1 : append_place(heap);

    g_assert(place < heap->count && (node->index == 0 || heap->nodes[place] == node));
    node->key = key;
    node->serial = heap->next_serial++;
    heap_settle(heap, place, node);
}

void heap_remove(Heap *heap, HeapNode *node)
{
    size_t place;
    HeapNode *last;

    if (node->index == 0)
        return;
    place = node->index - 1;
    g_assert(place < heap->count && heap->nodes[place] == node);
    node->index = 0;
    last = heap->nodes[--heap->count];
    if (last != node)
        heap_settle(heap, place, last);
}

HeapNode *heap_first(const Heap *heap)
{
    return heap->count > 0 ? heap->nodes[0] : NULL;
}

bool heap_contains(const HeapNode *node)
{
    return node->index > 0;
}

static bool heap_is_in_place(const Heap *heap, size_t place)
{
    const HeapNode *node = heap->nodes[place];

    return node->index == place + 1 &&
           (place == 0 || heap_comes_before(heap->nodes[(place - 1) / 2], node));
}

void heap_check(const Heap *heap)
{
    g_assert(heap->count <= heap->room);
    for (size_t i = 0; i < heap->count; i++)
        g_assert(heap_is_in_place(heap, i));
}
