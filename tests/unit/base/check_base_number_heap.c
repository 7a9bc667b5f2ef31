#include <glib.h>

#include "base/number_heap.h"
#include "tests/support/runner.h"

#define OBJECTS    300
#define OPERATIONS 30000
#define SEED       7
#define KEYS       100 /* fewer than objects: many are equally early */

/* Objects by their numbers. */
typedef struct Owner {
    int keys[OBJECTS];
    uint32_t places[OBJECTS];
} Owner;

static Owner owner;
static NumberHeap heap;

static bool is_before(const void *any, uint32_t a, uint32_t b)
{
    const Owner *of = any;

    return of->keys[a] < of->keys[b];
}

static uint32_t place(const void *any, uint32_t number)
{
    return ((const Owner *)any)->places[number];
}

static void set_place(void *any, uint32_t number, uint32_t new_place)
{
    ((Owner *)any)->places[number] = new_place;
}

static void set_up(void)
{
    static const NumberHeapKind kind = {is_before, place, set_place};

    owner = (Owner){0};
    number_heap_init(&heap, &kind, &owner);
}

static void tear_down(void)
{
    number_heap_clear(&heap);
}

static void add(uint32_t number, int key)
{
    owner.keys[number] = key;
    number_heap_add(&heap, number);
    number_heap_check(&heap);
}

START_TEST(numbers_come_out_earliest_first)
{
    static const int want[] = {-3, -3, 0, 5, 7};

    add(0, 5);
    add(299, -3);
    add(17, 7);
    add(4, 0);
    add(5, -3);
    for (size_t i = 0; i < G_N_ELEMENTS(want); i++) {
        uint32_t first = number_heap_first(&heap);

        ck_assert_int_eq(owner.keys[first], want[i]);
        number_heap_remove(&heap, first);
        number_heap_check(&heap);
        ck_assert_uint_eq(owner.places[first], 0);
    }
    ck_assert(number_heap_is_empty(&heap));
}
END_TEST

START_TEST(a_number_moves_when_its_order_has_changed)
{
    add(1, 1);
    add(2, 2);
    add(3, 3);
    owner.keys[1] = 9;
    number_heap_move(&heap, 1);
    number_heap_check(&heap);
    ck_assert_uint_eq(number_heap_first(&heap), 2);
    owner.keys[3] = 0;
    number_heap_move(&heap, 3);
    number_heap_check(&heap);
    ck_assert_uint_eq(number_heap_first(&heap), 3);
}
END_TEST

START_TEST(a_heap_can_be_used_again_after_it_was_cleared)
{
    add(1, 1);
    number_heap_clear(&heap);
    ck_assert(number_heap_is_empty(&heap));
    add(2, 1);
    ck_assert_uint_eq(number_heap_first(&heap), 2);
}
END_TEST

static int least_key(void)
{
    int least = G_MAXINT;

    for (uint32_t i = 0; i < OBJECTS; i++)
        if (owner.places[i] != 0)
            least = MIN(least, owner.keys[i]);
    return least;
}

static void change(uint32_t number, GRand *random)
{
    int key = g_rand_int_range(random, 0, KEYS);

    if (owner.places[number] == 0) {
        add(number, key);
    } else if (g_rand_boolean(random)) {
        owner.keys[number] = key;
        number_heap_move(&heap, number);
    } else {
        number_heap_remove(&heap, number);
    }
    number_heap_check(&heap);
}

START_TEST(random_operations_keep_the_earliest_first)
{
    GRand *random = g_rand_new_with_seed(SEED);

    for (int i = 0; i < OPERATIONS; i++) {
        change((uint32_t)g_rand_int_range(random, 0, OBJECTS), random);
        ck_assert_msg(number_heap_is_empty(&heap) ||
                          owner.keys[number_heap_first(&heap)] == least_key(),
                      "seed %d step %d", SEED, i);
    }
    g_rand_free(random);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("number_heap");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, numbers_come_out_earliest_first);
    tcase_add_test(tcase, a_number_moves_when_its_order_has_changed);
    tcase_add_test(tcase, a_heap_can_be_used_again_after_it_was_cleared);
    tcase_add_test(tcase, random_operations_keep_the_earliest_first);
    return run_suite("base/number_heap", tcase, NULL);
}
