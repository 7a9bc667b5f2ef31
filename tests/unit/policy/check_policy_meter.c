#include "policy/meter.h"
#include "tests/support/runner.h"

#define S  INT64_C(1000000)
#define MS INT64_C(1000)

/* ---- the worked examples of traffic.md 2 ---- */

static Meter meter_of(const char *text)
{
    MeterLimit limit;
    Meter meter;

    ck_assert_pstr_eq(meter_limit_parse(text, &limit), NULL);
    meter_init(&meter, &limit, 0);
    return meter;
}

/* Starts as early as the meter allows in [from, to). */
static unsigned starts_between(Meter *meter, int64_t from_us, int64_t to_us)
{
    unsigned count = 0;
    int64_t now_us = from_us;

    while (now_us < to_us) {
        if (meter_free_units(meter, now_us) > 0) {
            (void)meter_charge(meter, 1, now_us);
            count++;
        } else {
            ck_assert_int_gt(meter_next_free_us(meter), now_us);
            now_us = meter_next_free_us(meter);
        }
        meter_check(meter);
    }
    return count;
}

START_TEST(example_1_100_an_hour_burst_2)
{
    Meter meter = meter_of("100/1h burst 2");

    ck_assert_int_eq(meter_free_units(&meter, 0), 2);
    (void)meter_charge(&meter, 1, 0);
    (void)meter_charge(&meter, 1, 0);
    ck_assert_int_eq(meter_free_units(&meter, 0), 0);
    ck_assert_int_eq(meter_next_free_us(&meter), 36 * S);
    ck_assert_int_eq(meter_free_units(&meter, 36 * S - 1), 0);
    ck_assert_int_eq(meter_free_units(&meter, 36 * S), 1);

    meter = meter_of("100/1h burst 2");
    ck_assert_uint_eq(starts_between(&meter, 0, 3600 * S), 101);
    ck_assert_uint_eq(starts_between(&meter, 3600 * S, 7200 * S), 100);
    ck_assert_uint_eq(starts_between(&meter, 7200 * S, 10800 * S), 100);
}
END_TEST

/* 100/1m, 3 s a delivery, window 10. */
START_TEST(example_2_the_meter_and_not_the_window_bounds)
{
    Meter meter = meter_of("100/1m");
    int64_t ends[10] = {0}, now_us = 0;
    unsigned in_second_minute = 0, begun = 0;

    while (now_us < 120 * S) {
        int64_t free_us = MAX(meter_next_free_us(&meter), ends[begun % 10]);

        now_us = MAX(now_us, free_us);
        (void)meter_charge(&meter, 1, now_us);
        ends[begun++ % 10] = now_us + 3 * S;
        in_second_minute += now_us >= 60 * S && now_us < 120 * S;
    }
    ck_assert_uint_eq(in_second_minute, 100);
}
END_TEST

/* Domain 60/1m, site 100/1m, transport 120/1m: all must be free. */
START_TEST(example_3_several_meters)
{
    Meter domains[3] = {meter_of("60/1m"), meter_of("60/1m"), meter_of("60/1m")};
    Meter site = meter_of("100/1m"), transport = meter_of("120/1m");
    unsigned count[2] = {0, 0};

    for (unsigned busy = 1; busy <= 3; busy += 2) {
        for (int64_t now_us = 0; now_us < 180 * S; now_us += 10 * MS) {
            Meter *domain = &domains[(now_us / (10 * MS)) % busy];
            int64_t at_us = now_us + busy * 3600 * S;

            if (meter_free_units(domain, at_us) == 0 || meter_free_units(&site, at_us) == 0 ||
                meter_free_units(&transport, at_us) == 0)
                continue;
            (void)meter_charge(domain, 1, at_us);
            (void)meter_charge(&site, 1, at_us);
            (void)meter_charge(&transport, 1, at_us);
            count[busy / 2] += now_us >= 120 * S;
        }
    }
    ck_assert_uint_eq(count[0], 60);
    ck_assert_uint_eq(count[1], 100);
}
END_TEST

/* 2000/1d burst 10: the mark is 60 s ahead of TAT when it is written; restart after 60 s. */
START_TEST(example_5_a_crash)
{
    Meter meter = meter_of("2000/1d burst 10"), again;
    MeterSaved saved;

    for (int i = 0; i < 10; i++)
        (void)meter_charge(&meter, 1, 0);
    ck_assert_int_eq(meter_next_free_us(&meter), 432 * S - 9 * 43200 * MS);
    saved = meter_save(&meter, -60 * S, 1000 * S);
    ck_assert_int_eq(saved.debt_units, 492 * S * 1000 / 43200 + 1);
    meter_restore(&again, &meter.limit, &saved, 5 * S, 1060 * S);
    ck_assert_int_eq(meter_free_units(&again, 5 * S), 0);
    /* A millionth of a unit is 43.2 us. */
    ck_assert_int_ge(meter_next_free_us(&again), 5 * S + 43200 * MS);
    ck_assert_int_le(meter_next_free_us(&again), 5 * S + 43200 * MS + 44);
}
END_TEST

/* ---- default values, lateness, several units ---- */

START_TEST(lateness_below_the_spacing_is_regained)
{
    Meter meter = meter_of("100/1h burst 2");
    int64_t now_us = 0;
    unsigned count = 0;

    for (; now_us < 360000 * S; count++) {
        (void)meter_charge(&meter, 1, now_us);
        now_us = MAX(meter_next_free_us(&meter) + 500 * MS, now_us);
    }
    ck_assert_uint_ge(count, 10000);
    ck_assert_uint_le(count, 10001);
}
END_TEST

START_TEST(a_list_is_begun_while_one_unit_is_free_and_pauses_what_follows)
{
    Meter meter = meter_of("60/1m burst 2");

    (void)meter_charge(&meter, 50, 0);
    ck_assert_int_eq(meter_free_units(&meter, 48 * S), 0);
    ck_assert_int_eq(meter_next_free_us(&meter), 49 * S);
    ck_assert_int_eq(meter_free_units(&meter, 49 * S), 1);
    ck_assert_int_eq(meter_free_units(&meter, 50 * S), 2);
    ck_assert_int_eq(meter_free_units(&meter, 500 * S), 2);
}
END_TEST

START_TEST(nothing_overflows)
{
    MeterLimit slow = {1, METER_PERIOD_MAX_S, METER_BURST_MAX};
    MeterSaved saved = {INT64_MIN, INT64_MAX};
    Meter meter;
    MeterCharge charge;

    meter_init(&meter, &slow, INT64_MAX - 1);
    ck_assert_int_eq(meter_free_units(&meter, INT64_MAX - 1), METER_BURST_MAX);
    for (int i = 0; i < 5; i++)
        (void)meter_charge(&meter, INT64_MAX, INT64_MAX - 1);
    meter_check(&meter);
    meter_init(&meter, &slow, 0);
    (void)meter_charge(&meter, INT64_MAX, 0);
    charge = meter_charge(&meter, INT64_MAX, 0);
    ck_assert_int_eq(meter_free_units(&meter, INT64_MAX / 8), 0);
    meter_refund(&meter, &charge);
    ck_assert_int_eq(meter_free_units(&meter, INT64_MAX / 8), 0);
    meter_change(&meter, &(MeterLimit){10000, 1, 1}, 0);
    ck_assert_int_gt(meter_save(&meter, 0, 0).debt_units, 0);
    meter_restore(&meter, &slow, &saved, 0, INT64_MAX);
    ck_assert_int_eq(meter_free_units(&meter, 0), METER_BURST_MAX);
    saved.wall_us = INT64_MAX;
    meter_restore(&meter, &slow, &saved, 0, INT64_MIN);
    ck_assert_int_eq(meter_free_units(&meter, 0), 0);
    saved.debt_units = INT64_MIN;
    meter_restore(&meter, &slow, &saved, INT64_MIN, 0);
    ck_assert_int_eq(meter_free_units(&meter, INT64_MIN), METER_BURST_MAX);
    meter_check(&meter);
}
END_TEST

/* ---- refunds ---- */

/* A refund of the last charge is as if it had not been. */
START_TEST(the_last_charge_is_refunded_whole)
{
    Meter meter = meter_of("60/1m burst 3");
    MeterCharge charge;

    (void)meter_charge(&meter, 1, 0);
    charge = meter_charge(&meter, 5, 0);
    ck_assert_int_eq(meter_free_units(&meter, 0), 0);
    meter_refund(&meter, &charge);
    ck_assert_int_eq(meter_free_units(&meter, 0), 2);
    meter_refund(&meter, &charge);
    ck_assert_int_eq(meter_free_units(&meter, 0), 2);
}
END_TEST

/* Deliveries that last 30 s, each tenth reaches no host: what the meter counts is the others. */
START_TEST(refunds_of_a_busy_meter_are_regained)
{
    Meter meter = meter_of("60/1m burst 10");
    MeterCharge charges[30] = {{0}};
    int64_t now_us = 0;
    unsigned count = 0, refunded = 0;

    for (; now_us < 3600 * S; count++) {
        MeterCharge *place = &charges[count % 30];

        if (count % 10 == 5 && place->number != 0) {
            meter_refund(&meter, place);
            refunded++;
        }
        now_us = MAX(now_us, meter_next_free_us(&meter));
        *place = meter_charge(&meter, 1, now_us);
        meter_check(&meter);
    }
    ck_assert_uint_gt(refunded, 300);
    ck_assert_uint_ge(count - refunded, 3600);
    ck_assert_uint_le(count - refunded, 3610);
}
END_TEST

/* The room that it took has been free since. */
START_TEST(a_refund_after_the_meter_was_idle_gives_nothing)
{
    Meter meter = meter_of("60/1m burst 3");
    MeterCharge charge = meter_charge(&meter, 1, 0);

    (void)meter_charge(&meter, 1, 10 * S);
    meter_refund(&meter, &charge);
    ck_assert_int_eq(meter_free_units(&meter, 10 * S), 2);
}
END_TEST

/* Of the first charge, a tenth of a unit was worked off when the second one came. */
START_TEST(a_refund_gives_what_the_charge_still_takes)
{
    Meter meter = meter_of("60/1m burst 3");
    MeterCharge first = meter_charge(&meter, 1, 0);

    (void)meter_charge(&meter, 1, 900 * MS);
    meter_refund(&meter, &first);
    ck_assert_int_eq(meter.clear_us, 1900 * MS);
}
END_TEST

/* When the third one came, half a unit was owed: that is all that refunds of the others can give.
 */
START_TEST(what_one_refund_gave_another_does_not_give_again)
{
    Meter meter = meter_of("60/1m burst 3");
    MeterCharge first = meter_charge(&meter, 1, 0), second = meter_charge(&meter, 1, 0);

    (void)meter_charge(&meter, 1, 1500 * MS);
    meter_refund(&meter, &first);
    ck_assert_int_eq(meter.clear_us, 2500 * MS);
    meter_refund(&meter, &second);
    ck_assert_int_eq(meter.clear_us, 2500 * MS);
}
END_TEST

/* ---- another limit, a restart, clock steps ---- */

START_TEST(another_limit_keeps_the_debt_in_units)
{
    Meter meter = meter_of("60/1m burst 10");
    MeterLimit slow;
    MeterCharge charge = meter_charge(&meter, 7, 0);

    ck_assert_pstr_eq(meter_limit_parse("60/1h burst 10", &slow), NULL);
    meter_change(&meter, &slow, 2 * S);
    ck_assert_int_eq(meter_save(&meter, 2 * S, 0).debt_units, 5 * S);
    ck_assert_int_eq(meter_free_units(&meter, 2 * S), 5);
    meter_refund(&meter, &charge);
    ck_assert_int_eq(meter_free_units(&meter, 2 * S), 5);
    slow.burst = 2;
    meter_change(&meter, &slow, 2 * S);
    ck_assert_int_eq(meter_next_free_us(&meter), (2 + 4 * 60) * S);
}
END_TEST

/* A debt of 5 units at 60/1m burst 10, saved at wall-clock second 1000, and read at another one. */
static const struct {
    int64_t wall_s, free_units;
} restarts[] = {
    {1000,  5 },
    {1002,  7 },
    {1005,  10},
    {1006,  10},
    {4600,  10},
    {999,   5 },
    {-2600, 5 }
};

START_TEST(a_restart_gives_what_was_worked_off_and_a_clock_set_back_nothing)
{
    Meter meter = meter_of("60/1m burst 10"), again;
    MeterSaved saved;

    (void)meter_charge(&meter, 5, 100 * S);
    saved = meter_save(&meter, 100 * S, 1000 * S);
    meter_restore(&again, &meter.limit, &saved, 7 * S, restarts[_i].wall_s * S);
    meter_check(&again);
    ck_assert_int_eq(meter_free_units(&again, 7 * S), restarts[_i].free_units);
}
END_TEST

START_TEST(after_an_unknown_past_one_unit_is_free)
{
    Meter meter;

    meter_restore(&meter, &(MeterLimit){60, 60, 10}, NULL, 7 * S, 0);
    ck_assert_int_eq(meter_free_units(&meter, 7 * S), 1);
    (void)meter_charge(&meter, 1, 7 * S);
    ck_assert_int_eq(meter_free_units(&meter, 7 * S), 0);
    ck_assert_int_eq(meter_next_free_us(&meter), 8 * S);
}
END_TEST

START_TEST(a_clock_that_goes_back_gives_nothing)
{
    Meter meter = meter_of("60/1m burst 2");

    (void)meter_charge(&meter, 2, 100 * S);
    ck_assert_int_eq(meter_free_units(&meter, 50 * S), 0);
    ck_assert_int_eq(meter_free_units(&meter, 101 * S), 1);
}
END_TEST

int main(void)
{
    TCase *examples = tcase_create("examples of traffic.md 2");
    TCase *rules = tcase_create("rules");

    tcase_add_test(examples, example_1_100_an_hour_burst_2);
    tcase_add_test(examples, example_2_the_meter_and_not_the_window_bounds);
    tcase_add_test(examples, example_3_several_meters);
    tcase_add_test(examples, example_5_a_crash);
    tcase_add_test(rules, lateness_below_the_spacing_is_regained);
    tcase_add_test(rules, a_list_is_begun_while_one_unit_is_free_and_pauses_what_follows);
    tcase_add_test(rules, nothing_overflows);
    tcase_add_test(rules, the_last_charge_is_refunded_whole);
    tcase_add_test(rules, refunds_of_a_busy_meter_are_regained);
    tcase_add_test(rules, a_refund_after_the_meter_was_idle_gives_nothing);
    tcase_add_test(rules, a_refund_gives_what_the_charge_still_takes);
    tcase_add_test(rules, what_one_refund_gave_another_does_not_give_again);
    tcase_add_test(rules, another_limit_keeps_the_debt_in_units);
    tcase_add_loop_test(rules, a_restart_gives_what_was_worked_off_and_a_clock_set_back_nothing, 0,
                        G_N_ELEMENTS(restarts));
    tcase_add_test(rules, after_an_unknown_past_one_unit_is_free);
    tcase_add_test(rules, a_clock_that_goes_back_gives_nothing);
    return run_suite("policy/meter", examples, rules, NULL);
}
