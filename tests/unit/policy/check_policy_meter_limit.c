#include "policy/meter.h"
#include "tests/support/runner.h"

#define FORM      "a limit is NUMBER/TIME or NUMBER/TIME burst NUMBER, as in 100/1m"
#define NO_UNIT   "the time needs a unit: s, m, h, d or w, as in 100/1m"
#define BAD_COUNT "the number of units must be 1 to 1000000000"
#define BAD_TIME  "the time must be 1s to 31d"
#define BAD_BURST "the burst must be 1 to 100000"
#define TOO_FAST  "there can be at most 10000 units a second"

/* clang-format off */
static const struct {
    const char *text, *fault;
    int64_t count, period_s, burst;
    const char *again; /* NULL: as `text` */
} texts[] = {
    {"100/1m", NULL, 100, 60, 4, NULL}, {"100/1h", NULL, 100, 3600, 2, NULL}, {"10/1s", NULL, 10, 1, 20, NULL},
    {"1/1h", NULL, 1, 3600, 2, NULL}, {"2000/1d burst 10", NULL, 2000, 86400, 10, NULL},
    {"100/1m burst 4", NULL, 100, 60, 4, "100/1m"}, {"100/1m burst 1", NULL, 100, 60, 1, NULL},
    {"100/60s", NULL, 100, 60, 4, "100/1m"}, {"100/90s", NULL, 100, 90, 3, NULL}, {"5/7d", NULL, 5, 604800, 2, "5/1w"},
    {"\t100/1m\t burst   4 ", NULL, 100, 60, 4, "100/1m"}, {"5/31d", NULL, 5, 2678400, 2, NULL},
    {"10000/1s", NULL, 10000, 1, 20000, NULL}, {"1000000000/31d burst 100000", NULL, 1000000000, 2678400, 100000, NULL},
    {"007/01m", NULL, 7, 60, 2, "7/1m"},
    {"", FORM, 0, 0, 0, NULL}, {"100", FORM, 0, 0, 0, NULL}, {"100/", FORM, 0, 0, 0, NULL}, {"/1m", FORM, 0, 0, 0, NULL},
    {"100/m", FORM, 0, 0, 0, NULL}, {"-1/1m", FORM, 0, 0, 0, NULL}, {"100 / 1m", FORM, 0, 0, 0, NULL},
    {"100/1m 4", FORM, 0, 0, 0, NULL}, {"100/1mburst 4", FORM, 0, 0, 0, NULL}, {"100/1m burst", FORM, 0, 0, 0, NULL},
    {"100/1m burst4", FORM, 0, 0, 0, NULL}, {"100/1m burst 4 5", FORM, 0, 0, 0, NULL}, {"100/1m burst -4", FORM, 0, 0, 0, NULL},
    {"100/1minute", FORM, 0, 0, 0, NULL}, {"1e3/1m", FORM, 0, 0, 0, NULL},
    {"100/60", NO_UNIT, 0, 0, 0, NULL}, {"100/1M", NO_UNIT, 0, 0, 0, NULL}, {"100/1 m", NO_UNIT, 0, 0, 0, NULL},
    {"0/1m", BAD_COUNT, 0, 0, 0, NULL}, {"1000000001/31d", BAD_COUNT, 0, 0, 0, NULL},
    {"99999999999999999999999/1m", BAD_COUNT, 0, 0, 0, NULL},
    {"1/0s", BAD_TIME, 0, 0, 0, NULL}, {"1/32d", BAD_TIME, 0, 0, 0, NULL},
    {"1/99999999999999999999999w", BAD_TIME, 0, 0, 0, NULL}, {"10001/1s", TOO_FAST, 0, 0, 0, NULL},
    {"1/1s burst 0", BAD_BURST, 0, 0, 0, NULL}, {"1/1s burst 100001", BAD_BURST, 0, 0, 0, NULL},
    {"1/1s burst 99999999999999999999999", BAD_BURST, 0, 0, 0, NULL},
};
/* clang-format on */

START_TEST(a_limit_is_read_and_printed_or_refused_with_its_range)
{
    MeterLimit limit = {-1, -1, -1};
    const char *fault = meter_limit_parse(texts[_i].text, &limit);
    g_autofree char *again = NULL;

    ck_assert_pstr_eq(fault, texts[_i].fault);
    if (fault != NULL) {
        ck_assert_int_eq(limit.count, -1);
        return;
    }
    ck_assert_int_eq(limit.count, texts[_i].count);
    ck_assert_int_eq(limit.period_s, texts[_i].period_s);
    ck_assert_int_eq(limit.burst, texts[_i].burst);
    again = meter_limit_format(&limit);
    ck_assert_str_eq(again, texts[_i].again != NULL ? texts[_i].again : texts[_i].text);
    ck_assert_pstr_eq(meter_limit_parse(again, &limit), NULL);
    ck_assert_int_eq(limit.burst, texts[_i].burst);
}
END_TEST

START_TEST(a_limit_that_was_not_parsed_is_weighed_the_same)
{
    ck_assert_pstr_eq(meter_limit_fault(&(MeterLimit){1, 1, 1}), NULL);
    ck_assert_pstr_eq(meter_limit_fault(&(MeterLimit){0, 1, 1}), BAD_COUNT);
    ck_assert_pstr_eq(meter_limit_fault(&(MeterLimit){1, INT64_MAX, 1}), BAD_TIME);
    ck_assert_pstr_eq(meter_limit_fault(&(MeterLimit){METER_COUNT_MAX, 1, 1}), TOO_FAST);
    ck_assert_pstr_eq(meter_limit_fault(&(MeterLimit){1, 1, INT64_MIN}), BAD_BURST);
}
END_TEST

int main(void)
{
    TCase *text = tcase_create("text");

    tcase_add_loop_test(text, a_limit_is_read_and_printed_or_refused_with_its_range, 0,
                        G_N_ELEMENTS(texts));
    tcase_add_test(text, a_limit_that_was_not_parsed_is_weighed_the_same);
    return run_suite("policy/meter_limit", text, NULL);
}
