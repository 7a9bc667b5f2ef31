#include "codec/delivery.h"
#include "tests/support/codec_fixture.h"
#include "tests/support/runner.h"

static GByteArray *out;
static Envelope envelope;
static Chain recipients;

static void set_up(void)
{
    out = g_byte_array_new();
}

static void tear_down(void)
{
    g_byte_array_unref(out);
    envelope_clear(&envelope);
    recipients_free(&recipients);
}

/* The file of the capture in ipc.md 3.5 begins with "232 269 1 0 232 0". */
static DeliveryRequest captured_request(void)
{
    static const char *const texts[ENVELOPE_FIELD_COUNT] = {
        [ENVELOPE_SENDER] = "sender@example.org",
        [ENVELOPE_REWRITE_CONTEXT] = "local",
    };

    envelope = (Envelope){.arrival_s = 1795328571,
                          .arrival_us = 343850,
                          .data_offset = 269,
                          .data_size = 232,
                          .content_size = 232};
    set_texts(&envelope, texts);
    chain_append(&recipients, &recipient_new("user@conn.example", "user@conn.example",
                                             "rfc822;user@conn.example", 0, 248)
                                   ->link);
    return (DeliveryRequest){
        .flags = DELIVERY_MARK_SUCCESS | DELIVERY_MARK_BOUNCED,
        .queue_id = "4jXJsR2RXzzKNR",
        .nexthop = "[127.0.0.1]:11899",
        .sender = "sender@example.org",
        .envelope = &envelope,
        .active_s = 1795328571,
        .active_us = 348242,
        .recipients = &recipients,
        .recipient_count = 1,
    };
}

/* 64-bit little endian, as captured. */
#define TIME_CAPTURE                                               \
    "O4oCawAAAAAqPwUAAAAAADuKAmsAAAAAUlAFAAAAAAAAAAAAAAAAAAAAAAAA" \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
#define TIME_PLACE "time|" TIME_CAPTURE "|"

START_TEST(the_request_equals_the_capture)
{
    DeliveryRequest request = captured_request();

    delivery_request_encode(out, &request, wire_names_for_release(30700));
    assert_list(out, "flags|3|queue_name|active|queue_id|4jXJsR2RXzzKNR|offset|269|size|232|"
                     "nexthop|[127.0.0.1]:11899|encoding||smtputf8|0|sender|sender@example.org|"
                     "envelope_id||ret_flags|0|" TIME_PLACE
                     "log_client_name||log_client_address||log_client_port||log_protocol_name||"
                     "log_helo_name||sasl_method||sasl_username||sasl_sender||log_ident||"
                     "rewrite_context|local|recipient_count|1||"
                     "original_recipient|user@conn.example|recipient|user@conn.example|offset|248|"
                     "dsn_orig_rcpt|rfc822;user@conn.example|notify_flags|0||");
    ck_assert_uint_eq(out->len, 606);
}
END_TEST

START_TEST(every_field_has_its_place)
{
    static const char *const texts[ENVELOPE_FIELD_COUNT] = {
        [ENVELOPE_SENDER] = "s",
        [ENVELOPE_ENCODING] = "8bit",
        [ENVELOPE_DSN_ENVID] = "envid",
        [ENVELOPE_LOG_CLIENT_NAME] = "cn",
        [ENVELOPE_LOG_CLIENT_ADDRESS] = "ca",
        [ENVELOPE_LOG_CLIENT_PORT] = "cp",
        [ENVELOPE_LOG_PROTOCOL_NAME] = "pn",
        [ENVELOPE_LOG_HELO_NAME] = "hn",
        [ENVELOPE_SASL_METHOD] = "sm",
        [ENVELOPE_SASL_USERNAME] = "su",
        [ENVELOPE_SASL_SENDER] = "ss",
        [ENVELOPE_LOG_IDENT] = "li",
        [ENVELOPE_REWRITE_CONTEXT] = "remote",
    };
    DeliveryRequest request = captured_request();

    envelope_clear(&envelope);
    envelope.arrival_s = 1795328571;
    envelope.arrival_us = 343850;
    envelope.data_offset = 5000000000;
    envelope.dsn_ret = 2;
    set_texts(&envelope, texts);
    chain_append(&recipients, &recipient_new("b", "", "", NOTIFY_NEVER, -1)->link);
    request.flags = DELIVERY_MARK_BOUNCED | TRACE_DELAY_CLEARED;
    request.send_options = SEND_OPTION_SMTPUTF8 | SEND_OPTION_RECIPIENT;
    request.sender = "verp";
    request.recipient_count = 2;
    delivery_request_encode(out, &request, wire_names_for_release(31200));
    assert_list(out, "flags|8194|queue_name|active|queue_id|4jXJsR2RXzzKNR|offset|5000000000|"
                     "size|0|nexthop|[127.0.0.1]:11899|encoding|8bit|sendopts|9|sender|verp|"
                     "envelope_id|envid|ret_flags|2|" TIME_PLACE
                     "log_client_name|cn|log_client_address|ca|log_client_port|cp|"
                     "log_protocol_name|pn|log_helo_name|hn|sasl_method|sm|sasl_username|su|"
                     "sasl_sender|ss|log_ident|li|rewrite_context|remote|recipient_count|2||"
                     "original_recipient|user@conn.example|recipient|user@conn.example|offset|248|"
                     "dsn_orig_rcpt|rfc822;user@conn.example|notify_flags|0||"
                     "original_recipient||recipient|b|offset|18446744073709551615|"
                     "dsn_orig_rcpt||notify_flags|1||");
}
END_TEST

static const struct {
    int release; /* RELEASE(): 30711 is 3.7.11 */
    const char *send_options, *verp_failed;
} releases[] = {
    {-1,    "smtputf8", "verp"       },
    {30600, "smtputf8", "verp"       },
    {30700, "smtputf8", "verp"       },
    {30800, "smtputf8", "verp"       },
    {30900, "smtputf8", "verp"       },
    {31000, "sendopts", "verp"       },
    {31100, "sendopts", "verp-bounce"},
    {31200, "sendopts", "verp-bounce"},
    {40000, "sendopts", "verp-bounce"},
};

START_TEST(names_follow_the_release)
{
    WireNames names = wire_names_for_release(releases[_i].release);

    ck_assert_str_eq(names.send_options, releases[_i].send_options);
    ck_assert_str_eq(names.verp_failed, releases[_i].verp_failed);
}
END_TEST

static const struct {
    const char *sender, *address, *original, *want;
} verp[] = {
    {"list@l.org",  "a@x.t1", "",       "list+a=x.t1@l.org"},
    {"list@l.org",  "a@x.t1", "o@y.t1", "list+o=y.t1@l.org"},
    {"l@i@x",       "a",      "u@b@c",  "l@i+u@b=c@x"      },
    {"l@i@x",       "a",      "u@",     "l@i+u@x"          },
    {"list@l.org",  "local",  "",       "list+local@l.org" },
    {"list",        "a@x",    "",       "list+a=x"         },
    {"list@",       "a@x",    "",       "list+a=x"         },
    {"list@",       "a",      "u",      "list+u"           },
    {"@x",          "a@b",    "",       "+a=b@x"           },
    {"li st@l.org", "y z@x",  "",       "li st+y z=x@l.org"},
};

START_TEST(the_verp_sender_names_the_recipient)
{
    g_autofree Recipient *recipient = recipient_new(verp[_i].address, verp[_i].original, "", 0, 1);
    g_autofree char *got = delivery_verp_sender(verp[_i].sender, "+=", recipient);

    ck_assert_str_eq(got, verp[_i].want);
}
END_TEST

static const struct {
    const char *address;
    bool want;
} utf8[] = {
    {"",                        false},
    {"user@example.org",        false},
    {"us\xc3\xa9r@example.org", true },
    {"user@\xe4\xbe\x8b.jp",    true },
    {"us\xe9r@example.org",     false}, /* Latin-1 */
    {"us\xc3\xa9r\xc3",         false}, /* cut character */
    {"us\xc0\xafr",             false}, /* overlong */
    {"us\xed\xa0\x80r",         false}, /* surrogate */
};

START_TEST(utf8_addresses_are_recognised)
{
    ck_assert(delivery_address_is_utf8(utf8[_i].address) == utf8[_i].want);
}
END_TEST

static const struct {
    const char *dsn;
    bool want;
} dsns[] = {
    {"2.0.0",       true },
    {"4.3.0",       true },
    {"5.123.456",   true },
    {"4.4.1 text",  true },
    {"4.4.1\ttext", true },
    {"",            false},
    {"3.0.0",       false},
    {"1.0.0",       false},
    {"4",           false},
    {"4.",          false},
    {"4..0",        false},
    {"4.0",         false},
    {"4.0.",        false},
    {"4.0.x",       false},
    {"4.0.0x",      false},
    {"4.0.0.0",     false},
    {"4.1234.0",    false},
    {"4.0.1234",    false},
    {"44.0.0",      false},
    {" 4.0.0",      false},
};

START_TEST(enhanced_status_codes_are_checked)
{
    ck_assert_msg(dsn_is_valid(dsns[_i].dsn) == dsns[_i].want, "\"%s\"", dsns[_i].dsn);
}
END_TEST

#define NO_DSN    "status||diag_type||diag_text||mta_type||mta_mname||action||reason||"
#define UNTOUCHED 77

static const struct {
    const char *list;
    AttrStatus want;
    int32_t want_status;
    const char *want_dsn, *want_reason;
} replies[] = {
    {NO_DSN "status|0||",                                                                         ATTR_OK,   0,         "",      ""                                                         },
    {NO_DSN "status|4294967295||",                                                                ATTR_OK,   -1,        "",      ""                                                         },
    {"status|4.4.1|diag_type|smtp|diag_text|450 no|mta_type|dns|mta_mname|h|action|delayed|"
     "reason|connect to 127.0.0.1[127.0.0.1]:11899: Connection refused|status|4294967295||", ATTR_OK,   -1,        "4.4.1", "connect to 127.0.0.1[127.0.0.1]:11899: Connection refused"},
    {NO_DSN "status|0|",                                                                          ATTR_MORE, UNTOUCHED, "x",     "x"                                                        },
    {"",                                                                                          ATTR_MORE, UNTOUCHED, "x",     "x"                                                        },
    {NO_DSN "|",                                                                                  ATTR_BAD,  UNTOUCHED, "x",     "x"                                                        },
    {NO_DSN "status|no||",                                                                        ATTR_BAD,  UNTOUCHED, "x",     "x"                                                        },
    {NO_DSN "status|0|more|1||",                                                                  ATTR_BAD,  UNTOUCHED, "x",     "x"                                                        },
    {"status|0||",                                                                                ATTR_BAD,  UNTOUCHED, "x",     "x"                                                        },
    {"garbage|",                                                                                  ATTR_BAD,  UNTOUCHED, "x",     "x"                                                        },
    {"|",                                                                                         ATTR_BAD,  UNTOUCHED, "x",     "x"                                                        },
};

START_TEST(replies_are_decoded_or_left_alone)
{
    DeliveryReply reply = {.status = UNTOUCHED, .dsn = "x", .reason = "x"};
    size_t size_bytes;
    g_autofree char *bytes = list_bytes(replies[_i].list, &size_bytes);
    AttrReader reader;

    attr_reader_init(&reader, bytes, size_bytes);
    ck_assert(delivery_reply_decode(&reader, &reply) == replies[_i].want);
    ck_assert(reader.pos == (replies[_i].want == ATTR_OK ? size_bytes : 0));
    ck_assert(reply.status == replies[_i].want_status);
    ck_assert(strcmp(reply.dsn, replies[_i].want_dsn) == 0);
    ck_assert(strcmp(reply.reason, replies[_i].want_reason) == 0);
}
END_TEST

int main(void)
{
    TCase *requests = tcase_create("requests"), *addresses = tcase_create("addresses"),
          *answers = tcase_create("answers");

    tcase_add_checked_fixture(requests, set_up, tear_down);
    tcase_add_test(requests, the_request_equals_the_capture);
    tcase_add_test(requests, every_field_has_its_place);
    tcase_add_loop_test(requests, names_follow_the_release, 0, G_N_ELEMENTS(releases));
    tcase_add_loop_test(addresses, the_verp_sender_names_the_recipient, 0, G_N_ELEMENTS(verp));
    tcase_add_loop_test(addresses, utf8_addresses_are_recognised, 0, G_N_ELEMENTS(utf8));
    tcase_add_loop_test(answers, enhanced_status_codes_are_checked, 0, G_N_ELEMENTS(dsns));
    tcase_add_loop_test(answers, replies_are_decoded_or_left_alone, 0, G_N_ELEMENTS(replies));
    return run_suite("codec/delivery", requests, addresses, answers, NULL);
}
