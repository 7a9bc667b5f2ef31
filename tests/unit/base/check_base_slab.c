#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <glib.h>

#include "base/slab.h"
#include "tests/support/runner.h"

static const size_t sizes[] = {1, 8, 24, 40, 184, 1000, 30000};

static void note(void *object, void *ctx)
{
    GHashTable *found = ctx;

    ck_assert(g_hash_table_add(found, object));
}

static void compare(const Slab *slab, const GPtrArray *live)
{
    g_autoptr(GHashTable) found = g_hash_table_new(NULL, NULL);

    slab_foreach(slab, note, found);
    ck_assert_uint_eq(g_hash_table_size(found), live->len);
    for (guint i = 0; i < live->len; i++)
        ck_assert(g_hash_table_contains(found, live->pdata[i]));
}

static bool is_filled(const void *object, size_t bytes, int value)
{
    const unsigned char *byte = object;

    for (size_t i = 0; i < bytes; i++)
        if (byte[i] != value)
            return false;
    return true;
}

static void take_one(Slab *slab, GPtrArray *live, size_t bytes)
{
    void *object = slab_alloc(slab);

    ck_assert_uint_eq((uintptr_t)object % 8, 0);
    ck_assert(is_filled(object, bytes, 0));
    memset(object, 0xaa, bytes);
    g_ptr_array_add(live, object);
}

static void free_one(Slab *slab, GPtrArray *live, size_t bytes, GRand *dice)
{
    void *object =
        g_ptr_array_remove_index_fast(live, (guint)g_rand_int_range(dice, 0, (gint32)live->len));

    ck_assert(is_filled(object, bytes, 0xaa));
    slab_free(slab, object);
}

START_TEST(objects_are_cleared_apart_and_found_again)
{
    size_t bytes = sizes[_i];
    GRand *dice = g_rand_new_with_seed(1);
    g_autoptr(GPtrArray) live = g_ptr_array_new();
    Slab slab;

    slab_init(&slab, bytes);
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 3000; i++)
            if (live->len == 0 || g_rand_int_range(dice, 0, 3) != round % 3)
                take_one(&slab, live, bytes);
            else
                free_one(&slab, live, bytes, dice);
        compare(&slab, live);
    }
    while (live->len > 0)
        free_one(&slab, live, bytes, dice);
    compare(&slab, live);
    slab_clear(&slab);
    g_rand_free(dice);
}
END_TEST

START_TEST(clearing_frees_what_is_left)
{
    Slab slab;

    slab_init(&slab, 100);
    for (int i = 0; i < 2000; i++)
        (void)slab_alloc(&slab);
    slab_clear(&slab);
    slab_free(&slab, slab_alloc(&slab));
    slab_clear(&slab);
}
END_TEST

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
static double bytes_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return (double)info.uordblks + (double)info.hblkhd;
}

/* A chunk at a time has room for less than one object more, and no page is lost between chunks. */
START_TEST(objects_take_little_more_than_their_size)
{
    const int count = 100000;
    double before = bytes_in_use();
    Slab slab;

    slab_init(&slab, 80);
    for (int i = 0; i < count; i++)
        (void)slab_alloc(&slab);
    ck_assert_double_le((bytes_in_use() - before) / count, 81);
    ck_assert_int_eq(mallinfo2().hblks, 0);
    slab_clear(&slab);
}
END_TEST
#endif

int main(void)
{
    TCase *tcase = tcase_create("slab");

    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, objects_are_cleared_apart_and_found_again, 0, G_N_ELEMENTS(sizes));
    tcase_add_test(tcase, clearing_frees_what_is_left);
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
    tcase_add_test(tcase, objects_take_little_more_than_their_size);
#endif
    return run_suite("base/slab", tcase, NULL);
}
