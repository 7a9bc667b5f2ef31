#include "base/nearest.h"
#include "tests/support/runner.h"

static const struct {
    const char *a, *b;
    unsigned distance;
} distances[] = {
    {"",            "",            0},
    {"a",           "",            1},
    {"",            "ab",          2},
    {"example.com", "Example.com", 0},
    {"exmaple.com", "example.com", 1},
    {"exampl.com",  "example.com", 1},
    {"eggsample",   "example",     3},
};

START_TEST(distance_of_names_counts_slips)
{
    ck_assert_uint_eq(nearest_distance(distances[_i].a, distances[_i].b), distances[_i].distance);
    ck_assert_uint_eq(nearest_distance(distances[_i].b, distances[_i].a), distances[_i].distance);
}
END_TEST

START_TEST(nearest_names_come_first)
{
    g_autofree char *text = NULL, *longest = g_strnfill(NEAREST_NAME_MAX_BYTES + 1, 'a');
    Nearest nearest;

    nearest_init(&nearest, "a.test");
    nearest_offer(&nearest, "abc.test");
    nearest_offer(&nearest, "ab.test");
    nearest_offer(&nearest, "ab.test");
    nearest_offer(&nearest, "b.test");
    nearest_offer(&nearest, "far-away.test");
    nearest_offer(&nearest, longest);
    nearest_offer(&nearest, "ac.test");
    text = nearest_text(&nearest);
    ck_assert_str_eq(text, "; is it ab.test or b.test or ac.test?");
    nearest_clear(&nearest);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("nearest");

    tcase_add_loop_test(tcase, distance_of_names_counts_slips, 0, G_N_ELEMENTS(distances));
    tcase_add_test(tcase, nearest_names_come_first);
    return run_suite("base/nearest", tcase, NULL);
}
