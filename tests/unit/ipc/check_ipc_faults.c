/* A conversation that the kernel refuses to serve ends; nobody waits for it for ever. */

#include "ipc/agent.h"
#include "ipc/report_client.h"
#include "tests/support/faults.h"
#include "tests/support/ipc_peer.h"
#include "tests/support/runner.h"

#define TIMEOUT_S   1
#define LARGE_BYTES (4 * 1024 * 1024) /* more than a socket takes at once */

static Peer peer;
static Agent *agent;
static GByteArray *request;
static int ended_count;
static AgentOutcome got_ready, got_reply;
static int got_error;

static void setup(void)
{
    ipc_setup();
    request = g_byte_array_new();
    g_byte_array_set_size(request, 600);
    memset(request->data, 'q', request->len);
    got_ready = got_reply = AGENT_LOST;
    ended_count = got_error = 0;
}

static void teardown(void)
{
    faults_clear();
    g_clear_pointer(&agent, agent_close);
    g_byte_array_unref(request);
    ipc_teardown();
}

static void end(void)
{
    ended_count++;
    got_error = agent_errno(agent);
    g_clear_pointer(&agent, agent_close);
    event_base_loopbreak(base);
}

static void on_reply(Agent *replying, AgentOutcome outcome, const DeliveryReply *reply, void *ctx)
{
    (void)replying;
    (void)reply;
    (void)ctx;
    got_reply = outcome;
    end();
}

static void on_ready(Agent *ready, AgentOutcome outcome, void *ctx)
{
    (void)ready;
    got_ready = outcome;
    if (outcome != AGENT_OK)
        end();
    else if (ctx == NULL)
        agent_send(agent, request, on_reply, NULL);
}

static bool is_whole_request(const GByteArray *received, GByteArray *reply)
{
    (void)reply;
    return received->len == request->len;
}

static GByteArray *make_reply(void)
{
    static const char *const names[] = {"status",    "diag_type", "diag_text", "mta_type",
                                        "mta_mname", "action",    "reason"};
    GByteArray *reply = g_byte_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        attr_put_str(reply, names[i], "");
    attr_put_int(reply, "status", 0);
    attr_put_end(reply);
    return reply;
}

static void start_agent_peer(const char *const *scripts)
{
    peer_start(&peer, "private/fake", DELIVERY_PROTOCOL, scripts, is_whole_request, make_reply());
}

static const int wants[] = {ENOMEM, ENOSPC};

START_TEST(connection_that_could_not_be_watched_is_made_again)
{
    static const char *const scripts[] = {"AQR", NULL};

    start_agent_peer(scripts);
    faults_add("epoll_ctl", "add", wants[_i], 1);
    agent = agent_connect(base, "fake", TIMEOUT_S, on_ready, NULL);
    ck_assert_ptr_null(faults_unmet());
    run_loop();
    ck_assert_int_eq(got_reply, AGENT_OK);
    ck_assert_int_eq(peer.accepted_count, 2);
    ck_assert_int_eq(peer.question_count, 1);
    peer_stop(&peer, "private/fake");
}
END_TEST

START_TEST(want_that_lasts_is_told)
{
    int listener = peer_listen("private/fake", 100);

    faults_add("epoll_ctl", "add", wants[_i], FAULT_LASTS);
    agent = agent_connect(base, "fake", TIMEOUT_S, on_ready, NULL);
    run_loop();
    ck_assert_int_eq(got_ready, AGENT_NO_ROOM);
    ck_assert_int_eq(got_error, wants[_i]);
    close(listener);
    unlink("private/fake");
}
END_TEST

/* Once the agent has announced itself, nobody watches its socket until there is a request. */
START_TEST(request_is_not_sent_where_no_reply_could_be_seen)
{
    static const char *const scripts[] = {"AX", NULL};

    start_agent_peer(scripts);
    agent = agent_connect(base, "fake", TIMEOUT_S, on_ready, &peer);
    run_for_ms(30);
    ck_assert_int_eq(got_ready, AGENT_OK);
    faults_add("epoll_ctl", "add", wants[_i], 1);
    agent_send(agent, request, on_reply, NULL);
    ck_assert_ptr_null(faults_unmet());
    run_loop();
    ck_assert_int_eq(got_reply, AGENT_WRITE_FAILED);
    ck_assert_int_eq(got_error, wants[_i]);
    peer_stop(&peer, "private/fake");
}
END_TEST

/* A descriptor that is watched already needs no more memory for another event. */
START_TEST(large_request_needs_nothing_new)
{
    static const char *const scripts[] = {"AQR", NULL};

    start_agent_peer(scripts);
    g_byte_array_set_size(request, LARGE_BYTES);
    agent = agent_connect(base, "fake", TIMEOUT_S, on_ready, &peer);
    run_for_ms(30);
    ck_assert_int_eq(got_ready, AGENT_OK);
    faults_add("epoll_ctl", "add", wants[_i], FAULT_LASTS);
    agent_send(agent, request, on_reply, NULL);
    run_loop();
    ck_assert_int_eq(got_reply, AGENT_OK);
    peer_stop(&peer, "private/fake");
}
END_TEST

static void on_done(int32_t status, const char *warning, void *ctx)
{
    ck_assert_int_eq(status, 0);
    ck_assert_ptr_null(warning);
    (void)ctx;
    event_base_loopbreak(base);
}

START_TEST(report_is_made_all_the_same)
{
    static const char *const scripts[] = {"AQRX", NULL};
    GByteArray *status = g_byte_array_new();
    ReportClient *client =
        report_client_new(base, &(ReportClientSettings){.service = "private/defer",
                                                        .protocol = STATUS_PROTOCOL,
                                                        .concurrency = 1,
                                                        .timeout_s = TIMEOUT_S});

    attr_put_int(status, "status", 0);
    attr_put_end(status);
    peer_start(&peer, "private/defer", STATUS_PROTOCOL, scripts, is_whole_request, status);
    faults_add("epoll_ctl", "add", wants[_i], 1);
    report_send(client, g_byte_array_ref(request), on_done, NULL);
    ck_assert_ptr_null(faults_unmet());
    g_byte_array_set_size(request, 600);
    run_loop();
    g_byte_array_unref(request);
    report_client_free(client);
    peer_stop(&peer, "private/defer");
}
END_TEST

int main(void)
{
    TCase *watch = tcase_create("watch");

    tcase_add_checked_fixture(watch, setup, teardown);
    tcase_add_loop_test(watch, connection_that_could_not_be_watched_is_made_again, 0,
                        G_N_ELEMENTS(wants));
    tcase_add_loop_test(watch, want_that_lasts_is_told, 0, G_N_ELEMENTS(wants));
    tcase_add_loop_test(watch, request_is_not_sent_where_no_reply_could_be_seen, 0,
                        G_N_ELEMENTS(wants));
    tcase_add_loop_test(watch, large_request_needs_nothing_new, 0, G_N_ELEMENTS(wants));
    tcase_add_loop_test(watch, report_is_made_all_the_same, 0, G_N_ELEMENTS(wants));
    return run_suite("ipc/faults", watch, NULL);
}
