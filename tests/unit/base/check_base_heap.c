#include "base/heap.h"
#include "tests/support/runner.h"

#define NODES      200
#define OPERATIONS 20000
#define SEED       42

START_TEST(equal_keys_come_out_in_order_of_insertion)
{
    Heap heap;
    HeapNode nodes[NODES] = {0};

    heap_init(&heap);
    ck_assert_ptr_null(heap_first(&heap));
    for (size_t i = 0; i < NODES; i++)
        heap_set(&heap, &nodes[i], 5);
    heap_set(&heap, &nodes[0], 5); /* set again: now the last of its key */
    for (size_t i = 1; i <= NODES; i++) {
        ck_assert_ptr_eq(heap_first(&heap), &nodes[i % NODES]);
        heap_remove(&heap, &nodes[i % NODES]);
        heap_check(&heap);
    }
    ck_assert_ptr_null(heap_first(&heap));
    heap_clear(&heap);
}
END_TEST

START_TEST(clearing_and_removing_leave_nodes_outside)
{
    Heap heap;
    HeapNode a = {0}, b = {0};

    heap_init(&heap);
    heap_remove(&heap, &a); /* not inside: nothing happens */
    heap_set(&heap, &a, 2);
    heap_set(&heap, &b, 1);
    ck_assert(heap_contains(&a) && heap_contains(&b));
    heap_remove(&heap, &b);
    ck_assert(heap_contains(&a) && !heap_contains(&b));
    heap_clear(&heap);
    ck_assert(!heap_contains(&a));
    heap_set(&heap, &a, 1); /* usable again */
    ck_assert_ptr_eq(heap_first(&heap), &a);
    heap_clear(&heap);
}
END_TEST

static const HeapNode *earliest_by_search(const HeapNode *nodes)
{
    const HeapNode *best = NULL;

    for (const HeapNode *n = nodes; n < nodes + NODES; n++)
        if (heap_contains(n) && (best == NULL || n->key < best->key ||
                                 (n->key == best->key && n->serial < best->serial)))
            best = n;
    return best;
}

START_TEST(random_operations_keep_the_earliest_first)
{
    Heap heap;
    HeapNode nodes[NODES] = {0};
    GRand *random = g_rand_new_with_seed(SEED);

    heap_init(&heap);
    for (int i = 0; i < OPERATIONS; i++) {
        HeapNode *node = &nodes[g_rand_int_range(random, 0, NODES)];

        if (g_rand_int_range(random, 0, 3) == 0)
            heap_remove(&heap, node);
        else
            heap_set(&heap, node, g_rand_int_range(random, -50, 50));
        heap_check(&heap);
        ck_assert_msg(heap_first(&heap) == earliest_by_search(nodes), "seed %d step %d", SEED, i);
    }
    heap_clear(&heap);
    g_rand_free(random);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("heap");

    tcase_add_test(tc, equal_keys_come_out_in_order_of_insertion);
    tcase_add_test(tc, clearing_and_removing_leave_nodes_outside);
    tcase_add_test(tc, random_operations_keep_the_earliest_first);
    return run_suite("base/heap", tc, NULL);
}
