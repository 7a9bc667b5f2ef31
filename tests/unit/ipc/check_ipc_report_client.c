#include "base/clock.h"
#include "ipc/report_client.h"
#include "tests/support/ipc_peer.h"
#include "tests/support/runner.h"

#define PATH      "private/defer"
#define TIMEOUT_S 1

static ReportClient *client;
static Peer peer;
static int done_count, wanted_count;
static int32_t got_status;
static char *got_warning;
static GString *got_order; /* the letter each request was sent with */

static void setup(void)
{
    ipc_setup();
    done_count = 0;
    wanted_count = 1;
    got_order = g_string_new(NULL);
}

static void teardown(void)
{
    g_clear_pointer(&client, report_client_free);
    g_clear_pointer(&got_warning, g_free);
    (void)g_string_free(g_steal_pointer(&got_order), TRUE);
    ipc_teardown();
}

static void on_done(int32_t status, const char *warning, void *ctx)
{
    got_status = status;
    g_free(got_warning);
    got_warning = g_strdup(warning);
    g_string_append_c(got_order, *(const char *)ctx);
    if (++done_count == wanted_count)
        event_base_loopbreak(base);
}

static GByteArray *make_status(int32_t status)
{
    GByteArray *reply = g_byte_array_new();

    attr_put_int(reply, "status", status);
    attr_put_end(reply);
    return reply;
}

static void start_client(int concurrency, ReportVoice voice)
{
    client = report_client_new(base, &(ReportClientSettings){.service = PATH,
                                                             .protocol = STATUS_PROTOCOL,
                                                             .concurrency = concurrency,
                                                             .timeout_s = TIMEOUT_S,
                                                             .voice = voice});
}

/* One at a time, with another time limit. */
static void start_client_for(int timeout_s)
{
    client = report_client_new(base, &(ReportClientSettings){.service = PATH,
                                                             .protocol = STATUS_PROTOCOL,
                                                             .concurrency = 1,
                                                             .timeout_s = timeout_s,
                                                             .voice = REPORT_ALOUD});
}

static void send_request(ReportDoneFn *done, char letter)
{
    static char letters[] = "abcdefghijklmnopqrstuvwxyz";
    GByteArray *request = g_byte_array_new();

    attr_put_str(request, "request", "a");
    attr_put_end(request);
    report_send(client, request, done, &letters[letter - 'a']);
    ck_assert_int_eq(request->len, 0);
    g_byte_array_unref(request);
}

static bool is_whole_request(const GByteArray *received, GByteArray *reply)
{
    AttrReader reader;
    const char *letter;

    (void)reply;
    attr_reader_init(&reader, received->data, received->len);
    return attr_get_str(&reader, "request", &letter) == ATTR_OK && attr_get_end(&reader) == ATTR_OK;
}

static void start_peer(const char *const *scripts, int32_t status)
{
    peer_start(&peer, PATH, STATUS_PROTOCOL, scripts, is_whole_request, make_status(status));
}

static void stop_peer(void)
{
    peer_stop(&peer, PATH);
}

#define CUT_IN "unexpected end-of-input from " PATH " socket while reading input attribute "

/* A warning starts with the text of the table. */
static const struct {
    const char *name, *script;
    int32_t status, want;
    const char *want_warning;
} cases[] = {
    {"success",         "AQRX", 0,  0,  NULL                                              },
    {"failure",         "AQRX", -1, -1, NULL                                              }, /* the server has warned */
    {"denied",          "AQRX", 4,  4,  NULL                                              },
    {"byte by byte",    "AQBX", 4,  4,  NULL                                              },
    {"stays connected", "AQR",  0,  0,  NULL                                              },
    {"EOF at once",     "X",    0,  -1, "write/read " PATH " socket: Broken pipe"         },
    {"EOF in greeting", "aX",   0,  -1, CUT_IN "value\nread " PATH " socket: "            },
    {"wrong protocol",  "W",    0,  -1,
     "unexpected protocol other_protocol from " PATH
     " socket (expected: delivery_status_protocol)\n"
     "read " PATH " socket: "                                                             },
    {"no request read", "AX",   0,  -1, "write/read " PATH " socket: Broken pipe"         },
    {"early answer",    "AR",   0,  -1,
     "unexpected input from " PATH " socket before the request\n"
     "read " PATH " socket: "                                                             },
    {"no reply",        "AQX",  0,  -1, "write/read " PATH " socket: "                    },
    {"half a reply",    "AQrX", 0,  -1, CUT_IN "name\nwrite/read " PATH " socket: "       },
    {"garbage",         "AQG",  0,  -1,
     "unexpected attribute garbage from " PATH " socket (expecting: status)\n"
     "write/read " PATH " socket: "                                                       },
    {"no greeting",     "",     0,  -1, "write " PATH " socket: Connection timed out"     },
    {"silence",         "AQ",   0,  -1, "write/read " PATH " socket: Connection timed out"},
};

START_TEST(request_ends_as_the_server_makes_it)
{
    const char *const scripts[] = {cases[_i].script, NULL};
    const char *want = cases[_i].want_warning;

    start_peer(scripts, cases[_i].status);
    start_client(1, REPORT_ALOUD);
    send_request(on_done, 'a');
    ck_assert_int_eq(done_count, 0);
    run_loop();
    ck_assert_msg(got_status == cases[_i].want, "%s: %d", cases[_i].name, got_status);
    ck_assert_msg(want == NULL ? got_warning == NULL
                               : got_warning != NULL && g_str_has_prefix(got_warning, want),
                  "%s: %s", cases[_i].name, got_warning);
    stop_peer();
}
END_TEST

#define CONNECTIONS 4

/* One of several connections, in order, sends its greeting and an answer in one piece. */
START_TEST(early_answer_counts_for_nobody)
{
    const char *scripts[CONNECTIONS + 1] = {"AQRX", "AQRX", "AQRX", "AQRX", NULL};

    scripts[_i] = "ARX";
    start_peer(scripts, 0);
    start_client(1, REPORT_QUIETLY);
    for (int i = 0; i < CONNECTIONS; i++) {
        wanted_count = i + 1;
        send_request(on_done, (char)('a' + i));
        run_loop();
        ck_assert_int_eq(got_status, i == _i ? -1 : 0);
        ck_assert((got_warning != NULL) == (i == _i));
    }
    ck_assert_int_eq(peer.accepted_count, CONNECTIONS);
    ck_assert_int_eq(peer.question_count, CONNECTIONS - 1);
    stop_peer();
}
END_TEST

START_TEST(missing_service_is_status_minus_one)
{
    start_client(1, REPORT_ALOUD);
    send_request(on_done, 'a');
    ck_assert_int_eq(done_count, 0);
    run_loop();
    ck_assert_int_eq(got_status, -1);
    ck_assert_str_eq(got_warning, "connect to " PATH ": No such file or directory");
}
END_TEST

START_TEST(quiet_request_fails_without_warning)
{
    start_client(1, REPORT_QUIETLY);
    send_request(on_done, 'a');
    run_loop();
    ck_assert_int_eq(got_status, -1);
    ck_assert_ptr_null(got_warning);
}
END_TEST

static const struct {
    int concurrency;
    int want_open; /* at the same time */
} widths[] = {
    {1,  1},
    {3,  3},
    {10, 5},
};

START_TEST(concurrency_is_limited_and_order_is_kept)
{
    static const char *const scripts[] = {"AQRX", NULL};

    start_peer(scripts, 0);
    start_client(widths[_i].concurrency, REPORT_ALOUD);
    wanted_count = 5;
    for (const char *letter = "abcde"; *letter != '\0'; letter++)
        send_request(on_done, *letter);
    run_loop();
    ck_assert_int_eq(done_count, 5);
    ck_assert_int_eq(peer.accepted_count, 5);
    ck_assert_int_eq(peer.max_open_count, widths[_i].want_open);
    ck_assert_str_eq(got_order->str, "abcde");
    stop_peer();
}
END_TEST

START_TEST(freeing_drops_requests_in_every_state)
{
    static const char *const scripts[] = {"AQ", NULL};

    start_peer(scripts, 0);
    start_client(2, REPORT_ALOUD);
    for (const char *letter = "abcde"; *letter != '\0'; letter++)
        send_request(on_done, *letter);
    run_for_ms(20);
    ck_assert_int_eq(peer.question_count, 2);
    g_clear_pointer(&client, report_client_free);
    report_client_free(NULL);
    run_for_ms(5);
    ck_assert_int_eq(done_count, 0);
    ck_assert_int_eq(peer.open_count, 0);
    stop_peer();
}
END_TEST

static void free_when_done(int32_t status, const char *warning, void *ctx)
{
    g_clear_pointer(&client, report_client_free);
    ck_assert_ptr_null(warning);
    on_done(status, warning, ctx);
}

START_TEST(client_may_be_freed_when_a_request_is_done)
{
    static const char *const scripts[] = {"AQR", NULL};

    start_peer(scripts, 0);
    start_client(1, REPORT_ALOUD);
    send_request(free_when_done, 'a');
    send_request(on_done, 'b');
    run_loop();
    ck_assert_str_eq(got_order->str, "a");
    stop_peer();
}
END_TEST

static void ask_again(int32_t status, const char *warning, void *ctx)
{
    send_request(on_done, 'z');
    on_done(status, warning, ctx);
}

START_TEST(done_may_send_the_next_request)
{
    static const char *const scripts[] = {"AQR", NULL};

    start_peer(scripts, 0);
    start_client(1, REPORT_ALOUD);
    wanted_count = 3;
    send_request(ask_again, 'a');
    send_request(on_done, 'b');
    run_loop();
    ck_assert_str_eq(got_order->str, "abz");
    stop_peer();
}
END_TEST

/* A service hangs: requests that wait for their turn are given up together with those that were
 * sent, not one batch after the other. */
START_TEST(time_counts_while_waiting)
{
    static const char *const scripts[] = {"AQ", NULL};
    int64_t start_ms = clock_mono_ms();

    start_peer(scripts, 0);
    start_client(1, REPORT_ALOUD);
    wanted_count = 10;
    for (const char *letter = "abcdefghij"; *letter != '\0'; letter++)
        send_request(on_done, *letter);
    run_loop();
    ck_assert_int_lt(clock_mono_ms() - start_ms, wanted_count * TIMEOUT_S * 1000 / 2);
    ck_assert_int_eq(peer.question_count, 1);
    ck_assert_ptr_nonnull(strstr(got_warning, PATH " socket: Connection timed out"));
    send_request(on_done, 'k'); /* and the line moves again */
    wanted_count++;
    run_loop();
    ck_assert_int_eq(peer.question_count, 2);
    stop_peer();
}
END_TEST

/* Each of these answers takes a quarter of the time limit. */
START_TEST(line_that_moves_is_not_given_up)
{
    static const char *const scripts[] = {"AQTRX", NULL};

    start_peer(scripts, 0);
    start_client_for(2 * TIMEOUT_S);
    wanted_count = 6;
    for (const char *letter = "abcdef"; *letter != '\0'; letter++)
        send_request(on_done, *letter);
    run_loop();
    ck_assert_str_eq(got_order->str, "abcdef");
    ck_assert_int_eq(peer.question_count, 6);
    ck_assert_int_eq(got_status, 0);
    stop_peer();
}
END_TEST

static void take_all(int listener)
{
    int fd;

    while ((fd = accept(listener, NULL, NULL)) >= 0)
        close(fd);
}

/* It is waited for as long as a service may be silent, not only for a moment. */
START_TEST(full_listen_queue_is_waited_for)
{
    int listener = peer_listen(PATH, 1);
    GArray *fds = fill_listen_queue(PATH);

    start_client_for(10 * TIMEOUT_S);
    send_request(on_done, 'a');
    run_for_ms(1300);
    ck_assert_int_eq(done_count, 0);
    take_all(listener);
    close_all(fds);
    unlink(PATH); /* it connects to nothing else */
    close(listener);
    run_loop();
    ck_assert_ptr_nonnull(strstr(got_warning, "No such file or directory"));
}
END_TEST

START_TEST(service_that_takes_no_connection_is_an_error_in_the_end)
{
    int listener = peer_listen(PATH, 1);
    GArray *fds = fill_listen_queue(PATH);

    start_client(1, REPORT_ALOUD);
    send_request(on_done, 'a');
    send_request(on_done, 'b');
    wanted_count = 2;
    run_loop();
    ck_assert_int_eq(got_status, -1);
    close_all(fds);
    close(listener);
    unlink(PATH);
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table"), *single = tcase_create("single");

    tcase_add_checked_fixture(table, setup, teardown);
    tcase_add_loop_test(table, request_ends_as_the_server_makes_it, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(table, early_answer_counts_for_nobody, 0, CONNECTIONS);
    tcase_add_loop_test(table, concurrency_is_limited_and_order_is_kept, 0, G_N_ELEMENTS(widths));
    tcase_add_checked_fixture(single, setup, teardown);
    tcase_add_test(single, missing_service_is_status_minus_one);
    tcase_add_test(single, quiet_request_fails_without_warning);
    tcase_add_test(single, freeing_drops_requests_in_every_state);
    tcase_add_test(single, client_may_be_freed_when_a_request_is_done);
    tcase_add_test(single, done_may_send_the_next_request);
    tcase_add_test(single, time_counts_while_waiting);
    tcase_add_test(single, line_that_moves_is_not_given_up);
    tcase_add_test(single, full_listen_queue_is_waited_for);
    tcase_add_test(single, service_that_takes_no_connection_is_an_error_in_the_end);
    return run_suite("ipc/report_client", table, single, NULL);
}
