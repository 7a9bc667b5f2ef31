/* eqmgrctl check: limits, ratings, the line. */

#include "src/ctl/check/rating_internal.h"
#include "tests/support/ctl_row.h"
#include "tests/support/runner.h"

#define NOW_S 1000000

static const struct {
    RatedValue value;
    const char *text;
    bool is_valid;
    int64_t warning, critical;
} limit_rows[] = {
    {RATED_ACTIVE,   "80,95",                true,  80,   95   },
    {RATED_ACTIVE,   "80",                   true,  80,   0    },
    {RATED_ACTIVE,   ",95",                  true,  0,    95   },
    {RATED_ACTIVE,   "80,80",                true,  80,   80   },
    {RATED_ACTIVE,   "-",                    true,  0,    0    },
    {RATED_ACTIVE,   "95,80",                false, 0,    0    },
    {RATED_ACTIVE,   "",                     false, 0,    0    },
    {RATED_ACTIVE,   ",",                    false, 0,    0    },
    {RATED_ACTIVE,   "1,2,3",                false, 0,    0    },
    {RATED_ACTIVE,   "0",                    false, 0,    0    },
    {RATED_ACTIVE,   "-1,5",                 false, 0,    0    },
    {RATED_ACTIVE,   "80%",                  false, 0,    0    },
    {RATED_DEFERRED, "1h,6h",                false, 0,    0    },
    {RATED_OLDEST,   "1h,6h",                true,  3600, 21600},
    {RATED_OLDEST,   "90,2m",                true,  90,   120  },
    {RATED_OLDEST,   "x",                    false, 0,    0    },
    {RATED_DEFERRED, "99999999999999999999", false, 0,    0    },
};

START_TEST(a_limit_is_two_values_or_one)
{
    RatingLimit limit = {7, 7};

    ck_assert_int_eq(rating_parse_limit(limit_rows[_i].value, limit_rows[_i].text, &limit),
                     limit_rows[_i].is_valid);
    if (!limit_rows[_i].is_valid)
        return;
    ck_assert_int_eq(limit.warning, limit_rows[_i].warning);
    ck_assert_int_eq(limit.critical, limit_rows[_i].critical);
}
END_TEST

static const struct {
    const char *active, *dead, *stuck, *overdue, *deferred, *oldest;
    Rating want;
    const char *words;
} rating_rows[] = {
    {"0",                   "0", "0",   "0",    "0",     NULL,                   RATING_OK,       "OK - 0 active, 0 deferred"              },
    {"15999",               "0", "0",   "9999", "48213", "999999",               RATING_OK,
     "OK - 15,999 active, 48,213 deferred"                                                                                                 },
    {"16000",               "0", "0",   "0",    "0",     NULL,                   RATING_WARNING,  "WARNING - 80% of the active queue used" },
    {"19000",               "0", "0",   "0",    "0",     NULL,                   RATING_CRITICAL, "CRITICAL - 95% of the active queue used"},
    {"0",                   "1", "0",   "0",    "0",     NULL,                   RATING_WARNING,  "WARNING - 1 transport dead"             },
    {"0",                   "3", "1",   "0",    "0",     NULL,                   RATING_CRITICAL,
     "CRITICAL - 3 transports dead, 1 message stuck"                                                                                       },
    {"9223372036854775807", "0", "0",   "0",    "0",     "-9223372036854775808", RATING_CRITICAL,
     "CRITICAL - 1,000,000,000,000,000% of the active queue used"                                                                          },
    {"0",                   "0", "100", "0",    "0",     NULL,                   RATING_CRITICAL, "CRITICAL - 100 messages stuck"          },
};

START_TEST(the_worst_value_rates_the_queue)
{
    RatingLimits limits = rating_default_limits();
    Row row = ROW("active_limit", "20000", "active", rating_rows[_i].active, "transports_dead",
                  rating_rows[_i].dead, "stuck", rating_rows[_i].stuck, "overdue",
                  rating_rows[_i].overdue, "deferred", rating_rows[_i].deferred,
                  rating_rows[_i].oldest != NULL ? "oldest_active" : NULL, rating_rows[_i].oldest);
    g_autofree char *text = NULL;
    g_auto(GStrv) parts = NULL;

    ck_assert_int_eq(rating_of(&row, NOW_S, &limits, &text), rating_rows[_i].want);
    parts = g_strsplit(text, " |", 2);
    ck_assert(g_str_has_prefix(parts[0], "EQMGR "));
    ck_assert_str_eq(parts[0] + 6, rating_rows[_i].words);
    g_hash_table_destroy(row.values);
}
END_TEST

START_TEST(values_for_graphs_have_their_limits)
{
    RatingLimits limits = rating_default_limits();
    Row row = ROW("active_limit", "20000", "active", "412", "transports_dead", "0", "stuck", "0",
                  "overdue", "12", "deferred", "48213", "oldest_active", "992800");
    g_autofree char *text = NULL;

    limits.of[RATED_OLDEST] = (RatingLimit){3600, 0};
    ck_assert_int_eq(rating_of(&row, NOW_S, &limits, &text), RATING_WARNING);
    ck_assert_str_eq(text, "EQMGR WARNING - 2h00m is the age of the oldest in active |"
                           " active=2%;80;95;0 dead=0;1;3;0 stuck=0;1;100;0 overdue=12;;;0"
                           " deferred=48213;;;0 oldest=7200s;3600;;0");
    g_hash_table_destroy(row.values);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("check");

    tcase_add_loop_test(tests, a_limit_is_two_values_or_one, 0, G_N_ELEMENTS(limit_rows));
    tcase_add_loop_test(tests, the_worst_value_rates_the_queue, 0, G_N_ELEMENTS(rating_rows));
    tcase_add_test(tests, values_for_graphs_have_their_limits);
    return run_suite("ctl/check", tests, NULL);
}
