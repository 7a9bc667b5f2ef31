#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "src/life/blame_internal.h"
#include "src/life/context_internal.h"
#include "src/life/message_internal.h"
#include "src/life/oldest_internal.h"
#include "src/life/parked_internal.h"
#include "src/life/schedule_internal.h"
#include "src/life/tried_internal.h"
#include "src/life/verbose_internal.h"

/*
 * Message: what is in memory of a message. It is in one state, and in the list of that state if
 * there is one. Whatever goes on for it holds it; when nothing holds it any more it is idle, and
 * the completion pipeline takes it.
 */

#define MARKS_PER_READING 1000

typedef struct MessageTable {
    GHashTable *by_id; /* all messages */
    MessageList idle;  /* held by nobody; the pipeline takes them in the next turn */
    unsigned idle_count;
    unsigned probe_count; /* address probes by verify(8) */
    SlotTable slots;      /* all messages, for walks */
    NumberHeap oldest;    /* of these, all whose arrival is known */
    unsigned phase_counts[LIFE_PHASE_COUNT];
} MessageTable;

/* ---- phases, for those who look ---- */

static LifePhase phase_of(const Message *message)
{
    switch ((MessageState)message->state) {
    case MESSAGE_TAKEN_IN:
    case MESSAGE_RESOLVING:
        return message->running_count > 0 ? LIFE_DELIVERING : LIFE_RESOLVING;
    case MESSAGE_DELIVERING:
        return message->running_count > 0 ? LIFE_DELIVERING : LIFE_WAITING;
    case MESSAGE_STUCK:
        return LIFE_STUCK;
    case MESSAGE_IDLE:
    case MESSAGE_FINISHING:
    case MESSAGE_LEAVING:
        break;
    }
    return LIFE_FINISHING;
}

static void recount_phase(Message *message)
{
    unsigned *counts = message->life->messages->phase_counts;

    counts[message->counted_phase]--;
    message->counted_phase = (uint8_t)phase_of(message);
    counts[message->counted_phase]++;
}

void message_delivery_begins(Message *message)
{
    message->running_count++;
    recount_phase(message);
}

void message_delivery_ends(Message *message)
{
    g_assert(message->running_count > 0);
    message->running_count--;
    recount_phase(message);
}

const SlotTable *message_slots(const Life *life)
{
    return &life->messages->slots;
}

unsigned message_phase_count(const Life *life, LifePhase phase)
{
    return life->messages->phase_counts[phase];
}

int64_t message_oldest_arrival_s(const Life *life)
{
    return oldest_arrival_s(&life->messages->oldest);
}

/* ---- the table ---- */

Message *message_new(Life *life, const char *queue_id, const Now *now)
{
    size_t id_size = strlen(queue_id) + 1;
    Message *message = g_malloc(sizeof *message + id_size);
    bool is_new;

    *message = (Message){.life = life,
                         .state = MESSAGE_TAKEN_IN,
                         .hold_count = 1,
                         .active_s = now->wall_s,
                         .active_us = now->wall_us};
    memcpy(message->queue_id, queue_id, id_size);
    message->sched = sched_message_add(life->sched, message, life_sched_now(life));
    is_new = g_hash_table_insert(life->messages->by_id, message->queue_id, message);
    g_assert(is_new);
    message->slot = slot_table_add(&life->messages->slots, message);
    message->counted_phase = (uint8_t)phase_of(message);
    life->messages->phase_counts[message->counted_phase]++;
    return message;
}

Message *message_find(const Life *life, const char *queue_id)
{
    return g_hash_table_lookup(life->messages->by_id, queue_id);
}

void message_hurry(Message *message, bool is_forced)
{
    bool goes_on = message->state == MESSAGE_RESOLVING || message->state == MESSAGE_DELIVERING;

    message->is_forced_late =
        message->is_forced_late || (is_forced && !message->is_forced && goes_on);
    message->is_forced = message->is_forced || is_forced;
    sched_message_hurry(message->sched);
}

GPtrArray *message_list(const Life *life)
{
    GPtrArray *list = g_ptr_array_sized_new(g_hash_table_size(life->messages->by_id));
    GHashTableIter iter;
    gpointer message;

    g_hash_table_iter_init(&iter, life->messages->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &message))
        g_ptr_array_add(list, message);
    return list;
}

void message_free(Message *message)
{
    Life *life = message->life;

    g_assert(message->batch == NULL);
    if ((message->envelope.trace_flags & TRACE_PROBE_BY_MTA) != 0) {
        g_assert(life->messages->probe_count > 0);
        life->messages->probe_count--;
    }
    tried_forget(message);
    (void)g_hash_table_remove(life->messages->by_id, message->queue_id);
    oldest_forget(&life->messages->oldest, message);
    slot_table_remove(&life->messages->slots, message->slot);
    life->messages->phase_counts[message->counted_phase]--;
    spool_message_close(message->file);
    sched_message_remove(life->sched, message->sched);
    envelope_clear(&message->envelope);
    blame_clear(message);
    schedule_forget(message);
    parked_forget_message(message);
    g_free(message);
}

const char *message_state_str(MessageState state)
{
    static const char *const texts[MESSAGE_STATE_COUNT] = {
        [MESSAGE_TAKEN_IN] = "taken in",     [MESSAGE_RESOLVING] = "resolving",
        [MESSAGE_DELIVERING] = "delivering", [MESSAGE_IDLE] = "idle",
        [MESSAGE_FINISHING] = "finishing",   [MESSAGE_LEAVING] = "leaving",
        [MESSAGE_STUCK] = "stuck",
    };

    return texts[state];
}

#define TO(state) (1U << (state))

/* Only who holds the message can ask for a batch of it: so an idle one begins none. */
static const unsigned transitions[MESSAGE_STATE_COUNT] = {
    [MESSAGE_TAKEN_IN] = TO(MESSAGE_RESOLVING) | TO(MESSAGE_IDLE) | TO(MESSAGE_LEAVING),
    [MESSAGE_RESOLVING] = TO(MESSAGE_DELIVERING),
    [MESSAGE_DELIVERING] = TO(MESSAGE_RESOLVING) | TO(MESSAGE_IDLE),
    [MESSAGE_IDLE] = TO(MESSAGE_FINISHING),
    [MESSAGE_FINISHING] = TO(MESSAGE_RESOLVING) | TO(MESSAGE_LEAVING),
    [MESSAGE_LEAVING] = TO(MESSAGE_STUCK),
    [MESSAGE_STUCK] = TO(MESSAGE_LEAVING),
};

void message_move_to(Message *message, MessageState state)
{
    MessageState before = message->state;

    g_assert((transitions[before] & TO(state)) != 0);
    message->state = (uint8_t)state;
    recount_phase(message);
    verbose_moves(message, message_state_str(before), message_state_str(state));
}

void message_hold(Message *message, unsigned count)
{
    g_assert(message->hold_count > 0); /* the caller's own is among them */
    message->hold_count += count;
}

void message_release(Message *message)
{
    Life *life = message->life;

    g_assert(message->hold_count > 0);
    if (--message->hold_count > 0)
        return;
    message_move_to(message, MESSAGE_IDLE);
    STAILQ_INSERT_TAIL(&life->messages->idle, message, link);
    life->messages->idle_count++;
}

Message *message_pop_idle(Life *life)
{
    Message *message = STAILQ_FIRST(&life->messages->idle);

    g_assert(message->hold_count == 0 && message->state == MESSAGE_IDLE);
    STAILQ_REMOVE_HEAD(&life->messages->idle, link);
    life->messages->idle_count--;
    message->hold_count = 1;
    message_move_to(message, MESSAGE_FINISHING);
    return message;
}

unsigned message_idle_count(const Life *life)
{
    return life->messages->idle_count;
}

unsigned message_count_probe(const Message *message)
{
    return ++message->life->messages->probe_count;
}

void message_warn_log(const Message *message, SpoolQueue log, SpoolResult result)
{
    g_autofree char *path = spool_path(message->life->spool, log, message->queue_id);

    life_warn_spool(result, "%s: cannot examine %s", message->queue_id, path);
}

void message_check_mark(const Message *message, SpoolResult result)
{
    g_autofree char *path = NULL;

    if (result.status == SPOOL_OK)
        return;
    path = spool_path(message->life->spool, SPOOL_ACTIVE, message->queue_id);
    life_warn_spool(result, "update queue file %s", path);
}

static void log_active(const Message *message)
{
    const Envelope *envelope = &message->envelope;
    g_autofree char *line = logline_active(
        message->queue_id, envelope_text(envelope, ENVELOPE_SENDER),
        message->life->settings.address_format, envelope->content_size, envelope->announced_count);

    log_info("%s", line);
}

/* The "(queue active)" line has the place that the sender record had among the warnings. */
static void log_reading(const Message *message, const SpoolReading *reading)
{
    for (guint i = 0; i <= reading->warnings->len; i++) {
        if (reading->sender_seen && i == reading->warnings_before_sender)
            log_active(message);
        if (i < reading->warnings->len)
            log_warning("%s", (const char *)g_ptr_array_index(reading->warnings, i));
    }
}

/* Warnings of the reading have explained a damaged file already, but no other trouble. */
static void log_trouble(const Message *message, const char *what, SpoolResult result)
{
    if (result.status != SPOOL_OK && result.status != SPOOL_DAMAGED)
        life_warn_spool(result, "%s active %s", what, message->queue_id);
}

static void note_reading(Message *message, const SpoolReading *reading, SpoolResult result)
{
    message->had_recipients |= reading->recipient_count > 0;
    oldest_note(&message->life->messages->oldest, message);
    log_reading(message, reading);
    log_trouble(message, "read", result);
}

SpoolResult message_read_first(Message *message, SpoolReading *ret_reading)
{
    SpoolResult result =
        spool_read_first(message->file, sched_batch_limit(message->life->sched, message->sched),
                         &message->envelope, ret_reading);

    note_reading(message, ret_reading, result);
    return result;
}

SpoolResult message_read_more(Message *message, SpoolReading *ret_reading)
{
    const Life *life = message->life;
    SpoolMessage *file = NULL;
    SpoolResult result = spool_message_open(life->spool, message->queue_id, false, &file);

    if (result.status != SPOOL_OK) {
        *ret_reading = (SpoolReading){0};
        log_trouble(message, "open", result);
    } else {
        result = spool_read_more(file, sched_batch_limit(life->sched, message->sched),
                                 &message->envelope, ret_reading);
        note_reading(message, ret_reading, result);
        spool_message_close(file);
    }
    return result;
}

static void mark_batch_done(const Message *message, SpoolReading *reading)
{
    const Chain *recipients = &reading->recipients;

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        message_check_mark(message, spool_mark_done(message->life->spool, message->queue_id,
                                                    ((Recipient *)link)->offset));
    spool_reading_clear(reading);
}

void message_mark_all_done(const Message *message)
{
    Envelope envelope = {0};
    SpoolReading reading;
    SpoolMessage *file = NULL;
    SpoolResult result = spool_message_open(message->life->spool, message->queue_id, false, &file);

    if (result.status == SPOOL_OK) {
        result = spool_read_first(file, MARKS_PER_READING, &envelope, &reading);
        mark_batch_done(message, &reading);
    }
    while (result.status == SPOOL_OK && !envelope.fully_read) {
        result = spool_read_more(file, MARKS_PER_READING, &envelope, &reading);
        mark_batch_done(message, &reading);
    }
    log_trouble(message, "read", result);
    envelope_clear(&envelope);
    spool_message_close(file);
}

void message_init(Life *life)
{
    life->messages = g_new0(MessageTable, 1);
    life->messages->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    STAILQ_INIT(&life->messages->idle);
    slot_table_init(&life->messages->slots);
    oldest_init(&life->messages->oldest, &life->messages->slots);
}

static void drop_messages(Life *life)
{
    g_autoptr(GPtrArray) messages = message_list(life);

    for (guint i = 0; i < messages->len; i++)
        message_free(g_ptr_array_index(messages, i));
}

void message_stop(Life *life)
{
    drop_messages(life);
    g_hash_table_destroy(life->messages->by_id);
    number_heap_clear(&life->messages->oldest);
    slot_table_clear(&life->messages->slots);
    g_free(life->messages);
}

/* ---- invariants ---- */

static unsigned chain_length(const Chain *chain)
{
    unsigned length = 0;

    for (Link *link = chain_first(chain); link != NULL; link = chain_next(chain, link))
        length++;
    return length;
}

/* The holds that a message of this state has between two turns. */
static unsigned expected_holds(const Message *message)
{
    unsigned ours = chain_length(&message->reports) + sched_message_outstanding(message->sched);

    switch ((MessageState)message->state) {
    case MESSAGE_RESOLVING:
        return 1 + ours;
    case MESSAGE_DELIVERING:
        CHECK(ours > 0);
        return ours;
    case MESSAGE_IDLE:
        CHECK(ours == 0);
        return 0;
    case MESSAGE_FINISHING: /* the pipeline, which waits for an answer */
    case MESSAGE_STUCK:
        CHECK(ours == 0);
        return 1;
    case MESSAGE_TAKEN_IN:
    case MESSAGE_LEAVING:
        break;
    }
    g_assert_not_reached();
}

static void message_check_one(const Message *message)
{
    CHECK(message_find(message->life, message->queue_id) == message);
    CHECK(sched_message_owner(message->sched) == message);
    CHECK(message->hold_count == expected_holds(message));
    CHECK((message->batch != NULL) == (message->state == MESSAGE_RESOLVING));
    CHECK((message->way_out != 0) == (message->state == MESSAGE_STUCK));
    CHECK(message->file == NULL || message->state == MESSAGE_RESOLVING);
    CHECK(message->counted_phase == phase_of(message));
    CHECK((message->oldest_place != 0) == (message->envelope.arrival_s != 0));
    CHECK(message->running_count <= sched_message_outstanding(message->sched));
}

static unsigned idle_count(const MessageTable *table)
{
    unsigned length = 0;
    Message *message;

    STAILQ_FOREACH (message, &table->idle, link) {
        CHECK(message->state == MESSAGE_IDLE);
        length++;
    }
    return length;
}

void message_check(const Life *life)
{
    const MessageTable *table = life->messages;
    GHashTableIter iter;
    gpointer each;
    unsigned counts[MESSAGE_STATE_COUNT] = {0}, phases[LIFE_PHASE_COUNT] = {0}, probe_count = 0;

    CHECK(g_hash_table_size(table->by_id) == sched_message_count(life->sched));
    g_hash_table_iter_init(&iter, table->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &each)) {
        const Message *message = each;

        message_check_one(message);
        counts[message->state]++;
        phases[message->counted_phase]++;
        probe_count += (message->envelope.trace_flags & TRACE_PROBE_BY_MTA) != 0;
    }
    CHECK(counts[MESSAGE_IDLE] == table->idle_count && idle_count(table) == table->idle_count);
    CHECK(probe_count == table->probe_count);
    CHECK(memcmp(phases, table->phase_counts, sizeof(phases)) == 0);
    slot_table_check(&table->slots);
    number_heap_check(&table->oldest);
    CHECK(table->slots.count == g_hash_table_size(table->by_id));
}
