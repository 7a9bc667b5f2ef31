#include <stdlib.h>
#include <string.h>

#include "policy/reply_rules.h"

/* The texts of what a rule does. */

#define ACTION_FORM \
    "an action is \"slow A/B floor RATE\" or \"concurrency A/B floor N\", as slow 1/2 floor 6/1m"
#define FRACTION_MAX 1000
#define ONE_A_DAY    (1.0 / 86400)
#define HOLD_MIN_S   10

static GPtrArray *words_of(char **all)
{
    GPtrArray *words = g_ptr_array_new();

    for (char **word = all; *word != NULL; word++)
        if (**word != '\0')
            g_ptr_array_add(words, *word);
    return words;
}

/* "1/2" */
static bool take_fraction(const char *word, LevelStep *step)
{
    g_auto(GStrv) parts = g_strsplit(word, "/", -1);
    guint64 a, b;

    if (g_strv_length(parts) != 2 ||
        !g_ascii_string_to_unsigned(parts[0], 10, 1, FRACTION_MAX, &a, NULL) ||
        !g_ascii_string_to_unsigned(parts[1], 10, 1, FRACTION_MAX, &b, NULL) || a >= b)
        return false;
    step->numerator = (int)a;
    step->denominator = (int)b;
    return true;
}

static const char *take_floor(const char *word, LevelStep *step)
{
    MeterLimit rate;
    const char *fault;
    guint64 count;

    if (step->kind == LEVEL_CONCURRENCY) {
        if (!g_ascii_string_to_unsigned(word, 10, 1, SITE_CONCURRENCY_MAX, &count, NULL))
            return "the floor of a concurrency must be a number, 1 "
                   "to " G_STRINGIFY(SITE_CONCURRENCY_MAX);
        step->floor = (double)count;
        return NULL;
    }
    fault = meter_limit_parse(word, &rate);
    if (fault == NULL)
        step->floor = (double)rate.count / (double)rate.period_s;
    return fault;
}

const char *reply_action_parse(const char *text, LevelStep *step)
{
    g_auto(GStrv) all = g_strsplit_set(text, " \t", -1);
    g_autoptr(GPtrArray) words = words_of(all);
    char **word = (char **)words->pdata;

    if (words->len > 0 && g_str_equal(word[0], "slow"))
        step->kind = LEVEL_RATE;
    else if (words->len > 0 && g_str_equal(word[0], "concurrency"))
        step->kind = LEVEL_CONCURRENCY;
    else
        return ACTION_FORM;
    step->floor = step->kind == LEVEL_RATE ? ONE_A_DAY : 1;
    if ((words->len != 2 && words->len != 4) || !take_fraction(word[1], step))
        return ACTION_FORM;
    if (words->len == 2)
        return NULL;
    return g_str_equal(word[2], "floor") ? take_floor(word[3], step) : ACTION_FORM;
}

/* "10m": seconds, or 0. */
static int64_t take_time_s(const char *text)
{
    static const char units[] = "smhdw";
    static const int64_t seconds[] = {1, 60, 3600, 86400, 604800};
    char *end;
    int64_t count = g_ascii_strtoll(text, &end, 10);
    const char *unit = *end != '\0' ? strchr(units, *end) : NULL;

    if (!g_ascii_isdigit(*text) || count > LEVEL_MAX_S || unit == NULL || end[1] != '\0')
        return 0;
    return count * seconds[unit - units];
}

const char *reply_hold_parse(const char *text, LevelStep *step)
{
    int64_t time_s = take_time_s(text);

    if (time_s < HOLD_MIN_S || time_s > LEVEL_HOLD_MAX_S)
        return "it must be a time with its unit, 10s to 24h, as in 30m";
    step->hold_s = time_s;
    return NULL;
}

const char *reply_trigger_parse(const char *text, LevelStep *step)
{
    static const char form[] = "a trigger is a number of answers, 1 to " G_STRINGIFY(
        LEVEL_TRIGGER_MAX) ", and a time up to 24h, as in 2 in 10m";
    g_auto(GStrv) all = g_strsplit_set(text, " \t", -1);
    g_autoptr(GPtrArray) words = words_of(all);
    char **word = (char **)words->pdata;
    int64_t time_s = REPLY_TRIGGER_DEFAULT_S;
    guint64 count;

    if ((words->len != 1 && words->len != 3) ||
        !g_ascii_string_to_unsigned(word[0], 10, 1, LEVEL_TRIGGER_MAX, &count, NULL))
        return form;
    if (words->len == 3)
        time_s = g_str_equal(word[1], "in") ? take_time_s(word[2]) : 0;
    if (time_s < 1 || time_s > LEVEL_MAX_S)
        return form;
    step->trigger_count = (unsigned)count;
    step->trigger_s = time_s;
    return NULL;
}

char *reply_action_format(const LevelStep *step)
{
    MeterLimit floor_rate = level_limit_of(step->floor);
    g_autofree char *rate = meter_limit_format(&floor_rate);

    if (step->kind == LEVEL_CONCURRENCY)
        return g_strdup_printf("concurrency %d/%d floor %d", step->numerator, step->denominator,
                               (int)step->floor);
    return g_strdup_printf("slow %d/%d floor %s", step->numerator, step->denominator, rate);
}
