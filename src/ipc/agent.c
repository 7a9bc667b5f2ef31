#include "ipc/agent.h"

#include "src/ipc/connect_internal.h"
#include "src/ipc/talk_internal.h"

/*
 * An agent: a talk of two turns. The first ends with the announcement: the agent is ready. The
 * second ends with its reply to the one request. This file gives the outcomes of a talk the names
 * that matter for a delivery.
 */

struct Agent {
    Talk talk;
    AgentReadyFn *on_ready;
    AgentReplyFn *on_reply; /* NULL until there is a request */
    void *ready_ctx, *reply_ctx;
    DeliveryReply reply;
};

static AttrStatus agent_decode(Talk *talk, AttrReader *reader)
{
    Agent *agent = talk->owner;

    return delivery_reply_decode(reader, &agent->reply);
}

static AgentOutcome outcome_of(const Talk *talk, TalkOutcome outcome)
{
    static const AgentOutcome outcomes[] = {
        [TALK_OK] = AGENT_OK,
        [TALK_STIRRED] = AGENT_LOST,
        [TALK_NO_CONNECTION] = AGENT_NO_CONNECTION,
        [TALK_BAD_PEER] = AGENT_BAD_PEER,
        [TALK_LOST] = AGENT_LOST,
        [TALK_WRITE_FAILED] = AGENT_WRITE_FAILED,
        [TALK_TIMED_OUT] = AGENT_TIMED_OUT,
    };

    if (outcome == TALK_NO_CONNECTION && connect_lacks_room(talk->error))
        return AGENT_NO_ROOM;
    return outcomes[outcome];
}

/* What an agent does before it has a request shows when the request is sent. */
static void agent_on_turn(Talk *talk, TalkOutcome outcome)
{
    Agent *agent = talk->owner;

    if (outcome == TALK_STIRRED)
        return;
    if (agent->on_reply == NULL)
        agent->on_ready(agent, outcome_of(talk, outcome), agent->ready_ctx);
    else
        agent->on_reply(agent, outcome_of(talk, outcome), outcome == TALK_OK ? &agent->reply : NULL,
                        agent->reply_ctx);
}

Agent *agent_connect(struct event_base *base, const char *transport, int timeout_s,
                     AgentReadyFn *on_ready, void *ctx)
{
    static const TalkRole role = {DELIVERY_PROTOCOL, TALK_PATIENCE_MS, agent_decode, agent_on_turn};
    Agent *agent = g_new(Agent, 1);
    g_autofree char *path = g_strconcat("private/", transport, NULL);

    g_assert(on_ready != NULL);
    agent->on_ready = on_ready;
    agent->on_reply = NULL;
    agent->ready_ctx = ctx;
    talk_start(&agent->talk, base, &role, path, timeout_s, agent);
    return agent;
}

void agent_send(Agent *agent, const GByteArray *request, AgentReplyFn *on_reply, void *ctx)
{
    g_assert(agent->on_reply == NULL && on_reply != NULL);
    agent->on_reply = on_reply;
    agent->reply_ctx = ctx;
    talk_send(&agent->talk, request->data, request->len);
}

void agent_close(Agent *agent)
{
    if (agent == NULL)
        return;
    talk_end(&agent->talk);
    g_free(agent);
}

int agent_errno(const Agent *agent)
{
    return agent->talk.error;
}

const char *agent_problem(const Agent *agent)
{
    return agent->talk.problem;
}
