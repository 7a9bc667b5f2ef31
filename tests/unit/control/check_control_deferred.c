#include "src/life/deferred_internal.h"
#include "tests/support/control_fixture.h"

/* What is said of deferred mail by destination and by reason, and of how much of it is known. */

/* ID, transport, destination, whether it is a user, status and reason; "-": not known. */
typedef struct Waiting {
    const char *id, *transport, *destination;
    bool is_user;
    const char *status, *reason;
} Waiting;

static const Waiting mail[] = {
    {"A1", "smtp",  "a.test",        false, "4.4.1", "timed out"               },
    {"A2", "smtp",  "a.test",        false, "4.2.0", "no room for <x@a.test>"  },
    {"A3", "smtp",  "a.test",        false, "4.2.0", "no room for <y@a.test>"  },
    {"A4", "smtp",  "b.test",        false, NULL,    NULL                      },
    {"A5", "lmtp",  "u@box.test",    true,  "4.4.1", "refused"                 },
    {"A6", "lmtp",  "v@box.test",    true,  "4.2.0", "quota of v@box.test"     },
    {"A7", NULL,    NULL,            false, NULL,    NULL                      },
    {"A8", "retry", "4.3.0 failure", false, "4.3.0", "address resolver failure"},
};

static void start_with_mail(void)
{
    DeferredIndex *index;

    start_control();
    for (int i = 0; i < 20; i++)
        turn_control(); /* the first walk */
    index = world.life->due->index;
    ck_assert(deferred_index_is_complete(index));
    for (size_t i = 0; i < G_N_ELEMENTS(mail); i++) {
        const Waiting *each = &mail[i];

        deferred_index_note(index, each->id, world.start_s + 1000);
        deferred_index_learn(index, each->id,
                             &(DeferredCause){.transport = each->transport,
                                              .destination = each->destination,
                                              .is_user = each->is_user,
                                              .status = each->status,
                                              .reason = each->reason});
    }
}

static const struct {
    const char *words;
    const char *rows; /* without "row|data|object|deferred|", in lines */
} listings[] = {
    {"verb deferred limit 9",
     "transport|smtp|destination|a.test|count|3|status|4.2.0|reason|no room for <y@a.test>|\n"
     "transport|smtp|destination|b.test|count|1|\n"
     "transport|lmtp|destination|u@box.test|count|1|status|4.4.1|reason|refused|\n"
     "transport|lmtp|destination|v@box.test|count|1|status|4.2.0|reason|quota of v@box.test|\n"                                         },
    {"verb deferred limit 9 level summary",
     "transport|smtp|destination|a.test|count|3|status|4.2.0|reason|no room for <*@a.test>|\n"
     "transport|lmtp|destination|*@nexthop|count|2|\n"
     "transport|smtp|destination|b.test|count|1|\n"                                                                                     },
    {"verb deferred limit 9 by reason",                                             "count|3|status|4.2.0|reason|quota of v@box.test|\n"
                                        "count|2|status|4.4.1|reason|refused|\n"
                                        "count|1|status|4.3.0|reason|address resolver failure|\n"},
    {"verb deferred limit 9 by reason level summary",
     "count|3|status|4.2.0|reason|quota of *@box.test|\n"
     "count|2|status|4.4.1|reason|refused|\n"
     "count|1|status|4.3.0|reason|address resolver failure|\n"                                                                          },
    {"verb deferred limit 9 by destination,reason pattern a.*",
     "transport|smtp|destination|a.test|count|2|status|4.2.0|reason|no room for <y@a.test>|\n"
     "transport|smtp|destination|a.test|count|1|status|4.4.1|reason|timed out|\n"                                                       },
    {"verb deferred limit 9 by destination,reason pattern *box.test level summary",
     "transport|lmtp|destination|*@nexthop|count|1|status|4.2.0|\n"
     "transport|lmtp|destination|*@nexthop|count|1|status|4.4.1|\n"                                                                     },
    {"verb deferred limit 9 pattern u@* level summary",                             ""                                                  },
    {"verb deferred limit 9 pattern *@nexthop level summary",
     "transport|lmtp|destination|*@nexthop|count|2|\n"                                                                                  },
    {"verb deferred limit 1",
     "transport|smtp|destination|a.test|count|3|status|4.2.0|reason|no room for <y@a.test>|\n"                                          },
    {"verb deferred limit 9 pattern *failure internal 1",
     "transport|retry|destination|4.3.0 failure|count|1|status|4.3.0|reason|address resolver "
     "failure|\n"                                                                                                                       },
};

/* The data rows of an answer as lines. */
static char *rows_of(const char *answer)
{
    static const char begin[] = "row|data|object|deferred|";
    GString *rows = g_string_new(NULL);

    for (const char *row = answer; (row = strstr(row, begin)) != NULL;) {
        const char *end = strstr(row, "||");

        row += strlen(begin);
        g_string_append_len(rows, row, end - row + 1);
        g_string_append_c(rows, '\n');
    }
    return g_string_free(rows, FALSE);
}

START_TEST(deferred_mail_is_counted_by_what_it_waits_for)
{
    g_autofree char *answer = NULL, *rows = NULL;
    int fd;

    start_with_mail();
    fd = client_connect();
    client_ask(fd, listings[_i].words);
    answer = client_answer(fd);
    rows = rows_of(answer);
    ck_assert_msg(g_str_equal(rows, listings[_i].rows), "%s:\n%s", listings[_i].words, rows);
    ck_assert_msg(strstr(answer, "|deferred_known|7|deferred|8|index_complete|1||") != NULL, "%s",
                  answer);
    (void)close(fd);
    end_control();
}
END_TEST

START_TEST(a_listing_without_a_limit_has_all_rows)
{
    int fd;

    start_with_mail();
    fd = client_connect();
    expect_answer(fd, "verb deferred limit 0", "row|end|rows|4|matched|4|truncated|0|");
    expect_answer(fd, "verb deferred limit 0 internal 1", "row|end|rows|5|matched|5|");
    expect_answer(fd, "verb deferred by odd", "cannot group by odd");
    (void)close(fd);
    end_control();
}
END_TEST

START_TEST(destinations_tell_their_deferred_mail_and_sort_by_it)
{
    SchedTransport *transport;
    g_autofree char *answer = NULL;
    int fd;

    start_with_mail();
    transport = sched_transport_find(world.sched, "smtp");
    if (transport == NULL)
        transport = sched_transport_add(world.sched, "smtp", &world.params);
    (void)sched_destination_get(world.sched, transport, "b.test", "b.test");
    (void)sched_destination_get(world.sched, transport, "a.test", "a.test");
    (void)sched_destination_get(world.sched, transport, "c.test", "c.test");
    fd = client_connect();
    client_ask(fd, "verb destinations limit 2 sort deferred");
    answer = client_answer(fd);
    ck_assert_msg(strstr(answer, "a.test|") < strstr(answer, "b.test|"), "%s", answer);
    ck_assert_msg(strstr(answer, "|destination|a.test|state|idle|") != NULL, "%s", answer);
    ck_assert_msg(strstr(answer, "|waiting|0|deferred|3|") != NULL, "%s", answer);
    ck_assert_msg(strstr(answer, "c.test") == NULL, "%s", answer);
    ck_assert_msg(strstr(answer, "|deferred_known|7|deferred|8|index_complete|1||") != NULL, "%s",
                  answer);
    (void)close(fd);
    end_control();
}
END_TEST

/* Of all messages that are due some time, the next ones are shown. */
START_TEST(what_is_due_next_is_some_of_all)
{
    g_autofree char *answer = NULL;
    int fd;

    start_with_mail();
    fd = client_connect();
    client_ask(fd, "verb due limit 2");
    answer = client_answer(fd);
    ck_assert_msg(strstr(answer, "|object|due_message|queue_id|A1|") != NULL, "%s", answer);
    ck_assert_msg(strstr(answer, "|object|due_message|queue_id|A2|") != NULL, "%s", answer);
    ck_assert_msg(strstr(answer, "|queue_id|A3|") == NULL, "%s", answer);
    ck_assert_msg(strstr(answer, "|matched|8|truncated|1|") != NULL, "%s", answer);
    (void)close(fd);
    end_control();
}
END_TEST

/* The rows of "due": "minute:count" in minutes from the answer's time on; "-:count" if overdue. */
static char *minutes_of(const char *answer)
{
    static const char begin[] = "row|data|object|due|time|";
    int64_t now_s = g_ascii_strtoll(strstr(answer, "|time|") + strlen("|time|"), NULL, 10);
    GString *minutes = g_string_new(NULL);

    for (const char *row = answer; (row = strstr(row, begin)) != NULL;) {
        int64_t time_s = g_ascii_strtoll(row += strlen(begin), NULL, 10);
        const char *count = strstr(row, "|count|") + strlen("|count|");

        if (time_s == 0)
            g_string_append_c(minutes, '-');
        else
            g_string_append_printf(minutes, "%" G_GINT64_FORMAT, (time_s - now_s) / 60);
        g_string_append_printf(minutes, ":%d ", atoi(count));
    }
    return g_string_free(minutes, FALSE);
}

static void expect_minutes(int fd, const char *words, const char *want)
{
    g_autofree char *answer = NULL, *minutes = NULL;

    client_ask(fd, words);
    answer = client_answer(fd);
    minutes = minutes_of(answer);
    ck_assert_msg(g_str_equal(minutes, want), "%s: %s, not %s", words, minutes, want);
}

/* Times lie in the middle of a minute, as the clock goes on. */
START_TEST(due_mail_is_counted_by_minutes)
{
    DeferredIndex *index;
    int fd;

    start_with_mail(); /* 8 messages after 1000 s */
    index = world.life->due->index;
    deferred_index_note(index, "B1", world.start_s - 5000);
    deferred_index_note(index, "B2", world.start_s);
    deferred_index_note(index, "B3", world.start_s + 90);
    deferred_index_note(index, "B4", world.start_s + 30);
    deferred_index_note(index, "B5", world.start_s + 34);
    deferred_index_note(index, "B6", world.start_s + 500010);
    deferred_index_note(index, "B7", world.start_s + 604830);
    fd = client_connect();
    expect_minutes(fd, "verb due", "-:2 0:2 1:1 16:8 ");
    expect_minutes(fd, "verb due level summary limit 5", "-:2 0:2 1:1 16:8 ");
    expect_minutes(fd, "verb due within 60", "-:2 0:2 ");
    expect_minutes(fd, "verb due within 604800 limit 5", "-:2 0:2 1:1 16:8 8333:1 ");
    expect_answer(fd, "verb due within 600", "|note|10 due later|");
    expect_answer(fd, "verb due within 604800", "|note|1 due later|");
    expect_answer(fd, "verb status", "|overdue|2|");
    expect_answer(fd, "verb metrics", "|name|eqmgr_overdue_messages|value|2||");
    (void)close(fd);
    end_control();
}
END_TEST

/* ---- metrics ---- */

static void expect_metric(const char *answer, const char *name, const char *destination, int value)
{
    g_autofree char *part = g_strdup_printf(
        "|object|metric|name|%s|label_destination|%s|value|%d||", name, destination, value);

    ck_assert_msg(strstr(answer, part) != NULL, "no %s in\n%s", part, answer);
}

START_TEST(watched_destinations_have_series_and_all_others_are_other)
{
    SchedTransport *transport;
    g_autofree char *answer = NULL;
    int fd;

    start_with_mail();
    ck_assert(stats_watch(stats, "B.test"));
    ck_assert(stats_watch(stats, "never.test"));
    transport = sched_transport_add(world.sched, "smtp", &world.params);
    (void)sched_destination_get(world.sched, transport, "b.test", "b.test");
    (void)sched_destination_get(world.sched, transport, "a.test", "a.test");
    stats_death(stats_transport(stats, "smtp"), true);
    stats_death(stats_transport(stats, "smtp"), true);
    stats_watched_death(stats, "b.test");
    fd = client_connect();
    client_ask(fd, "verb metrics");
    answer = client_answer(fd);
    expect_metric(answer, "eqmgr_destination_deferred_known", "b.test", 1);
    expect_metric(answer, "eqmgr_destination_deferred_known", "never.test", 0);
    expect_metric(answer, "eqmgr_destination_deferred_known", "other", 6);
    expect_metric(answer, "eqmgr_destination_window", "b.test",
                  world.params.initial_destination_concurrency);
    expect_metric(answer, "eqmgr_destination_waiting", "never.test", 0);
    expect_metric(answer, "eqmgr_destination_watched_deaths_total", "b.test", 1);
    expect_metric(answer, "eqmgr_destination_watched_deaths_total", "other", 1);
    expect_metric(answer, "eqmgr_destination_throttled", "other", 0);
    ck_assert_ptr_null(strstr(answer, "a.test"));
    ck_assert_ptr_nonnull(strstr(answer, "eqmgr_deferred_destination_known_messages|value|7||"));
    (void)close(fd);
    end_control();
}
END_TEST

int main(void)
{
    TCase *tcase = world_tcase("deferred");

    tcase_add_loop_test(tcase, deferred_mail_is_counted_by_what_it_waits_for, 0,
                        G_N_ELEMENTS(listings));
    tcase_add_test(tcase, a_listing_without_a_limit_has_all_rows);
    tcase_add_test(tcase, destinations_tell_their_deferred_mail_and_sort_by_it);
    tcase_add_test(tcase, due_mail_is_counted_by_minutes);
    tcase_add_test(tcase, what_is_due_next_is_some_of_all);
    tcase_add_test(tcase, watched_destinations_have_series_and_all_others_are_other);
    return run_suite("control/deferred", tcase, NULL);
}
