#ifndef EQMGR_TESTS_LAB_AGENT_EFFECTS_H
#define EQMGR_TESTS_LAB_AGENT_EFFECTS_H

/*
 * tests/lab/agent_effects: a delivery request as an agent sees it, and what the agent does to the
 * queue file and to the logs before it reports (ipc.md 3.2, 3.8; spool.md 6.1, 9).
 */

#include <stdint.h>

#include <glib.h>

#include "tests/lab/core.h"
#include "tests/lab/manner.h"
#include "tests/lab/trace.h"

typedef struct AgentRequest {
    GByteArray *bytes; /* the whole request; NULL before it is complete */
    size_t recipient_count;
    size_t first_recipient_at; /* byte offset of the first recipient's list */
} AgentRequest;

typedef enum AgentRequestState {
    AGENT_REQUEST_PARTIAL,
    AGENT_REQUEST_COMPLETE,
    AGENT_REQUEST_BAD,
} AgentRequestState;

/* When complete, takes the bytes from `in`. */
AgentRequestState agent_request_parse(GByteArray *in, AgentRequest *ret_request);
void agent_request_clear(AgentRequest *request);

/* The address of the first recipient, borrowed. */
const char *agent_request_recipient(const AgentRequest *request);

void agent_request_trace(const Core *core, const AgentRequest *request, const char *transport);

/* Marks recipients done, writes bounce and defer logs, spoils the mode: whatever goes with it.
 * false: the witness ended the agent's life on the way. */
bool agent_apply_effects(const Core *core, const AgentRequest *request, MannerKind kind,
                         const char *transport);

#endif
