#ifndef EQMGR_IPC_AGENT_H
#define EQMGR_IPC_AGENT_H

/*
 * ipc/agent: one connection to a delivery agent (ipc.md 3).
 *
 * Sequence: connect, announcement -> `on_ready`; then the owner sends one request -> `on_reply`;
 * or the owner closes the connection ("changed its mind").
 *
 * Contract:
 *  - agent_connect() never blocks and never calls back before it has returned.
 *  - `on_ready` is called once, then, if it was AGENT_OK and a request was sent, `on_reply` once.
 *    After a call with another outcome than AGENT_OK, and after on_reply, the connection is of no
 *    more use; the owner closes it with agent_close(), which is allowed in the callback.
 *  - EOF before a complete announcement is AGENT_LOST, never a good announcement.
 *  - A complete reply is AGENT_OK, whatever follows it, and also if the agent answered before it
 * had read (all of) the request. But input that came before the request was sent is not a reply: it
 *    is AGENT_BAD_PEER.
 *  - EAGAIN (the listen queue is full) is retried for a short while before it becomes
 *    AGENT_NO_CONNECTION; so is a lack of descriptors or kernel memory before it becomes
 *    AGENT_NO_ROOM.
 *  - The request is sent in one piece; if the socket does not take all at once, the rest follows.
 *  - Replies are bounded by ATTR_LIST_MAX_BYTES.
 *
 * Hot path: raw non-blocking reads and writes with one persistent event, buffers reused.
 */

#include <event2/event.h>
#include <glib.h>

#include "codec/delivery.h"

typedef struct Agent Agent;

typedef enum AgentOutcome {
    AGENT_OK = 0,
    AGENT_NO_CONNECTION, /* agent_errno() says why */
    AGENT_NO_ROOM,       /* the same, but the cause is on our side, not the transport's */
    AGENT_BAD_PEER,      /* agent_problem() says why: wrong announcement or malformed reply */
    AGENT_LOST,          /* EOF or reset; agent_problem() if in the middle of a list */
    AGENT_WRITE_FAILED,  /* the request could not be sent; agent_errno() */
    AGENT_TIMED_OUT,     /* no announcement, or no reply, within the time limit */
} AgentOutcome;

typedef void AgentReadyFn(Agent *agent, AgentOutcome outcome, void *ctx);

/* `reply` is set for AGENT_OK only; its strings are borrowed for the call. */
typedef void AgentReplyFn(Agent *agent, AgentOutcome outcome, const DeliveryReply *reply,
                          void *ctx);

/* Connects to private/<transport>. timeout_s (daemon_timeout) limits each silence while an
 * announcement or a reply is owed. */
Agent *agent_connect(struct event_base *base, const char *transport, int timeout_s,
                     AgentReadyFn *on_ready, void *ctx) G_GNUC_WARN_UNUSED_RESULT;

/* Sends the encoded request (copied if it cannot be written at once). on_reply follows later, also
 * for errors. */
void agent_send(Agent *agent, const GByteArray *request, AgentReplyFn *on_reply, void *ctx);

/* Closes and frees; no callback comes any more. NULL is a no-op. */
void agent_close(Agent *agent);

/* 0 if no system call failed, e.g. for EOF; ETIMEDOUT for AGENT_TIMED_OUT. */
int agent_errno(const Agent *agent);
/* The parser's own warning, ready to log, or NULL; borrowed. */
const char *agent_problem(const Agent *agent);

#endif
