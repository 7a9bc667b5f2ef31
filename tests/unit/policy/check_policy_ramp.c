#include <time.h>

#include "policy/meter.h"
#include "policy/site.h"
#include "tests/support/runner.h"

#define FORM \
    "a ramp is DATE RATE xFACTOR each TIME to RATE, as in 2026-12-01 50/1d x2 each 2d to 20000/1d"
#define FACTOR "the factor of a ramp must be x1.01 to x10"
#define STEP   "the time of a step must be 1d to 366d, or weeks"
#define DATE   "a ramp begins with a date, as in 2026-12-01"
#define RATES  "both rates of a ramp need the same time, and the second must not be lower"

static Ramp ramp_of(const char *text)
{
    Ramp ramp;

    ck_assert_pstr_eq(ramp_parse(text, &ramp), NULL);
    return ramp;
}

/* The example of traffic.md 1. */
static const struct {
    int day;
    int64_t count, next; /* the day of the next rate; 0: none */
} days[] = {
    {-1000,   50,    2 },
    {-1,      50,    2 },
    {0,       50,    2 },
    {1,       50,    2 },
    {2,       100,   4 },
    {3,       100,   4 },
    {4,       200,   6 },
    {17,      12800, 18},
    {18,      20000, 0 },
    {1000000, 20000, 0 }
};

START_TEST(the_rate_grows_with_the_date)
{
    Ramp ramp = ramp_of("2026-12-01 50/1d x2 each 2d to 20000/1d");
    int64_t first = ramp_day_of(2026, 12, 1);
    MeterLimit limit = ramp_limit(&ramp, first + days[_i].day);

    ck_assert_int_eq(limit.count, days[_i].count);
    ck_assert_int_eq(limit.period_s, 86400);
    ck_assert_int_eq(limit.burst, 2);
    ck_assert_int_eq(ramp_next_day(&ramp, first + days[_i].day),
                     days[_i].next != 0 ? first + days[_i].next : INT64_MAX);
}
END_TEST

START_TEST(days_are_counted_from_1970)
{
    ck_assert_int_eq(ramp_day_of(1970, 1, 1), 0);
    ck_assert_int_eq(ramp_day_of(2000, 3, 1), 11017);
    ck_assert_int_eq(ramp_day_of(2026, 12, 1), 20788);
}
END_TEST

START_TEST(a_small_factor_is_not_lost_in_rounding)
{
    Ramp ramp = ramp_of("2026-12-01 1/1h x1.05 each 1d to 3/1h");
    int64_t first = ramp.first_day, next = ramp_next_day(&ramp, first);

    ck_assert_int_eq(next, first + 15); /* 1.05 ^ 15 = 2.08 */
    ck_assert_int_eq(ramp_limit(&ramp, next - 1).count, 1);
    ck_assert_int_eq(ramp_limit(&ramp, next).count, 2);
    ck_assert_int_eq(ramp_next_day(&ramp, next), first + 23);
}
END_TEST

/* clang-format off */
static const struct {
    const char *text, *fault, *again; /* again: as printed; NULL: the same */
} texts[] = {
    {"2026-12-01 50/1d x2 each 2d to 20000/1d", NULL, NULL},
    {"2028-02-29  7/1h\tx1.25 each 1w to 7/1h ", NULL, "2028-02-29 7/1h x1.25 each 7d to 7/1h"},
    {"", FORM, NULL}, {"2026-12-01 50/1d x2 each 2d to", FORM, NULL}, {"2026-12-01 50/1d x2 every 2d to 60/1d", FORM, NULL},
    {"2026-12-01 50/1d x2 each 2d until 60/1d", FORM, NULL}, {"2026-12-01 50/1d burst 2 x2 each 2d to 60/1d", FORM, NULL},
    {"2026-02-29 50/1d x2 each 2d to 60/1d", DATE, NULL}, {"1969-12-31 50/1d x2 each 2d to 60/1d", DATE, NULL},
    {"01.12.2026 50/1d x2 each 2d to 60/1d", DATE, NULL}, {"2026-13-01 50/1d x2 each 2d to 60/1d", DATE, NULL},
    {"2026-12-1 50/1d x2 each 2d to 60/1d", DATE, NULL},
    {"2026-12-01 50/1d 2 each 2d to 60/1d", FACTOR, NULL}, {"2026-12-01 50/1d x1 each 2d to 60/1d", FACTOR, NULL},
    {"2026-12-01 50/1d x11 each 2d to 60/1d", FACTOR, NULL}, {"2026-12-01 50/1d x-2 each 2d to 60/1d", FACTOR, NULL},
    {"2026-12-01 50/1d x1.2.3 each 2d to 60/1d", FACTOR, NULL}, {"2026-12-01 50/1d xinf each 2d to 60/1d", FACTOR, NULL},
    {"2026-12-01 50/1d x2 each 2h to 60/1d", STEP, NULL}, {"2026-12-01 50/1d x2 each 0d to 60/1d", STEP, NULL},
    {"2026-12-01 50/1d x2 each 367d to 60/1d", STEP, NULL}, {"2026-12-01 50/1d x2 each -1d to 60/1d", STEP, NULL},
    {"2026-12-01 50/1d x2 each 2d to 60/1h", RATES, NULL}, {"2026-12-01 50/1d x2 each 2d to 49/1d", RATES, NULL},
    {"2026-12-01 0/1d x2 each 2d to 49/1d", "the number of units must be 1 to 1000000000", NULL},
};
/* clang-format on */

START_TEST(a_ramp_is_read_and_printed_or_refused)
{
    Ramp ramp = {.step_days = -1};
    const char *fault = ramp_parse(texts[_i].text, &ramp);
    g_autofree char *again = NULL;

    ck_assert_pstr_eq(fault, texts[_i].fault);
    if (fault != NULL) {
        ck_assert_int_eq(ramp.step_days, -1);
        return;
    }
    again = ramp_format(&ramp);
    ck_assert_str_eq(again, texts[_i].again != NULL ? texts[_i].again : texts[_i].text);
}
END_TEST

/* ---- as a rate, over days in virtual time ---- */

#define S     INT64_C(1000000)
#define DAY   (86400 * S)
#define BEGIN INT64_C(20787) /* 2026-11-30 */

/* Starts as early as the meter allows in this day, each `late_us` late. */
static int64_t starts_in_day(Meter *meter, int64_t day, int64_t late_us)
{
    int64_t now_us = day * DAY, count = 0;

    while (now_us < (day + 1) * DAY) {
        if (meter_free_units(meter, now_us) == 0) {
            now_us = meter_next_free_us(meter) + late_us;
            continue;
        }
        (void)meter_charge(meter, 1, now_us);
        count++;
    }
    return count;
}

/* 50 a day on days 0 and 1, 100 on 2 and 3, ... 20000 from day 18 on. */
START_TEST(each_day_has_its_rate)
{
    Site site = {.setting_lines = {[SITE_RAMP] = 1}};
    int64_t expected = 50;
    MeterLimit limit;
    Meter meter;

    ck_assert_pstr_eq(ramp_parse("2026-12-01 50/1d x2 each 2d to 20000/1d", &site.ramp), NULL);
    for (int64_t day = BEGIN; day < BEGIN + 30; day++) {
        int64_t since = day - BEGIN - 1, count;

        ck_assert(site_rate(&site, day, &limit));
        if (day == BEGIN)
            meter_init(&meter, &limit, day * DAY);
        else
            meter_change(&meter, &limit, day * DAY);
        if (since >= 2 && since % 2 == 0)
            expected = MIN(2 * expected, 20000);
        ck_assert_int_eq(limit.count, expected);
        count = starts_in_day(&meter, day, _i * S / 10);
        ck_assert_int_ge(count, expected - 1);
        ck_assert_int_le(count, expected + limit.burst - 1);
        ck_assert(since < 18 || expected == 20000);
    }
    site.shared = SITE_SHARED_YES;
    site.setting_lines[SITE_RAMP] = 0;
    ck_assert(!site_rate(&site, BEGIN, &limit));
}
END_TEST

static const struct {
    const char *zone;
    int64_t wall_s, day, end_s;
} local_days[] = {
    {"UTC0",                       1764547199, 20422, 1764547200},
    {"UTC0",                       1764547200, 20423, 1764633600},
    {"XYZ-05:45",                  1764547199, 20423, 1764612900},
    {"CET-1CEST,M3.5.0,M10.5.0/3", 1761429600, 20387, 1761519600}, /* a day of 25 hours */
};

START_TEST(day_is_the_local_one)
{
    ck_assert(g_setenv("TZ", local_days[_i].zone, TRUE));
    tzset();
    ck_assert_int_eq(ramp_local_day(local_days[_i].wall_s), local_days[_i].day);
    ck_assert_int_eq(ramp_day_end_s(local_days[_i].wall_s), local_days[_i].end_s);
    ck_assert_int_eq(ramp_local_day(local_days[_i].end_s), local_days[_i].day + 1);
    ck_assert_int_eq(ramp_local_day(local_days[_i].end_s - 1), local_days[_i].day);
}
END_TEST

int main(void)
{
    TCase *rows = tcase_create("ramp");

    tcase_add_loop_test(rows, the_rate_grows_with_the_date, 0, G_N_ELEMENTS(days));
    tcase_add_test(rows, days_are_counted_from_1970);
    tcase_add_test(rows, a_small_factor_is_not_lost_in_rounding);
    tcase_add_loop_test(rows, a_ramp_is_read_and_printed_or_refused, 0, G_N_ELEMENTS(texts));
    tcase_add_loop_test(rows, each_day_has_its_rate, 0, 3);
    tcase_add_loop_test(rows, day_is_the_local_one, 0, G_N_ELEMENTS(local_days));
    return run_suite("policy/ramp", rows, NULL);
}
