#include "src/life/attempt_internal.h"
#include "src/life/context_internal.h"
#include "src/life/tried_internal.h"

/* Attempt: see the header. */

/* One that cannot be examined counts as there. */
static bool is_log_there(const Message *message)
{
    int64_t log_bytes;

    return spool_log_size(message->life->spool, SPOOL_DEFER, message->queue_id, &log_bytes)
               .status != SPOOL_GONE;
}

/* New mail seldom has one, and to look for it costs half of an unlink() that finds nothing. */
static bool is_without_defer_log(const Message *message)
{
    return message->from == SPOOL_INCOMING && !is_log_there(message);
}

/* If it cannot be removed it is emptied. */
static bool remove_defer_log(Message *message)
{
    const Spool *spool = message->life->spool;
    SpoolResult result;

    if (is_without_defer_log(message))
        return true;
    result = spool_remove(spool, SPOOL_DEFER, message->queue_id);
    if (result.status != SPOOL_GONE || message->from == SPOOL_DEFERRED)
        tried_note(message);
    if (result.status == SPOOL_OK || result.status == SPOOL_GONE)
        return true;
    life_warn_spool(result, "qmgr_message_alloc: %s: remove defer %s", message->queue_id,
                    message->queue_id);
    message->has_stale_log = true;
    result = spool_empty_log(spool, SPOOL_DEFER, message->queue_id);
    return result.status == SPOOL_OK || result.status == SPOOL_GONE;
}

/* Mail that has only waited for its turn has come from deferred and was not tried. */
void attempt_expect(Message *message)
{
    message->has_log = is_log_there(message);
    if (message->has_log || (message->from == SPOOL_DEFERRED && !message->is_called))
        tried_note(message);
}

bool attempt_begin(Message *message)
{
    if (message->has_begun)
        return true;
    message->has_begun = (message->is_called && !message->has_log) || remove_defer_log(message);
    return message->has_begun;
}
