#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "base/spare.h"
#include "tests/support/runner.h"

#define S INT64_C(1000000)

static const struct {
    const char *what;
    unsigned counts[4]; /* of a turn each */
    int64_t times_us[4];
    bool gives[4];
} rows[] = {
    {"after a burst",        {10, 100, 7, 6},    {1, 2, 3, 4},           {false, false, false, true} },
    {"not after a few",      {10, 99, 1, 0},     {1, 2, 3, 4},           {false, false, false, false}},
    {"once for a burst",     {100, 5, 0, 0},     {1, 2, 20 * S, 40 * S}, {false, true, false, false} },
    {"for another one, too", {100, 0, 200, 0},   {1, 2, 20 * S, 21 * S}, {false, true, false, true}  },
    {"not again soon",       {100, 0, 200, 0},   {1, 2, 3, 9 * S},       {false, true, false, false} },
    {"as it shrinks on",     {4000, 250, 15, 0}, {1, 2, 20 * S, 40 * S}, {false, true, true, false}  },
};

START_TEST(memory_is_given_back)
{
    Spare spare = {0};

    for (size_t i = 0; i < G_N_ELEMENTS(rows[_i].counts); i++)
        ck_assert_msg(spare_give_back(&spare, rows[_i].counts[i], rows[_i].times_us[i]) ==
                          rows[_i].gives[i],
                      "%s, turn %zu", rows[_i].what, i);
}
END_TEST

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define BLOCKS      4000
#define BLOCK_BYTES 10000

static double resident_bytes(void)
{
    g_autofree char *text = NULL;

    ck_assert(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    return g_ascii_strtod(strchr(text, ' '), NULL) * (double)sysconf(_SC_PAGESIZE);
}

/* The last block lives on, so malloc() keeps all of them. */
START_TEST(the_system_has_memory_again)
{
    static char *blocks[BLOCKS];
    Spare spare = {0};
    double kept;

    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = memset(g_malloc(BLOCK_BYTES), 1, BLOCK_BYTES);
    for (int i = 0; i < BLOCKS - 1; i++)
        g_free(blocks[i]);
    kept = resident_bytes();
    ck_assert(!spare_give_back(&spare, BLOCKS, 1));
    ck_assert(spare_give_back(&spare, 1, 2));
    ck_assert_double_lt(resident_bytes(), kept - 0.9 * BLOCKS * BLOCK_BYTES);
    g_free(blocks[BLOCKS - 1]);
}
END_TEST
#endif

int main(void)
{
    TCase *tcase = tcase_create("spare");

    tcase_add_loop_test(tcase, memory_is_given_back, 0, G_N_ELEMENTS(rows));
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
    tcase_add_test(tcase, the_system_has_memory_again);
#endif
    return run_suite("base/spare", tcase, NULL);
}
