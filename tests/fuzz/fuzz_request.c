/* An envelope read from a queue file, told to an agent, to bounce(8) and to the resolver. */

#include <string.h>

#include "codec/delivery.h"
#include "codec/logline.h"
#include "codec/report.h"
#include "codec/resolve.h"
#include "tests/postfix/wire.h"
#include "tests/support/queue_file_reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes one list off the front, with a reader that is not ours: it must be able to read what is
 * sent. */
static WireList take_list(const GByteArray *bytes, size_t *at)
{
    WireList list;
    ssize_t used = wire_take_list((const char *)bytes->data + *at, bytes->len - *at, &list);

    g_assert(used > 0);
    *at += (size_t)used;
    return list;
}

static void check_request(const QueueFileReading *reading, WireNames names)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    const char *sender = envelope_text(&reading->envelope, ENVELOPE_SENDER);
    const DeliveryRequest request = {.flags = DELIVERY_MARK_SUCCESS,
                                     .queue_id = "ID",
                                     .nexthop = "x.test",
                                     .sender = sender,
                                     .envelope = &reading->envelope,
                                     .send_options = reading->envelope.send_options,
                                     .active_s = 1,
                                     .recipients = &reading->batch.recipients,
                                     .recipient_count = reading->batch.recipient_count};
    WireList list;
    size_t at = 0;

    delivery_request_encode(out, &request, names);
    list = take_list(out, &at);
    g_assert_cmpstr(wire_get(&list, "sender"), ==, sender);
    g_assert_cmpint(wire_get_number(&list, "recipient_count"), ==, request.recipient_count);
    for (int i = 0; i < request.recipient_count; i++) {
        list = take_list(out, &at);
        g_assert(list.count == 5);
    }
    g_assert(at == out->len);
}

static void check_report(const QueueFileReading *reading, WireNames names)
{
    static const ReportKind kinds[] = {REPORT_FLUSH, REPORT_WARN, REPORT_FLUSH_VERP, REPORT_TRACE};

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GByteArray) out = g_byte_array_new();
        WireList list;
        size_t at = 0;

        report_flush_encode(out, kinds[i], 0, "ID", &reading->envelope, names);
        list = take_list(out, &at);
        g_assert(at == out->len);
        g_assert_cmpstr(wire_get(&list, "sender"), ==,
                        envelope_text(&reading->envelope, ENVELOPE_SENDER));
    }
}

static void check_recipient(const QueueFileReading *reading, const Recipient *recipient)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    const char *sender = envelope_text(&reading->envelope, ENVELOPE_SENDER);
    const char *address = recipient_address(recipient);
    g_autofree char *verp = delivery_verp_sender(sender, "+=", recipient);
    g_autofree char *quoted = address_quote(address);
    size_t at = 0;

    resolve_request_encode(out, "resolve", sender, address);
    (void)take_list(out, &at);
    if (*quoted != '\0')
        rewrite_request_encode(out, "local", quoted);
    (void)delivery_address_is_utf8(address);
    g_assert(strlen(verp) >= strlen(sender));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};
    WireNames names = wire_names_for_release(size % 2 == 0 ? RELEASE(3, 6, 0) : RELEASE(3, 11, 0));
    const Link *link;

    queue_file_read(&reading, data, size, false);
    if (reading.progress == ENVELOPE_READ) {
        if (reading.batch.recipient_count > 0)
            check_request(&reading, names);
        check_report(&reading, names);
        for (link = chain_first(&reading.batch.recipients); link != NULL;
             link = chain_next(&reading.batch.recipients, link))
            check_recipient(&reading, (const Recipient *)link);
    }
    queue_file_reading_clear(&reading);
    return 0;
}
