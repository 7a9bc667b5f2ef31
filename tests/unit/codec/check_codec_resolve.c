#include "codec/resolve.h"
#include "tests/support/codec_fixture.h"
#include "tests/support/runner.h"

#define UNTOUCHED 77

static GByteArray *out;

static void set_up(void)
{
    out = g_byte_array_new();
}

static void tear_down(void)
{
    g_byte_array_unref(out);
}

START_TEST(questions_equal_the_captures)
{
    resolve_request_encode(out, "resolve", "sender@example.org", "user@conn.example");
    assert_list(out, "request|resolve|sender|sender@example.org|address|user@conn.example||");
    ck_assert_uint_eq(out->len, 69);
}
END_TEST

START_TEST(a_probe_has_no_sender_and_another_word)
{
    resolve_request_encode(out, "verify", "", "u");
    assert_list(out, "request|verify|sender||address|u||");
}
END_TEST

START_TEST(rewrite_questions_equal_the_capture)
{
    rewrite_request_encode(out, "local", "bob");
    assert_list(out, "request|rewrite|rule|local|address|bob||");
}
END_TEST

static const struct {
    const char *list;
    AttrStatus want;
    ResolveReply reply;
} replies[] = {
    {"flags|0|transport|smtp|nexthop|[127.0.0.1]:11899|recipient|user@conn.example|flags|2048||",
     ATTR_OK,                                                                                                {0, RESOLVE_CLASS_RELAY, "smtp", "[127.0.0.1]:11899", "user@conn.example"}},
    {"flags|1|transport|CHANNEL NOT UPDATED|nexthop|NEXTHOP NOT UPDATED|recipient|u@a..b|"
     "flags|4100||",                                                                         ATTR_OK,
     {1, RESOLVE_CLASS_DEFAULT | RESOLVE_ERROR, "CHANNEL NOT UPDATED", "NEXTHOP NOT UPDATED",
      "u@a..b"}                                                                                                                                                                        },
    {"flags|0|transport||nexthop||recipient||flags|0||",                                          ATTR_OK,   {0, 0, "", "", ""}                                                        },
    {"flags|0|transport|smtp|nexthop|x|recipient|u@x|flags|2048|",                                ATTR_MORE, {0}                                                                       },
    {"flags|0|transport|smtp|nexthop|x|",                                                         ATTR_MORE, {0}                                                                       },
    {"",                                                                                          ATTR_MORE, {0}                                                                       },
    {"flags|0|transport|smtp|nexthop|x|recipient|u@x||",                                          ATTR_BAD,  {0}                                                                       },
    {"flags|0|transport|smtp|nexthop|x|recipient|u@x|flags|z||",                                  ATTR_BAD,  {0}                                                                       },
    {"flags|0|transport|smtp|nexthop|x|recipient|u@x|flags|1|more|1||",                           ATTR_BAD,  {0}                                                                       },
    {"transport|smtp||",                                                                          ATTR_BAD,  {0}                                                                       },
    {"|",                                                                                         ATTR_BAD,  {0}                                                                       },
};

static bool same_reply(const ResolveReply *a, const ResolveReply *b)
{
    return a->server_flags == b->server_flags && a->flags == b->flags &&
           g_strcmp0(a->transport, b->transport) == 0 && g_strcmp0(a->nexthop, b->nexthop) == 0 &&
           g_strcmp0(a->recipient, b->recipient) == 0;
}

START_TEST(answers_are_decoded_or_left_alone)
{
    ResolveReply reply = {0};
    size_t size_bytes;
    g_autofree char *bytes = list_bytes(replies[_i].list, &size_bytes);
    AttrReader reader;

    attr_reader_init(&reader, bytes, size_bytes);
    ck_assert(resolve_reply_decode(&reader, &reply) == replies[_i].want);
    ck_assert(reader.pos == (replies[_i].want == ATTR_OK ? size_bytes : 0));
    ck_assert(same_reply(&reply, &replies[_i].reply));
}
END_TEST

static const struct {
    const char *list;
    AttrStatus want;
    int32_t want_flags;
    const char *want_address;
} rewritten[] = {
    {"flags|0|address|bob@test.example||",  ATTR_OK,   0,         "bob@test.example"},
    {"flags|1|address|\"a b\"@x||",         ATTR_OK,   1,         "\"a b\"@x"       },
    {"flags|0|address|bob@test.example|",   ATTR_MORE, UNTOUCHED, NULL              },
    {"flags|0||",                           ATTR_BAD,  UNTOUCHED, NULL              },
    {"address|bob||",                       ATTR_BAD,  UNTOUCHED, NULL              },
    {"flags|0|address|bob|recipient|bob||", ATTR_BAD,  UNTOUCHED, NULL              },
};

START_TEST(rewritten_addresses_are_decoded_or_left_alone)
{
    int32_t server_flags = UNTOUCHED;
    const char *address = NULL;
    size_t size_bytes;
    g_autofree char *bytes = list_bytes(rewritten[_i].list, &size_bytes);
    AttrReader reader;

    attr_reader_init(&reader, bytes, size_bytes);
    ck_assert(rewrite_reply_decode(&reader, &server_flags, &address) == rewritten[_i].want);
    ck_assert(reader.pos == (rewritten[_i].want == ATTR_OK ? size_bytes : 0));
    ck_assert(server_flags == rewritten[_i].want_flags);
    ck_assert(g_strcmp0(address, rewritten[_i].want_address) == 0);
}
END_TEST

START_TEST(answers_of_one_connection_follow_each_other)
{
    size_t size_bytes;
    g_autofree char *bytes =
        list_bytes("flags|0|address|a||flags|0|address|b||flags|0|addr", &size_bytes);
    AttrReader reader;
    int32_t server_flags;
    const char *first, *second, *third;

    attr_reader_init(&reader, bytes, size_bytes);
    ck_assert(rewrite_reply_decode(&reader, &server_flags, &first) == ATTR_OK);
    ck_assert(rewrite_reply_decode(&reader, &server_flags, &second) == ATTR_OK);
    ck_assert(strcmp(first, "a") == 0 && strcmp(second, "b") == 0);
    ck_assert(rewrite_reply_decode(&reader, &server_flags, &third) == ATTR_MORE);
    ck_assert(size_bytes - reader.pos == strlen("flags|0|addr"));
}
END_TEST

int main(void)
{
    TCase *questions = tcase_create("questions"), *answers = tcase_create("answers");

    tcase_add_checked_fixture(questions, set_up, tear_down);
    tcase_add_test(questions, questions_equal_the_captures);
    tcase_add_test(questions, a_probe_has_no_sender_and_another_word);
    tcase_add_test(questions, rewrite_questions_equal_the_capture);
    tcase_add_loop_test(answers, answers_are_decoded_or_left_alone, 0, G_N_ELEMENTS(replies));
    tcase_add_loop_test(answers, rewritten_addresses_are_decoded_or_left_alone, 0,
                        G_N_ELEMENTS(rewritten));
    tcase_add_test(answers, answers_of_one_connection_follow_each_other);
    return run_suite("codec/resolve", questions, answers, NULL);
}
