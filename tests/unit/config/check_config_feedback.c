#include "config/feedback.h"
#include "tests/support/runner.h"

#define UNTOUCHED (-1)

static const struct {
    const char *text;
    double value;
    bool ok, per_window;
} texts[] = {
    {"1",                                 1,         true,  false},
    {"0",                                 0,         true,  false},
    {"0.5",                               0.5,       true,  false},
    {".25",                               0.25,      true,  false},
    {"0.5x",                              0.5,       true,  false},
    {"0.5 x",                             0.5,       true,  false},
    {"1/4",                               0.25,      true,  false},
    {"1 / 4",                             0.25,      true,  false},
    {"5/10",                              0.5,       true,  false},
    {"1/concurrency",                     1,         true,  true },
    {"0.5 / CONCURRENCY",                 0.5,       true,  true },
    {"0.1/0.5",                           0.2,       true,  false},
    {"2",                                 UNTOUCHED, false, true },
    {"2/concurrency",                     UNTOUCHED, false, true },
    {"-1",                                UNTOUCHED, false, true },
    {"-1/4",                              UNTOUCHED, false, true },
    {"abc",                               UNTOUCHED, false, true },
    {"",                                  UNTOUCHED, false, true },
    {"nan",                               UNTOUCHED, false, true },
    {"inf/concurrency",                   UNTOUCHED, false, true },
    {"1/",                                UNTOUCHED, false, true },
    {"1/ ",                               UNTOUCHED, false, true },
    {"1/0",                               UNTOUCHED, false, true },
    {"1/-1",                              UNTOUCHED, false, true },
    {"1/nan",                             UNTOUCHED, false, true },
    {"1/3000000000",                      UNTOUCHED, false, true },
    {"3000000000/3000000000",             UNTOUCHED, false, true },
    {"1/4x",                              UNTOUCHED, false, true },
    {"1/4 x",                             UNTOUCHED, false, true },
    {"1/sqrt_concurrency",                UNTOUCHED, false, true },
    {"1/000000000000000000000000000004",  0.25,      true,  false}, /* 30 characters */
    {"1/0000000000000000000000000000004", UNTOUCHED, false, true },
};

START_TEST(text_is_understood_or_refused)
{
    double value = UNTOUCHED;
    bool per_window = true;

    ck_assert_int_eq(feedback_parse(texts[_i].text, &value, &per_window), texts[_i].ok);
    ck_assert_double_eq_tol(value, texts[_i].value, 1e-12);
    ck_assert_int_eq(per_window, texts[_i].per_window);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("feedback");

    tcase_add_loop_test(tcase, text_is_understood_or_refused, 0, G_N_ELEMENTS(texts));
    return run_suite("config/feedback", tcase, NULL);
}
