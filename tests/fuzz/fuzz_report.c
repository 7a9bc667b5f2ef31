/*
 * Requests to bounce, defer, trace, verify and flush made of any texts, and their answers. Lines of
 * the input are the texts.
 */

#include <string.h>

#include "codec/report.h"
#include "codec/status.h"
#include "tests/fuzz/lines.h"
#include "tests/fuzz/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void want_str(AttrReader *reader, const char *name, const char *want)
{
    const char *value;

    g_assert(attr_get_str(reader, name, &value) == ATTR_OK);
    g_assert_cmpstr(value, ==, want);
}

static void want_int(AttrReader *reader, const char *name, int32_t want)
{
    int32_t value;

    g_assert(attr_get_int(reader, name, &value) == ATTR_OK);
    g_assert_cmpint(value, ==, want);
}

static void check_append(const FuzzLines *lines)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autofree Recipient *recipient =
        recipient_new(fuzz_line(lines, 0), fuzz_line(lines, 1), fuzz_line(lines, 2), 7, 42);
    const ReportAppend append = {.flags = -1,
                                 .queue_id = fuzz_line(lines, 3),
                                 .recipient = recipient,
                                 .status = fuzz_line(lines, 4),
                                 .action = fuzz_line(lines, 5),
                                 .reason = fuzz_line(lines, 6)};
    AttrReader reader;

    report_append_encode(out, &append);
    attr_reader_init(&reader, out->data, out->len);
    want_int(&reader, "nrequest", REPORT_APPEND);
    want_int(&reader, "flags", -1);
    want_str(&reader, "queue_id", append.queue_id);
    want_str(&reader, "original_recipient", recipient_original(recipient));
    want_str(&reader, "recipient", fuzz_line(lines, 0));
}

static void check_verify(const FuzzLines *lines)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    AttrReader reader;

    verify_update_encode(out, fuzz_line(lines, 0), 2, fuzz_line(lines, 1));
    attr_reader_init(&reader, out->data, out->len);
    want_str(&reader, "request", "update");
    want_str(&reader, "address", fuzz_line(lines, 0));
    want_int(&reader, "recipient_status", 2);
    want_str(&reader, "reason", fuzz_line(lines, 1));
    g_assert(attr_get_end(&reader) == ATTR_OK && reader.pos == out->len);
}

static void check_flush(const FuzzLines *lines)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    AttrReader reader;

    flush_add_encode(out, fuzz_line(lines, 0), fuzz_line(lines, 1));
    attr_reader_init(&reader, out->data, out->len);
    want_str(&reader, "request", "add");
    want_str(&reader, "site", fuzz_line(lines, 0));
    want_str(&reader, "queue_id", fuzz_line(lines, 1));
    g_assert(attr_get_end(&reader) == ATTR_OK && reader.pos == out->len);
}

static AttrStatus decode(AttrReader *reader, void *ret_reply)
{
    return report_reply_decode(reader, ret_reply);
}

static void check_status(const uint8_t *data, size_t size)
{
    uint8_t bytes[MASTER_STATUS_BYTES];
    int32_t pid = size > 0 ? data[0] : 0;

    master_status_encode(bytes, pid, 7, size % 2 == 0 ? MASTER_STATUS_AVAIL : MASTER_STATUS_TAKEN);
    g_assert(memcmp(bytes, &pid, sizeof(pid)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_auto(FuzzLines) lines = fuzz_lines(data, size);
    int32_t status;

    check_append(&lines);
    check_verify(&lines);
    check_flush(&lines);
    check_status(data, size);
    (void)fuzz_decode_pieces(data, size, decode, &status);
    return 0;
}
