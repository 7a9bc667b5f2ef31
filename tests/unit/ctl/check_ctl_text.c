#include "src/ctl/text_internal.h"
#include "tests/support/runner.h"

static const struct {
    const char *bytes, *printable, *utf8;
} bytes_cases[] = {
    {"",                          "",                          ""                            },
    {"plain text",                "plain text",                "plain text"                  },
    {"Gr\xc3\xbc\xc3\x9f"
     "e",                    "Gr\xc3\xbc\xc3\x9f"
     "e",                                        "Gr\xc3\xbc\xc3\x9f"
     "e"                                                              },
    {"\x1b[31mred\x1b[0m",        "?[31mred?[0m",              "\x1b[31mred\x1b[0m"          },
    {"\x1b]0;title\x07",          "?]0;title?",                "\x1b]0;title\x07"            },
    {"a\tb\r\nc\x7f",             "a?b??c?",                   "a\tb\r\nc\x7f"               },
    {"<b onload=\"x\">&amp;</b>", "<b onload=\"x\">&amp;</b>", "<b onload=\"x\">&amp;</b>"   },
    {"\xff\xfe.",                 "??.",                       "\xef\xbf\xbd\xef\xbf\xbd."   },
    {"cut \xe2\x82",              "cut ??",                    "cut \xef\xbf\xbd\xef\xbf\xbd"},
    {"\xc0\x80",                  "??",                        "\xef\xbf\xbd\xef\xbf\xbd"    },
    {"\xc2\x9b"
     "31m",                  "?31m",
     "\xc2\x9b"
     "31m"                                                                                   }, /* CSI of 8 bits */
    {"a\xe2\x80\xae"
     "b",                    "a?b",
     "a\xe2\x80\xae"
     "b"                                                                                     }, /* from right to left */
};

START_TEST(what_a_remote_server_says_reaches_no_terminal_as_it_is)
{
    g_autofree char *printable = text_printable(bytes_cases[_i].bytes);
    g_autofree char *utf8 = text_utf8(bytes_cases[_i].bytes);

    ck_assert_str_eq(printable, bytes_cases[_i].printable);
    ck_assert(g_utf8_validate(printable, -1, NULL));
    ck_assert(g_utf8_validate(utf8, -1, NULL));
    ck_assert_str_eq(utf8, bytes_cases[_i].utf8);
}
END_TEST

static const struct {
    const char *text;
    int64_t duration_s; /* -1: it is not one */
} parse_cases[] = {
    {"0",                    0     },
    {"90",                   90    },
    {"90s",                  90    },
    {"5m",                   300   },
    {"1h",                   3600  },
    {"2d",                   172800},
    {"1w",                   604800},
    {"",                     -1    },
    {"m",                    -1    },
    {"-1m",                  -1    },
    {"5x",                   -1    },
    {"5mm",                  -1    },
    {"5 m",                  -1    },
    {"1h30m",                -1    },
    {"99999999999999999999", -1    },
    {"9223372036854775807w", -1    },
};

START_TEST(durations_are_read)
{
    int64_t duration_s = -1;

    ck_assert_int_eq(text_parse_duration(parse_cases[_i].text, 1, &duration_s),
                     parse_cases[_i].duration_s >= 0);
    ck_assert_int_eq(duration_s, parse_cases[_i].duration_s);
}
END_TEST

START_TEST(far_times_have_their_date)
{
    const int64_t now_s = 1795867200; /* 2026-11-28 12:00:00 UTC */
    g_autofree char *near = NULL, *far = NULL, *beyond = NULL;

    ck_assert(g_setenv("TZ", "UTC0", TRUE));
    near = text_clock(now_s + 9070, now_s);
    far = text_clock(now_s - 86400, now_s);
    beyond = text_clock(INT64_MAX, 0);
    ck_assert_str_eq(near, "14:31:10");
    ck_assert_str_eq(far, "2026-11-27 12:00");
    ck_assert_str_eq(beyond, "9223372036854775807");
}
END_TEST

START_TEST(wide_characters_take_two_columns)
{
    ck_assert_int_eq(text_width(""), 0);
    ck_assert_int_eq(text_width("abc"), 3);
    ck_assert_int_eq(text_width("\xe6\x97\xa5\xe6\x9c\xac"), 4);
    ck_assert_int_eq(text_width("e\xcc\x81"), 1); /* a combining accent */
}
END_TEST

int main(void)
{
    TCase *text = tcase_create("text");

    tcase_add_loop_test(text, what_a_remote_server_says_reaches_no_terminal_as_it_is, 0,
                        G_N_ELEMENTS(bytes_cases));
    tcase_add_loop_test(text, durations_are_read, 0, G_N_ELEMENTS(parse_cases));
    tcase_add_test(text, far_times_have_their_date);
    tcase_add_test(text, wide_characters_take_two_columns);
    return run_suite("ctl/text", text, NULL);
}
