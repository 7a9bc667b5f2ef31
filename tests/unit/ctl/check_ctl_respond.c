#include <stdlib.h>
#include <string.h>

#include "src/ctl/web/front_internal.h"
#include "src/ctl/web/respond_internal.h"
#include "tests/support/ctl_row.h"
#include "tests/support/runner.h"

#define NOW_S 1795960270 /* 2026-11-29 13:51:10 UTC */

static const WebMoment moment = {NOW_S, NOW_S - 59};

/* ---- answers ---- */

static void add_row(WebAnswer *answer, const char *const *words)
{
    Row row = row_of(words);

    web_answer_add(&row, answer);
    g_hash_table_destroy(row.values);
}
#define ADD(answer, ...) add_row(answer, (const char *const[]){__VA_ARGS__, NULL})

static WebAnswer *whole_answer(void)
{
    WebAnswer *answer = web_answer_new();

    answer->ends.header = ROW("host", "mx.example.com", "release", "3.7.11", "version", "1.0",
                              "queue", "/var/spool/postfix", "time", "1795960270");
    answer->ends.end = ROW("rows", "1", "matched", "1", "truncated", "0");
    return answer;
}

static WebAnswer *failed_answer(SessionStatus status, const char *problem)
{
    WebAnswer *answer = web_answer_new();

    answer->status = status;
    answer->problem = g_strdup(problem);
    return answer;
}

/* Responds to a path with one answer, which is dropped. */
static void respond_to(const char *path, const char *accept, WebAnswer *answer,
                       WebResponse *ret_response)
{
    WebAnswer *answers[ROUTE_QUESTIONS_MAX];
    Route route;

    for (unsigned i = 0; i < ROUTE_QUESTIONS_MAX; i++)
        answers[i] = answer;
    route_parse(path, NULL, &route);
    web_respond(&route, accept, answers, &moment, ret_response);
    route_clear(&route);
    web_answer_unref(answer);
}

/* ---- failures ---- */

static const struct {
    const char *path;
    SessionStatus status;
    int response;
} failures[] = {
    {"/ready",               SESSION_NO_DAEMON,  503},
    {"/ready",               SESSION_INCOMPLETE, 503},
    {"/ready",               SESSION_DENIED,     503},
    {"/ready",               SESSION_PROTOCOL,   502},
    {"/metrics",             SESSION_NO_DAEMON,  503},
    {"/metrics",             SESSION_INCOMPLETE, 503},
    {"/api/1/destination/x", SESSION_NOT_FOUND,  404},
    {"/api/1/destinations",  SESSION_USAGE,      400},
    {"/api/1/status",        SESSION_INCOMPLETE, 503},
};

START_TEST(what_the_daemon_does_not_say_is_not_said)
{
    WebResponse response;

    respond_to(failures[_i].path, NULL, failed_answer(failures[_i].status, "because"), &response);
    ck_assert_int_eq(response.status, failures[_i].response);
    ck_assert_str_eq(response.body, "because\n");
    ck_assert_str_eq(response.type, "text/plain; charset=utf-8");
    web_response_clear(&response);
}
END_TEST

START_TEST(health_needs_no_daemon)
{
    WebResponse response;

    respond_to("/healthy", NULL, failed_answer(SESSION_NO_DAEMON, "away"), &response);
    ck_assert_int_eq(response.status, 200);
    ck_assert_str_eq(response.body, "healthy\n");
    web_response_clear(&response);
}
END_TEST

START_TEST(a_page_without_answer_says_since_when_and_shows_no_number)
{
    WebResponse response;

    respond_to("/", NULL, failed_answer(SESSION_NO_DAEMON, "no eqmgr listens at <here>"),
               &response);
    ck_assert_int_eq(response.status, 503);
    ck_assert_int_eq(response.refresh_s, REFRESH_S);
    ck_assert_ptr_nonnull(strstr(response.body, "no answer from eqmgr since 13:50:11</p>"));
    ck_assert_ptr_nonnull(strstr(response.body, "no eqmgr listens at &lt;here&gt;"));
    ck_assert_ptr_null(strstr(response.body, "class=\"big\""));
    ck_assert_ptr_null(strstr(response.body, "class=\"card"));
    web_response_clear(&response);
}
END_TEST

START_TEST(an_object_that_is_not_there_is_no_outage)
{
    WebResponse response;

    respond_to("/destination/nowhere", NULL,
               failed_answer(SESSION_NOT_FOUND, "no destination \"nowhere\" is known"), &response);
    ck_assert_int_eq(response.status, 404);
    ck_assert_ptr_nonnull(strstr(response.body, "no destination &quot;nowhere&quot; is known"));
    ck_assert_ptr_null(strstr(response.body, "no answer from"));
    web_response_clear(&response);
}
END_TEST

/* ---- metrics ---- */

static const struct {
    const char *accept;
    bool is_open;
} accepted[] = {
    {NULL,                                                                              false},
    {"",                                                                                false},
    {"*/*",                                                                             false},
    {"text/plain",                                                                      false},
    {"application/openmetrics-text",                                                    true },
    {"Application/OpenMetrics-Text; version=1.0.0",                                     true },
    {"application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2", true },
    {"application/openmetrics-text;q=0.2, text/plain;q=0.5",                            false},
    {"application/openmetrics-text;q=0",                                                false},
    {"application/openmetrics-textile",                                                 false},
    {",;q=,;;",                                                                         false},
};

START_TEST(the_format_of_metrics_is_what_the_client_wants_most)
{
    WebAnswer *answer = whole_answer();
    WebResponse response;

    ADD(answer, "object", "metric", "name", "eqmgr_messages_taken_total", "label_queue", "incoming",
        "value", "7");
    respond_to("/metrics", accepted[_i].accept, answer, &response);
    ck_assert_int_eq(response.status, 200);
    ck_assert_ptr_nonnull(
        strstr(response.body, "eqmgr_messages_taken_total{queue=\"incoming\"} 7\n"));
    ck_assert_int_eq(g_str_has_suffix(response.body, "# EOF\n"), accepted[_i].is_open);
    ck_assert_str_eq(response.type,
                     accepted[_i].is_open
                         ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                         : "text/plain; version=0.0.4; charset=utf-8");
    web_response_clear(&response);
}
END_TEST

/* ---- rows ---- */

START_TEST(rows_are_the_lines_of_the_command)
{
    WebAnswer *answer = whole_answer();
    WebResponse response;

    ADD(answer, "object", "destination", "destination", "a.test", "running", "3", "why",
        "\x1b[31m<b>\xff");
    ADD(answer, "object", "of a later version", "x", "y");
    g_hash_table_destroy(answer->ends.end.values);
    answer->ends.end = ROW("matched", "9", "truncated", "1");
    respond_to("/api/1/destinations", NULL, answer, &response);
    ck_assert_str_eq(response.body, "{\"object\":\"destination\",\"destination\":\"a.test\","
                                    "\"running\":3,\"why\":\"\\u001B[31m<b>\xef\xbf\xbd\"}\n");
    ck_assert_str_eq(response.type, "application/x-ndjson");
    ck_assert_int_eq(response.matched, 9);
    ck_assert(response.is_truncated);
    ck_assert_int_eq(response.refresh_s, 0);
    web_response_clear(&response);
}
END_TEST

/* ---- the verdict ---- */

static const struct {
    const char *kind; /* of a row of attention; NULL: none */
    const char *throttled, *destinations, *slow;
    Verdict verdict;
} verdicts[] = {
    {NULL,             "0", "100", "0", VERDICT_OK       },
    {NULL,             "4", "5",   "0", VERDICT_OK       },
    {NULL,             "5", "21",  "0", VERDICT_OK       },
    {NULL,             "5", "20",  "0", VERDICT_ATTENTION},
    {NULL,             "0", "1",   "1", VERDICT_ATTENTION},
    {"unheard of",     "0", "1",   "0", VERDICT_ATTENTION},
    {"transport-dead", "0", "1",   "0", VERDICT_TROUBLE  },
    {"active-full",    "9", "9",   "1", VERDICT_TROUBLE  },
    {"stuck",          "0", "1",   "0", VERDICT_TROUBLE  },
    {"rules-broken",   "0", "1",   "0", VERDICT_TROUBLE  },
    {"suspended",      "0", "1",   "0", VERDICT_ATTENTION},
    {"limited",        "0", "1",   "0", VERDICT_ATTENTION},
};

START_TEST(the_verdict_is_that_of_the_worst_reason)
{
    WebAnswer *answer = whole_answer(), *answers[ROUTE_QUESTIONS_MAX];

    for (unsigned i = 0; i < ROUTE_QUESTIONS_MAX; i++)
        answers[i] = answer;
    ADD(answer, "object", "status", "destinations_throttled", verdicts[_i].throttled,
        "destinations", verdicts[_i].destinations);
    ADD(answer, "object", "connection", "slow", verdicts[_i].slow);
    if (verdicts[_i].kind != NULL)
        ADD(answer, "object", "attention", "kind", verdicts[_i].kind, "text", "a sentence");
    ck_assert_int_eq(front_verdict(answers), verdicts[_i].verdict);
    web_answer_unref(answer);
}
END_TEST

/* ---- pages of a known state ---- */

static WebAnswer *status_answer(void)
{
    WebAnswer *answer = whole_answer();

    ADD(answer, "object", "status", "pid", "4711", "started", "1795686670", "strategy",
        "preemptive", "active", "18412", "active_limit", "20000", "recipients", "1203",
        "recipients_limit", "20000", "resolving", "3", "waiting", "372", "delivering", "37",
        "finishing", "0", "stuck", "0", "deferred", "48213", "index_complete", "1", "overdue", "12",
        "next_due", "1795960274", "oldest_active", "1795960140", "last_run", "1795960229",
        "in_minute", "812", "done_minute", "790", "deferred_minute", "41", "in_hour", "40110",
        "done_hour", "39870", "deferred_hour", "2204", "in_minutes", "0,5,10,5", "done_minutes",
        "1,2,4,0", "deferred_minutes", "0,0,0,0", "destinations", "214", "destinations_throttled",
        "9");
    ADD(answer, "object", "attention", "kind", "transport-dead", "text",
        "lmtp dead 40s, again in 20s: 4.3.0 <script>alert(1)</script>");
    return answer;
}

static WebAnswer *standstill_answer(void)
{
    WebAnswer *answer = whole_answer();

    ADD(answer, "object", "transport", "transport", "lmtp", "state", "dead", "since", "1795960230",
        "until", "1795960290", "why", "\x1b]0;title\x07 <img src=x onerror=y>");
    ADD(answer, "object", "destination", "transport", "smtp", "destination", "example.net", "state",
        "throttled,blocked", "since", "1795956550", "until", "1795960460", "why",
        "host mx.example.net[192.0.2.7] said: 421 \"&\xff\xc3\"");
    ADD(answer, "object", "destination", "transport", "local", "destination", "*@nexthop", "state",
        "throttled");
    ADD(answer, "object", "rule", "number", "7", "kind", "suspend"); /* has a card of its own */
    return answer;
}

static WebAnswer *destinations_answer(void)
{
    WebAnswer *answer = whole_answer();

    ADD(answer, "object", "destination", "transport", "smtp", "destination",
        "\"><script>alert(2)</script>", "state", "full", "running", "20", "window", "20", "limit",
        "20", "waiting", "180", "last_success", "1795960269", "why",
        "destination_concurrency_limit");
    ADD(answer, "object", "destination", "transport", "smtp", "destination", "idle.test", "state",
        "throttled", "running", "0", "waiting", "0");
    g_hash_table_destroy(answer->ends.end.values);
    answer->ends.end = ROW("matched", "214", "truncated", "1");
    return answer;
}

static WebAnswer *due_answer(void)
{
    WebAnswer *answer = whole_answer();

    ADD(answer, "object", "due", "time", "0", "count", "12", "why",
        "they are taken by the next queue run");
    ADD(answer, "object", "due", "time", "1795960270", "count", "4");
    ADD(answer, "object", "due", "time", "1795960390", "count", "1000");
    ADD(answer, "object", "due", "time", "1795963999", "count", "5"); /* later than an hour */
    return answer;
}

static WebAnswer *other_answer(void)
{
    WebAnswer *answer = whole_answer();

    ADD(answer, "object", "transport", "transport", "smtp", "state", "ready", "running", "37",
        "pending", "1", "waiting", "372", "done", "39870", "deferred", "2204", "lost", "0");
    return answer;
}

static WebAnswer *connections_answer(void)
{
    WebAnswer *answer = whole_answer();

    ADD(answer, "object", "connection", "transport", "smtp", "destination", "slow.test", "state",
        "delivering", "since", "1795940270", "slow", "1", "recipients", "1");
    ADD(answer, "object", "connection", "transport", "smtp", "destination", "fast.test", "state",
        "delivering", "since", "1795960268", "slow", "0", "recipients", "1");
    return answer;
}

static WebAnswer *rules_answer(void)
{
    WebAnswer *answer = whole_answer();

    ADD(answer, "object", "rule", "number", "7", "kind", "suspend", "about", "domain", "name",
        "yahoo.com", "since", "1795956670", "until", "1795965070", "forever", "0", "uid", "1000",
        "suspended", "8120", "why", "block, ticket <4711>");
    ADD(answer, "object", "rule", "number", "8", "about", "transport", "name", "fax", "since",
        "1795873869", "until", "1795999999", "uid", "0", "suspended", "0", "why", "old");
    ADD(answer, "object", "rule", "number", "9", "about", "all", "since", "1795960269", "forever",
        "1", "uid", "0", "suspended", "3", "why", "move");
    ADD(answer, "object", "rule", "number", "10", "kind", "limit", "about", "destination", "name",
        "slow.test", "limit", "concurrency 2", "concurrency", "2", "since", "1795960269", "until",
        "1795965070", "uid", "0", "suspended", "0", "why", "gently");
    return answer;
}

static WebAnswer *jobs_answer(void)
{
    WebAnswer *answer = whole_answer();

    ADD(answer, "object", "job", "number", "3", "verb", "flush", "about", "domain", "name",
        "<i>.net", "state", "portions", "tried", "120", "running", "20", "through", "98", "back",
        "2", "left", "4000", "since", "1795960205", "uid", "0");
    return answer;
}

/* What is compared: all but the style sheet. */
static char *without_style(const char *page)
{
    const char *begin = strstr(page, "<style>"), *end = strstr(page, "</style>");

    ck_assert(begin != NULL && end != NULL);
    return g_strdup_printf("%.*s%s", (int)(begin - page), page, end + strlen("</style>"));
}

/* Elements on lines of their own, for whoever reads the difference. */
static char *in_lines(const char *page)
{
    g_auto(GStrv) parts = g_strsplit(page, "><", -1);

    return g_strjoinv(">\n<", parts);
}

/* The file is the same for each version. */
static char *without_version(const char *page)
{
    GString *text = g_string_new(page);

    (void)g_string_replace(text, "eqmgrctl " EQMGR_VERSION, "eqmgrctl VERSION", 0);
    return g_string_free(text, FALSE);
}

static void compare_with_golden(const char *page, const char *path)
{
    g_autofree char *bare = without_style(page), *split = in_lines(bare);
    g_autofree char *lines = without_version(split), *wanted = NULL;

    if (getenv("GOLDEN_UPDATE") != NULL)
        ck_assert(g_file_set_contents(path, lines, -1, NULL));
    ck_assert_msg(g_file_get_contents(path, &wanted, NULL, NULL), "%s", path);
    ck_assert_str_eq(lines, wanted);
}

START_TEST(the_page_of_a_known_state_is_as_agreed)
{
    WebAnswer *answers[FRONT_COUNT] = {
        [FRONT_STATUS] = status_answer(),
        [FRONT_STANDSTILL] = standstill_answer(),
        [FRONT_DESTINATIONS] = destinations_answer(),
        [FRONT_TRANSPORTS] = other_answer(),
        [FRONT_DUE] = due_answer(),
        [FRONT_CONNECTIONS] = connections_answer(),
        [FRONT_RULES] = rules_answer(),
        [FRONT_JOBS] = jobs_answer(),
        [FRONT_EVENTS] = failed_answer(SESSION_INCOMPLETE, "no answer within 3 s"),
    };
    WebResponse response;
    Route route;

    route_parse("/", NULL, &route);
    web_respond(&route, NULL, answers, &moment, &response);
    ck_assert_int_eq(response.status, 200);
    ck_assert_ptr_null(strstr(response.body, "<script"));
    ck_assert_ptr_null(strstr(response.body, "<img"));
    ck_assert(g_utf8_validate(response.body, -1, NULL));
    compare_with_golden(response.body, "tests/data/web/front.html");
    web_response_clear(&response);
    route_clear(&route);
    for (unsigned i = 0; i < FRONT_COUNT; i++)
        web_answer_unref(answers[i]);
}
END_TEST

START_TEST(the_page_of_a_destination_is_as_agreed)
{
    WebAnswer *answer = whole_answer();
    WebResponse response;

    ADD(answer, "object", "destination", "transport", "smtp", "destination", "example.net", "state",
        "throttled", "running", "0", "window", "0", "limit", "20", "waiting", "3", "last_success",
        "1795956550", "until", "1795960460", "why", "<i>no</i>");
    ADD(answer, "object", "trouble", "time", "1795960210", "status", "4.4.1", "reason",
        "connect to mx.example.net[192.0.2.7]:25: </table>timed out");
    respond_to("/destination/example.net", NULL, answer, &response);
    ck_assert_int_eq(response.status, 200);
    compare_with_golden(response.body, "tests/data/web/destination.html");
    web_response_clear(&response);
}
END_TEST

START_TEST(a_setting_has_its_name_as_head)
{
    WebAnswer *answer = whole_answer();
    WebResponse response;

    ADD(answer, "object", "transport", "transport", "smtp", "state", "ready");
    ADD(answer, "object", "setting", "name", "smtp_<b>_limit", "value", "5", "from", "x");
    respond_to("/transport/smtp", NULL, answer, &response);
    ck_assert_ptr_nonnull(
        strstr(response.body, "<tr><th scope=\"row\">smtp_&lt;b&gt;_limit</th><td class=\"time\""));
    web_response_clear(&response);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("respond");

    (void)setenv("TZ", "UTC", 1);
    tcase_add_loop_test(tcase, what_the_daemon_does_not_say_is_not_said, 0, G_N_ELEMENTS(failures));
    tcase_add_test(tcase, health_needs_no_daemon);
    tcase_add_test(tcase, a_page_without_answer_says_since_when_and_shows_no_number);
    tcase_add_test(tcase, an_object_that_is_not_there_is_no_outage);
    tcase_add_loop_test(tcase, the_format_of_metrics_is_what_the_client_wants_most, 0,
                        G_N_ELEMENTS(accepted));
    tcase_add_test(tcase, rows_are_the_lines_of_the_command);
    tcase_add_loop_test(tcase, the_verdict_is_that_of_the_worst_reason, 0, G_N_ELEMENTS(verdicts));
    tcase_add_test(tcase, the_page_of_a_known_state_is_as_agreed);
    tcase_add_test(tcase, a_setting_has_its_name_as_head);
    tcase_add_test(tcase, the_page_of_a_destination_is_as_agreed);
    return run_suite("ctl/web/respond", tcase, NULL);
}
