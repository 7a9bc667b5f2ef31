#include "sched/feedback.h"
#include "tests/runner.h"

static const struct {
    const char *text;
    bool ok;
    double value;
    bool per_window;
} texts[] = {
    {"1",                                 true,  1,    false},
    {"0",                                 true,  0,    false},
    {"0.5",                               true,  0.5,  false},
    {".25",                               true,  0.25, false},
    {"0.5x",                              true,  0.5,  false},
    {"0.5 x",                             true,  0.5,  false},
    {"1/4",                               true,  0.25, false},
    {"1 / 4",                             true,  0.25, false},
    {"5/10",                              true,  0.5,  false},
    {"1/concurrency",                     true,  1,    true },
    {"0.5 / CONCURRENCY",                 true,  0.5,  true },
    {"0.1/0.5",                           true,  0.2,  false},
    {"2",                                 false, 1,    false},
    {"2/concurrency",                     false, 1,    false},
    {"-1",                                false, 1,    false},
    {"-1/4",                              false, 1,    false},
    {"abc",                               false, 1,    false},
    {"",                                  false, 1,    false},
    {"nan",                               false, 1,    false},
    {"inf/concurrency",                   false, 1,    false},
    {"1/",                                false, 1,    false},
    {"1/ ",                               false, 1,    false},
    {"1/0",                               false, 1,    false},
    {"1/-1",                              false, 1,    false},
    {"1/nan",                             false, 1,    false},
    {"1/3000000000",                      false, 1,    false},
    {"3000000000/3000000000",             false, 1,    false},
    {"1/4x",                              false, 1,    false},
    {"1/4 x",                             false, 1,    false},
    {"1/sqrt_concurrency",                false, 1,    false},
    {"1/000000000000000000000000000004",  true,  0.25, false}, /* 30 characters */
    {"1/0000000000000000000000000000004", false, 1,    false},
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
