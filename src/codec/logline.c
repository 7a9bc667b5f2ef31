#include "codec/logline.h"

#include <inttypes.h>

/* Log lines, byte for byte as stock writes them: log watchers match them. */

#define US_PER_S 1000000

char *logline_active(const char *queue_id, const char *sender, AddressFormat format, int64_t size,
                     int64_t recipient_count)
{
    g_autofree char *from = logline_address(sender, format);

    return g_strdup_printf("%s: from=<%s>, size=%" PRId64 ", nrcpt=%" PRId64 " (queue active)",
                           queue_id, from, size, recipient_count);
}

char *logline_expired(const char *queue_id, const char *sender, AddressFormat format, bool forced)
{
    g_autofree char *from = logline_address(sender, format);

    return g_strdup_printf("%s: from=<%s>, status=%s, returned to sender", queue_id, from,
                           forced ? "force-expired" : "expired");
}

/* The unit of the last digit shown, for a delay with this many whole seconds and microseconds. */
static int32_t resolution_us(int64_t seconds, int32_t rest_us, int limit)
{
    int32_t unit_us = US_PER_S;

    if (limit == 0 || seconds >= 10)
        return unit_us;
    if (seconds > 0)
        return unit_us / 10;
    while (limit-- > 0)
        unit_us /= 10;
    while (rest_us >= 100 * unit_us) /* at most 100 * US_PER_S / 10 */
        unit_us *= 10;
    return unit_us;
}

void logline_put_delay(GString *out, int64_t delay_us, int resolution_limit)
{
    int64_t seconds = MAX(delay_us, 0) / US_PER_S;
    int32_t rest_us = (int32_t)(MAX(delay_us, 0) % US_PER_S);
    int32_t unit_us;

    g_assert(resolution_limit >= 0 && resolution_limit <= 6);
    unit_us = resolution_us(seconds, rest_us, resolution_limit);
    rest_us += unit_us / 2;
    if (rest_us >= US_PER_S) {
        seconds++;
        rest_us -= US_PER_S;
    }
    g_string_append_printf(out, "%" PRId64, seconds);
    if (rest_us < unit_us)
        return;
    g_string_append_c(out, '.');
    for (int32_t digit_us = US_PER_S / 10; rest_us >= unit_us; digit_us /= 10) {
        g_string_append_c(out, (char)('0' + rest_us / digit_us));
        rest_us %= digit_us;
    }
}

/* Times from a queue file may be anything, so the difference is limited instead of trusted. */
static int64_t elapsed_us(int64_t from_s, int32_t from_us, int64_t to_s, int32_t to_us)
{
    int64_t difference_s, difference_us;

    if (__builtin_sub_overflow(to_s, from_s, &difference_s) ||
        __builtin_mul_overflow(difference_s, US_PER_S, &difference_us) ||
        __builtin_add_overflow(difference_us, (int64_t)to_us - from_us, &difference_us))
        return to_s < from_s ? 0 : INT64_MAX;
    return difference_us;
}

static void put_delays(GString *line, const LoglineDelivery *delivery)
{
    const Envelope *envelope = delivery->envelope;
    int64_t total_us =
        elapsed_us(envelope->arrival_s, envelope->arrival_us, delivery->now_s, delivery->now_us);
    int64_t waiting_us = elapsed_us(envelope->arrival_s, envelope->arrival_us, delivery->active_s,
                                    delivery->active_us);
    int64_t active_us =
        elapsed_us(delivery->active_s, delivery->active_us, delivery->now_s, delivery->now_us);

    g_string_append(line, ", delay=");
    logline_put_delay(line, total_us, delivery->resolution_limit);
    g_string_append(line, ", delays=");
    logline_put_delay(line, waiting_us, delivery->resolution_limit);
    g_string_append_c(line, '/');
    logline_put_delay(line, active_us, delivery->resolution_limit);
    g_string_append(line, "/0/0"); /* no connection, no transmission */
}

static bool same_but_for_case(const char *a, const char *b)
{
    g_autofree char *a_folded = NULL, *b_folded = NULL;

    if (g_ascii_strcasecmp(a, b) == 0)
        return true;
    if (!g_utf8_validate(a, -1, NULL) || !g_utf8_validate(b, -1, NULL))
        return false;
    a_folded = g_utf8_casefold(a, -1);
    b_folded = g_utf8_casefold(b, -1);
    return g_str_equal(a_folded, b_folded);
}

static void put_address(GString *line, const char *name, const char *address, AddressFormat format)
{
    g_autofree char *shown = logline_address(address, format);

    g_string_append_printf(line, "%s=<%s>", name, shown);
}

char *logline_delivery(const LoglineDelivery *delivery)
{
    const char *address = recipient_address(delivery->recipient);
    const char *original = recipient_original(delivery->recipient);
    GString *line = g_string_new(delivery->queue_id);

    put_address(line, ": to", address, delivery->format);
    if (*original != '\0' && !same_but_for_case(address, original))
        put_address(line, ", orig_to", original, delivery->format);
    g_string_append(line, ", relay=none");
    put_delays(line, delivery);
    g_string_append_printf(line, ", dsn=%s, status=%s (%s)", delivery->dsn, delivery->status,
                           delivery->reason);
    return g_string_free(line, FALSE);
}
