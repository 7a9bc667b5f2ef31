#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "policy/level.h"
#include "policy/reply_rules.h"
#include "tests/support/runner.h"

#define S     INT64_C(1000000)
#define STEPS 20000

static LevelStep step_of(const char *action, const char *hold, const char *trigger)
{
    ReplyRule rule = {
        .step = {.trigger_count = 1, .trigger_s = 600}
    };

    ck_assert_pstr_eq(reply_action_parse(action, &rule), NULL);
    ck_assert_pstr_eq(reply_hold_parse(hold, &rule.step), NULL);
    ck_assert_pstr_eq(reply_trigger_parse(trigger, &rule.step), NULL);
    return rule.step;
}

static void assert_rate(const SiteLevel *level, const char *expected)
{
    MeterLimit limit;
    g_autofree char *text = NULL;

    if (level_rate(level, &limit)) {
        ck_assert_int_ge(limit.burst, 2);
        ck_assert_int_le(limit.burst, MAX(2, limit.count / limit.period_s / 5));
        limit.burst = meter_limit_default_burst(limit.count, limit.period_s);
        text = meter_limit_format(&limit);
    }
    ck_assert_pstr_eq(text, expected);
}

/* More mail waits than any level lets through. */
static const double much[LEVEL_KIND_COUNT] = {1e9, 1e9};

/* There is less than that. */
static const double little[LEVEL_KIND_COUNT] = {0, 0};

/*
 * The example of traffic.md 6: 8/s measured; what is under way when the site refuses is one event.
 * It rises to the 4/s that were too much, then faster and faster.
 */
START_TEST(back_off_of_8_a_second)
{
    static const char *const rates[] = {"144/1m", "168/1m", "192/1m", "216/1m", "4/1s",
                                        "264/1m", "312/1m", "384/1m", "8/1s"};
    LevelStep slow = step_of("slow 1/2 floor 6/1m", "30m", "1");
    SiteLevel level = {0};
    int64_t now = 1000 * S;

    assert_rate(&level, NULL);
    ck_assert_int_eq(level_answer(&level, &slow, 8, now - S, now), LEVEL_STEPPED);
    assert_rate(&level, "4/1s");
    for (int i = 0; i < 19; i++)
        ck_assert_int_eq(level_answer(&level, &slow, 8, now - S / 2, now + i * S / 8), LEVEL_SAME);
    ck_assert_int_eq(level_answer(&level, &slow, 4, now + 10 * S, now + 11 * S), LEVEL_STEPPED);
    assert_rate(&level, "2/1s");
    now += 11 * S;
    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
        now += 180 * S;
        ck_assert_int_eq(level_next_us(&level), now);
        ck_assert_int_eq(level_turn(&level, much, now - 1), LEVEL_SAME);
        level_succeed(&level, now - 1);
        ck_assert_int_eq(level_turn(&level, much, now), LEVEL_RAISED);
        assert_rate(&level, rates[i]);
    }
    level_succeed(&level, now);
    ck_assert_int_eq(level_turn(&level, little, now + 180 * S), LEVEL_ENDED);
    assert_rate(&level, NULL);
    ck_assert_int_eq(level_next_us(&level), INT64_MAX);
}
END_TEST

START_TEST(what_began_within_five_seconds_of_a_step_is_the_same_event)
{
    LevelStep slow = step_of("slow 1/2", "30m", "1");
    SiteLevel level = {0};

    (void)level_answer(&level, &slow, 8, 0, 100 * S);
    ck_assert_int_eq(level_answer(&level, &slow, 8, 105 * S - 1, 110 * S), LEVEL_SAME);
    ck_assert_int_eq(level_answer(&level, &slow, 8, 105 * S, 110 * S), LEVEL_STEPPED);
}
END_TEST

START_TEST(it_does_not_end_while_it_holds_mail_back_or_below_what_was_too_much)
{
    LevelStep slow = step_of("slow 1/2", "10m", "1");
    SiteLevel level = {0};
    int64_t now = 0;

    (void)level_answer(&level, &slow, 10, 0, now);
    for (int i = 0; i < 5; i++) {
        level_succeed(&level, now);
        now += 60 * S;
        ck_assert_int_eq(level_turn(&level, little, now), LEVEL_RAISED);
    }
    assert_rate(&level, "10/1s");
    level_succeed(&level, now);
    ck_assert_int_eq(level_turn(&level, (double[]){8, 0}, now + 60 * S), LEVEL_RAISED);
    level_succeed(&level, now + 60 * S);
    ck_assert_int_eq(level_turn(&level, (double[]){8, 0}, now + 120 * S), LEVEL_ENDED);
}
END_TEST

START_TEST(a_rise_needs_a_success_that_began_after_the_step)
{
    LevelStep slow = step_of("slow 1/2", "10m", "1");
    SiteLevel level = {0};

    (void)level_answer(&level, &slow, 10, 0, 100 * S);
    level_succeed(&level, 99 * S);
    ck_assert_int_eq(level_turn(&level, much, 160 * S), LEVEL_SAME);
    assert_rate(&level, "5/1s");
    ck_assert_int_eq(level_next_us(&level), 220 * S);
    level_succeed(&level, 101 * S);
    ck_assert_int_eq(level_turn(&level, much, 220 * S), LEVEL_RAISED);
    assert_rate(&level, "6/1s");
    ck_assert_int_eq(level_turn(&level, much, 280 * S), LEVEL_SAME);
}
END_TEST

START_TEST(a_step_starts_the_hold_time_anew)
{
    LevelStep slow = step_of("slow 1/2", "10m", "1");
    SiteLevel level = {0};

    (void)level_answer(&level, &slow, 10, 0, 0);
    (void)level_answer(&level, &slow, 10, 50 * S, 59 * S);
    level_succeed(&level, 59 * S);
    ck_assert_int_eq(level_turn(&level, much, 60 * S), LEVEL_SAME);
    ck_assert_int_eq(level_next_us(&level), 119 * S);
}
END_TEST

START_TEST(it_ends_after_a_day_without_any_success)
{
    LevelStep slow = step_of("slow 1/2", "24h", "1");
    SiteLevel level = {0};
    int64_t now = 0;
    LevelChange change = LEVEL_SAME;

    (void)level_answer(&level, &slow, 10, 0, 0);
    while (change == LEVEL_SAME) {
        ck_assert_int_gt(level_next_us(&level), now);
        now = level_next_us(&level);
        change = level_turn(&level, much, now);
    }
    ck_assert_int_eq(change, LEVEL_ENDED);
    ck_assert_int_eq(now, LEVEL_MAX_S * S);
}
END_TEST

static const struct {
    const char *action;
    double seen;
    int concurrency[4]; /* after so many steps */
} concurrencies[] = {
    {"concurrency 1/2 floor 1", 20, {10, 5, 2, 1}},
    {"concurrency 1/2 floor 4", 20, {10, 5, 4, 4}},
    {"concurrency 9/10",        5,  {4, 4, 3, 3} },
    {"concurrency 1/2 floor 8", 5,  {5, 5, 5, 5} },
    {"concurrency 1/2",         1,  {1, 1, 1, 1} },
};

START_TEST(a_concurrency_goes_down_to_its_floor_and_never_up)
{
    LevelStep step = step_of(concurrencies[_i].action, "30m", "1");
    SiteLevel level = {0};

    ck_assert_int_eq(level_concurrency(&level), 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(
            level_answer(&level, &step, concurrencies[_i].seen, i * 10 * S, i * 10 * S),
            LEVEL_STEPPED);
        ck_assert_int_eq(level_concurrency(&level), concurrencies[_i].concurrency[i]);
    }
    assert_rate(&level, NULL);
}
END_TEST

static const struct {
    int64_t at_s[4];
    LevelChange change[4];
} triggers[] = {
    {{0, 1, 2, 8},         {LEVEL_SAME, LEVEL_SAME, LEVEL_STEPPED, LEVEL_STEPPED}},
    {{0, 599, 600, 601},   {LEVEL_SAME, LEVEL_SAME, LEVEL_SAME, LEVEL_STEPPED}   },
    {{0, 700, 1400, 2100}, {LEVEL_SAME, LEVEL_SAME, LEVEL_SAME, LEVEL_SAME}      },
};

START_TEST(three_in_ten_minutes_make_the_first_step)
{
    LevelStep slow = step_of("slow 1/2", "30m", "3 in 10m");
    SiteLevel level = {0};

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(
            level_answer(&level, &slow, 10, triggers[_i].at_s[i] * S, triggers[_i].at_s[i] * S),
            triggers[_i].change[i]);
}
END_TEST

START_TEST(rate_and_concurrency_rise_together)
{
    LevelStep slow = step_of("slow 1/2", "10m", "1");
    LevelStep fewer = step_of("concurrency 1/4", "20m", "1");
    SiteLevel level = {0};
    int64_t now = 10 * S;
    int rises = 0;

    (void)level_answer(&level, &slow, 10, 0, S);
    (void)level_answer(&level, &fewer, 20, now, now);
    ck_assert_int_eq(level_concurrency(&level), 5);
    do {
        level_succeed(&level, now + 5 * S);
        now += 120 * S;
        rises++;
    } while (level_turn(&level, little, now) == LEVEL_RAISED);
    ck_assert_int_eq(rises, 9); /* 25 % to 100 % of the concurrency, and the end */
    ck_assert_int_eq(level_is_active(&level), false);
}
END_TEST

static const struct {
    double per_s;
    const char *limit;
} limits[] = {
    {8,            "8/1s"    },
    {1,            "1/1s"    },
    {2.4,          "144/1m"  },
    {0.1,          "6/1m"    },
    {0.7,          "42/1m"   },
    {0.11,         "396/1h"  },
    {1.0 / 3600,   "1/1h"    },
    {1.5 / 3600,   "36/1d"   },
    {1.0 / 864000, "1/1d"    },
    {1e9,          "10000/1s"},
};

START_TEST(a_rate_is_said_in_a_plain_unit)
{
    MeterLimit limit = level_limit_of(limits[_i].per_s);
    g_autofree char *text = meter_limit_format(&limit);

    ck_assert_pstr_eq(meter_limit_fault(&limit), NULL);
    ck_assert_str_eq(text, limits[_i].limit);
}
END_TEST

/* ---- any sequence of answers ---- */

typedef struct LevelStory {
    guint32 seed;
    GRand *dice;
    SiteLevel level;
    int64_t now_us, last_step_us;
} LevelStory;

static void answer_at_random(LevelStory *story, const LevelStep *step)
{
    SiteLevel before = story->level;
    double seen = 1 + g_rand_double(story->dice) * 20;
    int64_t began = story->now_us - (int64_t)(g_rand_double(story->dice) * 60e6);
    LevelChange change = level_answer(&story->level, step, seen, began, story->now_us);
    double from = before.base[step->kind] > 0 ? before.now[step->kind] : seen;
    double to = story->level.now[step->kind];

    if (change == LEVEL_SAME)
        return;
    ck_assert_int_eq(change, LEVEL_STEPPED);
    ck_assert_msg(!level_is_active(&before) || began >= story->last_step_us + LEVEL_SETTLE_S * S,
                  "seed %u: two steps in one epoch", story->seed);
    ck_assert_msg(to <= from && (to >= step->floor || to == from), "seed %u: from %f to %f",
                  story->seed, from, to);
    story->last_step_us = story->now_us;
}

static void let_level_rise(LevelStory *story)
{
    SiteLevel before = story->level;
    const double seen[] = {g_rand_double(story->dice) * 20, g_rand_double(story->dice) * 20};
    LevelChange change = level_turn(&story->level, seen, story->now_us);

    if (change == LEVEL_RAISED)
        ck_assert_msg(before.has_success && story->now_us >= before.next_us,
                      "seed %u: a rise without a success", story->seed);
    if (change == LEVEL_ENDED && story->now_us < story->last_step_us + LEVEL_MAX_S * S)
        for (LevelKind kind = 0; kind < LEVEL_KIND_COUNT; kind++)
            ck_assert_msg(before.now[kind] >= before.base[kind] * 0.999 &&
                              (before.base[kind] == 0 || seen[kind] < before.now[kind]),
                          "seed %u: it ended while it held mail back", story->seed);
    if (level_is_active(&story->level))
        ck_assert_msg(story->now_us < story->last_step_us + LEVEL_MAX_S * S,
                      "seed %u: it is kept for ever", story->seed);
}

START_TEST(a_level_never_rises_by_an_answer_nor_steps_twice_in_an_epoch)
{
    LevelStory story = {.seed = g_random_int(), .now_us = 1000 * S};
    LevelStep steps[] = {step_of("slow 1/2 floor 6/1m", "30m", "1"),
                         step_of("slow 3/4", "10m", "3 in 1m"),
                         step_of("concurrency 1/2 floor 2", "1h", "2 in 10m")};

    (void)printf("level: seed %u\n", story.seed);
    story.dice = g_rand_new_with_seed(story.seed);
    for (int i = 0; i < STEPS; i++) {
        story.now_us += (int64_t)(pow(g_rand_double(story.dice), 8) * 1e12);
        let_level_rise(&story);
        switch (g_rand_int_range(story.dice, 0, 3)) {
        case 0:
            answer_at_random(&story, &steps[g_rand_int_range(story.dice, 0, 3)]);
            break;
        case 1:
            level_succeed(&story.level, story.now_us - g_rand_int_range(story.dice, 0, 9) * S);
            break;
        default:
            break;
        }
    }
    g_rand_free(story.dice);
}
END_TEST

int main(void)
{
    TCase *rows = tcase_create("level");

    tcase_add_test(rows, back_off_of_8_a_second);
    tcase_add_test(rows, what_began_within_five_seconds_of_a_step_is_the_same_event);
    tcase_add_test(rows, it_does_not_end_while_it_holds_mail_back_or_below_what_was_too_much);
    tcase_add_test(rows, a_rise_needs_a_success_that_began_after_the_step);
    tcase_add_test(rows, a_step_starts_the_hold_time_anew);
    tcase_add_test(rows, it_ends_after_a_day_without_any_success);
    tcase_add_loop_test(rows, a_concurrency_goes_down_to_its_floor_and_never_up, 0,
                        G_N_ELEMENTS(concurrencies));
    tcase_add_loop_test(rows, three_in_ten_minutes_make_the_first_step, 0, G_N_ELEMENTS(triggers));
    tcase_add_test(rows, rate_and_concurrency_rise_together);
    tcase_add_loop_test(rows, a_rate_is_said_in_a_plain_unit, 0, G_N_ELEMENTS(limits));
    tcase_add_test(rows, a_level_never_rises_by_an_answer_nor_steps_twice_in_an_epoch);
    return run_suite("policy/level", rows, NULL);
}
