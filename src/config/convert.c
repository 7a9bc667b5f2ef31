#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/time_word.h"
#include "convert_internal.h"
#include "lexicon_internal.h"

/*
 * From text to value for each type of parameter; whatever is refused is refused with stock's text.
 */

bool convert_check_int(const char *name, int value, Limits limits, GError **error)
{
    if (limits.min != 0 && value < limits.min)
        return config_fail(error, "invalid %s parameter value %d < %d", name, value, limits.min);
    if (limits.max != 0 && value > limits.max)
        return config_fail(error, "invalid %s parameter value %d > %d", name, value, limits.max);
    return true;
}

bool convert_int(const char *name, const char *text, Limits limits, int *ret_value, GError **error)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || value < INT_MIN || value > INT_MAX)
        return config_fail(error, "bad numerical configuration: %s = %s", name, text);
    if (!convert_check_int(name, (int)value, limits, error))
        return false;
    *ret_value = (int)value;
    return true;
}

bool convert_check_time_s(const char *name, int value_s, Limits limits, GError **error)
{
    if (limits.min != 0 && value_s < limits.min)
        return config_fail(error, "invalid %s: %d (min %d)", name, value_s, limits.min);
    if (limits.max != 0 && value_s > limits.max)
        return config_fail(error, "invalid %s: %d (max %d)", name, value_s, limits.max);
    return true;
}

/* Stock looks at one byte after the number only ("5minutes"), and reads a unit alone as 0. */
static bool parse_time_s(const char *text, char default_unit, int *ret_value_s)
{
    char *end;
    long count;
    int factor;

    errno = 0;
    count = strtol(text, &end, 10);
    factor = time_word_unit_s(*end != '\0' ? *end : default_unit);
    if (*text == '\0' || errno != 0 || count < 0 || count > INT_MAX || factor == 0)
        return false;
    if (factor > 1 && count >= INT_MAX / factor)
        return false;
    *ret_value_s = (int)count * factor;
    return true;
}

bool convert_time_s(const char *name, const char *text, char unit, Limits limits, int *ret_value_s,
                    GError **error)
{
    int value_s;

    if (!parse_time_s(text, unit, &value_s))
        return config_fail(error, "parameter %s: bad time value or unit: %s", name, text);
    if (!convert_check_time_s(name, value_s, limits, error))
        return false;
    *ret_value_s = value_s;
    return true;
}

bool convert_bool(const char *name, const char *text, bool *ret_value, GError **error)
{
    bool yes = g_ascii_strcasecmp(text, "yes") == 0;

    if (!yes && g_ascii_strcasecmp(text, "no") != 0)
        return config_fail(error, "bad boolean configuration: %s = %s", name, text);
    *ret_value = yes;
    return true;
}

bool convert_check_length(const char *name, const char *text, Limits limits, GError **error)
{
    size_t length = strlen(text);

    if (limits.min != 0 && length < (size_t)limits.min)
        return config_fail(error, "bad string length %zu < %d: %s = %s", length, limits.min, name,
                           text);
    if (limits.max != 0 && length > (size_t)limits.max)
        return config_fail(error, "bad string length %zu > %d: %s = %s", length, limits.max, name,
                           text);
    return true;
}
