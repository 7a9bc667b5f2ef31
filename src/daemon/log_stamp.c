#include <string.h>

#include "log_internal.h"

/*
 * The time stamp of a log line, computed without the C library, whose calendar functions take a
 * lock: a signal handler may have interrupted them.
 */

enum { DAY_S = 24 * 60 * 60, CYCLE_DAYS = 146097 /* 400 years of the Gregorian calendar */ };

typedef struct MonthDay {
    int month, day; /* 0..11, 1..31 */
} MonthDay;

/* Counts from 1 March of a year divisible by 400, so that a leap day is the last of its year and
 * month lengths follow the pattern 31 30 31 30 31, five months at a time. */
static MonthDay month_day(int64_t days_since_1970)
{
    const int64_t march_epoch_days = 719468; /* from 0000-03-01 to 1970-01-01 */
    int64_t shifted = days_since_1970 + march_epoch_days;
    int64_t in_cycle = ((shifted % CYCLE_DAYS) + CYCLE_DAYS) % CYCLE_DAYS;
    int64_t year =
        (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / (CYCLE_DAYS - 1)) / 365;
    int64_t in_year = in_cycle - (365 * year + year / 4 - year / 100);
    int64_t march_month = (5 * in_year + 2) / 153;

    return (MonthDay){
        .month = (int)((march_month + 2) % 12),
        .day = (int)(in_year - (153 * march_month + 2) / 5 + 1),
    };
}

static char *put_two_digits(char *out, int64_t value, char separator)
{
    *out++ = (char)('0' + value / 10);
    *out++ = (char)('0' + value % 10);
    if (separator != '\0')
        *out++ = separator;
    return out;
}

void log_stamp_format(int64_t local_s, char ret_stamp[LOG_STAMP_BYTES])
{
    static const char months[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
    int64_t in_day_s = ((local_s % DAY_S) + DAY_S) % DAY_S;
    MonthDay date = month_day((local_s - in_day_s) / DAY_S);
    char *out = ret_stamp;

    memcpy(out, months + 4 * (size_t)date.month, 4);
    out = put_two_digits(out + 4, date.day, ' ');
    out = put_two_digits(out, in_day_s / 3600, ':');
    out = put_two_digits(out, in_day_s / 60 % 60, ':');
    (void)put_two_digits(out, in_day_s % 60, '\0');
}
