#include <string.h>

#include "codec/attr.h"
#include "codec/control.h"
#include "src/control/discreet_internal.h"
#include "src/control/level_internal.h"
#include "src/control/listing_internal.h"
#include "src/control/pace_internal.h"
#include "src/control/request_internal.h"
#include "tests/support/runner.h"

/* ---- requests ---- */

/* Bytes of a request, NUL written as '|', and what becomes of them. */
static const struct {
    const char *bytes;
    RequestStatus status;
    const char *verb;
    size_t used_bytes;
} requests[] = {
    {"",                        REQUEST_MORE,      NULL,     0 },
    {"verb",                    REQUEST_MORE,      NULL,     0 },
    {"verb|status",             REQUEST_MORE,      NULL,     0 },
    {"verb|status|",            REQUEST_MORE,      NULL,     0 },
    {"verb|status||",           REQUEST_OK,        "status", 13},
    {"limit|5|verb|due||",      REQUEST_OK,        "due",    18},
    {"verb|status||verb|due||", REQUEST_OK,        "status", 13},
    {"|",                       REQUEST_OK,        "",       1 },
    {"verb|a|verb|b||",         REQUEST_MALFORMED, NULL,     0 },
    {"verb||||",                REQUEST_OK,        "",       7 },
    {"\n\r\x01\xff|\x80||",     REQUEST_OK,        "",       8 },
};

static GByteArray *bytes_of(const char *text)
{
    GByteArray *bytes = g_byte_array_new();

    for (; *text != '\0'; text++)
        g_byte_array_append(bytes, (const guint8 *)(*text == '|' ? "" : text), 1);
    return bytes;
}

START_TEST(requests_are_lists_of_attributes_in_any_order)
{
    g_autoptr(GByteArray) bytes = bytes_of(requests[_i].bytes);
    Request request;
    size_t used_bytes;
    RequestStatus status = request_parse(bytes->data, bytes->len, &request, &used_bytes);

    ck_assert_int_eq(status, requests[_i].status);
    if (status != REQUEST_OK)
        return;
    ck_assert_str_eq(request.verb, requests[_i].verb);
    ck_assert_uint_eq(used_bytes, requests[_i].used_bytes);
    request_clear(&request);
}
END_TEST

START_TEST(requests_are_bounded)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Request request;
    size_t used_bytes;

    g_byte_array_set_size(bytes, CONTROL_REQUEST_MAX_BYTES + 1);
    memset(bytes->data, 'x', bytes->len);
    ck_assert_int_eq(
        request_parse(bytes->data, CONTROL_REQUEST_MAX_BYTES - 1, &request, &used_bytes),
        REQUEST_MORE);
    ck_assert_int_eq(request_parse(bytes->data, bytes->len, &request, &used_bytes),
                     REQUEST_MALFORMED);
}
END_TEST

static const struct {
    const char *text;
    bool is_number;
    int64_t value;
} numbers[] = {
    {NULL,                   true,  7 },
    {"0",                    true,  0 },
    {"10",                   true,  10},
    {"11",                   false, 0 },
    {"-1",                   false, 0 },
    {"",                     false, 0 },
    {"1x",                   false, 0 },
    {"99999999999999999999", false, 0 },
};

START_TEST(numbers_are_whole_and_in_range)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Request request;
    size_t used_bytes;
    int64_t value;

    if (numbers[_i].text != NULL)
        attr_put_str(bytes, "n", numbers[_i].text);
    attr_put_end(bytes);
    ck_assert_int_eq(request_parse(bytes->data, bytes->len, &request, &used_bytes), REQUEST_OK);
    ck_assert_int_eq(request_number(&request, "n", 0, 10, 7, &value), numbers[_i].is_number);
    if (numbers[_i].is_number)
        ck_assert_int_eq(value, numbers[_i].value);
    request_clear(&request);
}
END_TEST

/* ---- patterns ---- */

static const struct {
    const char *pattern, *name;
    bool matches;
} patterns[] = {
    {NULL,     "a.test",   true },
    {"a.test", "a.test",   true },
    {"A.TEST", "a.test",   true },
    {"a.test", "b.a.test", false},
    {"*.test", "a.test",   true },
    {"*.test", "test",     false},
    {"a.*",    "a.test",   true },
    {"a.*",    "b.a.test", false},
    {"*a*",    "b.a.test", true },
    {"*x*",    "b.a.test", false},
    {"*",      "",         true },
    {"**",     "anything", true },
    {"",       "",         true },
    {"",       "a",        false},
    {"*long",  "ng",       false},
};

START_TEST(patterns_have_stars_at_their_ends)
{
    ck_assert_int_eq(listing_matches(patterns[_i].pattern, patterns[_i].name),
                     patterns[_i].matches);
}
END_TEST

/* ---- levels ---- */

static const struct {
    uid_t uid;
    gid_t gid;
    ControlLevel level;
} users[] = {
    {0,          0,  CONTROL_LEVEL_CONTROL},
    {100,        7,  CONTROL_LEVEL_CONTROL}, /* the owner */
    {101,        7,  CONTROL_LEVEL_SUMMARY},
    {102,        7,  CONTROL_LEVEL_VIEW   }, /* in two lists */
    {103,        50, CONTROL_LEVEL_SUMMARY},
    {104,        7,  CONTROL_LEVEL_NONE   },
    {UINT32_MAX, 7,  CONTROL_LEVEL_NONE   },
};

START_TEST(levels_are_those_of_the_lists)
{
    g_autoptr(GArray) summary = g_array_new(FALSE, FALSE, sizeof(uid_t));
    g_autoptr(GArray) view = g_array_new(FALSE, FALSE, sizeof(uid_t));
    g_autoptr(GArray) groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
    const uid_t in_summary[] = {101, 102}, in_view[] = {102};
    const gid_t group = 50;
    ControlSettings settings = {.owner = 100};

    g_array_append_vals(summary, in_summary, G_N_ELEMENTS(in_summary));
    g_array_append_vals(view, in_view, G_N_ELEMENTS(in_view));
    g_array_append_val(groups, group);
    settings.members[CONTROL_LEVEL_SUMMARY] = (ControlMembers){summary, groups};
    settings.members[CONTROL_LEVEL_VIEW].uids = view;
    ck_assert_int_eq(level_of(&settings, users[_i].uid, users[_i].gid), users[_i].level);
}
END_TEST

/* ---- pace ---- */

#define SECOND_US 1000000

/* What is spent in turns of a millisecond until end_us, of which others take this share. */
static double spend_until(Pace *pace, int64_t end_us, double others)
{
    int64_t spent_us = 0;

    while (pace->at_us < end_us) {
        int64_t granted_us;

        pace_advance(pace, pace->at_us + 1000, (int64_t)(1000 * others));
        granted_us = pace_grant_us(pace);
        pace_spend(pace, granted_us);
        spent_us += granted_us;
    }
    return (double)spent_us;
}

/* The share that is spent in ten seconds. */
static double share_with(double others, double least_share)
{
    Pace pace;

    pace_init(&pace, 0, least_share);
    pace_spend(&pace, PACE_BURST_US);
    return spend_until(&pace, 10 * SECOND_US, others) / (10 * SECOND_US);
}

/* Each turn of others becomes longer by the same part of it, however busy they are. */
START_TEST(listings_take_a_part_of_what_others_take)
{
    static const double busy[] = {1, 0.9, 0.5, 0.2, 0.11};

    for (size_t i = 0; i < G_N_ELEMENTS(busy); i++) {
        double part = share_with(busy[i], 0) / busy[i];

        ck_assert_double_le(part, PACE_BUSY_PART + 0.003); /* the first turns are met unprepared */
        ck_assert_double_ge(part, PACE_BUSY_PART / 2);     /* and they do go on */
    }
}
END_TEST

START_TEST(listings_take_a_tenth_of_an_idle_daemon)
{
    ck_assert_double_ge(share_with(0, 0), PACE_IDLE_SHARE - 0.02);
    ck_assert_double_le(share_with(0, 0), PACE_IDLE_SHARE + 0.01);
    ck_assert_double_ge(share_with(0.01, 0), PACE_IDLE_SHARE / 2);
    ck_assert_double_le(share_with(0.05, 0), PACE_IDLE_SHARE * 0.6);
}
END_TEST

START_TEST(what_somebody_waits_for_has_its_share)
{
    ck_assert_double_ge(share_with(1, PACE_LEAST_SHARE), PACE_LEAST_SHARE * 0.9);
    ck_assert_double_le(share_with(1, PACE_LEAST_SHARE), PACE_LEAST_SHARE + 0.003);
    ck_assert_double_ge(share_with(0.2, PACE_LEAST_SHARE), PACE_LEAST_SHARE * 0.9);
}
END_TEST

START_TEST(a_load_that_begins_is_noticed_soon)
{
    Pace pace;

    pace_init(&pace, 0, 0);
    (void)spend_until(&pace, 5 * SECOND_US, 0);
    ck_assert_double_le(spend_until(&pace, 6 * SECOND_US, 0.9), 0.016 * SECOND_US);
}
END_TEST

START_TEST(what_was_overdrawn_is_paid_back_first)
{
    Pace pace;
    int64_t wait_us;

    pace_init(&pace, 0, 0);
    pace_advance(&pace, SECOND_US, 0);
    ck_assert_int_eq(pace_grant_us(&pace), PACE_PIECE_US);
    ck_assert_int_eq(pace_wait_us(&pace), 0);
    pace_spend(&pace, PACE_BURST_US + 5000);
    ck_assert_int_eq(pace_grant_us(&pace), 0);
    wait_us = pace_wait_us(&pace);
    ck_assert_int_gt(wait_us, 0);
    pace_advance(&pace, SECOND_US + wait_us, 0);
    ck_assert_int_gt(pace_grant_us(&pace), 0);
}
END_TEST

START_TEST(a_clock_that_stands_still_grants_nothing_new)
{
    Pace pace;

    pace_init(&pace, 5000, 0);
    pace_spend(&pace, 2 * PACE_BURST_US);
    for (int i = 0; i < 1000; i++)
        pace_advance(&pace, 5000, 0);
    ck_assert_int_eq(pace_grant_us(&pace), 0);
}
END_TEST

/* ---- what is not for everybody ---- */

static const struct {
    const char *text, *below_view;
} texts[] = {
    {"connect to mx.test[192.0.2.7]:25: timed out", "connect to mx.test[192.0.2.7]:25: timed out"},
    {"550 <john.doe@example.com>: no",              "550 <*@example.com>: no"                    },
    {"@",                                           "*@"                                         },
    {"a@b@c d@e",                                   "*@c *@e"                                    },
    {"to=<x@y.test>, from=z@y.test",                "to=<*@y.test>, from=*@y.test"               },
    {"for \"john doe\"@y.test",                     "for *@y.test"                               },
    {"john doe\"@y.test",                           "*@y.test"                                   },
    {"\xff\x1b[31m@y",                              "\xff\x1b[*@y"                               },
    {"",                                            ""                                           },
};

START_TEST(addresses_are_not_shown_below_level_view)
{
    Query query = {.level = CONTROL_LEVEL_SUMMARY};
    g_autofree char *hidden = discreet_text(&query, texts[_i].text), *shown = NULL;

    ck_assert_str_eq(hidden, texts[_i].below_view);
    query.level = CONTROL_LEVEL_VIEW;
    shown = discreet_text(&query, texts[_i].text);
    ck_assert_str_eq(shown, texts[_i].text);
}
END_TEST

START_TEST(users_are_not_named_below_level_view)
{
    Query query = {.level = CONTROL_LEVEL_SUMMARY};

    ck_assert_str_eq(discreet_name(&query, "example.com"), "example.com");
    ck_assert_str_eq(discreet_name(&query, "john@example.com"), "*@nexthop");
    ck_assert_ptr_null(discreet_name(&query, NULL));
    ck_assert_ptr_null(discreet_text(&query, NULL));
    query.level = CONTROL_LEVEL_VIEW;
    ck_assert_str_eq(discreet_name(&query, "john@example.com"), "john@example.com");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("parts");

    tcase_add_loop_test(tcase, requests_are_lists_of_attributes_in_any_order, 0,
                        G_N_ELEMENTS(requests));
    tcase_add_test(tcase, requests_are_bounded);
    tcase_add_loop_test(tcase, numbers_are_whole_and_in_range, 0, G_N_ELEMENTS(numbers));
    tcase_add_loop_test(tcase, patterns_have_stars_at_their_ends, 0, G_N_ELEMENTS(patterns));
    tcase_add_loop_test(tcase, levels_are_those_of_the_lists, 0, G_N_ELEMENTS(users));
    tcase_add_test(tcase, listings_take_a_part_of_what_others_take);
    tcase_add_test(tcase, listings_take_a_tenth_of_an_idle_daemon);
    tcase_add_test(tcase, what_somebody_waits_for_has_its_share);
    tcase_add_test(tcase, a_load_that_begins_is_noticed_soon);
    tcase_add_test(tcase, what_was_overdrawn_is_paid_back_first);
    tcase_add_test(tcase, a_clock_that_stands_still_grants_nothing_new);
    tcase_add_loop_test(tcase, addresses_are_not_shown_below_level_view, 0, G_N_ELEMENTS(texts));
    tcase_add_test(tcase, users_are_not_named_below_level_view);
    return run_suite("control/parts", tcase, NULL);
}
