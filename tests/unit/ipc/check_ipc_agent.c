#include <string.h>

#include "codec/attr.h"
#include "ipc/trace.h"
#include "tests/support/agent_fixture.h"

/* Conversations with a delivery agent, as far as they get. Connecting is check_ipc_agent_connect.
 */

#define REASON      "connect to host: Connection refused"
#define LARGE_BYTES (4 * 1024 * 1024) /* more than a socket takes at once */

#define NOT_READY (-1)

#define CUT_IN "unexpected end-of-input from " AGENT_PATH " socket while reading input attribute "

#define EARLY "unexpected input from " AGENT_PATH " socket before the request"

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
     "unexpected protocol other_protocol from " AGENT_PATH
     " socket (expected: delivery_request_protocol)"                                          },
    {"greets with garbage",        "G",    AGENT_BAD_PEER,  NOT_READY,
     "unexpected attribute garbage from " AGENT_PATH " socket (expecting: protocol)"          },
    {"hangs up on request",        "AQX",  AGENT_OK,        AGENT_LOST,         NULL          },
    {"resets the connection",      "APX",  AGENT_OK,        AGENT_LOST,         NULL          },
    {"hangs up after greeting",    "AX",   AGENT_OK,        AGENT_WRITE_FAILED, NULL          },
    {"hangs up in its answer",     "AQrX", AGENT_OK,        AGENT_LOST,         CUT_IN "value"},
    {"answers with garbage",       "AQG",  AGENT_OK,        AGENT_BAD_PEER,
     "unexpected attribute garbage from " AGENT_PATH " socket (expecting: status)"            },
    {"does not greet",             "",     AGENT_TIMED_OUT, NOT_READY,          NULL          },
    {"stops in its greeting",      "a",    AGENT_TIMED_OUT, NOT_READY,          CUT_IN "value"},
    {"does not answer",            "AQ",   AGENT_OK,        AGENT_TIMED_OUT,    NULL          },
    {"stops in its answer",        "AQr",  AGENT_OK,        AGENT_TIMED_OUT,    CUT_IN "value"},
};

START_TEST(conversation_ends_as_the_peer_makes_it)
{
    int replies = cases[_i].want_reply == NOT_READY ? 0 : 1;

    start_agent_peer(cases[_i].script);
    set_reply("4.4.1", REASON, -1);
    start_agent();
    run_loop();
    ck_assert_int_eq(seen.ready_count, 1);
    ck_assert_msg(seen.ready == cases[_i].want_ready, "%s: outcome %d", cases[_i].name,
                  (int)seen.ready);
    ck_assert_int_eq(seen.reply_count, replies);
    ck_assert_msg(replies == 0 || (int)seen.reply == cases[_i].want_reply, "%s: outcome %d",
                  cases[_i].name, (int)seen.reply);
    ck_assert_pstr_eq(seen.problem, cases[_i].want_problem);
    ck_assert_pstr_eq(seen.reason, cases[_i].want_reply == AGENT_OK ? REASON : NULL);
    stop_agent_peer();
}
END_TEST

START_TEST(reset_has_a_reason)
{
    start_agent_peer("APX");
    start_agent();
    run_loop();
    ck_assert_int_eq(seen.reply, AGENT_LOST);
    ck_assert_int_eq(seen.error, ECONNRESET);
    stop_agent_peer();
}
END_TEST

START_TEST(reply_is_decoded)
{
    start_agent_peer("AQR");
    set_reply("4.4.1", REASON, -1);
    start_agent();
    run_loop();
    ck_assert_int_eq(seen.status, -1);
    ck_assert_str_eq(seen.dsn, "4.4.1");
    ck_assert_str_eq(seen.reason, REASON);
    ck_assert_int_eq(agent_peer.question_count, 1);
    run_for_ms(1);
    ck_assert_int_eq(agent_peer.open_count, 0); /* our side is closed */
    stop_agent_peer();
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
    g_autofree char *reason = g_strnfill(sizes[_i].reason_bytes, 'x');

    start_agent_peer("AQR");
    set_reply("4.4.1", reason, 0);
    start_agent();
    run_loop();
    ck_assert_msg(seen.reply == sizes[_i].want, "%s: outcome %d", sizes[_i].name, (int)seen.reply);
    if (seen.reply == AGENT_OK)
        ck_assert_str_eq(seen.reason, reason);
    stop_agent_peer();
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
    g_byte_array_set_size(agent_request, LARGE_BYTES);
    memset(agent_request->data, 'q', LARGE_BYTES);
    start_agent_peer(large_requests[_i].script);
    set_reply("", "", -1);
    start_agent();
    run_loop();
    ck_assert_int_eq(seen.reply, AGENT_OK);
    ck_assert_int_eq(seen.status, -1);
    ck_assert_int_eq(agent_peer.question_count, large_requests[_i].want_questions);
    stop_agent_peer();
}
END_TEST

START_TEST(owner_may_change_its_mind)
{
    sends_request = false;
    start_agent_peer("AQR");
    start_agent();
    run_for_ms(20);
    ck_assert_int_eq(seen.ready_count, 1);
    g_clear_pointer(&agent, agent_close);
    run_for_ms(1);
    ck_assert_int_eq(seen.ready_count + seen.reply_count, 1);
    ck_assert_int_eq(agent_peer.accepted_count, 1);
    ck_assert_int_eq(agent_peer.open_count, 0);
    stop_agent_peer();
}
END_TEST

/* What the peer does while the owner has no request yet shows when it is sent. */
static const struct {
    const char *name, *script;
    AgentOutcome want_reply;
    int want_error; /* 0: any */
    const char *want_problem;
} late_requests[] = {
    {"the peer goes",                     "AX",    AGENT_WRITE_FAILED, EPIPE, NULL },
    {"it answers, in a piece of its own", "AtRPR", AGENT_BAD_PEER,     0,     EARLY},
};

/* The peer has said, or done, all that it does unasked. */
static bool peer_has_had_its_say(void)
{
    const PeerSession *session =
        agent_peer.sessions->len > 0 ? g_ptr_array_index(agent_peer.sessions, 0) : NULL;

    return session != NULL && (session->fd < 0 || *session->step == 'P');
}

START_TEST(request_that_comes_late_is_sent_in_vain)
{
    sends_request = false;
    start_agent_peer(late_requests[_i].script);
    start_agent();
    while (!peer_has_had_its_say())
        run_for_ms(1);
    ck_assert_int_eq(seen.ready, AGENT_OK);
    send_request();
    run_loop();
    ck_assert_msg(seen.reply == late_requests[_i].want_reply, "%s: outcome %d",
                  late_requests[_i].name, (int)seen.reply);
    if (late_requests[_i].want_error != 0)
        ck_assert_int_eq(seen.error, late_requests[_i].want_error);
    ck_assert_pstr_eq(seen.problem, late_requests[_i].want_problem);
    stop_agent_peer();
}
END_TEST

START_TEST(nobody_is_called_after_close)
{
    start_agent(); /* no such socket: the failure is still to be told */
    g_clear_pointer(&agent, agent_close);
    agent_close(NULL);
    start_agent_peer("AQR");
    start_agent();
    g_clear_pointer(&agent, agent_close);
    run_for_ms(20);
    ck_assert_int_eq(seen.ready_count, 0);
    stop_agent_peer();
}
END_TEST

/* ---- what option -v shows ---- */

static GString *traced;

static void on_trace(const char *path, const char *from, const char *to, const char *why)
{
    g_string_append_printf(traced, "%s: %s, %s%s%s\n", path, from, to, why != NULL ? ": " : "",
                           why != NULL ? why : "");
}

#define AT        AGENT_PATH ": "
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
    bool is_served = traces[_i].script != NULL;

    traced = g_string_new(NULL);
    if (is_served) {
        start_agent_peer(traces[_i].script);
        set_reply("4.4.1", REASON, -1);
    }
    ipc_trace_to(on_trace);
    start_agent();
    run_loop();
    ipc_trace_to(NULL);
    ck_assert_str_eq(traced->str, traces[_i].want);
    g_string_free(traced, TRUE);
    if (is_served)
        stop_agent_peer();
}
END_TEST

int main(void)
{
    TCase *table = agent_tcase("table"), *single = agent_tcase("single");

    tcase_add_loop_test(table, conversation_ends_as_the_peer_makes_it, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(table, reply_is_bounded, 0, G_N_ELEMENTS(sizes));
    tcase_add_loop_test(table, request_that_does_not_fit_the_socket_is_sent_on, 0,
                        G_N_ELEMENTS(large_requests));
    tcase_add_loop_test(table, request_that_comes_late_is_sent_in_vain, 0,
                        G_N_ELEMENTS(late_requests));
    tcase_add_loop_test(table, each_change_of_a_conversation_is_traced, 0, G_N_ELEMENTS(traces));
    tcase_add_test(single, reset_has_a_reason);
    tcase_add_test(single, reply_is_decoded);
    tcase_add_test(single, owner_may_change_its_mind);
    tcase_add_test(single, nobody_is_called_after_close);
    return run_suite("ipc/agent", table, single, NULL);
}
