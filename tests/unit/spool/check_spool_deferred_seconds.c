#include <glib.h>

#include "src/spool/deferred_seconds_internal.h"
#include "tests/support/runner.h"

#define RANGE_S    60
#define OPERATIONS 20000
#define SEED       3

static DeferredSeconds seconds;

static void set_up(void)
{
    deferred_seconds_init(&seconds);
}

static void tear_down(void)
{
    deferred_seconds_clear(&seconds);
}

static void add(int64_t due_s)
{
    deferred_seconds_add(&seconds, due_s);
    (void)deferred_seconds_check(&seconds);
}

START_TEST(files_are_counted_up_to_a_second_and_including_it)
{
    ck_assert_uint_eq(deferred_seconds_count(&seconds, INT64_MAX), 0);
    add(10);
    add(20);
    add(10);
    add(INT64_MIN);
    add(INT64_MAX);
    ck_assert_uint_eq(deferred_seconds_count(&seconds, INT64_MIN), 1);
    ck_assert_uint_eq(deferred_seconds_count(&seconds, 9), 1);
    ck_assert_uint_eq(deferred_seconds_count(&seconds, 10), 3);
    ck_assert_uint_eq(deferred_seconds_count(&seconds, 19), 3);
    ck_assert_uint_eq(deferred_seconds_count(&seconds, 20), 4);
    ck_assert_uint_eq(deferred_seconds_count(&seconds, INT64_MAX), 5);
}
END_TEST

START_TEST(a_second_without_files_takes_no_memory)
{
    add(5);
    add(5);
    add(6);
    ck_assert_uint_eq(deferred_seconds_check(&seconds), 2);
    deferred_seconds_remove(&seconds, 5);
    ck_assert_uint_eq(deferred_seconds_check(&seconds), 2);
    deferred_seconds_remove(&seconds, 5);
    ck_assert_uint_eq(deferred_seconds_check(&seconds), 1);
    deferred_seconds_clear(&seconds);
    ck_assert_uint_eq(deferred_seconds_check(&seconds), 0);
    add(7);
    ck_assert_uint_eq(deferred_seconds_count(&seconds, 7), 1);
}
END_TEST

START_TEST(random_files_are_counted_as_a_list_of_them_is)
{
    GRand *random = g_rand_new_with_seed(SEED);
    unsigned files[RANGE_S] = {0};

    for (int i = 0; i < OPERATIONS; i++) {
        int second = g_rand_int_range(random, 0, RANGE_S);
        unsigned sum = 0;

        if (files[second] > 0 && g_rand_int_range(random, 0, 5) < 3) {
            deferred_seconds_remove(&seconds, second);
            files[second]--;
        } else {
            deferred_seconds_add(&seconds, second);
            files[second]++;
        }
        (void)deferred_seconds_check(&seconds);
        for (int s = 0; s < RANGE_S; s++) {
            sum += files[s];
            ck_assert_msg(deferred_seconds_count(&seconds, s) == sum, "seed %d step %d", SEED, i);
        }
    }
    g_rand_free(random);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("seconds");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, files_are_counted_up_to_a_second_and_including_it);
    tcase_add_test(tcase, a_second_without_files_takes_no_memory);
    tcase_add_test(tcase, random_files_are_counted_as_a_list_of_them_is);
    return run_suite("spool/deferred_seconds", tcase, NULL);
}
