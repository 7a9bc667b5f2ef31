#include "sched/feedback.h"
#include "tests/runner.h"

static const struct {
    const char *text;
    double value;
    bool ok, per_window;
} texts[] = {
    {"1",                                 1,    true,  false},
    {"0",                                 0,    true,  false},
    {"0.5",                               0.5,  true,  false},
    {".25",                               0.25, true,  false},
    {"0.5x",                              0.5,  true,  false},
    {"0.5 x",                             0.5,  true,  false},
    {"1/4",                               0.25, true,  false},
    {"1 / 4",                             0.25, true,  false},
    {"5/10",                              0.5,  true,  false},
    {"1/concurrency",                     1,    true,  true },
    {"0.5 / CONCURRENCY",                 0.5,  true,  true },
    {"0.1/0.5",                           0.2,  true,  false},
    {"2",                                 1,    false, false},
    {"2/concurrency",                     1,    false, false},
    {"-1",                                1,    false, false},
    {"-1/4",                              1,    false, false},
    {"abc",                               1,    false, false},
    {"",                                  1,    false, false},
    {"nan",                               1,    false, false},
    {"inf/concurrency",                   1,    false, false},
    {"1/",                                1,    false, false},
    {"1/ ",                               1,    false, false},
    {"1/0",                               1,    false, false},
    {"1/-1",                              1,    false, false},
    {"1/nan",                             1,    false, false},
    {"1/3000000000",                      1,    false, false},
    {"3000000000/3000000000",             1,    false, false},
    {"1/4x",                              1,    false, false},
    {"1/4 x",                             1,    false, false},
    {"1/sqrt_concurrency",                1,    false, false},
    {"1/000000000000000000000000000004",  0.25, true,  false}, /* 30 characters */
    {"1/0000000000000000000000000000004", 1,    false, false},
};

START_TEST(text_is_understood_or_refused)
{
    SchedFeedback got = {-1, true};

    ck_assert_int_eq(sched_feedback_parse(texts[_i].text, &got), texts[_i].ok);
    ck_assert_double_eq_tol(got.value, texts[_i].value, 1e-12);
    ck_assert_int_eq(got.per_window, texts[_i].per_window);
}
END_TEST

START_TEST(window_divides_type_1_only)
{
    ck_assert_double_eq(sched_feedback_at((SchedFeedback){0.5, true}, 5), 0.1);
    ck_assert_double_eq(sched_feedback_at((SchedFeedback){0.5, false}, 5), 0.5);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("feedback");

    tcase_add_loop_test(tcase, text_is_understood_or_refused, 0, G_N_ELEMENTS(texts));
    tcase_add_test(tcase, window_divides_type_1_only);
    return run_suite("sched/feedback", tcase, NULL);
}
