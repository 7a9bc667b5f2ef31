#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "codec/attr.h"
#include "tests/support/runner.h"

#define PEER "private/smtp socket"

/* String literals as lists: the size without the literal's own NUL. Two literals ("a\0" "1") where
 * a digit follows a NUL. */
#define LIST(text) text, sizeof(text) - 1

static GByteArray *out;

static void make_buffer(void)
{
    out = g_byte_array_new();
}

static void drop_buffer(void)
{
    g_byte_array_unref(out);
}

static void assert_out(const void *want, size_t want_bytes)
{
    ck_assert_uint_eq(out->len, want_bytes);
    ck_assert_mem_eq(out->data, want, want_bytes);
}

static const struct {
    int64_t value;
    const char *want_int, *want_long;
} numbers[] = {
    {0,          "0",          "0"                   },
    {7,          "7",          "7"                   },
    {2147483647, "2147483647", "2147483647"          },
    {-1,         "4294967295", "18446744073709551615"},
    {-2,         "4294967294", "18446744073709551614"},
    {INT32_MIN,  "2147483648", "18446744071562067968"},
};

START_TEST(negative_numbers_are_written_as_twos_complement)
{
    g_autofree char *want =
        g_strdup_printf("n=%s=n=%s=", numbers[_i].want_int, numbers[_i].want_long);
    size_t want_bytes = strlen(want);

    attr_put_int(out, "n", (int32_t)numbers[_i].value);
    attr_put_long(out, "n", numbers[_i].value);
    assert_out(g_strdelimit(want, "=", '\0'), want_bytes);
}
END_TEST

START_TEST(a_list_is_pairs_and_an_empty_name)
{
    attr_put_str(out, "encoding", "");
    attr_put_str(out, "sender", "s\xc3\xa4@example.org");
    attr_put_end(out);
    assert_out(LIST("encoding\0\0sender\0s\xc3\xa4@example.org\0\0"));
}
END_TEST

static const struct {
    const char *data;
    size_t size_bytes;
    const char *want;
} blobs[] = {
    {"",            0, ""        },
    {"\0",          1, "AA=="    },
    {"ab",          2, "YWI="    },
    {"abc",         3, "YWJj"    },
    {"abc\xfb\xff", 5, "YWJj+/8="},
};

START_TEST(data_is_written_as_base64)
{
    size_t value_bytes = strlen(blobs[_i].want) + 1;

    attr_put_data(out, "d", blobs[_i].data, blobs[_i].size_bytes);
    ck_assert_uint_eq(out->len, 2 + value_bytes);
    ck_assert_mem_eq(out->data, "d", 2);
    ck_assert_mem_eq(out->data + 2, blobs[_i].want, value_bytes);
}
END_TEST

START_TEST(long_data_has_no_line_breaks)
{
    char zeros[300] = "";

    attr_put_data(out, "d", zeros, sizeof(zeros));
    ck_assert_uint_eq(out->len, 2 + 400 + 1);
    ck_assert_uint_eq(strspn((const char *)out->data + 2, "A"), 400);
}
END_TEST

#define REFUSED INT64_MIN

static const struct {
    const char *text;
    int64_t want; /* REFUSED, or the number */
} ints[] = {
    {"0",                     0        },
    {"42",                    42       },
    {"007",                   7        },
    {"2147483647",            INT32_MAX},
    {"2147483648",            INT32_MIN},
    {"4294967295",            -1       },
    {"-1",                    -1       },
    {"+5",                    5        },
    {" \t5",                  5        },
    {"4294967297",            1        }, /* the low 32 bits */
    {"18446744073709551615",  -1       },
    {"99999999999999999999",  -1       },
    {"-99999999999999999999", -1       },
    {"",                      REFUSED  },
    {" ",                     REFUSED  },
    {"-",                     REFUSED  },
    {"+-1",                   REFUSED  },
    {"5 ",                    REFUSED  },
    {"5x",                    REFUSED  },
    {"0x5",                   REFUSED  },
    {"x",                     REFUSED  },
    {"1.0",                   REFUSED  },
    {"1e3",                   REFUSED  },
};

/* The reader does not move past what it refuses. */
static bool refused_in_place(const AttrReader *reader, AttrStatus status)
{
    return status == ATTR_BAD && reader->problem.kind == ATTR_PROBLEM_BAD_NUMBER &&
           reader->pos == 0;
}

static int64_t read_int(const char *text)
{
    g_autofree char *list = g_strdup_printf("status=%s=", text);
    AttrReader reader;
    int32_t value = 1234;
    AttrStatus status;

    attr_reader_init(&reader, list, strlen(list));
    g_strdelimit(list, "=", '\0');
    status = attr_get_int(&reader, "status", &value);
    if (status == ATTR_OK)
        return value;
    ck_assert(refused_in_place(&reader, status) && value == 1234);
    return REFUSED;
}

START_TEST(ints_are_read_as_scanf_reads_them)
{
    unsigned scanned = 0;
    char junk = '\0';
    /* NOLINTNEXTLINE(cert-err34-c): what scanf makes of it is the question here */
    bool taken = sscanf(ints[_i].text, "%u%c", &scanned, &junk) == 1;
    int64_t got = read_int(ints[_i].text);

    ck_assert_msg(got == ints[_i].want, "\"%s\": got %" PRId64, ints[_i].text, got);
    ck_assert(taken == (got != REFUSED));
    ck_assert(!taken || (int32_t)scanned == got);
}
END_TEST

/* Reads the list that all rows of `lists` describe: s (string), n (int), end. */
static AttrStatus read_list(AttrReader *reader, const char **ret_s, int32_t *ret_n)
{
    AttrStatus status = attr_get_str(reader, "s", ret_s);

    if (status == ATTR_OK)
        status = attr_get_int(reader, "n", ret_n);
    return status == ATTR_OK ? attr_get_end(reader) : status;
}

START_TEST(a_complete_list_is_read_in_order)
{
    AttrReader reader;
    const char *s;
    int32_t n;

    attr_reader_init(&reader, LIST("s\0\0n\0"
                                   "3\0\0next"));
    ck_assert_int_eq(read_list(&reader, &s, &n), ATTR_OK);
    ck_assert_str_eq(s, "");
    ck_assert_int_eq(n, 3);
    ck_assert_uint_eq(reader.size_bytes - reader.pos, strlen("next"));
}
END_TEST

START_TEST(every_cut_of_a_list_wants_more)
{
    static const char list[] = "s\0value\0n\0"
                               "3\0";
    AttrReader reader;
    const char *s;
    int32_t n;

    for (size_t size_bytes = 0; size_bytes < sizeof(list) - 1; size_bytes++) {
        g_autofree void *exact = g_memdup2(list, size_bytes); /* lets ASan see overreads */

        attr_reader_init(&reader, exact, size_bytes);
        ck_assert_int_eq(read_list(&reader, &s, &n), ATTR_MORE);
        ck_assert_int_eq(reader.problem.kind, ATTR_PROBLEM_NONE);
    }
}
END_TEST

static const struct {
    const char *list;
    size_t size_bytes;
    const char *want;
} bad_lists[] = {
    {LIST("\0"),                "missing attribute s in input from " PEER                },
    {LIST("s\0x\0\0"),          "missing attribute n in input from " PEER                },
    {LIST("other\0x\0"),        "unexpected attribute other from " PEER " (expecting: s)"},
    {LIST("s\0x\0s\0"),         "unexpected attribute s from " PEER " (expecting: n)"    },
    {LIST("s\0x\0n\0"
          "1\0z\0y\0"),
     "unexpected attribute z from " PEER " (expecting: (list terminator))"               },
    {LIST("s\0x\0n\0junk\0\0"),
     "malformed numerical data from " PEER " while reading input attribute value: junk"  },
};

START_TEST(what_is_wrong_with_a_list_is_told_as_stock_does)
{
    g_autofree char *text = NULL;
    AttrReader reader;
    const char *s;
    int32_t n;

    attr_reader_init(&reader, bad_lists[_i].list, bad_lists[_i].size_bytes);
    ck_assert_int_eq(read_list(&reader, &s, &n), ATTR_BAD);
    text = attr_problem_str(&reader.problem, PEER);
    ck_assert_str_eq(text, bad_lists[_i].want);
}
END_TEST

START_TEST(a_long_foreign_name_is_cut_in_the_problem)
{
    g_autofree char *name = g_strnfill(500, 'x');
    AttrReader reader;
    const char *s;

    attr_reader_init(&reader, name, 501);
    ck_assert_int_eq(attr_get_str(&reader, "s", &s), ATTR_BAD);
    ck_assert_uint_eq(strlen(reader.problem.found), sizeof(reader.problem.found) - 1);
}
END_TEST

START_TEST(a_list_without_end_is_refused_at_the_limit)
{
    g_autofree char *text = NULL, *list = g_strnfill(ATTR_LIST_MAX_BYTES, 'x');
    AttrReader reader;
    const char *s;

    attr_reader_init(&reader, list, ATTR_LIST_MAX_BYTES - 1);
    ck_assert_int_eq(attr_get_str(&reader, "s", &s), ATTR_MORE);
    attr_reader_init(&reader, list, ATTR_LIST_MAX_BYTES);
    ck_assert_int_eq(attr_get_str(&reader, "s", &s), ATTR_BAD);
    text = attr_problem_str(&reader.problem, PEER);
    ck_assert_str_eq(text, "attribute list of more than 1048576 bytes from " PEER);
}
END_TEST

static const struct {
    const char *list;
    size_t size_bytes;
    AttrStatus want;
    const char *want_text;
} announcements[] = {
    {LIST("protocol\0delivery_request_protocol\0\0"), ATTR_OK,   NULL                                                             },
    {LIST("protocol\0delivery_request_protocol\0"),   ATTR_MORE, NULL                                                             },
    {LIST("protocol\0deli"),                          ATTR_MORE, NULL                                                             },
    {LIST(""),                                        ATTR_MORE, NULL                                                             },
    {LIST("protocol\0wrong\0\0"),                     ATTR_BAD,
     "unexpected protocol wrong from " PEER " (expected: delivery_request_protocol)"                                              },
    {LIST("status\0"
          "0\0\0"),
     ATTR_BAD,                                                   "unexpected attribute status from " PEER " (expecting: protocol)"},
    {LIST("\0"),                                      ATTR_BAD,  "missing attribute protocol in input from " PEER                 },
};

static void assert_problem(const AttrReader *reader, const char *want)
{
    g_autofree char *text = attr_problem_str(&reader->problem, PEER);

    ck_assert_str_eq(text, want);
}

START_TEST(announcements_are_compared)
{
    bool want_ok = announcements[_i].want == ATTR_OK;
    AttrReader reader;
    AttrStatus status;

    attr_reader_init(&reader, announcements[_i].list, announcements[_i].size_bytes);
    status = attr_get_announcement(&reader, "delivery_request_protocol");
    ck_assert(status == announcements[_i].want);
    ck_assert(reader.pos == (want_ok ? announcements[_i].size_bytes : 0));
    if (status == ATTR_BAD)
        assert_problem(&reader, announcements[_i].want_text);
}
END_TEST

int main(void)
{
    TCase *writing = tcase_create("writing"), *reading = tcase_create("reading");

    tcase_add_checked_fixture(writing, make_buffer, drop_buffer);
    tcase_add_loop_test(writing, negative_numbers_are_written_as_twos_complement, 0,
                        G_N_ELEMENTS(numbers));
    tcase_add_test(writing, a_list_is_pairs_and_an_empty_name);
    tcase_add_loop_test(writing, data_is_written_as_base64, 0, G_N_ELEMENTS(blobs));
    tcase_add_test(writing, long_data_has_no_line_breaks);
    tcase_add_loop_test(reading, ints_are_read_as_scanf_reads_them, 0, G_N_ELEMENTS(ints));
    tcase_add_test(reading, a_complete_list_is_read_in_order);
    tcase_add_test(reading, every_cut_of_a_list_wants_more);
    tcase_add_loop_test(reading, what_is_wrong_with_a_list_is_told_as_stock_does, 0,
                        G_N_ELEMENTS(bad_lists));
    tcase_add_test(reading, a_long_foreign_name_is_cut_in_the_problem);
    tcase_add_test(reading, a_list_without_end_is_refused_at_the_limit);
    tcase_add_loop_test(reading, announcements_are_compared, 0, G_N_ELEMENTS(announcements));
    return run_suite("codec/attr", writing, reading, NULL);
}
