#include "config/feedback.h"

#include <limits.h>
#include <string.h>

#include <glib.h>

/* "1", "0.5", "1/3", "1/concurrency": how much one delivery changes a window (11.1). */

#define DENOMINATOR_MAX_BYTES 30

/* A number that is the whole text, within the range of denominators. */
static bool parse_denominator(const char *text, double *ret_value)
{
    char *end;
    double value = g_ascii_strtod(text, &end);

    if (end == text || *end != '\0' || !(value >= 1.0 / INT_MAX && value <= INT_MAX))
        return false;
    *ret_value = value;
    return true;
}

/* `text` is what follows the slash. */
static bool apply_denominator(const char *text, double *value, bool *per_window)
{
    double denominator;

    while (g_ascii_isspace(*text))
        text++;
    if (*text == '\0' || strlen(text) > DENOMINATOR_MAX_BYTES)
        return false;
    if (!(*value >= 0 && *value <= INT_MAX))
        return false;
    if (g_ascii_strcasecmp(text, "concurrency") == 0) {
        *per_window = true;
        return true;
    }
    if (!parse_denominator(text, &denominator))
        return false;
    *value /= denominator;
    return true;
}

bool feedback_parse(const char *text, double *ret_value, bool *ret_per_window)
{
    char *end;
    double value = g_ascii_strtod(text, &end);
    bool per_window = false;

    if (end == text)
        return false;
    while (g_ascii_isspace(*end))
        end++;
    /* Whatever else follows a lone number is ignored, as stock does. */
    if (*end == '/' && !apply_denominator(end + 1, &value, &per_window))
        return false;
    if (!(value >= 0 && value <= 1))
        return false;
    *ret_value = value;
    *ret_per_window = per_window;
    return true;
}
