#include "base/order.h"

#include <glib.h>

/*
 * Labels leave gaps for insertions. Where a gap is used up, the labels after it are spread again,
 * over a stretch that is long enough to make this rare (Dietz and Sleator: j elements over more
 * than j * j labels).
 */

#define FIRST_LABEL (UINT64_C(1) << 62)
#define STEP        (UINT64_C(1) << 32) /* at the ends: 2^31 elements before labels run out */
#define LABEL_END   UINT64_MAX

static uint64_t label_of(const OrderNode *node, uint64_t otherwise)
{
    return node != NULL ? node->label : otherwise;
}

/* Gives all elements new labels at equal distances, when the end of the labels is near. */
static void spread_all(Order *order)
{
    size_t count = 0;
    uint64_t step, label = 0;

    for (OrderNode *node = order->first; node != NULL; node = node->next)
        count++;
    step = MIN(STEP, (LABEL_END - 1) / (count + 2));
    for (OrderNode *node = order->first; node != NULL; node = node->next)
        node->label = label += step;
}

/* Makes a gap after `previous` (NULL: at the front). False: labels are too dense up to the end. */
static bool spread_after(const Order *order, const OrderNode *previous)
{
    uint64_t begin = label_of(previous, 0), count = 1, step;
    OrderNode *first = previous != NULL ? previous->next : order->first, *end = first;

    while (end != NULL && end->label - begin <= (count + 1) * (count + 1)) {
        end = end->next;
        count++;
    }
    if (label_of(end, LABEL_END) - begin <= (count + 1) * (count + 1))
        return false;
    step = (label_of(end, LABEL_END) - begin) / count;
    for (OrderNode *node = first; node != end; node = node->next)
        node->label = begin += step;
    return true;
}

/* A label between its neighbours, nearer to the previous one: the next element often comes after
 * this one. */
static uint64_t choose_label(const OrderNode *previous, const OrderNode *next)
{
    uint64_t begin = label_of(previous, 0), end = label_of(next, LABEL_END);

    if (previous == NULL && next == NULL)
        return FIRST_LABEL;
    if (next == NULL && end - begin > STEP)
        return begin + STEP;
    if (previous == NULL && end > STEP)
        return end - STEP;
    return begin + (end - begin + 3) / 4;
}

bool order_insert(Order *order, OrderNode *node, OrderNode *before)
{
    OrderNode *previous = before != NULL ? before->previous : order->last;
    bool is_dense = label_of(before, LABEL_END) - label_of(previous, 0) < 2;

    if (is_dense && !spread_after(order, previous))
        spread_all(order);
    node->label = choose_label(previous, before);
    node->previous = previous;
    node->next = before;
    if (previous != NULL)
        previous->next = node;
    else
        order->first = node;
    if (before != NULL)
        before->previous = node;
    else
        order->last = node;
    return is_dense;
}

void order_remove(Order *order, OrderNode *node)
{
    if (node->previous != NULL)
        node->previous->next = node->next;
    else
        order->first = node->next;
    if (node->next != NULL)
        node->next->previous = node->previous;
    else
        order->last = node->previous;
    node->previous = node->next = NULL;
}

static bool order_is_in_place(const OrderNode *node, const OrderNode *previous)
{
    return node->previous == previous && node->label > label_of(previous, 0) &&
           node->label < LABEL_END;
}

size_t order_check(const Order *order)
{
    const OrderNode *previous = NULL;
    size_t count = 0;

    for (const OrderNode *node = order->first; node != NULL; node = node->next) {
        g_assert(order_is_in_place(node, previous));
        previous = node;
        count++;
    }
    g_assert(order->last == previous);
    return count;
}

void ring_append(Ring *ring, OrderNode *node)
{
    ring_prepend(ring, node);
    ring->end = node;
}

void ring_prepend(Ring *ring, OrderNode *node)
{
    OrderNode *first = ring->end != NULL ? ring->end->next : ring->order.first;

    (void)order_insert(&ring->order, node, first);
}

void ring_remove(Ring *ring, OrderNode *node)
{
    if (ring->end == node)
        ring->end = node->previous;
    order_remove(&ring->order, node);
}

OrderNode *ring_first(const Ring *ring)
{
    if (ring->end != NULL && ring->end->next != NULL)
        return ring->end->next;
    return ring->order.first;
}

OrderNode *ring_next(const Ring *ring, const OrderNode *node)
{
    if (node == ring->end || (ring->end == NULL && node->next == NULL))
        return NULL;
    return node->next != NULL ? node->next : ring->order.first;
}

bool ring_is_before(const Ring *ring, const OrderNode *a, const OrderNode *b)
{
    uint64_t end = label_of(ring->end, 0);
    bool a_is_early = a->label > end, b_is_early = b->label > end;

    return a_is_early != b_is_early ? a_is_early : a->label < b->label;
}
