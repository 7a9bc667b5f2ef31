#include "base/number_heap.h"

#include <glib.h>

#include "base/check.h"

/* NumberHeap: the usual array; a place in it is an index counted from 0, in objects from 1. */

#define NUMBERS_FIRST_ROOM 64

void number_heap_init(NumberHeap *heap, const NumberHeapKind *kind, void *owner)
{
    *heap = (NumberHeap){.kind = kind, .owner = owner};
}

void number_heap_clear(NumberHeap *heap)
{
    g_free(heap->numbers);
    number_heap_init(heap, heap->kind, heap->owner);
}

static bool comes_before_place(const NumberHeap *heap, uint32_t number, uint32_t place)
{
    return heap->kind->is_before(heap->owner, number, heap->numbers[place]);
}

static void put_number(NumberHeap *heap, uint32_t place, uint32_t number)
{
    heap->numbers[place] = number;
    heap->kind->set_place(heap->owner, number, place + 1);
}

static void sift_number_up(NumberHeap *heap, uint32_t place, uint32_t number)
{
    while (place > 0) {
        uint32_t parent = (place - 1) / 2;

        if (!comes_before_place(heap, number, parent))
            break;
        put_number(heap, place, heap->numbers[parent]);
        place = parent;
    }
    put_number(heap, place, number);
}

static void sift_number_down(NumberHeap *heap, uint32_t place, uint32_t number)
{
    for (;;) {
        uint32_t child = 2 * place + 1;

        if (child + 1 < heap->count && comes_before_place(heap, heap->numbers[child + 1], child))
            child++;
        if (child >= heap->count ||
            !heap->kind->is_before(heap->owner, heap->numbers[child], number))
            break;
        put_number(heap, place, heap->numbers[child]);
        place = child;
    }
    put_number(heap, place, number);
}

/* Puts the number at `place`, whose former content the caller has saved, and moves it on from
 * there. */
static void settle_number(NumberHeap *heap, uint32_t place, uint32_t number)
{
    if (place > 0 && comes_before_place(heap, number, (place - 1) / 2))
        sift_number_up(heap, place, number);
    else
        sift_number_down(heap, place, number);
}

/* Where it is, counted from 0. */
static uint32_t place_of(const NumberHeap *heap, uint32_t number)
{
    uint32_t place = heap->kind->place(heap->owner, number);

    g_assert(place > 0 && place <= heap->count && heap->numbers[place - 1] == number);
    return place - 1;
}

/* By half, as there may be many. */
static void make_number_room(NumberHeap *heap)
{
    if (heap->count < heap->room)
        return;
    heap->room = heap->room == 0 ? NUMBERS_FIRST_ROOM : heap->room + heap->room / 2;
    heap->numbers = g_renew(uint32_t, heap->numbers, heap->room);
}

void number_heap_add(NumberHeap *heap, uint32_t number)
{
    g_assert(heap->kind->place(heap->owner, number) == 0);
    make_number_room(heap);
    heap->count++;
    sift_number_up(heap, heap->count - 1, number);
}

void number_heap_move(NumberHeap *heap, uint32_t number)
{
    settle_number(heap, place_of(heap, number), number);
}

void number_heap_remove(NumberHeap *heap, uint32_t number)
{
    uint32_t place = place_of(heap, number), last = heap->numbers[--heap->count];

    heap->kind->set_place(heap->owner, number, 0);
    if (last != number)
        settle_number(heap, place, last);
}

void number_heap_check(const NumberHeap *heap)
{
    CHECK(heap->count <= heap->room);
    for (uint32_t place = 0; place < heap->count; place++) {
        CHECK(place_of(heap, heap->numbers[place]) == place);
        CHECK(place == 0 || !comes_before_place(heap, heap->numbers[place], (place - 1) / 2));
    }
}
