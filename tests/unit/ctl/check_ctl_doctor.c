/* eqmgrctl doctor: each rule, at the value from which it speaks and just below. */

#include <string.h>

#include "src/ctl/doctor/advice_internal.h"
#include "tests/support/ctl_row.h"
#include "tests/support/runner.h"

#define NOW_S 1000000

/* Rows are given as "name=value name=value"; "_" stands for a blank in a value. */
typedef struct AdviceCase {
    const char *status, *transport, *waiting, *deferred, *connection;
    int connection_count;
    FactsSettings settings;
    const char *kinds; /* of the advice, separated by blanks */
    const char *text;  /* a part of it; NULL: not looked at */
} AdviceCase;

#define UNKNOWN            \
    {                      \
        -1, -1, -1, -1, -1 \
    }
#define NO_ROWS    NULL, NULL, NULL, NULL, 0
#define SMTP_GMAIL "transport=smtp destination=gmail.com "

/* clang-format off */
static const AdviceCase cases[] = {
    {"active=0 active_limit=20000 index_complete=1", NO_ROWS, UNKNOWN, "", NULL},
    {"active=17999 active_limit=20000", NO_ROWS, UNKNOWN, "", NULL},
    {"active=18000 active_limit=20000", NO_ROWS, UNKNOWN, "active-full", "(18000 of 20000)"},
    {"active=18000 active_limit=20000", NULL, SMTP_GMAIL "waiting=900 why=concurrency_by_feedback", NULL, NULL, 0,
     UNKNOWN, "active-full", "for gmail.com by smtp: 900 deliveries wait there (concurrency by feedback)"},
    {"stuck=0", NO_ROWS, UNKNOWN, "", NULL},
    {"stuck=1", NO_ROWS, UNKNOWN, "stuck", "1 message is stuck: its queue file cannot"},
    {"", "transport=lmtp state=ready", NULL, NULL, NULL, 0, UNKNOWN, "", NULL},
    {"", "transport=lmtp state=paced,dead why=no_such_file", NULL, NULL, NULL, 0, UNKNOWN, "transport-dead",
     "Transport lmtp is dead, all of its mail waits: no such file."},
    {"", NULL, NULL, NULL, "transport=pipe state=pending", 2, UNKNOWN, "", NULL},
    {"", NULL, NULL, NULL, "transport=pipe state=pending", 3, UNKNOWN, "agents-busy", "3 deliveries by pipe"},
    {"", NULL, NULL, NULL, "transport=pipe state=delivering", 9, UNKNOWN, "", NULL},
    {"active=99 active_limit=20000 resolving=49", NO_ROWS, UNKNOWN, "", NULL},
    {"active=101 active_limit=20000 resolving=50", NO_ROWS, UNKNOWN, "", NULL},
    {"active=100 active_limit=20000 resolving=50", NO_ROWS, UNKNOWN, "resolver-slow", "50 of 100"},
    {"destinations=20 destinations_throttled=4", NO_ROWS, UNKNOWN, "", NULL},
    {"destinations=21 destinations_throttled=5", NO_ROWS, UNKNOWN, "", NULL},
    {"destinations=20 destinations_throttled=5", NO_ROWS, UNKNOWN, "many-throttled", "5 of 20"},
    {"deferred=2000", NULL, NULL, SMTP_GMAIL "count=999", NULL, 0, UNKNOWN, "", NULL},
    {"deferred=2001", NULL, NULL, SMTP_GMAIL "count=1000", NULL, 0, UNKNOWN, "", NULL},
    {"deferred=2000", NULL, NULL, SMTP_GMAIL "count=1000 status=4.7.28 reason=slow_down", NULL, 0, UNKNOWN,
     "deferred-for-one", "(1000 messages) waits for gmail.com by smtp: 4.7.28 slow down"},
    {"deferred=1000 overdue=99", NO_ROWS, UNKNOWN, "", NULL},
    {"deferred=2001 overdue=100", NO_ROWS, UNKNOWN, "", NULL},
    {"deferred=2000 overdue=100", NO_ROWS, UNKNOWN, "overdue", "100 deferred"},
    {"", NULL, SMTP_GMAIL "state=full waiting=999 window=20 limit=20", NULL, NULL, 0, UNKNOWN, "", NULL},
    {"", NULL, SMTP_GMAIL "state=full waiting=1000 window=19 limit=20", NULL, NULL, 0, UNKNOWN, "", NULL},
    {"", NULL, SMTP_GMAIL "state=ready waiting=1000 window=20 limit=20", NULL, NULL, 0, UNKNOWN, "", NULL},
    {"", NULL, SMTP_GMAIL "state=full waiting=1000 window=20 limit=0", NULL, NULL, 0, UNKNOWN, "", NULL},
    {"", NULL, SMTP_GMAIL "state=full,blocked waiting=1000 window=20 limit=20", NULL, NULL, 0, UNKNOWN,
     "limit-reached", "smtp_destination_concurrency_limit"},
    {"", NULL, SMTP_GMAIL "state=full waiting=1000 window=2 limit=2 limit_rule=7", NULL, NULL, 0, UNKNOWN,
     "limit-reached", "2 at a time are all that limit #7 of an administrator allows."},
    {"oldest_active=913601", NO_ROWS, UNKNOWN, "", NULL},
    {"oldest_active=913600", NO_ROWS, UNKNOWN, "old-mail", "1d00h ago"},
    {"index_complete=0 started=992801", NO_ROWS, UNKNOWN, "", NULL},
    {"index_complete=0 started=992800", NO_ROWS, UNKNOWN, "index-incomplete", "each queue run"},
    {"loop_busy_p99_us=50000", NO_ROWS, UNKNOWN, "", NULL},
    {"loop_busy_p99_us=100000", NO_ROWS, UNKNOWN, "loop-busy", "50 ms"},
    {"", NO_ROWS, {300, 300, 4000, 432000, 432000}, "", NULL},
    {"", NO_ROWS, {301, 300, 4000, 432000, 432000}, "settings-backoff", "queue_run_delay (301 s)"},
    {"", NO_ROWS, {300, 4001, 4000, 432000, 432000}, "settings-backoff", "minimal_backoff_time (4001 s)"},
    {"", NO_ROWS, {300, 300, 4000, 432000, 432001}, "settings-lifetime", "bounce_queue_lifetime"},
    {"", NO_ROWS, {300, 300, 4000, 3999, 0}, "settings-lifetime", "maximal_backoff_time is longer"},
    {"", NO_ROWS, {300, 300, 4000, 0, 0}, "", NULL}, /* lifetime 0: returned after one attempt, on purpose */
    /* Numbers come from a socket: the largest ones overflow nothing. */
    {"destinations=9223372036854775807 destinations_throttled=9223372036854775807", NO_ROWS, UNKNOWN, "many-throttled", NULL},
    {"active=9223372036854775807 active_limit=9223372036854775807", NO_ROWS, UNKNOWN, "active-full", NULL},
    {"oldest_active=-9223372036854775808 index_complete=0 started=-9223372036854775808", NO_ROWS, UNKNOWN,
     "index-incomplete", NULL},
    {"stuck=2 active=20000 active_limit=20000 oldest_active=1", NO_ROWS, {301, 300, 4000, 432000, 0},
     "stuck active-full old-mail settings-backoff", NULL},
};
/* clang-format on */

static void add_words(Row *row, const char *words)
{
    g_auto(GStrv) pairs = g_strsplit(words, " ", -1);

    for (char **pair = pairs; *pair != NULL && **pair != '\0'; pair++) {
        g_auto(GStrv) sides = g_strsplit(*pair, "=", 2);

        (void)g_hash_table_insert(row->values, g_strdup(sides[0]),
                                  g_strdelimit(g_strdup(sides[1]), "_", ' '));
    }
}

static void add_fact(GPtrArray *rows, const char *words, int count)
{
    Row row = row_empty();

    if (words != NULL)
        add_words(&row, words);
    for (int i = 0; words != NULL && i < count; i++)
        g_ptr_array_add(rows, row_copy(&row));
    g_hash_table_destroy(row.values);
}

START_TEST(advice_is_given_from_a_limit_on)
{
    const AdviceCase *one = &cases[_i];
    g_autoptr(GPtrArray) advice = NULL;
    g_autoptr(GString) kinds = g_string_new(NULL), texts = g_string_new(NULL);
    Facts facts;

    facts_init(&facts);
    facts.now_s = NOW_S;
    facts.settings = one->settings;
    add_words(&facts.status, one->status);
    add_fact(facts.transports, one->transport, 1);
    add_fact(facts.waiting, one->waiting, 1);
    add_fact(facts.deferred, one->deferred, 1);
    add_fact(facts.connections, one->connection, one->connection_count);
    advice = advice_of(&facts);
    for (guint i = 0; i < advice->len; i++) {
        g_string_append_printf(kinds, "%s%s", i > 0 ? " " : "", row_text(advice->pdata[i], "kind"));
        g_string_append(texts, row_text(advice->pdata[i], "text"));
        ck_assert_uint_gt(strlen(row_text(advice->pdata[i], "help")), 10);
    }
    ck_assert_str_eq(kinds->str, one->kinds);
    ck_assert_msg(one->text == NULL || strstr(texts->str, one->text) != NULL, "%s", texts->str);
    facts_clear(&facts);
}
END_TEST

START_TEST(processes_are_counted_for_each_transport)
{
    g_autoptr(GPtrArray) advice = NULL;
    Facts facts;

    facts_init(&facts);
    add_fact(facts.connections, "transport=smtp state=pending", 2);
    add_fact(facts.connections, "transport=lmtp state=pending", 3);
    add_fact(facts.connections, "transport=smtp state=pending", 2);
    advice = advice_of(&facts);
    ck_assert_uint_eq(advice->len, 2);
    ck_assert(g_str_has_prefix(row_text(advice->pdata[0], "text"), "4 deliveries by smtp "));
    ck_assert(g_str_has_prefix(row_text(advice->pdata[1], "text"), "3 deliveries by lmtp "));
    facts_clear(&facts);
}
END_TEST

static const struct {
    const char *text;
    int64_t unit_s, want_s;
} time_rows[] = {
    {"300s",                 1,     300    },
    {"4000",                 1,     4000   },
    {"5",                    86400, 432000 },
    {"5d",                   1,     432000 },
    {"2w",                   1,     1209600},
    {"1H",                   1,     3600   },
    {"10m",                  86400, 600    },
    {"0",                    86400, 0      },
    {"",                     1,     -1     },
    {"d",                    1,     -1     },
    {"5dd",                  1,     -1     },
    {"5x",                   1,     -1     },
    {"-5s",                  1,     -1     },
    {"9223372036854775807d", 1,     -1     },
};

START_TEST(times_have_the_units_of_main_cf)
{
    ck_assert_int_eq(facts_parse_time(time_rows[_i].text, time_rows[_i].unit_s),
                     time_rows[_i].want_s);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("doctor");

    tcase_add_loop_test(tests, advice_is_given_from_a_limit_on, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tests, processes_are_counted_for_each_transport);
    tcase_add_loop_test(tests, times_have_the_units_of_main_cf, 0, G_N_ELEMENTS(time_rows));
    return run_suite("ctl/doctor", tests, NULL);
}
