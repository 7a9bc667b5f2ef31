#include "policy/allowance.h"
#include "tests/support/runner.h"

#define S                INT64_C(1000000)
#define HOUR_RATE(count) ((double)(count) / 3600)

/* The examples of traffic.md 5, and what is at the edges. */
static const struct {
    int limit, share, horizon_s;
    double rate;
    int window;
    unsigned allowance;
} terms_rows[] = {
    {20000,      20,  300,   20.0 / 30,      20, 220     }, /* a tarpit, which takes 30 s for each */
    {20000,      20,  300,   0.7,            10, 220     },
    {4000,       20,  300,   HOUR_RATE(100), 20, 50      }, /* 9 + 20 are fewer than the floor */
    {4000,       20,  300,   HOUR_RATE(100), 60, 69      },
    {20000,      20,  300,   HOUR_RATE(100), 20, 100     }, /* a half percent */
    {20000,      20,  300,   0,              20, 100     }, /* nothing is known */
    {20000,      20,  300,   1000,           20, 4000    },
    {20000,      100, 300,   1e12,           20, 20000   },
    {20000,      20,  600,   20.0 / 30,      20, 420     },
    {100,        20,  300,   0,              5,  20      }, /* the share is below the floor */
    {1,          1,   1,     0,              0,  1       },
    {2000000000, 100, 86400, 0,              0,  10000000},
};

static AllowanceTerms terms_of(int row)
{
    return (AllowanceTerms){terms_rows[row].limit, terms_rows[row].share, terms_rows[row].horizon_s,
                            terms_rows[row].rate, terms_rows[row].window};
}

START_TEST(a_site_has_what_it_takes_within_the_horizon)
{
    AllowanceTerms terms = terms_of(_i);

    ck_assert_uint_eq(allowance_of(&terms), terms_rows[_i].allowance);
}
END_TEST

START_TEST(mail_is_called_in_below_60_percent)
{
    ck_assert(allowance_calls(220, 131));
    ck_assert(!allowance_calls(220, 132));
    ck_assert(allowance_calls(1, 0));
    ck_assert(!allowance_calls(1, 1));
    ck_assert(allowance_calls(4000000000U, 2399999999U));
    ck_assert(!allowance_calls(4000000000U, 2400000000U));
}
END_TEST

static const struct {
    double rate;
    uint64_t before;
    int64_t most_s, turn_s;
} turns[] = {
    {2,    1000,       4000,      500             },
    {2,    1001,       4000,      501             },
    {2,    0,          4000,      10              },
    {2,    19,         4000,      10              },
    {0.5,  100000,     4000,      4000            },
    {0,    1000,       4000,      3000            }, /* the floor of 100 in 300 s */
    {0.5,  1000,       5,         10              },
    {1e-9, UINT64_MAX, INT64_MAX, 1000000000000000},
};

START_TEST(a_turn_is_estimated_within_limits)
{
    const AllowanceTerms terms = {20000, 20, 300, turns[_i].rate, 20};

    ck_assert_int_eq(allowance_turn_s(&terms, turns[_i].before, turns[_i].most_s),
                     turns[_i].turn_s);
}
END_TEST

static void end_each(AllowanceMeasure *measure, int64_t from_us, int64_t step_us, int count)
{
    for (int i = 0; i < count; i++)
        allowance_measure_end(measure, from_us + i * step_us);
}

START_TEST(ends_of_the_last_minute_are_measured)
{
    AllowanceMeasure measure = {0};

    ck_assert_double_eq(allowance_measured(&measure, 1), 0);
    allowance_measure_begin(&measure, 30 * S);
    ck_assert_double_eq(allowance_measured(&measure, 40 * S), 0);
    end_each(&measure, 40 * S, S / 2, 40); /* two in a second, for 20 seconds */
    ck_assert_double_eq_tol(allowance_measured(&measure, 60 * S - 1), 40.0 / 30, 0.01);
    end_each(&measure, 60 * S, S / 2, 120); /* and for a minute */
    ck_assert_double_eq_tol(allowance_measured(&measure, 120 * S - 1), 2, 0.02);
    ck_assert_double_eq_tol(allowance_measured(&measure, 150 * S), 1, 0.02);
    ck_assert_double_eq(allowance_measured(&measure, 180 * S), 0);
    ck_assert_double_eq(allowance_measured(&measure, 18000 * S), 0);
}
END_TEST

START_TEST(ends_of_the_last_minute_are_counted)
{
    AllowanceMeasure measure = {0};

    ck_assert_uint_eq(allowance_ended(&measure, 1), 0);
    end_each(&measure, 90 * S, S, 20);
    ck_assert_uint_eq(allowance_ended(&measure, 110 * S), 20);
    ck_assert_uint_eq(allowance_ended(&measure, 120 * S), 20);
    ck_assert_uint_eq(allowance_ended(&measure, 150 * S), 10);
    ck_assert_uint_eq(allowance_ended(&measure, 179 * S), 1);
    ck_assert_uint_eq(allowance_ended(&measure, 180 * S), 0);
}
END_TEST

START_TEST(the_first_second_is_a_second)
{
    AllowanceMeasure measure = {0};

    allowance_measure_begin(&measure, 5 * S);
    allowance_measure_begin(&measure, 6 * S);
    allowance_measure_end(&measure, 5 * S + 100);
    ck_assert_double_eq(allowance_measured(&measure, 5 * S + 100), 1);
    ck_assert_double_eq(allowance_measured(&measure, 15 * S), 0.1);
}
END_TEST

START_TEST(an_idle_site_is_measured_anew)
{
    AllowanceMeasure measure = {0};

    end_each(&measure, S, S, 50);
    allowance_measure_end(&measure, 3600 * S);
    ck_assert_double_eq(allowance_measured(&measure, 3600 * S), 1.0 / 60);
}
END_TEST

/* What the example says: 20 at a time, each takes 30 s. They end in batches, so it is about that.
 */
START_TEST(a_tarpit_has_about_220_places)
{
    AllowanceMeasure measure = {0};
    AllowanceTerms terms = {20000, 20, 300, 0, 20};

    allowance_measure_begin(&measure, S);
    for (int round = 1; round <= 6; round++)
        end_each(&measure, S + round * 30 * S, S / 1000, 20);
    terms.rate_per_s = allowance_measured(&measure, 200 * S);
    ck_assert_uint_ge(allowance_of(&terms), 200);
    ck_assert_uint_le(allowance_of(&terms), 260);
}
END_TEST

int main(void)
{
    TCase *allowance = tcase_create("allowance"), *measure = tcase_create("measure");

    tcase_add_loop_test(allowance, a_site_has_what_it_takes_within_the_horizon, 0,
                        G_N_ELEMENTS(terms_rows));
    tcase_add_test(allowance, mail_is_called_in_below_60_percent);
    tcase_add_loop_test(allowance, a_turn_is_estimated_within_limits, 0, G_N_ELEMENTS(turns));
    tcase_add_test(measure, ends_of_the_last_minute_are_measured);
    tcase_add_test(measure, ends_of_the_last_minute_are_counted);
    tcase_add_test(measure, the_first_second_is_a_second);
    tcase_add_test(measure, an_idle_site_is_measured_anew);
    tcase_add_test(measure, a_tarpit_has_about_220_places);
    return run_suite("policy/allowance", allowance, measure, NULL);
}
