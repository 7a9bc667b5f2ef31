#include "base/element.h"
#include "base/heap.h"
#include "policy/rules.h"
#include "spool/defer_log.h"
#include "src/life/context_internal.h"
#include "src/life/plans_internal.h"
#include "src/life/schedule_internal.h"

/*
 * Schedule: notes about attempts, in a table by message. Whose attempt has none is treated as in
 * stock.
 */

/* Of a defer log; those that are not read have one more attempt before they are returned. */
#define RECORDS_MAX 10000

typedef struct AttemptNotes {
    HeapNode by_end; /* while the end of a lifetime is waited for; wall clock, seconds */
    Message *message;
    GHashTable *tried; /* set of offsets of recipients (int64_t, owned); NULL: none is known */
    int64_t began_s;   /* when that was read: this attempt began, wall clock */
    GArray *deferred;  /* numbers of their plans, each once; NULL: nothing was deferred */
    int64_t bound_lifetime_s; /* the longest of those bound; -1: nobody was */
    int64_t open_lifetime_s;  /* the longest of those deferred or suspended; -1: nobody is */
    bool is_any_held;
} AttemptNotes;

typedef struct Schedules {
    GHashTable *notes; /* Message -> AttemptNotes */
    Heap ends;
} Schedules;

static void notes_free(gpointer data)
{
    AttemptNotes *notes = data;

    g_clear_pointer(&notes->tried, g_hash_table_unref);
    g_clear_pointer(&notes->deferred, g_array_unref);
    g_free(notes);
}

void schedule_init(Life *life)
{
    life->schedules = g_new(Schedules, 1);
    life->schedules->notes = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, notes_free);
    heap_init(&life->schedules->ends);
}

void schedule_stop(Life *life)
{
    g_hash_table_unref(life->schedules->notes);
    heap_clear(&life->schedules->ends);
    g_free(life->schedules);
}

static AttemptNotes *find_notes(const Message *message)
{
    return g_hash_table_lookup(message->life->schedules->notes, message);
}

static AttemptNotes *ensure_notes(Message *message)
{
    AttemptNotes *notes = find_notes(message);

    if (notes != NULL)
        return notes;
    notes = g_new0(AttemptNotes, 1);
    notes->message = message;
    notes->bound_lifetime_s = notes->open_lifetime_s = -1;
    (void)g_hash_table_insert(message->life->schedules->notes, message, notes);
    return notes;
}

void schedule_forget(Message *message)
{
    AttemptNotes *notes = find_notes(message);

    if (notes != NULL)
        heap_remove(&message->life->schedules->ends, &notes->by_end);
    (void)g_hash_table_remove(message->life->schedules->notes, message);
}

static int64_t schedule_age_s(const Message *message)
{
    return life_now(message->life)->wall_s - message->envelope.create_s;
}

static bool is_bounce(const Message *message)
{
    return *envelope_text(&message->envelope, ENVELOPE_SENDER) == '\0';
}

/* What the plan says; RETRY_NOT_SAID: nothing. */
static int64_t own_lifetime_s(const Message *message, const RetryPlan *plan)
{
    return is_bounce(message) ? plan->bounce_lifetime_s : plan->lifetime_s;
}

static int64_t stock_lifetime_s(const Message *message)
{
    const LifeSettings *settings = &message->life->settings;

    return is_bounce(message) ? settings->bounce_queue_lifetime_s
                              : settings->maximal_queue_lifetime_s;
}

static int64_t lifetime_by(const Message *message, const RetryPlan *plan)
{
    int64_t own_s = own_lifetime_s(message, plan);

    return own_s != RETRY_NOT_SAID ? own_s : stock_lifetime_s(message);
}

static const RetryPlan *plan_of(const Message *message, const Recipient *recipient)
{
    return &plans_at(message->life, recipient->plan)->retry;
}

/* ---- who was tried ---- */

/* Mail that an administrator held back was not, nor was any while a transport was down. */
static bool is_trial(const DeferRecord *record)
{
    bool is_down = g_str_equal(record->status, SCHEDULE_DOWN_STATUS) &&
                   g_str_equal(record->reason, SCHEDULE_DOWN_REASON);
    bool is_held = g_str_equal(record->status, RULE_SUSPENSION_STATUS) &&
                   (rule_number_in_text(record->reason) != 0 ||
                    g_str_equal(record->reason, SCHEDULE_HELD_TRANSPORT));

    return record->offset >= 0 && !is_held && !is_down;
}

/* Probes and inspected mail do not get as far, or have no marks by which one is returned alone. */
static bool can_return_one(const Message *message)
{
    const Envelope *envelope = &message->envelope;

    return (envelope->trace_flags & (TRACE_PROBE_BY_MTA | TRACE_PROBE_BY_USER)) == 0 &&
           !envelope_has_text(envelope, ENVELOPE_REDIRECT) &&
           !envelope_has_text(envelope, ENVELOPE_INSPECTOR);
}

bool schedule_may_be_over(const Message *message)
{
    return plans_are_used(message->life) && message->envelope.create_s != 0 &&
           schedule_age_s(message) >= plans_shortest_lifetime_s(message->life);
}

void schedule_note_log(Message *message, bool may_be_paced)
{
    g_autoptr(GPtrArray) records = NULL;
    AttemptNotes *notes;
    GHashTable *tried;

    if ((!may_be_paced && !schedule_may_be_over(message)) || !can_return_one(message) ||
        defer_log_read(message->life->spool, message->queue_id, RECORDS_MAX, &records).status !=
            SPOOL_OK)
        return;
    tried = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (guint i = 0; i < records->len; i++) {
        const DeferRecord *record = records->pdata[i];
        int64_t *offset;

        if (!is_trial(record))
            continue;
        offset = g_new(int64_t, 1);
        *offset = record->offset;
        (void)g_hash_table_add(tried, offset);
    }
    notes = ensure_notes(message);
    notes->tried = tried;
    notes->began_s = life_now(message->life)->wall_s;
}

/* ---- the end of a lifetime ---- */

/*
 * INT64_MAX: who was not tried has an attempt, however late. A last attempt that begins late, as
 * after the machine was down, may wait as long again: else a rate would return the mail that it
 * keeps waiting.
 */
static int64_t end_s_of(const Message *message, const AttemptNotes *notes,
                        const Recipient *recipient)
{
    int64_t create_s = message->envelope.create_s, end_s;

    if (notes == NULL || notes->tried == NULL || create_s == 0 ||
        !g_hash_table_contains(notes->tried, &recipient->offset))
        return INT64_MAX;
    end_s = create_s + lifetime_by(message, plan_of(message, recipient));
    return end_s + 2 * MAX(notes->began_s - end_s, 0);
}

int64_t schedule_end_s(const Message *message, const Recipient *recipient)
{
    return end_s_of(message, find_notes(message), recipient);
}

void schedule_wait_for_end(Message *message, int64_t at_s)
{
    AttemptNotes *notes = find_notes(message);
    bool is_earlier = notes != NULL && (!heap_contains(&notes->by_end) || at_s < notes->by_end.key);

    if (is_earlier && at_s != INT64_MAX)
        heap_set(&message->life->schedules->ends, &notes->by_end, at_s);
}

int64_t schedule_first_end_s(const Life *life)
{
    const HeapNode *first = heap_first(&life->schedules->ends);

    return first != NULL ? first->key : INT64_MAX;
}

Message *schedule_pop_end(Life *life)
{
    HeapNode *first = heap_first(&life->schedules->ends);

    g_assert(first != NULL);
    heap_remove(&life->schedules->ends, first);
    return ELEMENT(first, AttemptNotes, by_end)->message;
}

/* ---- the attempt ---- */

bool schedule_has_notes(const Message *message)
{
    return find_notes(message) != NULL;
}

void schedule_note_bound(Message *message, Recipient *recipient, const char *transport,
                         const char *nexthop, bool is_held)
{
    AttemptNotes *notes;

    recipient->plan = plans_find(message->life, transport, nexthop);
    schedule_wait_for_end(message,
                          MAX(schedule_end_s(message, recipient), life_now(message->life)->wall_s));
    if (!schedule_may_be_over(message))
        return;
    notes = ensure_notes(message);
    notes->bound_lifetime_s =
        MAX(notes->bound_lifetime_s, lifetime_by(message, plan_of(message, recipient)));
    notes->is_any_held = notes->is_any_held || is_held;
}

bool schedule_is_over(const Message *message, const Recipient *recipient)
{
    const AttemptNotes *notes = find_notes(message);
    bool goes_on;

    if (notes == NULL || notes->tried == NULL || message->force_expire ||
        !schedule_may_be_over(message) ||
        !g_hash_table_contains(notes->tried, &recipient->offset) ||
        schedule_age_s(message) < lifetime_by(message, plan_of(message, recipient)))
        return false;
    goes_on = !message->envelope.fully_read || notes->is_any_held ||
              notes->bound_lifetime_s > schedule_age_s(message);
    return goes_on;
}

bool schedule_is_at_end(const Message *message, const Recipient *recipient)
{
    return schedule_age_s(message) >= lifetime_by(message, plan_of(message, recipient));
}

static void add_deferred(AttemptNotes *notes, uint16_t plan)
{
    if (notes->deferred == NULL)
        notes->deferred = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    for (guint i = 0; i < notes->deferred->len; i++)
        if (g_array_index(notes->deferred, uint16_t, i) == plan)
            return;
    g_array_append_val(notes->deferred, plan);
}

void schedule_note_deferral(Message *message, const Recipient *recipient, bool is_suspended)
{
    AttemptNotes *notes;

    if (!plans_are_used(message->life))
        return;
    notes = ensure_notes(message);
    notes->open_lifetime_s =
        MAX(notes->open_lifetime_s, lifetime_by(message, plan_of(message, recipient)));
    if (!is_suspended)
        add_deferred(notes, recipient->plan);
}

/* ---- what follows ---- */

int64_t schedule_lifetime_s(const Message *message)
{
    const AttemptNotes *notes = find_notes(message);

    return notes != NULL && notes->open_lifetime_s >= 0 ? notes->open_lifetime_s
                                                        : stock_lifetime_s(message);
}

/* The last attempt comes when the lifetime ends, if somebody has said when that is to be. */
static int64_t next_by(const Message *message, const RetryPlan *plan)
{
    const LifeSettings *settings = &message->life->settings;
    const RetryBackoff backoff = {settings->minimal_backoff_s, settings->maximal_backoff_s};
    int64_t now_s = life_now(message->life)->wall_s, create_s = message->envelope.create_s;
    int64_t age = create_s != 0 ? now_s - create_s : 0, left_s;
    int64_t wait_s = retry_wait_s(plan, &backoff, message->queue_id, age);
    bool is_bounded = create_s != 0 && (retry_plan_says(plan, RETRY_SCHEDULE) ||
                                        own_lifetime_s(message, plan) != RETRY_NOT_SAID);

    left_s = lifetime_by(message, plan) - age;
    return now_s + (is_bounded && left_s > 0 ? MIN(wait_s, left_s) : wait_s);
}

int64_t schedule_next_attempt_s(const Message *message)
{
    const AttemptNotes *notes = find_notes(message);
    int64_t next_s = INT64_MAX;

    if (notes == NULL || notes->deferred == NULL)
        return next_by(message, &plans_at(message->life, PLANS_NONE)->retry);
    for (guint i = 0; i < notes->deferred->len; i++) {
        uint16_t number = g_array_index(notes->deferred, uint16_t, i);

        next_s = MIN(next_s, next_by(message, &plans_at(message->life, number)->retry));
    }
    return next_s;
}

unsigned schedule_notes_count(const Life *life)
{
    return g_hash_table_size(life->schedules->notes);
}

void schedule_check(const Life *life)
{
    GHashTable *table = life->schedules->notes;
    GHashTableIter iter;
    gpointer each;

    heap_check(&life->schedules->ends);
    CHECK(life->schedules->ends.count <= g_hash_table_size(table));
    CHECK(g_hash_table_size(table) <= sched_message_count(life->sched));
    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &each, NULL)) {
        const Message *message = each;
        const AttemptNotes *notes = find_notes(message);

        CHECK(notes->message == message);
        CHECK(plans_are_used(life) || notes->tried != NULL);
        CHECK(message->life == life && message->state != MESSAGE_TAKEN_IN);
    }
}
