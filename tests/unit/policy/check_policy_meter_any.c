#include <inttypes.h>
#include <stdio.h>

#include "policy/meter.h"
#include "tests/support/runner.h"

/* Any sequence of starts, refunds, changes of the limit, restarts and steps of the clock. */

#define S     INT64_C(1000000)
#define STEPS 20000

typedef struct Begun {
    int64_t at_us, units;
    unsigned era; /* of the limit */
    MeterCharge charge;
} Begun;

typedef struct Story {
    guint32 seed;
    GRand *dice;
    Meter meter;
    GArray *begun; /* of Begun */
    int64_t now_us, wall_us, mono_offset_us, units_max;
    unsigned era;
} Story;

static const char *const limits[] = {"60/1m",        "100/1h burst 2",  "7/1s burst 1",
                                     "10/1s",        "100/1m burst 40", "1/1h",
                                     "3/7s burst 5", "1000/1s"};

static MeterLimit some_limit(Story *story)
{
    MeterLimit limit;
    int which = g_rand_int_range(story->dice, 0, G_N_ELEMENTS(limits));

    ck_assert_pstr_eq(meter_limit_parse(limits[which], &limit), NULL);
    return limit;
}

static int64_t mono(const Story *story)
{
    return story->now_us - story->mono_offset_us;
}

static void let_time_pass(Story *story)
{
    int64_t spacing_us = story->meter.spacing_us;
    int64_t wait_us = meter_next_free_us(&story->meter) - mono(story);

    switch (g_rand_int_range(story->dice, 0, 4)) {
    case 0:
        story->now_us += MAX(wait_us, 0);
        break;
    case 1:
        story->now_us += (int64_t)(g_rand_double(story->dice) * (double)spacing_us);
        break;
    case 2:
        story->now_us += (int64_t)(g_rand_double(story->dice) * (double)spacing_us * 8);
        break;
    default:
        break;
    }
}

static void begin_if_free(Story *story)
{
    Begun begun = {
        story->now_us,
        g_rand_int_range(story->dice, 1, (gint32)story->units_max + 1),
        story->era,
        {0, 0}
    };

    if (meter_free_units(&story->meter, mono(story)) == 0)
        return;
    begun.charge = meter_charge(&story->meter, begun.units, mono(story));
    g_array_append_val(story->begun, begun);
}

static void refund_one(Story *story)
{
    guint back = (guint)g_rand_int_range(story->dice, 1, 40);
    int64_t before_us = story->meter.clear_us;
    Begun *begun;

    if (back > story->begun->len)
        return;
    begun = &g_array_index(story->begun, Begun, story->begun->len - back);
    meter_refund(&story->meter, &begun->charge);
    ck_assert_int_le(before_us - story->meter.clear_us, begun->units * story->meter.spacing_us);
    begun->units = 0;
}

/* The state is saved, time passes, the wall clock may be set back; another monotonic clock. */
static void restart(Story *story)
{
    MeterLimit limit = story->meter.limit;
    MeterSaved saved = meter_save(&story->meter, mono(story), story->now_us);
    bool unknown = g_rand_int_range(story->dice, 0, 4) == 0;
    int64_t back_us = g_rand_boolean(story->dice) ? 0 : g_rand_int_range(story->dice, 0, 3600) * S;

    story->now_us += (int64_t)(g_rand_double(story->dice) * (double)story->meter.spacing_us * 3);
    story->mono_offset_us = story->now_us - g_rand_int_range(story->dice, 0, 1000000);
    meter_restore(&story->meter, &limit, unknown ? NULL : &saved, mono(story),
                  story->now_us - back_us);
    for (guint i = 0; i < story->begun->len; i++)
        g_array_index(story->begun, Begun, i).charge = (MeterCharge){0, 0};
    if (unknown)
        story->era++; /* a promise about what is not known cannot be made */
}

static void change_limit(Story *story)
{
    MeterLimit limit = some_limit(story);

    meter_change(&story->meter, &limit, mono(story));
    story->era++;
}

static void step(Story *story)
{
    int64_t before_us = story->meter.clear_us + story->mono_offset_us;
    int what = g_rand_int_range(story->dice, 0, 1000);

    if (what < 400)
        let_time_pass(story);
    else if (what < 850)
        begin_if_free(story);
    else if (what < 990)
        refund_one(story);
    else if (what < 998)
        restart(story);
    else
        change_limit(story);
    meter_check(&story->meter);
    if (what < 850)
        ck_assert_int_ge(story->meter.clear_us + story->mono_offset_us, before_us);
}

/* Each window of the period that begins with a start, in each era, against the promise. */
static void check_all_windows(const Story *story, const GArray *eras)
{
    const Begun *begun = (const Begun *)(const void *)story->begun->data;

    for (guint i = 0; i < story->begun->len; i++) {
        const MeterLimit *limit = &g_array_index(eras, MeterLimit, begun[i].era);
        int64_t sum = 0, most = limit->count + limit->burst - 1 + story->units_max - 1;

        for (guint j = i; j < story->begun->len && begun[j].era == begun[i].era; j++) {
            if (begun[j].at_us >= begun[i].at_us + limit->period_s * S)
                break;
            sum += begun[j].units;
        }
        ck_assert_msg(sum <= most, "seed %u: %" PRId64 " units from start %u on, not %" PRId64,
                      story->seed, sum, i, most);
    }
}

START_TEST(no_window_holds_more_than_the_limit_whatever_happens)
{
    Story story = {.seed = g_random_int(), .begun = g_array_new(FALSE, FALSE, sizeof(Begun))};
    g_autoptr(GArray) eras = g_array_new(FALSE, FALSE, sizeof(MeterLimit));
    MeterLimit limit;

    (void)printf("meter: seed %u\n", story.seed);
    story.dice = g_rand_new_with_seed(story.seed);
    story.units_max = _i % 2 == 0 ? 1 : 9;
    limit = some_limit(&story);
    meter_init(&story.meter, &limit, 0);
    for (int i = 0; i < STEPS; i++) {
        while (eras->len <= story.era)
            g_array_append_val(eras, story.meter.limit);
        step(&story);
    }
    while (eras->len <= story.era)
        g_array_append_val(eras, story.meter.limit);
    check_all_windows(&story, eras);
    g_rand_free(story.dice);
    g_array_unref(story.begun);
}
END_TEST

int main(void)
{
    TCase *any = tcase_create("any sequence");

    tcase_add_loop_test(any, no_window_holds_more_than_the_limit_whatever_happens, 0, 10);
    return run_suite("policy/meter, any sequence", any, NULL);
}
