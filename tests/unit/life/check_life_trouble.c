#include "src/life/trouble_internal.h"
#include "tests/support/runner.h"

#define FORGET_AFTER_S 1000

static TroubleTable table;

static void begin(void)
{
    trouble_table_init(&table, FORGET_AFTER_S);
}

static void end(void)
{
    trouble_table_clear(&table);
}

START_TEST(trouble_lasts_since_the_first_time)
{
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A1", 5000), TROUBLE_IS_NEW);
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A1", 5000), 0);
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A1", 5900), 900);
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A1", 6900), 1900);
}
END_TEST

START_TEST(each_message_has_trouble_of_its_own)
{
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A1", 5000), TROUBLE_IS_NEW);
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A2", 5010), TROUBLE_IS_NEW);
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A1", 5030), 30);
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A2", 5030), 20);
}
END_TEST

START_TEST(trouble_after_a_long_time_without_is_new)
{
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A1", 5000), TROUBLE_IS_NEW);
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A1", 5000 + FORGET_AFTER_S), FORGET_AFTER_S);
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A1", 5001 + 2 * FORGET_AFTER_S),
                     TROUBLE_IS_NEW);
    ck_assert_int_eq(trouble_table_lasts_s(&table, "A1", 5002 + 2 * FORGET_AFTER_S), 1);
}
END_TEST

/* As if mail had been deleted by hand. */
START_TEST(entries_that_nobody_asks_for_go)
{
    for (int i = 0; i < 100; i++) {
        g_autofree char *queue_id = g_strdup_printf("M%d", i);

        (void)trouble_table_lasts_s(&table, queue_id, 5000);
    }
    (void)trouble_table_lasts_s(&table, "M7", 5900);
    ck_assert_uint_eq(g_hash_table_size(table.troubles), 100);
    (void)trouble_table_lasts_s(&table, "A1", 5001 + FORGET_AFTER_S);
    ck_assert_uint_eq(g_hash_table_size(table.troubles), 2);
    ck_assert_int_eq(trouble_table_lasts_s(&table, "M7", 6100), 1100);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("trouble");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, trouble_lasts_since_the_first_time);
    tcase_add_test(tcase, each_message_has_trouble_of_its_own);
    tcase_add_test(tcase, trouble_after_a_long_time_without_is_new);
    tcase_add_test(tcase, entries_that_nobody_asks_for_go);
    return run_suite("life/trouble", tcase, NULL);
}
