#include "tests/lab/stamp.h"

#include <inttypes.h>
#include <string.h>

#include "tests/lab/vclock.h"

#define NS_PER_S       1000000000LL
#define SECOND_DIGITS  10
#define NEAR_S         (INT64_C(366) * 86400)
#define BLOB_BYTES     88
#define BLOB_TIMES     5
#define LOG_TIME_BYTES 15

static int64_t start_ns;

void stamp_set_start(int64_t start_wall_ns)
{
    start_ns = start_wall_ns;
}

/* A second of real time that has passed in this run. The kernel's clock is behind the virtual one
 * by VCLOCK_AHEAD_S at the start. */
static bool is_kernel_second(int64_t since_start_s)
{
    int64_t real_s = since_start_s + VCLOCK_AHEAD_S;
    int64_t real_elapsed_s = time(NULL) + VCLOCK_AHEAD_S - start_ns / NS_PER_S;

    return real_s >= 0 && real_s <= real_elapsed_s;
}

char *stamp_describe_file_time(struct timespec stamp)
{
    int64_t since_start_s = stamp.tv_sec - start_ns / NS_PER_S;

    /* Queue managers set whole seconds; a kernel stamp is one only by chance. */
    if (stamp.tv_nsec != 0 || is_kernel_second(since_start_s))
        return g_strdup("kernel");
    return g_strdup_printf("%+" PRId64, since_start_s);
}

char *stamp_describe_second(const char *text)
{
    gint64 since_start_s;

    if (strlen(text) != SECOND_DIGITS || strspn(text, "0123456789") != SECOND_DIGITS)
        return NULL;
    since_start_s = g_ascii_strtoll(text, NULL, 10) - start_ns / NS_PER_S;
    if (is_kernel_second(since_start_s))
        return g_strdup("kernel");
    return ABS(since_start_s) < NEAR_S ? g_strdup_printf("%+" PRId64, since_start_s) : NULL;
}

/* Times since 1970 become relative; zeros stay zeros. */
static void describe_time(GString *out, int64_t seconds, int64_t microseconds)
{
    int64_t us = seconds * 1000000 + microseconds - start_ns / 1000;

    if (seconds == 0 && microseconds == 0)
        g_string_append(out, "0");
    else
        g_string_append_printf(out, "%s%" PRId64 ".%06" PRId64, us < 0 ? "-" : "+",
                               ABS(us) / 1000000, ABS(us) % 1000000);
}

char *stamp_describe_blob(const Core *core, const char *base64)
{
    gsize count = 0;
    g_autofree guchar *blob = g_base64_decode(base64, &count);
    GString *out = g_string_new(NULL);
    int64_t times[BLOB_TIMES][2];
    int32_t reuse_count;

    (void)core;
    if (count != BLOB_BYTES || start_ns == 0) {
        g_string_append_printf(out, "%zu bytes", count);
        return g_string_free(out, FALSE);
    }
    memcpy(times, blob, sizeof(times));
    memcpy(&reuse_count, blob + sizeof(times), sizeof(reuse_count));
    for (size_t i = 0; i < BLOB_TIMES; i++) {
        describe_time(out, times[i][0], times[i][1]);
        g_string_append_c(out, '/');
    }
    g_string_append_printf(out, "%" PRId32, reuse_count);
    return g_string_free(out, FALSE);
}

bool stamp_is_log_time(const char *text, int64_t wall_ns)
{
    time_t now_s = wall_ns / NS_PER_S;
    struct tm broken_down;
    char expected[LOG_TIME_BYTES + 1];

    (void)localtime_r(&now_s, &broken_down);
    if (strftime(expected, sizeof(expected), "%b %d %H:%M:%S", &broken_down) != LOG_TIME_BYTES)
        return false;
    return strncmp(text, expected, LOG_TIME_BYTES) == 0;
}
