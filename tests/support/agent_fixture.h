#ifndef EQMGR_TESTS_SUPPORT_AGENT_FIXTURE_H
#define EQMGR_TESTS_SUPPORT_AGENT_FIXTURE_H

/*
 * tests/support/agent_fixture: one delivery agent, a peer of ipc_peer at AGENT_PATH, and the
 * conversation that ipc/agent has with it: a request of AGENT_REQUEST_BYTES meaningless bytes, and
 * what came of it.
 */

#include "ipc/agent.h"
#include "tests/support/ipc_peer.h"
#include "tests/support/runner.h"

#define AGENT_PATH          "private/fake"
#define AGENT_TIMEOUT_S     1
#define AGENT_REQUEST_BYTES 600

/* What the agent's owner has been told. */
typedef struct AgentSeen {
    int ready_count, reply_count;
    AgentOutcome ready, reply;
    int error;
    char *problem;
    int32_t status; /* of the reply, as are the texts */
    char *dsn, *reason;
} AgentSeen;

extern AgentSeen seen;
extern Agent *agent; /* NULL once the conversation is over */
extern Peer agent_peer;
extern GByteArray *agent_request;
extern bool sends_request; /* as soon as the agent is ready; true at first */

/* A test case whose tests have a directory for the socket, and nothing in `seen`. */
TCase *agent_tcase(const char *name);

/* Serves AGENT_PATH by the script; its reply is "delivered" unless set_reply() changes it. */
void start_agent_peer(const char *script);
void stop_agent_peer(void);
void set_reply(const char *dsn, const char *reason, int32_t status);

/* Connects; fails the test if the owner is called before it returns. */
void start_agent(void);

/* Sends the request now; fails the test if the owner is called before it returns. */
void send_request(void);

/* The owner's callback. At the end of a conversation it closes the agent and breaks the loop. */
void on_agent_ready(Agent *ready, AgentOutcome outcome, void *ctx); /* ctx: &seen */

#endif
