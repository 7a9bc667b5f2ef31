#include "base/words.h"
#include "tests/support/runner.h"

static const struct {
    const char *text, *joined;
} split_cases[] = {
    {"",             ""     },
    {" ,\t ",        ""     },
    {"a",            "a"    },
    {"a b",          "a|b"  },
    {", a,,b \t c,", "a|b|c"},
    {"a\nb",         "a\nb" },
    {"1/2,3",        "1/2|3"},
};

START_TEST(words_are_what_is_between_separators)
{
    g_auto(GStrv) words = words_split(split_cases[_i].text, ", \t");
    g_autofree char *joined = g_strjoinv("|", words);

    ck_assert_str_eq(joined, split_cases[_i].joined);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("words");

    tcase_add_loop_test(tcase, words_are_what_is_between_separators, 0, G_N_ELEMENTS(split_cases));
    return run_suite("base/words", tcase, NULL);
}
