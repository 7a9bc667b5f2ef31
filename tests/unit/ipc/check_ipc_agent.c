#include <sys/resource.h>

#include "ipc/agent.h"
#include "ipc/trace.h"
#include "tests/support/ipc_peer.h"
#include "tests/support/runner.h"

#define PATH          "private/fake"
#define TIMEOUT_S     1
#define REASON        "connect to host: Connection refused"
#define REQUEST_BYTES 600
#define LARGE_BYTES   (4 * 1024 * 1024) /* more than a socket takes at once */

static struct {
    int ready_count, reply_count;
    AgentOutcome ready, reply;
    int error;
    char *problem;
    int32_t status;
    char *dsn, *reason;
} got;

static GByteArray *request;
static bool sends_request;
static Agent *agent;

static void setup(void)
{
    ipc_setup();
    got.ready_count = got.reply_count = 0;
    sends_request = true;
    request = g_byte_array_new();
    g_byte_array_set_size(request, REQUEST_BYTES);
    memset(request->data, 'q', REQUEST_BYTES);
}

static void teardown(void)
{
    g_clear_pointer(&agent, agent_close);
    g_clear_pointer(&request, g_byte_array_unref);
    g_clear_pointer(&got.problem, g_free);
    g_clear_pointer(&got.dsn, g_free);
    g_clear_pointer(&got.reason, g_free);
    ipc_teardown();
}

static void note_end(Agent *ended)
{
    got.error = agent_errno(ended);
    got.problem = g_strdup(agent_problem(ended));
    g_clear_pointer(&agent, agent_close);
    event_base_loopbreak(base);
}

static void on_reply(Agent *replying, AgentOutcome outcome, const DeliveryReply *reply, void *ctx)
{
    ck_assert_ptr_eq(ctx, &got);
    ck_assert((outcome == AGENT_OK) == (reply != NULL));
    got.reply_count++;
    got.reply = outcome;
    if (reply != NULL) {
        got.status = reply->status;
        got.dsn = g_strdup(reply->dsn);
        got.reason = g_strdup(reply->reason);
    }
    note_end(replying);
}

static void on_ready(Agent *ready, AgentOutcome outcome, void *ctx)
{
    ck_assert_ptr_eq(ready, agent);
    ck_assert_ptr_eq(ctx, &got);
    got.ready_count++;
    got.ready = outcome;
    if (outcome == AGENT_OK && sends_request)
        agent_send(agent, request, on_reply, &got);
    else if (outcome != AGENT_OK)
        note_end(agent);
}

static void start(void)
{
    agent = agent_connect(base, "fake", TIMEOUT_S, on_ready, &got);
    ck_assert_ptr_nonnull(agent);
    ck_assert_int_eq(got.ready_count, 0);
}

static bool is_whole_request(const GByteArray *received, GByteArray *reply)
{
    (void)reply;
    return received->len == request->len &&
           memcmp(received->data, request->data, request->len) == 0;
}

static GByteArray *make_reply(const char *dsn, const char *reason, int32_t status)
{
    GByteArray *reply = g_byte_array_new();

    attr_put_str(reply, "status", dsn);
    attr_put_str(reply, "diag_type", "");
    attr_put_str(reply, "diag_text", "");
    attr_put_str(reply, "mta_type", "");
    attr_put_str(reply, "mta_mname", "");
    attr_put_str(reply, "action", "");
    attr_put_str(reply, "reason", reason);
    attr_put_int(reply, "status", status);
    attr_put_end(reply);
    return reply;
}

#define NOT_READY (-1)

#define CUT_IN "unexpected end-of-input from " PATH " socket while reading input attribute "

#define EARLY "unexpected input from " PATH " socket before the request"

static const struct {
    const char *name, *script;
    AgentOutcome want_ready;
    int want_reply; /* NOT_READY: no request was sent */
    const char *want_problem;
} cases[] = {
    {"greets and answers",         "AQR",  AGENT_OK,        AGENT_OK,           NULL          },
    {"hangs up with its answer",   "AQRX", AGENT_OK,        AGENT_OK,           NULL          },
    {"answers byte by byte",       "AQB",  AGENT_OK,        AGENT_OK,           NULL          },
    {"answers twice",              "AQRR", AGENT_OK,        AGENT_OK,           NULL          },
    {"answers and adds garbage",   "AQRG", AGENT_OK,        AGENT_OK,           NULL          },
    {"answers with its greeting",  "AR",   AGENT_BAD_PEER,  NOT_READY,          EARLY         },
    {"greets and adds a byte",     "Ab",   AGENT_BAD_PEER,  NOT_READY,          EARLY         },
    {"answers what it never read", "APR",  AGENT_OK,        AGENT_OK,           NULL          },
    {"hangs up at once",           "X",    AGENT_LOST,      NOT_READY,          NULL          },
    {"hangs up in greeting",       "aX",   AGENT_LOST,      NOT_READY,          CUT_IN "value"},
    {"is of another kind",         "W",    AGENT_BAD_PEER,  NOT_READY,
     "unexpected protocol other_protocol from " PATH
     " socket (expected: delivery_request_protocol)"                                          },
    {"greets with garbage",        "G",    AGENT_BAD_PEER,  NOT_READY,
     "unexpected attribute garbage from " PATH " socket (expecting: protocol)"                },
    {"hangs up on request",        "AQX",  AGENT_OK,        AGENT_LOST,         NULL          },
    {"resets the connection",      "APX",  AGENT_OK,        AGENT_LOST,         NULL          },
    {"hangs up after greeting",    "AX",   AGENT_OK,        AGENT_WRITE_FAILED, NULL          },
    {"hangs up in its answer",     "AQrX", AGENT_OK,        AGENT_LOST,         CUT_IN "value"},
    {"answers with garbage",       "AQG",  AGENT_OK,        AGENT_BAD_PEER,
     "unexpected attribute garbage from " PATH " socket (expecting: status)"                  },
    {"does not greet",             "",     AGENT_TIMED_OUT, NOT_READY,          NULL          },
    {"stops in its greeting",      "a",    AGENT_TIMED_OUT, NOT_READY,          CUT_IN "value"},
    {"does not answer",            "AQ",   AGENT_OK,        AGENT_TIMED_OUT,    NULL          },
    {"stops in its answer",        "AQr",  AGENT_OK,        AGENT_TIMED_OUT,    CUT_IN "value"},
};

START_TEST(conversation_ends_as_the_peer_makes_it)
{
    const char *const scripts[] = {cases[_i].script, NULL};
    int replies = cases[_i].want_reply == NOT_READY ? 0 : 1;
    Peer peer;

    peer_start(&peer, PATH, DELIVERY_PROTOCOL, scripts, is_whole_request,
               make_reply("4.4.1", REASON, -1));
    start();
    run_loop();
    ck_assert_int_eq(got.ready_count, 1);
    ck_assert_msg(got.ready == cases[_i].want_ready, "%s: outcome %d", cases[_i].name,
                  (int)got.ready);
    ck_assert_int_eq(got.reply_count, replies);
    ck_assert_msg(replies == 0 || (int)got.reply == cases[_i].want_reply, "%s: outcome %d",
                  cases[_i].name, (int)got.reply);
    ck_assert_pstr_eq(got.problem, cases[_i].want_problem);
    ck_assert_pstr_eq(got.reason, cases[_i].want_reply == AGENT_OK ? REASON : NULL);
    peer_stop(&peer, PATH);
}
END_TEST

START_TEST(reset_has_a_reason)
{
    static const char *const scripts[] = {"APX", NULL};
    Peer peer;

    peer_start(&peer, PATH, DELIVERY_PROTOCOL, scripts, is_whole_request, make_reply("", "", 0));
    start();
    run_loop();
    ck_assert_int_eq(got.reply, AGENT_LOST);
    ck_assert_int_eq(got.error, ECONNRESET);
    peer_stop(&peer, PATH);
}
END_TEST

START_TEST(reply_is_decoded)
{
    static const char *const scripts[] = {"AQR", NULL};
    Peer peer;

    peer_start(&peer, PATH, DELIVERY_PROTOCOL, scripts, is_whole_request,
               make_reply("4.4.1", REASON, -1));
    start();
    run_loop();
    ck_assert_int_eq(got.status, -1);
    ck_assert_str_eq(got.dsn, "4.4.1");
    ck_assert_str_eq(got.reason, REASON);
    ck_assert_int_eq(peer.question_count, 1);
    run_for_ms(1);
    ck_assert_int_eq(peer.open_count, 0); /* our side is closed */
    peer_stop(&peer, PATH);
}
END_TEST

static const struct {
    const char *name;
    size_t reason_bytes;
    AgentOutcome want;
} sizes[] = {
    {"empty",           0,                         AGENT_OK      },
    {"inline",          1000,                      AGENT_OK      },
    {"heap",            100 * 1000,                AGENT_OK      },
    {"just below 1 MB", ATTR_LIST_MAX_BYTES - 200, AGENT_OK      },
    {"above 1 MB",      ATTR_LIST_MAX_BYTES + 1,   AGENT_BAD_PEER},
};

START_TEST(reply_is_bounded)
{
    static const char *const scripts[] = {"AQR", NULL};
    g_autofree char *reason = g_strnfill(sizes[_i].reason_bytes, 'x');
    Peer peer;

    peer_start(&peer, PATH, DELIVERY_PROTOCOL, scripts, is_whole_request,
               make_reply("4.4.1", reason, 0));
    start();
    run_loop();
    ck_assert_msg(got.reply == sizes[_i].want, "%s: outcome %d", sizes[_i].name, (int)got.reply);
    if (got.reply == AGENT_OK)
        ck_assert_str_eq(got.reason, reason);
    peer_stop(&peer, PATH);
}
END_TEST

/* The peer may also answer and wait for us to close, without reading what is still to be sent. */
static const struct {
    const char *name, *script;
    int want_questions;
} large_requests[] = {
    {"is read",                 "AQR", 1},
    {"is answered, never read", "APR", 0},
};

START_TEST(request_that_does_not_fit_the_socket_is_sent_on)
{
    const char *const scripts[] = {large_requests[_i].script, NULL};
    Peer peer;

    g_byte_array_set_size(request, LARGE_BYTES);
    memset(request->data, 'q', LARGE_BYTES);
    peer_start(&peer, PATH, DELIVERY_PROTOCOL, scripts, is_whole_request, make_reply("", "", -1));
    start();
    run_loop();
    ck_assert_int_eq(got.reply, AGENT_OK);
    ck_assert_int_eq(got.status, -1);
    ck_assert_int_eq(peer.question_count, large_requests[_i].want_questions);
    peer_stop(&peer, PATH);
}
END_TEST

START_TEST(owner_may_change_its_mind)
{
    static const char *const scripts[] = {"AQR", NULL};
    Peer peer;

    sends_request = false;
    peer_start(&peer, PATH, DELIVERY_PROTOCOL, scripts, is_whole_request, make_reply("", "", 0));
    start();
    run_for_ms(20);
    ck_assert_int_eq(got.ready_count, 1);
    g_clear_pointer(&agent, agent_close);
    run_for_ms(1);
    ck_assert_int_eq(got.ready_count + got.reply_count, 1);
    ck_assert_int_eq(peer.accepted_count, 1);
    ck_assert_int_eq(peer.open_count, 0);
    peer_stop(&peer, PATH);
}
END_TEST

START_TEST(peer_that_goes_before_the_request_shows_when_it_is_sent)
{
    static const char *const scripts[] = {"AX", NULL};
    Peer peer;

    sends_request = false;
    peer_start(&peer, PATH, DELIVERY_PROTOCOL, scripts, is_whole_request, make_reply("", "", 0));
    start();
    run_for_ms(20);
    ck_assert_int_eq(got.ready, AGENT_OK);
    agent_send(agent, request, on_reply, &got);
    ck_assert_int_eq(got.reply_count, 0);
    run_loop();
    ck_assert_int_eq(got.reply, AGENT_WRITE_FAILED);
    ck_assert_int_eq(got.error, EPIPE);
    peer_stop(&peer, PATH);
}
END_TEST

/* Its answer comes in a piece of its own, while the owner has no request yet. */
START_TEST(answer_to_no_request_is_not_believed)
{
    static const char *const scripts[] = {"AtRPR", NULL};
    Peer peer;

    sends_request = false;
    peer_start(&peer, PATH, DELIVERY_PROTOCOL, scripts, is_whole_request, make_reply("", "", 0));
    start();
    run_for_ms(50);
    ck_assert_int_eq(got.ready, AGENT_OK);
    agent_send(agent, request, on_reply, &got);
    ck_assert_int_eq(got.reply_count, 0);
    run_loop();
    ck_assert_int_eq(got.reply, AGENT_BAD_PEER);
    ck_assert_str_eq(got.problem, EARLY);
    peer_stop(&peer, PATH);
}
END_TEST

START_TEST(nobody_is_called_after_close)
{
    static const char *const scripts[] = {"AQR", NULL};
    Peer peer;

    start(); /* no such socket: the failure is still to be told */
    g_clear_pointer(&agent, agent_close);
    agent_close(NULL);
    peer_start(&peer, PATH, DELIVERY_PROTOCOL, scripts, is_whole_request, make_reply("", "", 0));
    start();
    g_clear_pointer(&agent, agent_close);
    run_for_ms(20);
    ck_assert_int_eq(got.ready_count, 0);
    peer_stop(&peer, PATH);
}
END_TEST

/* ---- what option -v shows ---- */

static GString *traced;

static void on_trace(const char *path, const char *from, const char *to, const char *why)
{
    g_string_append_printf(traced, "%s: %s, %s%s%s\n", path, from, to, why != NULL ? ": " : "",
                           why != NULL ? why : "");
}

#define AT        PATH ": "
#define GREETING  AT "connecting, waiting for its announcement\n"
#define READY     GREETING AT "waiting for its announcement, ready\n"
#define ASKED     READY AT "ready, asked\n"
#define ENDS(was) AT was ", ended: "

static const struct {
    const char *script; /* NULL: nobody listens */
    const char *want;
} traces[] = {
    {NULL,   ENDS("connecting") "No such file or directory\n"                              },
    {"AQR",  ASKED AT "asked, ready\n"                                                     },
    {"X",    GREETING ENDS("waiting for its announcement") "the other side has closed it\n"},
    {"Ab",   GREETING ENDS("waiting for its announcement") EARLY "\n"                      },
    {"",     GREETING ENDS("waiting for its announcement") "Connection timed out\n"        },
    {"AQX",  ASKED ENDS("asked") "the other side has closed it\n"                          },
    {"AQrX", ASKED ENDS("asked") CUT_IN "value\n"                                          },
    {"AX",   ASKED ENDS("asked") "Broken pipe\n"                                           },
};

START_TEST(each_change_of_a_conversation_is_traced)
{
    const char *const scripts[] = {traces[_i].script, NULL};
    Peer peer;

    traced = g_string_new(NULL);
    if (traces[_i].script != NULL)
        peer_start(&peer, PATH, DELIVERY_PROTOCOL, scripts, is_whole_request,
                   make_reply("4.4.1", REASON, -1));
    ipc_trace_to(on_trace);
    start();
    run_loop();
    ipc_trace_to(NULL);
    ck_assert_str_eq(traced->str, traces[_i].want);
    g_string_free(traced, TRUE);
    if (traces[_i].script != NULL)
        peer_stop(&peer, PATH);
}
END_TEST

START_TEST(missing_service_is_told_at_once)
{
    start();
    run_loop();
    ck_assert_int_eq(got.ready, AGENT_NO_CONNECTION);
    ck_assert_int_eq(got.error, ENOENT);
}
END_TEST

START_TEST(socket_without_listener_is_told_at_once)
{
    close(peer_listen(PATH, 1));
    start();
    run_loop();
    ck_assert_int_eq(got.ready, AGENT_NO_CONNECTION);
    ck_assert_int_eq(got.error, ECONNREFUSED);
    unlink(PATH);
}
END_TEST

START_TEST(name_too_long_for_a_socket_is_refused)
{
    g_autofree char *name = g_strnfill(100, 'n');

    agent = agent_connect(base, name, TIMEOUT_S, on_ready, &got);
    run_loop();
    ck_assert_int_eq(got.ready, AGENT_NO_CONNECTION);
    ck_assert_int_eq(got.error, ENAMETOOLONG);
}
END_TEST

START_TEST(full_listen_queue_is_an_error_in_the_end)
{
    int listener = peer_listen(PATH, 1);
    GArray *fds = fill_listen_queue(PATH);

    start();
    run_for_ms(500);
    ck_assert_int_eq(got.ready_count, 0);
    run_loop();
    ck_assert_int_eq(got.ready, AGENT_NO_CONNECTION);
    ck_assert_int_eq(got.error, EAGAIN);
    close_all(fds);
    close(listener);
    unlink(PATH);
}
END_TEST

static void on_room(evutil_socket_t fd, short what, void *arg)
{
    const int *listener = arg;

    (void)fd;
    (void)what;
    close(accept(*listener, NULL, NULL));
}

START_TEST(room_in_the_listen_queue_is_used)
{
    static const struct timeval soon = {0, 20 * 1000};
    int listener = peer_listen(PATH, 1);
    struct event *timer = evtimer_new(base, on_room, &listener);
    GArray *fds = fill_listen_queue(PATH);

    event_add(timer, &soon);
    start();
    run_loop(); /* connected, and then nobody announces itself */
    ck_assert_int_eq(got.ready, AGENT_TIMED_OUT);
    event_free(timer);
    close_all(fds);
    close(listener);
    unlink(PATH);
}
END_TEST

START_TEST(full_descriptor_table_is_waited_for_too)
{
    static const char *const scripts[] = {"AQR", NULL};
    struct rlimit old, none;
    Peer peer;

    peer_start(&peer, PATH, DELIVERY_PROTOCOL, scripts, is_whole_request, make_reply("", "", 0));
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = (struct rlimit){0, old.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    start();
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
    run_loop();
    ck_assert_int_eq(got.reply, AGENT_OK);

    got.ready_count = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    start();
    run_loop();
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
    ck_assert_int_eq(got.ready, AGENT_NO_ROOM);
    ck_assert_int_eq(got.error, EMFILE);
    peer_stop(&peer, PATH);
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table"), *single = tcase_create("single");

    tcase_add_checked_fixture(table, setup, teardown);
    tcase_add_loop_test(table, conversation_ends_as_the_peer_makes_it, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(table, reply_is_bounded, 0, G_N_ELEMENTS(sizes));
    tcase_add_loop_test(table, request_that_does_not_fit_the_socket_is_sent_on, 0,
                        G_N_ELEMENTS(large_requests));
    tcase_add_loop_test(table, each_change_of_a_conversation_is_traced, 0, G_N_ELEMENTS(traces));
    tcase_add_checked_fixture(single, setup, teardown);
    tcase_add_test(single, reset_has_a_reason);
    tcase_add_test(single, reply_is_decoded);
    tcase_add_test(single, owner_may_change_its_mind);
    tcase_add_test(single, peer_that_goes_before_the_request_shows_when_it_is_sent);
    tcase_add_test(single, answer_to_no_request_is_not_believed);
    tcase_add_test(single, nobody_is_called_after_close);
    tcase_add_test(single, missing_service_is_told_at_once);
    tcase_add_test(single, socket_without_listener_is_told_at_once);
    tcase_add_test(single, name_too_long_for_a_socket_is_refused);
    tcase_add_test(single, full_listen_queue_is_an_error_in_the_end);
    tcase_add_test(single, room_in_the_listen_queue_is_used);
    tcase_add_test(single, full_descriptor_table_is_waited_for_too);
    return run_suite("ipc/agent", table, single, NULL);
}
