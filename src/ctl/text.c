/*
 * Values as people read them: GLib knows UTF-8, widths and calendars; what is here is the shape.
 */

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "src/ctl/text_internal.h"

#define MINUTE_S 60
#define HOUR_S   3600
#define DAY_S    86400

char *text_utf8(const char *bytes)
{
    return g_utf8_make_valid(bytes, -1);
}

char *text_printable(const char *bytes)
{
    GString *out = g_string_new(NULL);

    while (*bytes != '\0') {
        gunichar character = g_utf8_get_char_validated(bytes, -1);
        bool is_valid = character != (gunichar)-1 && character != (gunichar)-2;

        if (is_valid && g_unichar_isprint(character))
            g_string_append_unichar(out, character);
        else
            g_string_append_c(out, '?');
        bytes += is_valid ? g_utf8_skip[(guchar)*bytes] : 1;
    }
    return g_string_free(out, FALSE);
}

char *text_clock(int64_t wall_s, int64_t now_s)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(wall_s);
    bool is_near = wall_s > now_s - DAY_S / 2 && wall_s < now_s + DAY_S / 2;

    if (time == NULL) /* beyond the calendar */
        return g_strdup_printf("%" PRId64, wall_s);
    return g_date_time_format(time, is_near ? "%H:%M:%S" : "%Y-%m-%d %H:%M");
}

int64_t text_seconds_between(int64_t begin_s, int64_t end_s)
{
    int64_t s;

    if (__builtin_sub_overflow(end_s, begin_s, &s))
        return end_s > begin_s ? INT64_MAX : 0;
    return s;
}

bool text_parse_duration(const char *text, int64_t unit_s, int64_t *ret_duration_s)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {
        {'s', 1        },
        {'m', MINUTE_S },
        {'h', HOUR_S   },
        {'d', DAY_S    },
        {'w', 7 * DAY_S}
    };
    char *end;
    gint64 number = g_ascii_strtoll(text, &end, 10);

    if (*end != '\0')
        unit_s = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (*end == units[i].unit && end[1] == '\0')
            unit_s = units[i].seconds;
    if (end == text || unit_s == 0 || number < 0 || number > INT64_MAX / 1000 / unit_s)
        return false;
    *ret_duration_s = number * unit_s;
    return true;
}

static bool parse_clock(const char *text, int64_t now_s, int64_t *ret_wall_s)
{
    time_t now = (time_t)now_s;
    struct tm tm;
    const char *end;

    (void)localtime_r(&now, &tm);
    tm.tm_sec = 0;
    end = strptime(text, "%H:%M", &tm);
    if (end == NULL || *end != '\0')
        return false;
    tm.tm_isdst = -1;
    *ret_wall_s = mktime(&tm);
    if (*ret_wall_s > now_s)
        return true;
    tm.tm_mday++;
    tm.tm_isdst = -1;
    *ret_wall_s = mktime(&tm);
    return true;
}

static bool parse_date(const char *text, const char *format, int64_t *ret_wall_s)
{
    struct tm tm = {.tm_isdst = -1};
    const char *end = strptime(text, format, &tm);

    if (end == NULL || *end != '\0')
        return false;
    tm.tm_isdst = -1;
    *ret_wall_s = mktime(&tm);
    return *ret_wall_s > 0;
}

bool text_parse_time(const char *text, int64_t now_s, int64_t *ret_wall_s)
{
    static const char *const formats[] = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M",
                                          "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"};

    if (*text == '@')
        return g_ascii_string_to_signed(text + 1, 10, 1, INT64_MAX - 1, ret_wall_s, NULL);
    if (parse_clock(text, now_s, ret_wall_s))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++)
        if (parse_date(text, formats[i], ret_wall_s))
            return true;
    return false;
}

static int width_of(gunichar character)
{
    if (g_unichar_iszerowidth(character))
        return 0;
    return g_unichar_iswide(character) ? 2 : 1;
}

int text_width(const char *printable)
{
    int width = 0;

    for (; *printable != '\0'; printable += g_utf8_skip[(guchar)*printable])
        width += width_of(g_utf8_get_char(printable));
    return width;
}

size_t text_fit(const char *printable, int width)
{
    const char *end = printable;

    while (*end != '\0' && (width -= width_of(g_utf8_get_char(end))) >= 0)
        end += g_utf8_skip[(guchar)*end];
    return (size_t)(end - printable);
}
