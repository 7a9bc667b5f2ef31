#include <errno.h>

#include "base/log.h"
#include "src/life/complain_internal.h"
#include "src/life/context_internal.h"
#include "src/life/deliver_internal.h"

static void complain_malformed(const Agent *agent, const char *transport)
{
    const char *problem = agent_problem(agent);

    if (problem != NULL)
        log_warning("%s", problem);
    log_warning("private/%s socket: malformed response", transport);
}

void complain_not_ready(const Agent *agent, const char *transport, AgentOutcome outcome)
{
    if (outcome == AGENT_NO_CONNECTION || outcome == AGENT_NO_ROOM)
        log_warning("connect to transport private/%s: %s", transport,
                    g_strerror(agent_errno(agent)));
    else if (outcome == AGENT_TIMED_OUT)
        log_warning("timeout connecting to transport: %s", transport);
    else if (outcome == AGENT_LOST && agent_problem(agent) == NULL)
        log_warning("write to process (%s): %s", transport, g_strerror(EPIPE));
    else
        complain_malformed(agent, transport);
}

void complain_write_failed(const Agent *agent, const char *transport)
{
    log_warning("write to process (%s): %s", transport, g_strerror(agent_errno(agent)));
}

void complain_no_reply(const Agent *agent, const char *transport, const Message *message,
                       AgentOutcome outcome)
{
    if (outcome == AGENT_TIMED_OUT)
        log_warning("%s: timeout receiving delivery status from transport: %s", message->queue_id,
                    transport);
    else
        complain_malformed(agent, transport);
}

void complain_if_silent(const char *transport, const Message *message, const DeliveryReply *reply)
{
    Life *life = message->life;
    bool is_probe =
        (message->envelope.trace_flags & (TRACE_PROBE_BY_MTA | TRACE_PROBE_BY_USER)) != 0;
    int64_t log_bytes;

    if (life->deliveries->agents_understand || is_probe)
        return;
    if (reply->status == 0 || *reply->reason != '\0') {
        life->deliveries->agents_understand = true;
    } else if (spool_log_size(life->spool, SPOOL_DEFER, message->queue_id, &log_bytes).status ==
               SPOOL_GONE) {
        log_warning("%s: private/%s deferred all recipients and recorded no reason -- if this goes "
                    "on, check eqmgr_postfix_release",
                    message->queue_id, transport);
        life->deliveries->agents_understand = true;
    }
}
