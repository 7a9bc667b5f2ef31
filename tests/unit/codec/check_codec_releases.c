#include <string.h>

#include "codec/delivery.h"
#include "codec/report.h"
#include "tests/postfix/queue_file.h"
#include "tests/support/codec_fixture.h"
#include "tests/support/queue_file_reading.h"
#include "tests/support/runner.h"

/*
 * What differs between the releases 3.6 to 3.12 (ipc.md 9.2, behaviour.md 14), element by element,
 * as a peer of that release sees it: one that is strict about names and their order. What is not
 * here is the same in all of them, and its encoder does not know the release.
 */

static const struct {
    int release;              /* RELEASE(): 30711 is 3.7.11 */
    int options_of_255;       /* what the SIZE field 255 becomes */
    const char *options_name; /* attribute 8 of a request, 6 of a flush */
    const char *verp_failed;
    const char *bad_attribute;
    bool checks_types;
} releases[] = {
    {30600, 255, "smtputf8", "verp",        "ignoring bad attribute", false},
    {30616, 255, "smtputf8", "verp",        "ignoring bad attribute", false},
    {30617, 15,  "smtputf8", "verp",        "ignoring bad attribute", false},
    {30699, 15,  "smtputf8", "verp",        "ignoring bad attribute", false},
    {30700, 255, "smtputf8", "verp",        "bad attribute record",   true },
    {30712, 255, "smtputf8", "verp",        "bad attribute record",   true },
    {30713, 15,  "smtputf8", "verp",        "bad attribute record",   true },
    {30799, 15,  "smtputf8", "verp",        "bad attribute record",   true },
    {30800, 255, "smtputf8", "verp",        "bad attribute record",   true },
    {30807, 255, "smtputf8", "verp",        "bad attribute record",   true },
    {30808, 15,  "smtputf8", "verp",        "bad attribute record",   true },
    {30899, 15,  "smtputf8", "verp",        "bad attribute record",   true },
    {30900, 255, "smtputf8", "verp",        "bad attribute record",   true },
    {30901, 255, "smtputf8", "verp",        "bad attribute record",   true },
    {30902, 15,  "smtputf8", "verp",        "bad attribute record",   true },
    {30999, 15,  "smtputf8", "verp",        "bad attribute record",   true },
    {31000, 63,  "sendopts", "verp",        "bad attribute record",   true },
    {31099, 63,  "sendopts", "verp",        "bad attribute record",   true },
    {31100, 63,  "sendopts", "verp-bounce", "bad attribute record",   true },
    {31199, 63,  "sendopts", "verp-bounce", "bad attribute record",   true },
    {31200, 63,  "sendopts", "verp-bounce", "bad attribute record",   true },
    {31299, 63,  "sendopts", "verp-bounce", "bad attribute record",   true },
};

#define OPTIONS "?" /* in lists of names: the attribute whose name depends */

static GByteArray *out;
static Envelope envelope;
static Chain recipients;

static void set_up(void)
{
    static const char *const texts[ENVELOPE_FIELD_COUNT] = {
        [ENVELOPE_SENDER] = "s@x",
        [ENVELOPE_VERP_DELIMITERS] = "+=",
    };

    out = g_byte_array_new();
    envelope = (Envelope){.send_options = 1};
    set_texts(&envelope, texts);
    chain_append(&recipients, &recipient_new("a@x", "", "", 0, 100)->link);
}

static void tear_down(void)
{
    g_byte_array_unref(out);
    envelope_clear(&envelope);
    recipients_free(&recipients);
}

/* Reads one list as a strict receiver does; returns the names it had, separated by blanks. */
static char *names_of_list(AttrReader *reader, const char *wanted)
{
    g_auto(GStrv) each = g_strsplit(wanted, " ", -1);
    GString *got = g_string_new(NULL);
    const char *value;

    for (char **name = each; *name != NULL && attr_get_str(reader, *name, &value) == ATTR_OK;
         name++)
        g_string_append_printf(got, "%s%s", got->len > 0 ? " " : "", *name);
    if (attr_get_end(reader) != ATTR_OK)
        g_string_append(got, " and more");
    return g_string_free(got, FALSE);
}

static void assert_names(AttrReader *reader, const char *format, const char *options_name)
{
    g_auto(GStrv) parts = g_strsplit(format, OPTIONS, -1);
    g_autofree char *want = g_strjoinv(options_name, parts);
    g_autofree char *got = names_of_list(reader, want);

    ck_assert_str_eq(got, want);
}

START_TEST(agent_gets_the_request_it_knows)
{
    const DeliveryRequest request = {
        .queue_id = "A1",
        .nexthop = "x",
        .sender = "s@x",
        .envelope = &envelope,
        .send_options = 1,
        .recipients = &recipients,
        .recipient_count = 1,
    };
    AttrReader reader;

    delivery_request_encode(out, &request, wire_names_for_release(releases[_i].release));
    attr_reader_init(&reader, out->data, out->len);
    assert_names(&reader,
                 "flags queue_name queue_id offset size nexthop encoding " OPTIONS " sender "
                 "envelope_id ret_flags time log_client_name log_client_address log_client_port "
                 "log_protocol_name log_helo_name sasl_method sasl_username sasl_sender log_ident "
                 "rewrite_context recipient_count",
                 releases[_i].options_name);
    assert_names(&reader, "original_recipient recipient offset dsn_orig_rcpt notify_flags", NULL);
    ck_assert_uint_eq(reader.pos, out->len);
}
END_TEST

#define FLUSH "nrequest flags queue_name queue_id encoding " OPTIONS " sender envelope_id ret_flags"

static const struct {
    ReportKind kind;
    const char *names;
} flushes[] = {
    {REPORT_FLUSH,      FLUSH                   },
    {REPORT_WARN,       FLUSH                   },
    {REPORT_FLUSH_VERP, FLUSH " verp_delimiters"},
    {REPORT_TRACE,      FLUSH                   },
};

START_TEST(bounce_gets_the_requests_it_knows)
{
    for (size_t i = 0; i < G_N_ELEMENTS(flushes); i++) {
        AttrReader reader;

        g_byte_array_set_size(out, 0);
        report_flush_encode(out, flushes[i].kind, 0, "A1", &envelope,
                            wire_names_for_release(releases[_i].release));
        attr_reader_init(&reader, out->data, out->len);
        assert_names(&reader, flushes[i].names, releases[_i].options_name);
        ck_assert_uint_eq(reader.pos, out->len);
    }
}
END_TEST

START_TEST(failed_verp_reports_have_their_word)
{
    ck_assert_str_eq(wire_names_for_release(releases[_i].release).verp_failed,
                     releases[_i].verp_failed);
}
END_TEST

static QueueFileReading read_as(int release, const QueueFileParts *parts)
{
    QueueFileReading reading = {.rules = QUEUE_FILE_RULES};
    g_autoptr(GByteArray) file = queue_file_make(parts);

    reading.rules.release = release;
    queue_file_read(&reading, file->data, file->len, false);
    return reading;
}

START_TEST(options_of_files_are_those_the_release_knows)
{
    QueueFileReading reading =
        read_as(releases[_i].release,
                &(QueueFileParts){.envelope = "T100|Ss@x|Ra@x", .size_tail = "1 0 23 255"});

    ck_assert_int_eq(reading.progress, ENVELOPE_READ);
    ck_assert_int_eq(reading.envelope.send_options, releases[_i].options_of_255);
    queue_file_reading_clear(&reading);
}
END_TEST

START_TEST(unknown_records_are_refused_since_3_7)
{
    QueueFileReading reading =
        read_as(releases[_i].release, &(QueueFileParts){.envelope = "T100|wx|Ss@x|Ra@x"});

    ck_assert_int_eq(reading.progress == ENVELOPE_READ, !releases[_i].checks_types);
    queue_file_reading_clear(&reading);
}
END_TEST

START_TEST(bad_attributes_are_named_and_refused)
{
    QueueFileReading reading =
        read_as(releases[_i].release, &(QueueFileParts){.envelope = "T100|Ss@x|Axyz|Ra@x"});
    g_autofree char *want = g_strdup_printf("ID: %s: missing '=' after attribute name: xyz",
                                            releases[_i].bad_attribute);

    ck_assert_int_ne(reading.progress, ENVELOPE_READ);
    ck_assert_str_eq(g_ptr_array_index(reading.batch.warnings, 0), want);
    queue_file_reading_clear(&reading);
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("releases");

    tcase_add_checked_fixture(table, set_up, tear_down);
    tcase_add_loop_test(table, agent_gets_the_request_it_knows, 0, G_N_ELEMENTS(releases));
    tcase_add_loop_test(table, bounce_gets_the_requests_it_knows, 0, G_N_ELEMENTS(releases));
    tcase_add_loop_test(table, failed_verp_reports_have_their_word, 0, G_N_ELEMENTS(releases));
    tcase_add_loop_test(table, options_of_files_are_those_the_release_knows, 0,
                        G_N_ELEMENTS(releases));
    tcase_add_loop_test(table, unknown_records_are_refused_since_3_7, 0, G_N_ELEMENTS(releases));
    tcase_add_loop_test(table, bad_attributes_are_named_and_refused, 0, G_N_ELEMENTS(releases));
    return run_suite("codec/releases", table, NULL);
}
