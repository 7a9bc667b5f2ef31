/* Log lines made of any texts and numbers: one for each line of the input. */

#include <string.h>

#include "codec/logline.h"
#include "tests/fuzz/lines.h"

#define SECONDS_MAX (INT64_C(1) << 40)
#define MICROS      1000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(char *line, const char *queue_id)
{
    g_assert(g_str_has_prefix(line, queue_id) && line[strlen(queue_id)] == ':');
    g_free(line);
}

static int64_t seconds(const FuzzLines *lines, guint index)
{
    return fuzz_number(lines, index) % SECONDS_MAX;
}

static void check_delivery(const FuzzLines *lines, AddressFormat format)
{
    g_autofree Recipient *recipient =
        recipient_new(fuzz_line(lines, 1), fuzz_line(lines, 2), fuzz_line(lines, 3), 0, 1);
    const Envelope envelope = {.arrival_s = seconds(lines, 4),
                               .arrival_us = (int32_t)(ABS(seconds(lines, 5)) % MICROS)};
    const LoglineDelivery delivery = {
        .queue_id = fuzz_line(lines, 0),
        .recipient = recipient,
        .envelope = &envelope,
        .active_s = seconds(lines, 6),
        .active_us = (int32_t)(ABS(seconds(lines, 7)) % MICROS),
        .now_s = seconds(lines, 8),
        .now_us = (int32_t)(ABS(seconds(lines, 9)) % MICROS),
        .dsn = fuzz_line(lines, 10),
        .status = fuzz_line(lines, 11),
        .reason = fuzz_line(lines, 12),
        .resolution_limit = (int)(ABS(seconds(lines, 13)) % 7),
        .format = format,
    };

    check(logline_delivery(&delivery), delivery.queue_id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_auto(FuzzLines) lines = fuzz_lines(data, size);
    const char *id = fuzz_line(&lines, 0), *sender = fuzz_line(&lines, 1);

    for (int format = ADDRESS_EXTERNAL; format <= ADDRESS_INTERNAL; format++) {
        g_autofree char *address = logline_address(sender, (AddressFormat)format);

        g_assert(strlen(address) >= strlen(sender));
        check(logline_active(id, sender, (AddressFormat)format, fuzz_number(&lines, 4),
                             fuzz_number(&lines, 5)),
              id);
        check(logline_expired(id, sender, (AddressFormat)format, size % 2 == 0), id);
        check_delivery(&lines, (AddressFormat)format);
    }
    return 0;
}
