#include "base/readable.h"

#include <inttypes.h>
#include <string.h>

#define MINUTE_S 60
#define HOUR_S   3600
#define DAY_S    86400

char *readable_count(int64_t number)
{
    g_autofree char *digits =
        g_strdup_printf("%" PRIu64, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
    size_t count = strlen(digits);
    GString *out = g_string_new(number < 0 ? "-" : NULL);

    for (size_t i = 0; i < count; i++) {
        g_string_append_c(out, digits[i]);
        if ((count - i) % 3 == 1 && i + 1 < count)
            g_string_append_c(out, ',');
    }
    return g_string_free(out, FALSE);
}

char *readable_counted(int64_t number, const char *one, const char *others)
{
    g_autofree char *count = readable_count(number);

    return g_strconcat(count, " ", number == 1 ? one : others, NULL);
}

char *readable_duration(int64_t duration_s)
{
    int64_t s = MAX(duration_s, 0);

    if (s < MINUTE_S)
        return g_strdup_printf("%" PRId64 "s", s);
    if (s < HOUR_S)
        return g_strdup_printf("%" PRId64 "m%02" PRId64 "s", s / MINUTE_S, s % MINUTE_S);
    if (s < DAY_S)
        return g_strdup_printf("%" PRId64 "h%02" PRId64 "m", s / HOUR_S, s % HOUR_S / MINUTE_S);
    return g_strdup_printf("%" PRId64 "d%02" PRId64 "h", s / DAY_S, s % DAY_S / HOUR_S);
}
