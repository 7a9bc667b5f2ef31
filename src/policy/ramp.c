#include "policy/ramp.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/words.h"

/* The text of a ramp, and its value on a day. */

#define FORM \
    "a ramp is DATE RATE xFACTOR each TIME to RATE, as in 2026-12-01 50/1d x2 each 2d to 20000/1d"
#define DAY_S 86400

int64_t ramp_day_of(int year, int month, int day)
{
    GDate date;

    g_date_set_dmy(&date, 1, (GDateMonth)month, (GDateYear)year);
    return (int64_t)g_date_get_julian(&date) + day - 1 - 719163; /* of 1970-01-01 */
}

/* In UTC where there is no local calendar. */
static void local_date(int64_t wall_s, struct tm *ret_date)
{
    const time_t at_s = (time_t)wall_s;

    if (localtime_r(&at_s, ret_date) == NULL)
        (void)gmtime_r(&at_s, ret_date);
}

int64_t ramp_local_day(int64_t wall_s)
{
    struct tm date = {0};

    local_date(wall_s, &date);
    return ramp_day_of(date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
}

int64_t ramp_day_end_s(int64_t wall_s)
{
    struct tm date = {0};

    local_date(wall_s, &date);
    date.tm_hour = date.tm_min = date.tm_sec = 0;
    date.tm_mday++;
    date.tm_isdst = -1;
    return MAX((int64_t)mktime(&date), wall_s + 1);
}

/* "2026-12-01" */
static bool ramp_take_date(const char *word, int64_t *ret_day)
{
    static const char form[] = "dddd-dd-dd";
    int year, month, day;

    if (strlen(word) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < sizeof(form) - 1; i++)
        if (form[i] == 'd' ? !g_ascii_isdigit(word[i]) : word[i] != form[i])
            return false;
    year = (int)g_ascii_strtoll(word, NULL, 10);
    month = (int)g_ascii_strtoll(word + 5, NULL, 10);
    day = (int)g_ascii_strtoll(word + 8, NULL, 10);
    if (year < 1970 || !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return false;
    *ret_day = ramp_day_of(year, month, day);
    return true;
}

/* "x2", "x1.5", "x1.25" */
static bool take_factor(const char *word, int64_t *ret_percent)
{
    char *end;
    double factor;

    if (word[0] != 'x' || !g_ascii_isdigit(word[1]) || strlen(word) > 6 ||
        strspn(word + 1, "0123456789.") != strlen(word + 1))
        return false;
    factor = g_ascii_strtod(word + 1, &end);
    if (*end != '\0')
        return false;
    *ret_percent = lround(factor * 100);
    return *ret_percent > 100 && *ret_percent <= RAMP_FACTOR_MAX_PERCENT;
}

/* "2d", "1w" */
static bool take_days(const char *word, int64_t *ret_days)
{
    char *end;
    int64_t count = g_ascii_strtoll(word, &end, 10);

    if (!g_ascii_isdigit(*word) || (strcmp(end, "d") != 0 && strcmp(end, "w") != 0))
        return false;
    if (count < 1 || count > 366)
        return false;
    *ret_days = *end == 'w' ? 7 * count : count;
    return true;
}

static const char *take_words(char **words, Ramp *ramp)
{
    MeterLimit from, to;
    const char *fault;

    if (g_strv_length(words) != 7 || strcmp(words[3], "each") != 0 || strcmp(words[5], "to") != 0)
        return FORM;
    if (!ramp_take_date(words[0], &ramp->first_day))
        return "a ramp begins with a date, as in 2026-12-01";
    if (!take_factor(words[2], &ramp->factor_percent))
        return "the factor of a ramp must be x1.01 to x10";
    if (!take_days(words[4], &ramp->step_days))
        return "the time of a step must be 1d to 366d, or weeks";
    if ((fault = meter_limit_parse(words[1], &from)) != NULL ||
        (fault = meter_limit_parse(words[6], &to)) != NULL)
        return fault;
    if (from.period_s != to.period_s || from.count > to.count)
        return "both rates of a ramp need the same time, and the second must not be lower";
    ramp->from_count = from.count;
    ramp->to_count = to.count;
    ramp->period_s = from.period_s;
    return NULL;
}

const char *ramp_parse(const char *text, Ramp *ret_ramp)
{
    g_auto(GStrv) words = words_split(text, " \t");
    Ramp ramp;
    const char *fault = take_words(words, &ramp);

    if (fault == NULL)
        *ret_ramp = ramp;
    return fault;
}

static MeterLimit limit_of(const Ramp *ramp, int64_t count)
{
    return (MeterLimit){count, ramp->period_s, meter_limit_default_burst(count, ramp->period_s)};
}

char *ramp_format(const Ramp *ramp)
{
    MeterLimit from = limit_of(ramp, ramp->from_count), to = limit_of(ramp, ramp->to_count);
    g_autofree char *from_text = meter_limit_format(&from), *to_text = meter_limit_format(&to);
    char date_text[16];
    GDate date;

    g_date_set_julian(&date, (guint32)(ramp->first_day + 719163));
    (void)snprintf(date_text, sizeof(date_text), "%04d-%02d-%02d", g_date_get_year(&date),
                   (int)g_date_get_month(&date), g_date_get_day(&date));
    return g_strdup_printf("%s %s x%g each %" G_GINT64_FORMAT "d to %s", date_text, from_text,
                           (double)ramp->factor_percent / 100, ramp->step_days, to_text);
}

/* After so many steps. */
static int64_t count_after(const Ramp *ramp, int64_t steps)
{
    double count =
        (double)ramp->from_count * pow((double)ramp->factor_percent / 100, (double)steps);

    return count >= (double)ramp->to_count ? ramp->to_count : (int64_t)count;
}

static int64_t steps_until(const Ramp *ramp, int64_t day)
{
    return day <= ramp->first_day ? 0 : (day - ramp->first_day) / ramp->step_days;
}

MeterLimit ramp_limit(const Ramp *ramp, int64_t day)
{
    return limit_of(ramp, count_after(ramp, steps_until(ramp, day)));
}

int64_t ramp_next_day(const Ramp *ramp, int64_t day)
{
    int64_t steps = steps_until(ramp, day), count = count_after(ramp, steps);

    if (count == ramp->to_count)
        return INT64_MAX;
    do {
        steps++;
    } while (count_after(ramp, steps) == count);
    return ramp->first_day + steps * ramp->step_days;
}
