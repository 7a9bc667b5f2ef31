#include <stdio.h>

#include "src/spool/deferred_table_internal.h"
#include "tests/support/runner.h"

static DeferredTable table;

static void set_up(void)
{
    deferred_table_init(&table);
}

static void tear_down(void)
{
    deferred_table_clear(&table);
    g_ptr_array_unref(table.chunks);
}

static void add(const char *name, int64_t due_s)
{
    deferred_table_add(&table, name, due_s);
    deferred_table_check(&table);
}

static void remove_name(const char *name)
{
    DeferredFile *file = deferred_table_find(&table, name);

    ck_assert_ptr_nonnull(file);
    deferred_table_remove(&table, file);
    deferred_table_check(&table);
    ck_assert_ptr_null(deferred_table_find(&table, name));
}

/* Takes all files out, first ones first. */
static char *drain(void)
{
    GString *names = g_string_new(NULL);
    DeferredFile *file;

    while ((file = deferred_table_first(&table)) != NULL) {
        g_string_append_printf(names, "%s ", deferred_file_name(file));
        deferred_table_remove(&table, file);
        deferred_table_check(&table);
    }
    return g_string_free(names, FALSE);
}

static void assert_drain(const char *want)
{
    g_autofree char *got = drain();

    ck_assert_str_eq(got, want);
}

START_TEST(an_empty_table_has_neither_names_nor_a_first)
{
    ck_assert_ptr_null(deferred_table_find(&table, "A"));
    ck_assert_ptr_null(deferred_table_first(&table));
    deferred_table_check(&table);
}
END_TEST

START_TEST(earlier_files_come_first_and_equally_early_ones_by_name)
{
    add("C", 5);
    add("A", 7);
    add("D", -3);
    add("B", 5);
    assert_drain("D B C A ");
}
END_TEST

START_TEST(a_file_moves_to_another_time_in_both_directions)
{
    add("A", 1);
    add("B", 2);
    add("C", 3);
    deferred_table_move(&table, deferred_table_find(&table, "A"), 9);
    deferred_table_move(&table, deferred_table_find(&table, "C"), INT64_MIN);
    deferred_table_check(&table);
    assert_drain("C B A ");
}
END_TEST

START_TEST(files_are_counted_by_their_times)
{
    add("A", 1);
    add("B", 2);
    add("C", 2);
    ck_assert_uint_eq(deferred_table_count_until(&table, 1), 1);
    ck_assert_uint_eq(deferred_table_count_until(&table, 2), 3);
    deferred_table_move(&table, deferred_table_find(&table, "C"), 3);
    deferred_table_check(&table);
    ck_assert_uint_eq(deferred_table_count_until(&table, 2), 2);
    remove_name("B");
    ck_assert_uint_eq(deferred_table_count_until(&table, 2), 1);
    deferred_table_clear(&table);
    ck_assert_uint_eq(deferred_table_count_until(&table, INT64_MAX), 0);
}
END_TEST

START_TEST(names_of_any_length_are_kept)
{
    char name[256];

    for (size_t length = 1; length < sizeof(name); length++) {
        memset(name, 'x', length);
        name[length] = '\0';
        deferred_table_add(&table, name, (int64_t)length);
    }
    deferred_table_check(&table);
    for (size_t length = sizeof(name) - 1; length > 0; length--) {
        name[length] = '\0';
        ck_assert_int_eq(deferred_table_find(&table, name)->due_s, (int64_t)length);
    }
    memset(name, 'x', sizeof(name) - 1);
    remove_name(name);
    add("SHORT", 0);
}
END_TEST

START_TEST(memory_of_removed_files_is_used_again)
{
    uint32_t used;

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5000; i++) {
            char name[32];

            (void)snprintf(name, sizeof(name), "4jXJvb0p02z%d", i);
            deferred_table_add(&table, name, i % 100);
        }
        deferred_table_check(&table);
        used = table.used;
        while (deferred_table_first(&table) != NULL)
            deferred_table_remove(&table, deferred_table_first(&table));
    }
    ck_assert_uint_eq(table.used, used);
    ck_assert_uint_eq(table.used, 5000);
}
END_TEST

START_TEST(clear_leaves_an_empty_table)
{
    add("A_NAME_THAT_IS_TOO_LONG_TO_BE_KEPT_INSIDE", 1);
    add("B", 1);
    deferred_table_clear(&table);
    deferred_table_check(&table);
    ck_assert_ptr_null(deferred_table_find(&table, "B"));
    add("B", 2);
    assert_drain("B ");
}
END_TEST

/* The table grows in small steps: an addition makes one bucket at most, and never rebuilds all. */
START_TEST(no_addition_hashes_all_names_anew)
{
    for (int i = 0; i < 5000; i++) {
        uint32_t before = table.bucket_count;
        g_autofree char *name = g_strdup_printf("%X", i * 7919);

        deferred_table_add(&table, name, i);
        ck_assert(before == 0 || table.bucket_count <= before + 1);
        ck_assert_uint_ge(table.bucket_count, deferred_table_count(&table));
    }
    deferred_table_check(&table);
    for (int i = 0; i < 5000; i++) {
        g_autofree char *name = g_strdup_printf("%X", i * 7919);

        ck_assert_ptr_nonnull(deferred_table_find(&table, name));
    }
}
END_TEST

START_TEST(long_names_are_given_back)
{
    add("1234567890123456789012345678901234567890", 1);
    add("A", 2);
    add("123456789012345678901234567890123456789B", 3);
    ck_assert_uint_eq(table.long_count, 2);
    remove_name("123456789012345678901234567890123456789B");
    deferred_table_clear(&table);
    ck_assert_uint_eq(table.long_count, 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("table");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, an_empty_table_has_neither_names_nor_a_first);
    tcase_add_test(tcase, earlier_files_come_first_and_equally_early_ones_by_name);
    tcase_add_test(tcase, a_file_moves_to_another_time_in_both_directions);
    tcase_add_test(tcase, files_are_counted_by_their_times);
    tcase_add_test(tcase, names_of_any_length_are_kept);
    tcase_add_test(tcase, memory_of_removed_files_is_used_again);
    tcase_add_test(tcase, clear_leaves_an_empty_table);
    tcase_add_test(tcase, no_addition_hashes_all_names_anew);
    tcase_add_test(tcase, long_names_are_given_back);
    return run_suite("spool/deferred_table", tcase, NULL);
}
