#include <glib.h>

#include "base/second_counts.h"
#include "tests/support/runner.h"

#define RANGE_S    60
#define OPERATIONS 20000
#define SEED       3

static Slab memory;
static SecondCounts counts, others; /* of the same memory */

static void set_up(void)
{
    second_counts_init_memory(&memory);
    second_counts_init(&counts, &memory);
    second_counts_init(&others, &memory);
}

static void tear_down(void)
{
    slab_clear(&memory);
}

static void add(int64_t second)
{
    second_counts_add(&counts, second);
    (void)second_counts_check(&counts);
}

START_TEST(things_are_counted_up_to_a_second_and_including_it)
{
    ck_assert_uint_eq(second_counts_until(&counts, INT64_MAX), 0);
    add(10);
    add(20);
    add(10);
    add(INT64_MIN);
    add(INT64_MAX);
    ck_assert_uint_eq(second_counts_until(&counts, INT64_MIN), 1);
    ck_assert_uint_eq(second_counts_until(&counts, 9), 1);
    ck_assert_uint_eq(second_counts_until(&counts, 10), 3);
    ck_assert_uint_eq(second_counts_until(&counts, 19), 3);
    ck_assert_uint_eq(second_counts_until(&counts, 20), 4);
    ck_assert_uint_eq(second_counts_until(&counts, INT64_MAX), 5);
}
END_TEST

START_TEST(a_second_without_things_takes_no_memory)
{
    add(5);
    add(5);
    add(6);
    ck_assert_uint_eq(second_counts_check(&counts), 2);
    second_counts_remove(&counts, 5);
    ck_assert_uint_eq(second_counts_check(&counts), 2);
    second_counts_remove(&counts, 5);
    ck_assert_uint_eq(second_counts_check(&counts), 1);
    slab_clear(&memory);
    set_up();
    ck_assert_uint_eq(second_counts_check(&counts), 0);
    add(7);
    ck_assert_uint_eq(second_counts_until(&counts, 7), 1);
}
END_TEST

START_TEST(counts_of_the_same_memory_know_nothing_of_each_other)
{
    add(5);
    second_counts_add(&others, 5);
    second_counts_add(&others, 4);
    ck_assert_uint_eq(second_counts_total(&counts), 1);
    ck_assert_uint_eq(second_counts_total(&others), 2);
    second_counts_remove(&others, 5);
    second_counts_remove(&others, 4);
    ck_assert_uint_eq(second_counts_total(&others), 0);
    ck_assert_uint_eq(second_counts_until(&counts, 5), 1);
}
END_TEST

START_TEST(random_things_are_counted_as_a_list_of_them_is)
{
    GRand *random = g_rand_new_with_seed(SEED);
    unsigned list[RANGE_S] = {0};

    for (int i = 0; i < OPERATIONS; i++) {
        int second = g_rand_int_range(random, 0, RANGE_S);
        unsigned sum = 0;

        if (list[second] > 0 && g_rand_int_range(random, 0, 5) < 3) {
            second_counts_remove(&counts, second);
            list[second]--;
        } else {
            second_counts_add(&counts, second);
            list[second]++;
        }
        (void)second_counts_check(&counts);
        for (int s = 0; s < RANGE_S; s++) {
            sum += list[s];
            ck_assert_msg(second_counts_until(&counts, s) == sum, "seed %d step %d", SEED, i);
        }
        ck_assert_uint_eq(second_counts_total(&counts), sum);
    }
    g_rand_free(random);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("seconds");

    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, things_are_counted_up_to_a_second_and_including_it);
    tcase_add_test(tcase, a_second_without_things_takes_no_memory);
    tcase_add_test(tcase, counts_of_the_same_memory_know_nothing_of_each_other);
    tcase_add_test(tcase, random_things_are_counted_as_a_list_of_them_is);
    return run_suite("base/second_counts", tcase, NULL);
}
