#include <string.h>

#include "base/time_word.h"
#include "policy/meter.h"

/* A limit, its text, and what can be wrong with it. */

#define US_PER_S     INT64_C(1000000)
#define BURST_FITS_S 2
#define LEASE_PART   100 /* of the period */
#define LEASE_MAX_S  60
#define PRESUMED_S   5

#define BURST_WORD "burst"
#define FORM       "a limit is NUMBER/TIME or NUMBER/TIME burst NUMBER, as in 100/1m"

int64_t meter_limit_default_burst(int64_t count, int64_t period_s)
{
    int64_t fits = (count * BURST_FITS_S + period_s - 1) / period_s;

    return CLAMP(fits, 2, METER_BURST_MAX);
}

int64_t meter_limit_spacing_us(const MeterLimit *limit)
{
    return (limit->period_s * US_PER_S + limit->count - 1) / limit->count;
}

const char *meter_limit_fault(const MeterLimit *limit)
{
    if (limit->count < 1 || limit->count > METER_COUNT_MAX)
        return "the number of units must be 1 to " G_STRINGIFY(METER_COUNT_MAX);
    if (limit->period_s < 1 || limit->period_s > METER_PERIOD_MAX_S)
        return "the time must be 1s to 31d";
    if (limit->count > limit->period_s * METER_PER_SECOND_MAX)
        return "there can be at most " G_STRINGIFY(METER_PER_SECOND_MAX) " units a second";
    if (limit->burst < 1 || limit->burst > METER_BURST_MAX)
        return "the burst must be 1 to " G_STRINGIFY(METER_BURST_MAX);
    return NULL;
}

int64_t meter_limit_lease_us(const MeterLimit *limit)
{
    int64_t part_us = limit->period_s * US_PER_S / LEASE_PART;

    return MAX(meter_limit_spacing_us(limit), MIN(part_us, LEASE_MAX_S * US_PER_S));
}

int64_t meter_limit_presumed_us(const MeterLimit *limit)
{
    int64_t spacing_us = meter_limit_spacing_us(limit), presumed_us = PRESUMED_S * US_PER_S;

    if (limit->burst > 1)
        presumed_us = MAX(presumed_us, spacing_us);
    return MIN(presumed_us, limit->burst * spacing_us);
}

/*
 * Digits at *text, which moves behind them. False: there are none. What is above `most` becomes
 * most + 1.
 */
static bool take_number(const char **text, int64_t most, int64_t *ret_value)
{
    int64_t value = 0;
    const char *at = *text;

    for (; g_ascii_isdigit(*at); at++)
        value = value > most ? value : value * 10 + (*at - '0');
    if (at == *text)
        return false;
    *ret_value = MIN(value, most + 1);
    *text = at;
    return true;
}

static void skip_blanks(const char **text)
{
    while (**text == ' ' || **text == '\t')
        (*text)++;
}

/* " burst B" up to the end, or nothing. */
static const char *take_burst(const char *text, MeterLimit *limit)
{
    const char *before = text;

    skip_blanks(&text);
    limit->burst = 0;
    if (*text == '\0')
        return NULL;
    if (text == before || !g_str_has_prefix(text, BURST_WORD))
        return FORM;
    text += strlen(BURST_WORD);
    before = text;
    skip_blanks(&text);
    if (text == before || !take_number(&text, METER_BURST_MAX, &limit->burst))
        return FORM;
    skip_blanks(&text);
    return *text == '\0' ? NULL : FORM;
}

const char *meter_limit_parse(const char *text, MeterLimit *ret_limit)
{
    MeterLimit limit;
    const char *fault;
    int unit_s;
    bool has_burst;

    skip_blanks(&text);
    if (!take_number(&text, METER_COUNT_MAX, &limit.count) || *text++ != '/')
        return FORM;
    if (!take_number(&text, METER_PERIOD_MAX_S, &limit.period_s))
        return FORM;
    unit_s = time_word_unit_s(*text);
    if (unit_s == 0)
        return "the time needs a unit: s, m, h, d or w, as in 100/1m";
    limit.period_s *= unit_s;
    fault = take_burst(++text, &limit);
    if (fault != NULL)
        return fault;
    has_burst = limit.burst != 0 || strstr(text, BURST_WORD) != NULL;
    if (!has_burst)
        limit.burst = 1;
    fault = meter_limit_fault(&limit);
    if (fault != NULL)
        return fault;
    if (!has_burst)
        limit.burst = meter_limit_default_burst(limit.count, limit.period_s);
    *ret_limit = limit;
    return NULL;
}

char *meter_limit_format(const MeterLimit *limit)
{
    g_autofree char *period = time_word_format(limit->period_s, 'w');
    g_autofree char *rate = g_strdup_printf("%" G_GINT64_FORMAT "/%s", limit->count, period);

    if (limit->burst == meter_limit_default_burst(limit->count, limit->period_s))
        return g_steal_pointer(&rate);
    return g_strdup_printf("%s " BURST_WORD " %" G_GINT64_FORMAT, rate, limit->burst);
}
