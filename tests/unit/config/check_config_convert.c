#include <limits.h>

#include "src/config/convert_internal.h"
#include "tests/support/runner.h"

#define UNTOUCHED  (-77)
#define BAD_INT    "bad numerical configuration: p = "
#define BAD_TIME   "parameter p: bad time value or unit: "
#define BAD_BOOL   "bad boolean configuration: p = "
#define BAD_LENGTH "bad string length "

/* In all tables: the error, or NULL and the value. Seen on the real qmgr 3.7.11. */
static const struct {
    const char *text;
    Limits limits;
    int want;
    const char *want_error;
} ints[] = {
    {"5",                    {0, 0},   5,         NULL                                 },
    {"+5",                   {0, 0},   5,         NULL                                 },
    {"005",                  {0, 0},   5,         NULL                                 },
    {" 5",                   {0, 0},   5,         NULL                                 },
    {"-5",                   {0, 0},   -5,        NULL                                 },
    {"-5",                   {1, 0},   UNTOUCHED, "invalid p parameter value -5 < 1"   },
    {"0",                    {1, 0},   UNTOUCHED, "invalid p parameter value 0 < 1"    },
    {"101",                  {0, 100}, UNTOUCHED, "invalid p parameter value 101 > 100"},
    {"2147483647",           {0, 0},   INT_MAX,   NULL                                 },
    {"-2147483648",          {0, 0},   INT_MIN,   NULL                                 },
    {"2147483648",           {0, 0},   UNTOUCHED, BAD_INT "2147483648"                 },
    {"99999999999999999999", {0, 0},   UNTOUCHED, BAD_INT "99999999999999999999"       },
    {"0x10",                 {0, 0},   UNTOUCHED, BAD_INT "0x10"                       },
    {"12x",                  {0, 0},   UNTOUCHED, BAD_INT "12x"                        },
    {"1e3",                  {0, 0},   UNTOUCHED, BAD_INT "1e3"                        },
    {"5 ",                   {0, 0},   UNTOUCHED, BAD_INT "5 "                         },
    {"",                     {0, 0},   UNTOUCHED, BAD_INT ""                           },
};

static const struct {
    const char *text;
    char unit;
    Limits limits;
    int want_s;
    const char *want_error;
} times[] = {
    {"5",                    's', {0, 0},  5,          NULL                           },
    {"5",                    'd', {0, 0},  432000,     NULL                           },
    {"+5",                   's', {0, 0},  5,          NULL                           },
    {" 5",                   's', {0, 0},  5,          NULL                           },
    {"-0",                   's', {0, 0},  0,          NULL                           },
    {"5m",                   's', {0, 0},  300,        NULL                           },
    {"5minutes",             's', {0, 0},  300,        NULL                           },
    {"5s ",                  's', {0, 0},  5,          NULL                           },
    {"m",                    's', {0, 0},  0,          NULL                           },
    {"2h",                   's', {0, 0},  7200,       NULL                           },
    {"1w",                   's', {0, 0},  604800,     NULL                           },
    {"3549w",                's', {0, 0},  2146435200, NULL                           },
    {"24854d",               's', {0, 0},  2147385600, NULL                           },
    {"596522h",              's', {0, 0},  2147479200, NULL                           },
    {"35791393m",            's', {0, 0},  2147483580, NULL                           },
    {"2147483647",           's', {0, 0},  INT_MAX,    NULL                           },
    {"0",                    's', {1, 0},  UNTOUCHED,  "invalid p: 0 (min 1)"         },
    {"1m",                   's', {0, 10}, UNTOUCHED,  "invalid p: 60 (max 10)"       },
    {"3550w",                's', {0, 0},  UNTOUCHED,  BAD_TIME "3550w"               },
    {"24855d",               's', {0, 0},  UNTOUCHED,  BAD_TIME "24855d"              },
    {"24855",                'd', {0, 0},  UNTOUCHED,  BAD_TIME "24855"               },
    {"596523h",              's', {0, 0},  UNTOUCHED,  BAD_TIME "596523h"             },
    {"35791394m",            's', {0, 0},  UNTOUCHED,  BAD_TIME "35791394m"           },
    {"2147483648",           's', {0, 0},  UNTOUCHED,  BAD_TIME "2147483648"          },
    {"99999999999999999999", 's', {0, 0},  UNTOUCHED,  BAD_TIME "99999999999999999999"},
    {"-5",                   's', {0, 0},  UNTOUCHED,  BAD_TIME "-5"                  },
    {"5 m",                  's', {0, 0},  UNTOUCHED,  BAD_TIME "5 m"                 },
    {"5x",                   's', {0, 0},  UNTOUCHED,  BAD_TIME "5x"                  },
    {"5M",                   's', {0, 0},  UNTOUCHED,  BAD_TIME "5M"                  },
    {"",                     's', {0, 0},  UNTOUCHED,  BAD_TIME ""                    },
};

static const struct {
    const char *text;
    bool want;
    const char *want_error;
} bools[] = {
    {"yes",  true,  NULL           },
    {"YES",  true,  NULL           },
    {"No",   false, NULL           },
    {"true", false, BAD_BOOL "true"},
    {"1",    false, BAD_BOOL "1"   },
    {"",     false, BAD_BOOL ""    },
    {"yes ", false, BAD_BOOL "yes "},
};

static const struct {
    const char *text;
    Limits limits;
    const char *want_error;
} lengths[] = {
    {"",    {0, 0}, NULL                       },
    {"",    {1, 0}, BAD_LENGTH "0 < 1: p = "   },
    {"+",   {2, 2}, BAD_LENGTH "1 < 2: p = +"  },
    {"+=",  {2, 2}, NULL                       },
    {"+=-", {2, 2}, BAD_LENGTH "3 > 2: p = +=-"},
};

static void assert_outcome(bool ok, const GError *error, const char *want_error)
{
    ck_assert(ok == (error == NULL));
    ck_assert_pstr_eq(error != NULL ? error->message : NULL, want_error);
}

START_TEST(integers_are_taken_or_refused)
{
    g_autoptr(GError) error = NULL;
    int got = UNTOUCHED;
    bool ok = convert_int("p", ints[_i].text, ints[_i].limits, &got, &error);

    assert_outcome(ok, error, ints[_i].want_error);
    ck_assert_int_eq(got, ints[_i].want);
}
END_TEST

START_TEST(times_are_taken_or_refused)
{
    g_autoptr(GError) error = NULL;
    int got_s = UNTOUCHED;
    bool ok = convert_time_s("p", times[_i].text, times[_i].unit, times[_i].limits, &got_s, &error);

    assert_outcome(ok, error, times[_i].want_error);
    ck_assert_int_eq(got_s, times[_i].want_s);
}
END_TEST

START_TEST(booleans_are_taken_or_refused)
{
    g_autoptr(GError) error = NULL;
    bool got = false;
    bool ok = convert_bool("p", bools[_i].text, &got, &error);

    assert_outcome(ok, error, bools[_i].want_error);
    ck_assert(got == bools[_i].want);
}
END_TEST

START_TEST(lengths_of_strings_are_checked)
{
    g_autoptr(GError) error = NULL;
    bool ok = convert_check_length("p", lengths[_i].text, lengths[_i].limits, &error);

    assert_outcome(ok, error, lengths[_i].want_error);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("convert");

    tcase_add_loop_test(tc, integers_are_taken_or_refused, 0, G_N_ELEMENTS(ints));
    tcase_add_loop_test(tc, times_are_taken_or_refused, 0, G_N_ELEMENTS(times));
    tcase_add_loop_test(tc, booleans_are_taken_or_refused, 0, G_N_ELEMENTS(bools));
    tcase_add_loop_test(tc, lengths_of_strings_are_checked, 0, G_N_ELEMENTS(lengths));
    return run_suite("config/convert", tc, NULL);
}
