#include <stdio.h>
#include <stdlib.h>

#include "policy/retry.h"
#include "tests/support/runner.h"

#define FORM     "a schedule is one time or more, as in 5m 15m 1h 4h: the last one is repeated"
#define RANGE    "each time of a schedule must be 1s to 31d"
#define LIFETIME "a lifetime is a time, as in 2d, or 0: one attempt"
#define PERCENT  "jitter is a number of percent, 0 to 50"

static const RetryBackoff stock = {300, 4000};

static RetryPlan plan_of(const char *schedule, int64_t jitter_percent)
{
    RetryPlan plan = retry_plan_none();

    if (schedule != NULL)
        ck_assert_pstr_eq(retry_plan_parse(&plan, RETRY_SCHEDULE, schedule), NULL);
    plan.jitter_percent = jitter_percent;
    return plan;
}

/* ---- examples of traffic.md 4 ---- */

/* "up to age 5m wait 5m, up to 20m wait 15m, up to 1h20m wait 1h, then 4h" */
static const struct {
    int64_t age_s, wait_s;
} ages[] = {
    {-1000,   300  },
    {0,       300  },
    {299,     300  },
    {300,     900  },
    {1199,    900  },
    {1200,    3600 },
    {4799,    3600 },
    {4800,    14400},
    {19199,   14400},
    {8640000, 14400}
};

START_TEST(the_wait_is_a_function_of_age)
{
    RetryPlan plan = plan_of("5m 15m 1h 4h", RETRY_NOT_SAID);

    ck_assert_int_eq(retry_wait_s(&plan, &stock, "ID", ages[_i].age_s), ages[_i].wait_s);
}
END_TEST

/* "OTP class, retry 1m 2m 5m, lifetime 10m: attempts at 0:00, 1:00, 3:00, 8:00, 10:00" */
START_TEST(otp_class_is_tried_four_times_before_its_lifetime)
{
    RetryPlan plan = plan_of("1m 2m 5m", RETRY_NOT_SAID);
    static const int64_t attempts[] = {0, 60, 180, 480, 780};

    for (size_t i = 0; i + 1 < G_N_ELEMENTS(attempts); i++)
        ck_assert_int_eq(attempts[i] + retry_wait_s(&plan, &stock, "ID", attempts[i]),
                         attempts[i + 1]);
}
END_TEST

#define DEFERRED_COUNT 10000

/* How many of them are due in the second that has most, and when the first and the last one are. */
static unsigned most_due(int64_t age_s, int64_t *ret_first_s, int64_t *ret_last_s)
{
    RetryPlan plan = plan_of(NULL, 10);
    unsigned counts[8000] = {0}, most = 0;

    *ret_first_s = INT64_MAX;
    *ret_last_s = 0;
    for (int i = 0; i < DEFERRED_COUNT; i++) {
        g_autofree char *queue_id = g_strdup_printf("%05X%05X", 0xA1B2C + i % 7, i);
        int64_t wait_s = retry_wait_s(&plan, &stock, queue_id, age_s);

        ck_assert(wait_s > 0 && wait_s < (int64_t)G_N_ELEMENTS(counts));
        counts[wait_s]++;
        most = MAX(most, counts[wait_s]);
        *ret_first_s = MIN(*ret_first_s, wait_s);
        *ret_last_s = MAX(*ret_last_s, wait_s);
    }
    return most;
}

/* "10,000 messages deferred within 1 s, backoff 300 s, jitter 10 %: due over 60 s, 167/s"; the bar
 * of traffic.md 9. */
START_TEST(ten_thousand_deferred_at_once_are_due_over_60_s)
{
    int64_t first_s, last_s;

    ck_assert_uint_le(most_due(1, &first_s, &last_s), 250);
    ck_assert_int_eq(first_s, 270);
    ck_assert_int_eq(last_s, 330);
}
END_TEST

/* "at 4000 s over 800 s, 12.5/s" */
START_TEST(ten_thousand_old_ones_are_due_over_800_s)
{
    int64_t first_s, last_s;

    ck_assert_uint_le(most_due(100000, &first_s, &last_s), 40);
    ck_assert_int_eq(first_s, 3600);
    ck_assert_int_eq(last_s, 4400);
}
END_TEST

/* ---- rules ---- */

START_TEST(nothing_said_is_stock_to_the_second)
{
    RetryPlan none = retry_plan_none(), zero = plan_of(NULL, 0);

    for (int64_t age_s = -10; age_s < 10000; age_s++) {
        int64_t wait_s = MAX(MIN(age_s, stock.maximal_s), stock.minimal_s);

        ck_assert_int_eq(retry_wait_s(&none, &stock, "ID", age_s), wait_s);
        ck_assert_int_eq(retry_wait_s(&zero, &stock, "ID", age_s), wait_s);
    }
}
END_TEST

START_TEST(the_same_message_has_the_same_jitter)
{
    RetryPlan plan = plan_of("1h", 50);
    int64_t first_s = retry_wait_s(&plan, &stock, "4Z1abc", 0);

    ck_assert_int_eq(retry_wait_s(&plan, &stock, "4Z1abc", 0), first_s);
    ck_assert_int_eq(first_s, 3757); /* another release must not change it either */
    ck_assert_int_ne(retry_wait_s(&plan, &stock, "4Z1abd", 0), first_s);
    ck_assert_int_ne(retry_wait_s(&plan, &stock, "4Z1abc", 2 * 3600), first_s);
}
END_TEST

START_TEST(what_a_plan_does_not_say_comes_from_the_other)
{
    RetryPlan plan = plan_of("7m", RETRY_NOT_SAID), other = plan_of("9m", 5);

    plan.lifetime_s = 0;
    other.lifetime_s = other.bounce_lifetime_s = 100;
    retry_plan_complete(&plan, &other);
    ck_assert_int_eq(plan.schedule.waits_s[0], 420);
    ck_assert_int_eq(plan.jitter_percent, 5);
    ck_assert_int_eq(plan.lifetime_s, 0);
    ck_assert_int_eq(plan.bounce_lifetime_s, 100);
    plan = retry_plan_none();
    ck_assert(retry_plan_is_none(&plan));
    retry_plan_complete(&plan, &other);
    ck_assert_int_eq(plan.schedule.waits_s[0], 540);
    ck_assert(!retry_plan_is_none(&plan));
}
END_TEST

/* ---- any schedule, any jitter, attempts that are late or not ---- */

#define STORIES 300

/* EQMGR_SEED=N repeats a run. */
static GRand *new_dice(void)
{
    const char *wanted = g_getenv("EQMGR_SEED");
    guint32 seed = wanted != NULL ? (guint32)strtoul(wanted, NULL, 10) : g_random_int();

    (void)printf("retry: seed %u\n", seed);
    return g_rand_new_with_seed(seed);
}

static RetryPlan some_plan(GRand *dice)
{
    RetryPlan plan = plan_of(NULL, g_rand_int_range(dice, -1, RETRY_JITTER_MAX_PERCENT + 1));

    plan.schedule.count = (uint32_t)g_rand_int_range(dice, 1, RETRY_WAITS_MAX + 1);
    for (uint32_t i = 0; i < plan.schedule.count; i++)
        plan.schedule.waits_s[i] = g_rand_int_range(dice, 1, 1 << g_rand_int_range(dice, 1, 21));
    return plan;
}

static void assert_near(const RetryPlan *plan, int64_t wait_s, int64_t planned_s)
{
    int64_t most_s = planned_s * MAX(plan->jitter_percent, 0) / 100;

    ck_assert_int_ge(wait_s, MAX(planned_s - most_s, 1));
    ck_assert_int_le(wait_s, planned_s + most_s);
}

/* A message that is always tried when it is due meets each wait once and in order, then the last
 * one for ever: jitter repeats none and leaves none out. */
START_TEST(each_wait_comes_once_in_its_turn)
{
    GRand *dice = new_dice();

    for (int story = 0; story < STORIES; story++) {
        RetryPlan plan = some_plan(dice);
        g_autofree char *queue_id = g_strdup_printf("%08X", g_rand_int(dice));
        int64_t age_s = 0;

        for (uint32_t i = 0; i < plan.schedule.count + 10; i++) {
            int64_t wait_s = retry_wait_s(&plan, &stock, queue_id, age_s);

            assert_near(&plan, wait_s, plan.schedule.waits_s[MIN(i, plan.schedule.count - 1)]);
            age_s += wait_s;
        }
    }
    g_rand_free(dice);
}
END_TEST

/* A message that is tried later than it is due goes on from where its age is. */
START_TEST(a_late_attempt_waits_for_what_its_age_says)
{
    GRand *dice = new_dice();

    for (int story = 0; story < STORIES; story++) {
        RetryPlan plan = some_plan(dice);
        int64_t age_s = 0, end_s = 0;
        uint32_t place = 0;

        plan.jitter_percent = 0;
        for (int i = 0; i < 50; i++) {
            for (; place < plan.schedule.count && age_s >= end_s + plan.schedule.waits_s[place];
                 place++)
                end_s += plan.schedule.waits_s[place];
            ck_assert_int_eq(retry_wait_s(&plan, &stock, "ID", age_s),
                             plan.schedule.waits_s[MIN(place, plan.schedule.count - 1)]);
            age_s += g_rand_int_range(dice, 0, 1 << g_rand_int_range(dice, 1, 20));
        }
    }
    g_rand_free(dice);
}
END_TEST

/* ---- texts ---- */

static const struct {
    const char *text, *fault, *again; /* again: as printed; NULL: the same */
} schedules[] = {
    {"5m 15m 1h 4h",             NULL,  NULL      },
    {"1s",                       NULL,  NULL      },
    {"31d",                      NULL,  NULL      },
    {" 60s,\t120m ,7d ",         NULL,  "1m 2h 1w"},
    {"90s 3600s",                NULL,  "90s 1h"  },
    {"",                         FORM,  NULL      },
    {" , ",                      FORM,  NULL      },
    {"300",                      FORM,  NULL      },
    {"5 m",                      FORM,  NULL      },
    {"5m 15",                    FORM,  NULL      },
    {"5min",                     FORM,  NULL      },
    {"-5m",                      FORM,  NULL      },
    {"+5m",                      FORM,  NULL      },
    {"5M",                       FORM,  NULL      },
    {"m",                        FORM,  NULL      },
    {"1.5h",                     FORM,  NULL      },
    {"0s",                       RANGE, NULL      },
    {"5m 0h",                    RANGE, NULL      },
    {"32d",                      RANGE, NULL      },
    {"5w",                       RANGE, NULL      },
    {"99999999999999999999999d", RANGE, NULL      },
    {"9223372036854775807s",     RANGE, NULL      },
};

START_TEST(a_schedule_is_read_and_printed_or_refused)
{
    RetryPlan plan = retry_plan_none();
    const char *fault = retry_plan_parse(&plan, RETRY_SCHEDULE, schedules[_i].text);
    g_autofree char *again = NULL;

    ck_assert_pstr_eq(fault, schedules[_i].fault);
    ck_assert_int_eq(retry_plan_says(&plan, RETRY_SCHEDULE), fault == NULL);
    if (fault != NULL)
        return;
    again = retry_plan_format(&plan, RETRY_SCHEDULE);
    ck_assert_str_eq(again, schedules[_i].again != NULL ? schedules[_i].again : schedules[_i].text);
}
END_TEST

START_TEST(a_schedule_has_32_times_at_most)
{
    g_autoptr(GString) text = g_string_new(NULL);
    RetryPlan plan = retry_plan_none();

    for (int i = 0; i < RETRY_WAITS_MAX; i++)
        g_string_append_printf(text, "%dm ", i + 1);
    ck_assert_pstr_eq(retry_plan_parse(&plan, RETRY_SCHEDULE, text->str), NULL);
    ck_assert_uint_eq(plan.schedule.count, RETRY_WAITS_MAX);
    g_string_append(text, "1h");
    ck_assert_pstr_eq(retry_plan_parse(&plan, RETRY_SCHEDULE, text->str),
                      "a schedule has at most 32 times");
}
END_TEST

static const struct {
    const char *text, *fault;
    int64_t value;
} lifetimes[] = {
    {"2d",    NULL,                           172800 },
    {"0",     NULL,                           0      },
    {"0s",    NULL,                           0      },
    {"10m",   NULL,                           600    },
    {"100d",  NULL,                           8640000},
    {"101d",  "a lifetime must be 0 to 100d", 0      },
    {"1000w", "a lifetime must be 0 to 100d", 0      },
    {"5",     LIFETIME,                       0      },
    {"",      LIFETIME,                       0      },
    {"2d 1h", LIFETIME,                       0      },
    {"-1d",   LIFETIME,                       0      },
    {"never", LIFETIME,                       0      },
};

START_TEST(a_lifetime_is_read_or_refused)
{
    RetryPlan plan = retry_plan_none();

    ck_assert_pstr_eq(retry_plan_parse(&plan, RETRY_BOUNCE_LIFETIME, lifetimes[_i].text),
                      lifetimes[_i].fault);
    ck_assert_int_eq(plan.bounce_lifetime_s,
                     lifetimes[_i].fault != NULL ? RETRY_NOT_SAID : lifetimes[_i].value);
}
END_TEST

static const struct {
    const char *text, *fault;
    int64_t value;
} percents[] = {
    {"10",   NULL,    10},
    {"10%",  NULL,    10},
    {"0",    NULL,    0 },
    {"50",   NULL,    50},
    {"51",   PERCENT, 0 },
    {"-1",   PERCENT, 0 },
    {"",     PERCENT, 0 },
    {"%",    PERCENT, 0 },
    {"1%%",  PERCENT, 0 },
    {"10 %", PERCENT, 0 },
    {"1.5",  PERCENT, 0 },
};

START_TEST(jitter_is_read_or_refused)
{
    RetryPlan plan = retry_plan_none();

    ck_assert_pstr_eq(retry_plan_parse(&plan, RETRY_JITTER, percents[_i].text), percents[_i].fault);
    ck_assert_int_eq(plan.jitter_percent,
                     percents[_i].fault != NULL ? RETRY_NOT_SAID : percents[_i].value);
}
END_TEST

int main(void)
{
    TCase *waits = tcase_create("waits"), *texts = tcase_create("texts");

    tcase_add_loop_test(waits, the_wait_is_a_function_of_age, 0, G_N_ELEMENTS(ages));
    tcase_add_test(waits, otp_class_is_tried_four_times_before_its_lifetime);
    tcase_add_test(waits, ten_thousand_deferred_at_once_are_due_over_60_s);
    tcase_add_test(waits, ten_thousand_old_ones_are_due_over_800_s);
    tcase_add_test(waits, nothing_said_is_stock_to_the_second);
    tcase_add_test(waits, the_same_message_has_the_same_jitter);
    tcase_add_test(waits, what_a_plan_does_not_say_comes_from_the_other);
    tcase_add_test(waits, each_wait_comes_once_in_its_turn);
    tcase_add_test(waits, a_late_attempt_waits_for_what_its_age_says);
    tcase_add_loop_test(texts, a_schedule_is_read_and_printed_or_refused, 0,
                        G_N_ELEMENTS(schedules));
    tcase_add_test(texts, a_schedule_has_32_times_at_most);
    tcase_add_loop_test(texts, a_lifetime_is_read_or_refused, 0, G_N_ELEMENTS(lifetimes));
    tcase_add_loop_test(texts, jitter_is_read_or_refused, 0, G_N_ELEMENTS(percents));
    return run_suite("policy/retry", waits, texts, NULL);
}
