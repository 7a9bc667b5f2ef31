#ifndef EQMGR_LIFE_COMPLAIN_INTERNAL_H
#define EQMGR_LIFE_COMPLAIN_INTERNAL_H

/*
 * complain: what a delivery agent did wrong, as the administrator reads it in the log. The texts
 * are those of stock but for the one about silence.
 */

#include "ipc/agent.h"
#include "src/life/message_internal.h"

/*
 * It did not announce itself. One that hangs up instead is reported as in stock: as a failed write.
 */
void complain_not_ready(const Agent *agent, const char *transport, AgentOutcome outcome);

/* The request could not be sent; call at once: it reads agent_errno(). */
void complain_write_failed(const Agent *agent, const char *transport);

/* There is no valid reply about the message. */
void complain_no_reply(const Agent *agent, const char *transport, const Message *message,
                       AgentOutcome outcome);

/*
 * Warns if an agent seems not to understand us. An agent of another release that cannot read our
 * requests answers each as deferred and records no reason; one that can read them records the
 * reason, except for probes. The warning is logged once, and never after an agent has shown that it
 * understands.
 */
void complain_if_silent(const char *transport, const Message *message, const DeliveryReply *reply);

#endif
