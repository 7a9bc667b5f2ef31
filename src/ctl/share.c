/* In floating point: exact up to 2^53, which no count reaches, and without a bound beyond. */

#include "src/ctl/share_internal.h"

#define MANY_THROTTLED         5
#define MANY_THROTTLED_PERCENT 25
#define PERCENT_MAX            1e15

bool share_is_large(int64_t count, int64_t many, int64_t all, int percent)
{
    return count >= many && (double)count * 100 >= (double)all * percent;
}

int64_t share_percent(int64_t count, int64_t all)
{
    return all > 0 ? (int64_t)CLAMP((double)count * 100 / (double)all, 0, PERCENT_MAX) : 0;
}

double share_per_second(int64_t earlier, int64_t count, int64_t span_us)
{
    double grown = (double)count - (double)earlier;

    return span_us > 0 ? MAX(grown, 0) * G_USEC_PER_SEC / (double)span_us : 0;
}

bool share_many_throttled(const Row *status)
{
    return share_is_large(row_number(status, "destinations_throttled", 0), MANY_THROTTLED,
                          row_number(status, "destinations", 0), MANY_THROTTLED_PERCENT);
}
