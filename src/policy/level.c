#include "policy/level.h"

#include <math.h>
#include <string.h>

/*
 * Both kinds rise together: who answers that there is too much does not say too much of what.
 *
 * The rise is that of a sender of TCP: straight to where it was too much last, then faster and
 * faster. tests/traffic/README.md shows what this gains.
 */

#define US_PER_S   1e6
#define RISE_COUNT 10 /* rises from nothing to the base, and parts of the hold time */
#define SETTLE_US  (LEVEL_SETTLE_S * (int64_t)US_PER_S)
#define BINDING    0.8 /* of a level is used if it holds mail back */
#define BURST_S    0.2
#define NEARLY     1e-9 /* of what a sum of tenths may be off */

bool level_is_active(const SiteLevel *level)
{
    return level->base[LEVEL_RATE] > 0 || level->base[LEVEL_CONCURRENCY] > 0;
}

static int64_t rise_time_us(const SiteLevel *level)
{
    return (int64_t)((double)level->hold_s * US_PER_S / RISE_COUNT);
}

/* The first step is not made before there were enough answers. */
static bool is_triggered(SiteLevel *level, const LevelStep *step, int64_t now_us)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < level->trigger_count; i++)
        if (now_us - level->trigger_us[i] < step->trigger_s * (int64_t)US_PER_S)
            level->trigger_us[kept++] = level->trigger_us[i];
    if (kept == LEVEL_TRIGGER_MAX)
        memmove(level->trigger_us, level->trigger_us + 1, --kept * sizeof(level->trigger_us[0]));
    level->trigger_us[kept++] = now_us;
    level->trigger_count = kept;
    return kept >= step->trigger_count;
}

bool level_trigger(SiteLevel *level, const LevelStep *step, int64_t now_us)
{
    if (!is_triggered(level, step, now_us))
        return false;
    level->trigger_count = 0;
    return true;
}

static void level_lower(SiteLevel *level, const LevelStep *step, double seen)
{
    double *now = &level->now[step->kind];
    double from = level->base[step->kind] > 0 ? *now : seen;

    level->base[step->kind] = from;
    *now = MIN(from, MAX(step->floor, from * step->numerator / step->denominator));
}

LevelChange level_answer(SiteLevel *level, const LevelStep *step, double seen, int64_t began_us,
                         int64_t now_us)
{
    g_assert(seen > 0);
    if (level_is_active(level) && began_us < level->stepped_us + SETTLE_US)
        return LEVEL_SAME;
    if (!level_is_active(level) && !is_triggered(level, step, now_us))
        return LEVEL_SAME;
    level_lower(level, step, seen);
    level->hold_s = step->hold_s;
    level->stepped_us = now_us;
    level->next_us = now_us + rise_time_us(level);
    level->has_success = false;
    level->beyond = 0;
    level->trigger_count = 0;
    return LEVEL_STEPPED;
}

void level_succeed(SiteLevel *level, int64_t began_us)
{
    if (level_is_active(level) && began_us >= level->stepped_us)
        level->has_success = true;
}

void level_resume(SiteLevel *level, int64_t now_us)
{
    level->next_us = now_us + rise_time_us(level);
    level->has_success = false;
    level->trigger_count = 0;
}

static int64_t level_end_us(const SiteLevel *level)
{
    return level->stepped_us + LEVEL_MAX_S * (int64_t)US_PER_S;
}

int64_t level_next_us(const SiteLevel *level)
{
    return level_is_active(level) ? MIN(level->next_us, level_end_us(level)) : INT64_MAX;
}

/* True of a kind that is not lowered. */
static bool is_whole(const SiteLevel *level, LevelKind kind)
{
    return level->now[kind] >= level->base[kind] * (1 - NEARLY);
}

static bool holds_back(const SiteLevel *level, const double seen[LEVEL_KIND_COUNT])
{
    for (LevelKind kind = 0; kind < LEVEL_KIND_COUNT; kind++)
        if (!is_whole(level, kind) ||
            (level->base[kind] > 0 && seen[kind] >= BINDING * level->now[kind]))
            return true;
    return false;
}

static void level_rise(SiteLevel *level)
{
    bool is_beyond = is_whole(level, LEVEL_RATE) && is_whole(level, LEVEL_CONCURRENCY);

    if (is_beyond)
        level->beyond++;
    for (LevelKind kind = 0; kind < LEVEL_KIND_COUNT; kind++) {
        double part = level->base[kind] / RISE_COUNT;

        level->now[kind] = is_beyond ? level->now[kind] + part * level->beyond
                                     : MIN(level->base[kind], level->now[kind] + part);
    }
}

LevelChange level_turn(SiteLevel *level, const double seen[LEVEL_KIND_COUNT], int64_t now_us)
{
    if (now_us < level_next_us(level))
        return LEVEL_SAME;
    level->next_us = now_us + rise_time_us(level);
    if (now_us < level_end_us(level)) {
        if (!level->has_success)
            return LEVEL_SAME;
        level->has_success = false;
        if (holds_back(level, seen)) {
            level_rise(level);
            return LEVEL_RAISED;
        }
    }
    *level = (SiteLevel){0};
    return LEVEL_ENDED;
}

/* The unit is worth saying: the count is a whole number, or has two digits. */
static bool is_plain(double count)
{
    return count >= 10 || (count >= 1 - NEARLY && fabs(count - round(count)) < NEARLY * count);
}

MeterLimit level_limit_of(double per_s)
{
    static const int64_t periods_s[] = {1, 60, 3600, 86400};
    size_t i = 0;
    int64_t count;

    while (i < G_N_ELEMENTS(periods_s) - 1 && !is_plain(per_s * (double)periods_s[i]))
        i++;
    count = (int64_t)floor(per_s * (double)periods_s[i] * (1 + NEARLY));
    count = CLAMP(count, 1, METER_PER_SECOND_MAX * periods_s[i]);
    return (MeterLimit){count, periods_s[i], meter_limit_default_burst(count, periods_s[i])};
}

bool level_rate(const SiteLevel *level, MeterLimit *ret_rate)
{
    if (level->base[LEVEL_RATE] <= 0)
        return false;
    *ret_rate = level_limit_of(level->now[LEVEL_RATE]);
    ret_rate->burst = MAX((int64_t)(level->now[LEVEL_RATE] * BURST_S), 2);
    ret_rate->burst =
        MIN(ret_rate->burst, meter_limit_default_burst(ret_rate->count, ret_rate->period_s));
    return true;
}

int level_concurrency(const SiteLevel *level)
{
    if (level->base[LEVEL_CONCURRENCY] <= 0)
        return 0;
    return MAX(1, (int)(level->now[LEVEL_CONCURRENCY] * (1 + NEARLY)));
}
