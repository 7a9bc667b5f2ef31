#include <string.h>
#include <sys/queue.h>

#include "sched/sched.h"
#include "src/life/context_internal.h"
#include "src/life/expedite_internal.h"
#include "src/life/message_internal.h"
#include "src/life/suspended_internal.h"

/* Expedite: see life/expedite.h. The line is short; that it holds an ID is found by a walk. */

typedef struct Expedite {
    STAILQ_HEAD(, ExpeditedMessage) line;
    unsigned count;
} Expedite;

void expedite_init(Life *life)
{
    life->expedite = g_new0(Expedite, 1);
    STAILQ_INIT(&life->expedite->line);
}

void expedite_stop(Life *life)
{
    ExpeditedMessage *message;

    while ((message = expedite_pop(life)) != NULL)
        g_free(message);
    g_free(life->expedite);
}

ExpeditedMessage *expedite_pop(Life *life)
{
    Expedite *expedite = life->expedite;
    ExpeditedMessage *message = STAILQ_FIRST(&expedite->line);

    if (message == NULL)
        return NULL;
    STAILQ_REMOVE_HEAD(&expedite->line, link);
    expedite->count--;
    return message;
}

static ExpeditedMessage *find_in_line(const Life *life, const char *queue_id)
{
    ExpeditedMessage *message;

    STAILQ_FOREACH (message, &life->expedite->line, link)
        if (g_str_equal(message->queue_id, queue_id))
            return message;
    return NULL;
}

static void add_to_line(Life *life, const char *queue_id, SpoolQueue from, bool is_forced)
{
    Expedite *expedite = life->expedite;
    ExpeditedMessage *message = find_in_line(life, queue_id);
    size_t id_bytes = strlen(queue_id) + 1;

    if (message == NULL) {
        message = g_malloc0(sizeof(*message) + id_bytes);
        memcpy(message->queue_id, queue_id, id_bytes);
        STAILQ_INSERT_TAIL(&expedite->line, message, link);
        expedite->count++;
    }
    message->from = from;
    message->is_forced = message->is_forced || is_forced;
}

void expedite_note_deferred(const Message *message)
{
    if (message->is_forced_late && (message->left & LEFT_SUSPENDED) != 0)
        add_to_line(message->life, message->queue_id, SPOOL_DEFERRED, true);
}

LifeExpedite life_would_expedite(const Life *life, const char *queue_id, bool is_forced)
{
    if (message_find(life, queue_id) != NULL)
        return LIFE_EXPEDITE_ACTIVE;
    if (!is_forced && suspended_by(life, queue_id) != 0)
        return LIFE_EXPEDITE_HELD;
    return life->expedite->count < LIFE_EXPEDITE_MAX || find_in_line(life, queue_id) != NULL
               ? LIFE_EXPEDITE_NEXT
               : LIFE_EXPEDITE_FULL;
}

LifeExpedite life_expedite(Life *life, const char *queue_id, SpoolQueue from, bool is_forced)
{
    LifeExpedite expedite = life_would_expedite(life, queue_id, is_forced);

    if (expedite == LIFE_EXPEDITE_ACTIVE)
        message_hurry(message_find(life, queue_id), is_forced);
    else if (expedite == LIFE_EXPEDITE_NEXT)
        add_to_line(life, queue_id, from, is_forced);
    return expedite;
}

unsigned life_expedited_count(const Life *life)
{
    return life->expedite->count;
}
