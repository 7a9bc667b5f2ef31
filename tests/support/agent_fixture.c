#include "tests/support/agent_fixture.h"

#include <string.h>

#include "codec/attr.h"

AgentSeen seen;
Agent *agent;
Peer agent_peer;
GByteArray *agent_request;
bool sends_request;

static void setup(void)
{
    ipc_setup();
    seen = (AgentSeen){0};
    sends_request = true;
    agent_request = g_byte_array_new();
    g_byte_array_set_size(agent_request, AGENT_REQUEST_BYTES);
    memset(agent_request->data, 'q', AGENT_REQUEST_BYTES);
}

static void teardown(void)
{
    g_clear_pointer(&agent, agent_close);
    g_clear_pointer(&agent_request, g_byte_array_unref);
    g_clear_pointer(&seen.problem, g_free);
    g_clear_pointer(&seen.dsn, g_free);
    g_clear_pointer(&seen.reason, g_free);
    ipc_teardown();
}

TCase *agent_tcase(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, setup, teardown);
    return tcase;
}

/* ---- the peer ---- */

static bool is_whole_request(const GByteArray *received, GByteArray *reply)
{
    (void)reply;
    return received->len == agent_request->len &&
           memcmp(received->data, agent_request->data, agent_request->len) == 0;
}

void set_reply(const char *dsn, const char *reason, int32_t status)
{
    static const char *const empty[] = {"diag_type", "diag_text", "mta_type", "mta_mname",
                                        "action"};
    GByteArray *reply = agent_peer.reply;

    g_byte_array_set_size(reply, 0);
    attr_put_str(reply, "status", dsn);
    for (size_t i = 0; i < G_N_ELEMENTS(empty); i++)
        attr_put_str(reply, empty[i], "");
    attr_put_str(reply, "reason", reason);
    attr_put_int(reply, "status", status);
    attr_put_end(reply);
}

void start_agent_peer(const char *script)
{
    static const char *scripts[2];

    scripts[0] = script;
    peer_start(&agent_peer, AGENT_PATH, DELIVERY_PROTOCOL, scripts, is_whole_request,
               g_byte_array_new());
    set_reply("", "", 0);
}

void stop_agent_peer(void)
{
    peer_stop(&agent_peer, AGENT_PATH);
}

/* ---- the owner ---- */

static void note_end(Agent *ended)
{
    seen.error = agent_errno(ended);
    seen.problem = g_strdup(agent_problem(ended));
    g_clear_pointer(&agent, agent_close);
    event_base_loopbreak(base);
}

static void on_agent_reply(Agent *replying, AgentOutcome outcome, const DeliveryReply *reply,
                           void *ctx)
{
    ck_assert_ptr_eq(ctx, &seen);
    ck_assert((outcome == AGENT_OK) == (reply != NULL));
    seen.reply_count++;
    seen.reply = outcome;
    if (reply != NULL) {
        seen.status = reply->status;
        seen.dsn = g_strdup(reply->dsn);
        seen.reason = g_strdup(reply->reason);
    }
    note_end(replying);
}

void on_agent_ready(Agent *ready, AgentOutcome outcome, void *ctx)
{
    ck_assert_ptr_eq(ready, agent);
    ck_assert_ptr_eq(ctx, &seen);
    seen.ready_count++;
    seen.ready = outcome;
    if (outcome == AGENT_OK && sends_request)
        agent_send(agent, agent_request, on_agent_reply, &seen);
    else if (outcome != AGENT_OK)
        note_end(agent);
}

void start_agent(void)
{
    int ready_before = seen.ready_count;

    agent = agent_connect(base, "fake", AGENT_TIMEOUT_S, on_agent_ready, &seen);
    ck_assert_ptr_nonnull(agent);
    ck_assert_int_eq(seen.ready_count, ready_before);
}

void send_request(void)
{
    agent_send(agent, agent_request, on_agent_reply, &seen);
    ck_assert_int_eq(seen.reply_count, 0);
}
