#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "src/life/life_internal.h"

Message *life_message_new(Life *life, const char *queue_id, const Now *now)
{
    size_t id_size = strlen(queue_id) + 1;
    Message *message = g_malloc0(sizeof *message + id_size);

    message->life = life;
    message->active_s = now->wall_s;
    message->active_us = now->wall_us;
    memcpy(message->queue_id, queue_id, id_size);
    message->sched = sched_message_add(life->sched, message, life_sched_now(life));
    return message;
}

void life_message_free(Message *message)
{
    Life *life = message->life;

    if ((message->envelope.trace_flags & TRACE_PROBE_BY_MTA) != 0) {
        g_assert(life->probe_count > 0);
        life->probe_count--;
    }
    resolve_cancel(message);
    spool_message_close(message->file);
    sched_message_remove(life->sched, message->sched, life_sched_now(life));
    envelope_clear(&message->envelope);
    g_free(message);
}

/* The file is left as it is for a human; mode and time stamps unchanged (spool.md 8.1). */
void life_message_save_corrupt(Message *message)
{
    SpoolStatus status =
        spool_move(message->life->spool, message->queue_id, SPOOL_ACTIVE, SPOOL_CORRUPT);

    if (status == SPOOL_OK)
        log_warning("saving corrupt file \"%s\" from queue \"%s\" to queue \"%s\"",
                    message->queue_id, spool_queue_str(SPOOL_ACTIVE),
                    spool_queue_str(SPOOL_CORRUPT));
    else if (status != SPOOL_GONE)
        log_warning("qmgr_active_corrupt: save corrupt file queue %s id %s: %s",
                    spool_queue_str(SPOOL_ACTIVE), message->queue_id, g_strerror(errno));
    life_message_free(message);
}

void life_message_put_back(Life *life, const char *queue_id, SpoolQueue to, int64_t when_s)
{
    SpoolStatus status = spool_set_time(life->spool, SPOOL_ACTIVE, queue_id, when_s);
    g_autofree char *path = NULL;

    if (status == SPOOL_IO_ERROR) {
        path = spool_path(life->spool, SPOOL_ACTIVE, queue_id);
        log_warning("qmgr_active_defer: update %s time stamps: %s", path, g_strerror(errno));
    }
    status = spool_move(life->spool, queue_id, SPOOL_ACTIVE, to);
    if (status != SPOOL_OK)
        log_warning("qmgr_active_defer: rename %s from %s to %s: %s", queue_id,
                    spool_queue_str(SPOOL_ACTIVE), spool_queue_str(to),
                    g_strerror(status == SPOOL_GONE ? ENOENT : errno));
}

static void log_active(const Message *message)
{
    const Envelope *envelope = &message->envelope;
    g_autofree char *line = logline_active(
        message->queue_id, envelope_text(envelope, ENVELOPE_SENDER),
        message->life->settings.address_format, envelope->content_size, envelope->announced_count);

    log_info("%s", line);
}

/* The "(queue active)" line stands where the sender record stood among the warnings. */
void life_message_log_reading(const Message *message, const SpoolReading *reading)
{
    for (guint i = 0; i <= reading->warnings->len; i++) {
        if (reading->sender_seen && i == reading->warnings_before_sender)
            log_active(message);
        if (i < reading->warnings->len)
            log_warning("%s", (const char *)g_ptr_array_index(reading->warnings, i));
    }
}
