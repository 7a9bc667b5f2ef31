#include <glib.h>

#include "base/order.h"
#include "tests/support/runner.h"

#define ITEMS 400
#define STEPS 20000

static OrderNode nodes[ITEMS];

/* Where new elements go, relative to the one inserted before. */
static const struct {
    int step; /* so many places after it; 0: directly before it */
    bool at_random;
} patterns[] = {
    {0,  false},
    {1,  false},
    {2,  false},
    {-3, false},
    {0,  true },
};

static OrderNode *node_at(const Order *order, guint place)
{
    OrderNode *node = order->first;

    while (node != NULL && place-- > 0)
        node = node->next;
    return node;
}

static uint64_t sum_of_labels(const Order *order)
{
    uint64_t sum = 0;

    for (const OrderNode *node = order->first; node != NULL; node = node->next)
        sum += node->label;
    return sum;
}

/* Labels change when an insertion says so, and only then. */
START_TEST(order_can_be_compared_wherever_elements_are_inserted)
{
    static OrderNode many[5000];
    GRand *dice = g_rand_new_with_seed(1);
    Order order = {0};
    guint place = 0;

    memset(many, 0, sizeof(many));
    for (guint count = 0; count < G_N_ELEMENTS(many); count++) {
        bool is_looked_at = count % 16 == 0, has_changed;
        uint64_t before = is_looked_at ? sum_of_labels(&order) : 0;

        place = patterns[_i].at_random ? (guint)g_rand_int_range(dice, 0, (gint32)count + 1)
                                       : MIN((guint)((int)place + patterns[_i].step), count);
        has_changed = order_insert(&order, &many[count], node_at(&order, place));
        if (is_looked_at)
            ck_assert_int_eq(has_changed, sum_of_labels(&order) - many[count].label != before);
        if (count % 100 == 0)
            ck_assert_uint_eq(order_check(&order), count + 1);
    }
    while (order.first != NULL)
        order_remove(&order, order.first);
    ck_assert_ptr_null(order.last);
    g_rand_free(dice);
}
END_TEST

/* The ring as an array in the order that callers see. */
static void compare(const Ring *ring, const GPtrArray *expected)
{
    const OrderNode *node = ring_first(ring);

    ck_assert_uint_eq(order_check(&ring->order), expected->len);
    for (guint place = 0; place < expected->len; place++) {
        ck_assert_ptr_eq(node, expected->pdata[place]);
        ck_assert(place == 0 || ring_is_before(ring, expected->pdata[place - 1], node));
        node = ring_next(ring, node);
    }
    ck_assert_ptr_null(node);
}

static void rotate(GPtrArray *array, gconstpointer chosen)
{
    gpointer first;

    do {
        first = g_ptr_array_remove_index(array, 0);
        g_ptr_array_add(array, first);
    } while (first != chosen);
}

static void change(Ring *ring, GPtrArray *array, GRand *dice)
{
    OrderNode *node = &nodes[g_rand_int_range(dice, 0, ITEMS)];

    if (!g_ptr_array_find(array, node, NULL)) {
        if (g_rand_boolean(dice)) {
            ring_append(ring, node);
            g_ptr_array_add(array, node);
        } else {
            ring_prepend(ring, node);
            g_ptr_array_insert(array, 0, node);
        }
    } else if (g_rand_int_range(dice, 0, 4) > 0) {
        ring_rotate(ring, node);
        rotate(array, node);
    } else {
        ring_remove(ring, node);
        g_ptr_array_remove(array, node);
    }
}

START_TEST(ring_agrees_with_a_plain_array)
{
    GRand *dice = g_rand_new_with_seed((guint32)_i);
    g_autoptr(GPtrArray) array = g_ptr_array_new();
    Ring ring = {0};

    memset(nodes, 0, sizeof(nodes));
    for (int step = 0; step < STEPS; step++) {
        change(&ring, array, dice);
        if (step % 20 == 0)
            compare(&ring, array);
    }
    g_rand_free(dice);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("order");

    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, order_can_be_compared_wherever_elements_are_inserted, 0,
                        G_N_ELEMENTS(patterns));
    tcase_add_loop_test(tcase, ring_agrees_with_a_plain_array, 0, 3);
    return run_suite("base/order", tcase, NULL);
}
