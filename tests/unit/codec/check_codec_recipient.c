#include <string.h>

#include "codec/envelope.h"
#include "tests/support/runner.h"

static const struct {
    const char *address, *original, *dsn_original;
    size_t text_bytes; /* the limit for all three together */
} cases[] = {
    {"a@b",      "a@b",      "rfc822;a@b", 11},
    {"a@b",      "a@b",      "",           5 },
    {"a@b",      "",         "",           5 },
    {"new@b",    "a@b",      "rfc822;a@b", 17},
    {"xa@b",     "a@b",      "rfc822;a@b", 16}, /* longer than the text it ends with */
    {"",         "",         "",           1 },
    {"",         "a@b",      "rfc822;x@y", 15},
    {"\xc3\xbc", "\xc3\xbc", "utf-8;u",    11},
};

static void assert_texts(const Recipient *recipient, const char *address, const char *original,
                         const char *dsn_original)
{
    ck_assert_str_eq(recipient_address(recipient), address);
    ck_assert_str_eq(recipient_original(recipient), original);
    ck_assert_str_eq(recipient_dsn_original(recipient), dsn_original);
}

static uint32_t end_of(const char *text, uint32_t at)
{
    return at + (uint32_t)strlen(text) + 1;
}

START_TEST(texts_are_kept_and_equal_ends_are_stored_once)
{
    g_autofree Recipient *recipient = recipient_new(cases[_i].address, cases[_i].original,
                                                    cases[_i].dsn_original, NOTIFY_DELAY, 1234);
    uint32_t end;

    assert_texts(recipient, cases[_i].address, cases[_i].original, cases[_i].dsn_original);
    ck_assert_int_eq(recipient->notify_flags, NOTIFY_DELAY);
    ck_assert_int_eq(recipient->offset, 1234);

    end = MAX(end_of(cases[_i].address, recipient->address_at),
              end_of(cases[_i].original, recipient->original_at));
    end = MAX(end, end_of(cases[_i].dsn_original, recipient->dsn_original_at));
    ck_assert_uint_le(end, cases[_i].text_bytes);
}
END_TEST

START_TEST(readdressing_keeps_all_but_the_address)
{
    g_autofree Recipient *recipient = recipient_new("a@b", "o@b", "rfc822;d@b", NOTIFY_NEVER, 77);

    recipient = recipient_readdress(recipient, "somebody@else.example");
    assert_texts(recipient, "somebody@else.example", "o@b", "rfc822;d@b");
    ck_assert_int_eq(recipient->notify_flags, NOTIFY_NEVER);
    ck_assert_int_eq(recipient->offset, 77);
}
END_TEST

START_TEST(readdressing_to_the_same_address_returns_the_recipient)
{
    Recipient *recipient = recipient_new("a@b", "", "", 0, 0);

    ck_assert_ptr_eq(recipient_readdress(recipient, "a@b"), recipient);
    g_free(recipient);
}
END_TEST

START_TEST(the_new_address_may_be_a_text_of_the_recipient)
{
    g_autofree Recipient *recipient = recipient_new("a@b", "o@b", "", 0, 0);

    recipient = recipient_readdress(recipient, recipient_original(recipient));
    assert_texts(recipient, "o@b", "o@b", "");
}
END_TEST

START_TEST(freeing_empties_the_chain)
{
    Chain chain = {0};

    for (int i = 0; i < 3; i++)
        chain_append(&chain, &recipient_new("a@b", "", "", 0, i)->link);
    recipients_free(&chain);
    ck_assert(chain_is_empty(&chain));
    recipients_free(&chain);
}
END_TEST

START_TEST(a_zeroed_envelope_has_the_defaults)
{
    Envelope envelope = {0};

    for (int field = 0; field < ENVELOPE_FIELD_COUNT; field++)
        ck_assert_str_eq(envelope_text(&envelope, field),
                         field == ENVELOPE_REWRITE_CONTEXT ? "local" : "");
    envelope_clear(&envelope);
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table");
    TCase *rules = tcase_create("rules");

    tcase_add_loop_test(table, texts_are_kept_and_equal_ends_are_stored_once, 0,
                        G_N_ELEMENTS(cases));
    tcase_add_test(rules, readdressing_keeps_all_but_the_address);
    tcase_add_test(rules, readdressing_to_the_same_address_returns_the_recipient);
    tcase_add_test(rules, the_new_address_may_be_a_text_of_the_recipient);
    tcase_add_test(rules, freeing_empties_the_chain);
    tcase_add_test(rules, a_zeroed_envelope_has_the_defaults);
    return run_suite("codec/recipient", table, rules, NULL);
}
