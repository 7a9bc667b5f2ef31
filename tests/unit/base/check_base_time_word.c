#include "base/time_word.h"
#include "tests/support/runner.h"

#define NO_TIME (-1)

/* clang-format off */
static const struct {
    const char *word;
    int64_t most_s, time_s;
} parsed[] = {
    {"15m", 3600, 900}, {"0s", 3600, 0}, {"1h", 3600, 3600}, {"007s", 3600, 7}, {"1d", 86400, 86400}, {"2w", 9999999, 1209600},
    {"61m", 3600, 3601}, {"2h", 3600, 3601}, {"3601s", 3600, 3601}, {"1s", 0, 1},
    {"999999999999999999999999d", 3600, 3601}, {"9223372036854775807w", INT64_MAX - 1, INT64_MAX},
    {"000000000000001m", 3600, 60},
    {"", 3600, NO_TIME}, {"15", 3600, NO_TIME}, {"m", 3600, NO_TIME}, {"-1m", 3600, NO_TIME}, {"+1m", 3600, NO_TIME},
    {" 1m", 3600, NO_TIME}, {"1m ", 3600, NO_TIME}, {"1mm", 3600, NO_TIME}, {"1M", 3600, NO_TIME}, {"1.5h", 3600, NO_TIME},
    {"1y", 3600, NO_TIME}, {"1h30m", 3600, NO_TIME},
};

static const struct {
    int64_t time_s;
    char largest;
    const char *text;
} printed[] = {
    {0, 'w', "0"}, {1, 'w', "1s"}, {59, 'w', "59s"}, {60, 'w', "1m"}, {90, 'w', "90s"}, {5400, 'w', "90m"}, {7200, 'w', "2h"},
    {86400, 'w', "1d"}, {604800, 'w', "1w"}, {604800, 'd', "7d"}, {1209600, 'w', "2w"}, {86400, 'h', "24h"}, {3600, 's', "3600s"},
};
/* clang-format on */

START_TEST(a_time_is_a_number_and_one_unit)
{
    int64_t time_s = NO_TIME;

    ck_assert_int_eq(time_word_parse(parsed[_i].word, parsed[_i].most_s, &time_s),
                     parsed[_i].time_s != NO_TIME);
    ck_assert_int_eq(time_s, parsed[_i].time_s);
}
END_TEST

START_TEST(a_time_is_printed_in_the_largest_unit_that_says_it)
{
    g_autofree char *text = time_word_format(printed[_i].time_s, printed[_i].largest);

    ck_assert_str_eq(text, printed[_i].text);
}
END_TEST

START_TEST(units_are_those_of_postfix)
{
    ck_assert_int_eq(time_word_unit_s('s'), 1);
    ck_assert_int_eq(time_word_unit_s('m'), 60);
    ck_assert_int_eq(time_word_unit_s('h'), 3600);
    ck_assert_int_eq(time_word_unit_s('d'), 86400);
    ck_assert_int_eq(time_word_unit_s('w'), 604800);
    ck_assert_int_eq(time_word_unit_s('y'), 0);
    ck_assert_int_eq(time_word_unit_s('\0'), 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("time_word");

    tcase_add_loop_test(tcase, a_time_is_a_number_and_one_unit, 0, G_N_ELEMENTS(parsed));
    tcase_add_loop_test(tcase, a_time_is_printed_in_the_largest_unit_that_says_it, 0,
                        G_N_ELEMENTS(printed));
    tcase_add_test(tcase, units_are_those_of_postfix);
    return run_suite("base/time_word", tcase, NULL);
}
