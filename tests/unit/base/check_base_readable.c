#include <stdint.h>

#include "base/readable.h"
#include "tests/support/runner.h"

static const struct {
    int64_t number;
    const char *text;
} count_cases[] = {
    {0,         "0"                         },
    {7,         "7"                         },
    {999,       "999"                       },
    {1000,      "1,000"                     },
    {48213,     "48,213"                    },
    {1234567,   "1,234,567"                 },
    {-1000,     "-1,000"                    },
    {INT64_MAX, "9,223,372,036,854,775,807" },
    {INT64_MIN, "-9,223,372,036,854,775,808"},
};

START_TEST(counts_have_commas)
{
    g_autofree char *text = readable_count(count_cases[_i].number);

    ck_assert_str_eq(text, count_cases[_i].text);
}
END_TEST

static const struct {
    int64_t number;
    const char *text;
} counted_cases[] = {
    {0,    "0 messages are"    },
    {1,    "1 message is"      },
    {2,    "2 messages are"    },
    {1001, "1,001 messages are"},
};

START_TEST(one_is_not_many)
{
    g_autofree char *text =
        readable_counted(counted_cases[_i].number, "message is", "messages are");

    ck_assert_str_eq(text, counted_cases[_i].text);
}
END_TEST

static const struct {
    int64_t duration_s;
    const char *text;
} duration_cases[] = {
    {-5,     "0s"    },
    {0,      "0s"    },
    {59,     "59s"   },
    {60,     "1m00s" },
    {130,    "2m10s" },
    {3599,   "59m59s"},
    {3600,   "1h00m" },
    {11100,  "3h05m" },
    {86399,  "23h59m"},
    {86400,  "1d00h" },
    {273600, "3d04h" },
};

START_TEST(durations_have_their_two_largest_units)
{
    g_autofree char *text = readable_duration(duration_cases[_i].duration_s);

    ck_assert_str_eq(text, duration_cases[_i].text);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("readable");

    tcase_add_loop_test(tcase, counts_have_commas, 0, G_N_ELEMENTS(count_cases));
    tcase_add_loop_test(tcase, one_is_not_many, 0, G_N_ELEMENTS(counted_cases));
    tcase_add_loop_test(tcase, durations_have_their_two_largest_units, 0,
                        G_N_ELEMENTS(duration_cases));
    return run_suite("base/readable", tcase, NULL);
}
