#ifndef EQMGR_BASE_ORDER_H
#define EQMGR_BASE_ORDER_H

/*
 * base/order: a list in which the order of two elements can be compared in O(1), and a ring on top
 * of it: a list that can be rotated in O(1).
 *
 * Elements embed an OrderNode (24 bytes). Inserting is O(1) at the end and O(log n) amortized
 * elsewhere, removing is O(1). The list owns nothing and allocates nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct OrderNode {
    struct OrderNode *previous, *next;
    uint64_t label; /* grows along the list; >= 1 */
} OrderNode;

typedef struct Order {
    OrderNode *first, *last;
} Order;

/*
 * `before` NULL: at the end. True: labels of other elements have changed, which is rare; their
 * order is the same, but copies of labels are not right any more.
 */
bool order_insert(Order *order, OrderNode *node, OrderNode *before);
void order_remove(Order *order, OrderNode *node);

static inline bool order_is_before(const OrderNode *a, const OrderNode *b)
{
    return a->label < b->label;
}

/* Asserts links and labels; returns the count. For tests. */
size_t order_check(const Order *order);

/*
 * The list as callers see it begins after `end` and goes around to it.
 */
typedef struct Ring {
    Order order;
    OrderNode *end; /* NULL: it begins and ends where `order` does */
} Ring;

void ring_append(Ring *ring, OrderNode *node);
void ring_prepend(Ring *ring, OrderNode *node);
void ring_remove(Ring *ring, OrderNode *node);

/* Those after the node come first, then those before it, then the node. */
static inline void ring_rotate(Ring *ring, OrderNode *node)
{
    ring->end = node;
}

OrderNode *ring_first(const Ring *ring);
OrderNode *ring_next(const Ring *ring, const OrderNode *node); /* NULL: `node` was the last */

/* Compares two elements in the order that callers see. */
bool ring_is_before(const Ring *ring, const OrderNode *a, const OrderNode *b);

#endif
