#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

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

#ifndef __SANITIZE_ADDRESS__
static double address_space_bytes(void)
{
    g_autofree char *text = NULL;

    ck_assert(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    return g_ascii_strtod(text, NULL) * (double)sysconf(_SC_PAGESIZE);
}

/* A chunk at a time has room for less than one object more, and no page is lost between chunks. */
START_TEST(objects_take_little_more_than_their_size)
{
    const int count = 100000;
    double before = address_space_bytes();
    Slab slab;

    slab_init(&slab, 80);
    for (int i = 0; i < count; i++)
        (void)slab_alloc(&slab);
    ck_assert_double_le((address_space_bytes() - before) / count, 81);
    slab_clear(&slab);
}
END_TEST

static void free_object(void *object, void *slab)
{
    slab_free(slab, object);
}

/* Some mail of each burst leaves a block behind that lives on. */
static void have_burst(Slab *slab, GPtrArray *blocks)
{
    g_autoptr(GPtrArray) objects = g_ptr_array_new();

    for (int i = 0; i < 10000; i++) {
        g_ptr_array_add(objects, slab_alloc(slab));
        if (i % 100 == 0)
            g_ptr_array_add(blocks, g_malloc(100));
    }
    g_ptr_array_foreach(objects, free_object, slab);
}

START_TEST(memory_of_bursts_goes_back_whatever_blocks_live_on)
{
    g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(g_free);
    double before = address_space_bytes();
    Slab slab;

    slab_init(&slab, 80);
    for (int i = 0; i < 20; i++)
        have_burst(&slab, blocks);
    /* The blocks and those of the array, the chunk that is kept, and what malloc() gets at a time.
     */
    ck_assert_double_le(address_space_bytes() - before, 1024.0 * (400 + 64 + 132));
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
#ifndef __SANITIZE_ADDRESS__
    tcase_add_test(tcase, objects_take_little_more_than_their_size);
    tcase_add_test(tcase, memory_of_bursts_goes_back_whatever_blocks_live_on);
#endif
    return run_suite("base/slab", tcase, NULL);
}
