#include "codec/report.h"
#include "tests/support/codec_fixture.h"
#include "tests/support/runner.h"

#define QUEUE_ID "4jXJsS5ScFzKNf"

static GByteArray *out;
static Envelope envelope;

static void set_up(void)
{
    out = g_byte_array_new();
}

static void tear_down(void)
{
    g_byte_array_unref(out);
    envelope_clear(&envelope);
}

START_TEST(an_append_equals_the_capture)
{
    g_autofree Recipient *recipient =
        recipient_new("user@dead.example", "user@dead.example", "rfc822;user@dead.example", 0, 248);
    ReportAppend append = {
        .queue_id = "4jXK0y2ZH4zKVj",
        .recipient = recipient,
        .status = "4.3.0",
        .action = "delayed",
        .reason = "mail transport unavailable",
    };

    report_append_encode(out, &append);
    assert_list(out, "nrequest|0|flags|0|queue_id|4jXK0y2ZH4zKVj|"
                     "original_recipient|user@dead.example|recipient|user@dead.example|offset|248|"
                     "dsn_orig_rcpt|rfc822;user@dead.example|notify_flags|0|"
                     "status|4.3.0|diag_type||diag_text||mta_type||mta_mname||"
                     "action|delayed|reason|mail transport unavailable||");
    ck_assert_uint_eq(out->len, 279);
}
END_TEST

START_TEST(an_append_carries_the_trace_flags)
{
    g_autofree Recipient *recipient = recipient_new("a", "", "", NOTIFY_DELAY, 5);
    ReportAppend append = {
        .flags = TRACE_PROBE_BY_USER,
        .queue_id = "Q",
        .recipient = recipient,
        .status = "2.0.0",
        .action = "deliverable",
        .reason = "",
    };

    report_append_encode(out, &append);
    assert_list(out, "nrequest|0|flags|512|queue_id|Q|original_recipient||recipient|a|offset|5|"
                     "dsn_orig_rcpt||notify_flags|8|status|2.0.0|diag_type||diag_text||"
                     "mta_type||mta_mname||action|deliverable|reason|||");
}
END_TEST

#define COMMON_AT(utf8) \
    "queue_name|active|queue_id|" QUEUE_ID "|encoding||" utf8 "|0|sender|sender@example.org|"
#define COMMON COMMON_AT("smtputf8")

static const struct {
    ReportKind kind;
    int32_t flags;
    int release;
    int dsn_ret;
    const char *envelope_id;
    const char *want;
    size_t want_bytes; /* bytes of the capture; 0: its length is not known */
} flushes[] = {
    {REPORT_FLUSH,      0,                        30700, 0, "",     "nrequest|1|flags|0|" COMMON "envelope_id||ret_flags|0||", 134},
    {REPORT_WARN,       0,                        30700, 0, "",     "nrequest|2|flags|0|" COMMON "envelope_id||ret_flags|0||", 134},
    {REPORT_FLUSH,      REPORT_DELETE_RECIPIENTS, 30700, 0, "",
     "nrequest|1|flags|2|" COMMON "envelope_id||ret_flags|0||",                                                                134},
    {REPORT_FLUSH_VERP, 0,                        30700, 0, "",
     "nrequest|3|flags|0|" COMMON "envelope_id||ret_flags|0|verp_delimiters|+=||",                                             0  },
    {REPORT_FLUSH_VERP, REPORT_DELETE_RECIPIENTS, 30700, 0, "",
     "nrequest|3|flags|2|" COMMON "envelope_id||ret_flags|0|verp_delimiters|+=||",                                             0  },
    {REPORT_TRACE,      TRACE_RECORD,             30700, 0, "",
     "nrequest|5|flags|1024|" COMMON "envelope_id||ret_flags|0||",                                                             0  },
    {REPORT_TRACE,      0,                        30700, 1, "id42",
     "nrequest|5|flags|0|" COMMON "envelope_id|id42|ret_flags|1||",                                                            0  },
    {REPORT_FLUSH,      0,                        31000, 0, "",
     "nrequest|1|flags|0|" COMMON_AT("sendopts") "envelope_id||ret_flags|0||",                                                 0  },
};

START_TEST(flush_warn_and_trace_equal_the_captures)
{
    const char *const texts[ENVELOPE_FIELD_COUNT] = {
        [ENVELOPE_SENDER] = "sender@example.org",
        [ENVELOPE_DSN_ENVID] = flushes[_i].envelope_id,
        [ENVELOPE_VERP_DELIMITERS] = "+=",
    };

    envelope.dsn_ret = (uint8_t)flushes[_i].dsn_ret;
    set_texts(&envelope, texts);
    report_flush_encode(out, flushes[_i].kind, flushes[_i].flags, QUEUE_ID, &envelope,
                        wire_names_for_release(flushes[_i].release));
    assert_list(out, flushes[_i].want);
    if (flushes[_i].want_bytes > 0)
        ck_assert_uint_eq(out->len, flushes[_i].want_bytes);
}
END_TEST

START_TEST(encoding_and_options_of_the_message_are_sent)
{
    static const char *const texts[ENVELOPE_FIELD_COUNT] = {[ENVELOPE_ENCODING] = "8bit"};

    envelope.send_options = 37;
    set_texts(&envelope, texts);
    report_flush_encode(out, REPORT_FLUSH, 0, "Q", &envelope, wire_names_for_release(31100));
    assert_list(out, "nrequest|1|flags|0|queue_name|active|queue_id|Q|encoding|8bit|sendopts|37|"
                     "sender||envelope_id||ret_flags|0||");
}
END_TEST

START_TEST(a_verify_update_equals_the_capture)
{
    verify_update_encode(out, "probe1@dead.example", 1, "mail transport unavailable");
    assert_list(out, "request|update|address|probe1@dead.example|recipient_status|1|"
                     "reason|mail transport unavailable||");
}
END_TEST

START_TEST(a_flush_add_equals_the_capture)
{
    flush_add_encode(out, "defer.example", "4jXK103TcNzKVy");
    assert_list(out, "request|add|site|defer.example|queue_id|4jXK103TcNzKVy||");
}
END_TEST

#define UNTOUCHED 77

static const struct {
    const char *list;
    AttrStatus want;
    int32_t want_status;
} replies[] = {
    {"status|0||",          ATTR_OK,   0        },
    {"status|4||",          ATTR_OK,   4        },
    {"status|4294967295||", ATTR_OK,   -1       },
    {"status|4294967294||", ATTR_OK,   -2       },
    {"status|0|",           ATTR_MORE, UNTOUCHED},
    {"",                    ATTR_MORE, UNTOUCHED},
    {"|",                   ATTR_BAD,  UNTOUCHED},
    {"status|||",           ATTR_BAD,  UNTOUCHED},
    {"status|0|reason|x||", ATTR_BAD,  UNTOUCHED},
    {"result|0||",          ATTR_BAD,  UNTOUCHED},
};

START_TEST(a_reply_is_one_number)
{
    int32_t got = UNTOUCHED;
    size_t size_bytes;
    g_autofree char *bytes = list_bytes(replies[_i].list, &size_bytes);
    AttrReader reader;

    attr_reader_init(&reader, bytes, size_bytes);
    ck_assert(report_reply_decode(&reader, &got) == replies[_i].want);
    ck_assert(reader.pos == (replies[_i].want == ATTR_OK ? size_bytes : 0));
    ck_assert(got == replies[_i].want_status);
}
END_TEST

int main(void)
{
    TCase *requests = tcase_create("requests"), *answers = tcase_create("answers");

    tcase_add_checked_fixture(requests, set_up, tear_down);
    tcase_add_test(requests, an_append_equals_the_capture);
    tcase_add_test(requests, an_append_carries_the_trace_flags);
    tcase_add_loop_test(requests, flush_warn_and_trace_equal_the_captures, 0,
                        G_N_ELEMENTS(flushes));
    tcase_add_test(requests, encoding_and_options_of_the_message_are_sent);
    tcase_add_test(requests, a_verify_update_equals_the_capture);
    tcase_add_test(requests, a_flush_add_equals_the_capture);
    tcase_add_loop_test(answers, a_reply_is_one_number, 0, G_N_ELEMENTS(replies));
    return run_suite("codec/report", requests, answers, NULL);
}
