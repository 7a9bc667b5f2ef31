#include "sched_internal.h"

/*
 * An entry is one delivery request: it waits, runs and ends, or its recipients are given up. All
 * counts about entries change here: of its destination, of its message, and in preemptive
 * scheduling of its peer and job.
 */

/* Bits of the delivery request (14). */
#define SESSION_MAY_LOAD 2048
#define SESSION_MAY_SAVE 4096

static void count_waiting(SchedDestination *destination, int change)
{
    destination->waiting_count += change;
    destination->transport->waiting_count += change;
}

/* To be delivered, or never. */
static void leave_waiting(SchedEntry *entry)
{
    SchedDestination *destination = entry->destination;

    g_assert(entry->state == ENTRY_WAITING);
    if (destination->given_back != entry) {
        entry_leave(entry);
    } else {
        destination->given_back = NULL;
        if (entry->peer != NULL)
            entry->peer->running_count--;
    }
    count_waiting(destination, -1);
    if (entry->peer != NULL)
        entry->peer->job->selected_count++;
    if (entry->message->batch_entry == entry)
        entry->message->batch_entry = NULL; /* no recipient may join it any more */
}

SchedEntry *entry_new(SchedMessage *message, SchedDestination *destination, Peer *peer,
                      SchedNow now)
{
    Sched *sched = destination->transport->sched;
    SchedEntry *entry = slab_alloc(&sched->entries);

    entry->message = message;
    entry->destination = destination;
    entry->peer = peer;
    entry->number = message->created_count++;
    entry->is_late = message->was_read;
    if (entry->is_late)
        destination->late_count++;
    entry->late_count = destination->late_count;
    message->entry_count++;
    entry_enter(entry);
    crowd_enter(entry);
    count_waiting(destination, 1);
    if (destination->waiting_count == 1 && destination->running_count == 0)
        pace_wake(destination, now);
    if (peer != NULL)
        peer->job->created_count++;
    destination_changed(destination);
    message_changed(message);
    notice_add_clog(sched, destination, now);
    return entry;
}

void entry_add_recipient(SchedEntry *entry, Link *recipient)
{
    chain_append(&entry->recipients, recipient);
    entry->recipient_count++;
    if (entry->peer != NULL)
        entry->peer->job->recipient_count++;
}

static void move_first_recipient(SchedEntry *from, SchedEntry *to)
{
    chain_append(&to->recipients, chain_pop_first(&from->recipients));
    to->recipient_count++;
    from->recipient_count--;
    if (from->peer != NULL)
        from->peer->job->recipient_count--;
    if (to->peer != NULL)
        to->peer->job->recipient_count++;
}

/* Each recipient is looked at once: those that stay go to the end of the chain. */
void entry_move_marked(SchedEntry *from, SchedEntry *to, const bool marked[])
{
    for (uint32_t i = 0, count = from->recipient_count; i < count; i++) {
        if (marked[i])
            move_first_recipient(from, to);
        else
            chain_append(&from->recipients, chain_pop_first(&from->recipients));
    }
}

bool entry_has_room(const SchedEntry *entry)
{
    const SchedDestination *destination = entry->destination;
    int limit = destination->transport->params.destination_recipient_limit;

    return entry->recipient_count < ENTRY_RECIPIENTS_MAX &&
           (limit == 0 || entry->recipient_count < (unsigned)limit);
}

static void count_running_of(SchedDestination *destination, int change)
{
    destination->running_count += change;
    destination->transport->running_count += change;
    if (destination->member != NULL)
        destination_site(destination)->running_count += change;
}

static void count_running(SchedEntry *entry, int change)
{
    count_running_of(entry->destination, change);
    if (entry->peer != NULL)
        entry->peer->running_count += (unsigned)change;
}

/* (14): back-to-back deliveries may share sessions. */
static void choose_session_flags(SchedEntry *entry, SchedNow now)
{
    SchedDestination *destination = entry->destination;
    bool back_to_back = destination->last_done_wall_s + 1 >= now.wall_s;

    if (!destination->may_save_session) {
        if (back_to_back)
            destination->may_load_session = destination->may_save_session = true;
    } else if (destination->running_count <= 1 && !back_to_back) {
        destination->may_save_session = false;
    }
    entry->may_load_session = destination->may_load_session;
    entry->may_save_session = destination->may_save_session;
}

void entry_run(SchedEntry *entry, SchedNow now)
{
    leave_waiting(entry);
    entry->state = ENTRY_RUNNING;
    count_running(entry, 1);
    if (entry->destination->member != NULL)
        member_rotate(entry->destination->member);
    destination_changed(entry->destination);
    pace_begin(entry, now);
    choose_session_flags(entry, now);
}

/*
 * Out of all lists and counts: all that the end of an entry means for others, in the order of 11.5.
 * Its recipients are in memory no longer, as far as counts go.
 */
static void entry_leave_all(SchedEntry *entry, SchedNow now)
{
    SchedDestination *destination = entry->destination;
    SchedMessage *message = entry->message;
    bool was_running = entry->state == ENTRY_RUNNING;

    if (was_running)
        pace_settle(entry);
    if (was_running)
        count_running(entry, -1);
    else
        leave_waiting(entry);
    destination_changed(destination);
    crowd_leave(entry);
    message->entry_count--;
    message->recipient_count -= entry->recipient_count;
    destination->transport->sched->recipient_count -= entry->recipient_count;
    if (entry->peer != NULL) {
        entry->peer->job->recipient_count -= entry->recipient_count;
        message_changed(message);
        slots_return_unneeded(entry->peer->job);
    }
    if (was_running && destination->transport->params.destination_rate_delay_s > 0)
        destination_suspend(destination, now);
    job_release_blockers(destination);
    if (entry->peer != NULL)
        peer_free_if_empty(entry->peer);
    if (was_running) {
        destination->last_done_wall_s = now.wall_s;
        allowance_measure_end(&destination->measure, now.mono_us);
    }
    destination_forget_if_empty(destination);
}

void entry_end(SchedEntry *entry, SchedNow now)
{
    Sched *sched = entry->destination->transport->sched;

    entry_leave_all(entry, now);
    slab_free(&sched->entries, entry);
}

/*
 * It cannot be selected again, as it is redirected at once: so it is in no list of waiting entries,
 * and its peer keeps counting it as running. The turn of the peer and the counts of slots stay as
 * the selection left them (6.3).
 */
void entry_wait_again(SchedEntry *entry, SchedNow now)
{
    SchedDestination *destination = entry->destination;

    g_assert(entry->state == ENTRY_RUNNING && destination->given_back == NULL);
    entry->state = ENTRY_WAITING;
    destination->given_back = entry;
    count_running_of(destination, -1);
    count_waiting(destination, 1);
    if (entry->peer != NULL)
        entry->peer->job->selected_count--;
    pace_refund(entry, now);
    destination_changed(destination);
    message_changed(entry->message);
}

/* ---- undeliverable entries ---- */

void entry_give_up(SchedEntry *entry, Cause *cause, SchedNow now)
{
    Sched *sched = entry->destination->transport->sched;

    entry->message->undeliverable_count++;
    entry_leave_all(entry, now);
    entry->state = ENTRY_UNDELIVERABLE;
    entry->destination = NULL;
    entry->peer = NULL;
    entry->cause = g_rc_box_acquire(cause);
    chain_append(&sched->undeliverable, &entry->in_sched);
}

/* They are a new entry that has never waited, so that nothing changes for the one that runs. */
void entry_give_up_marked(SchedEntry *entry, const bool marked[], Cause *cause)
{
    SchedMessage *message = entry->message;
    Sched *sched = entry->destination->transport->sched;
    SchedEntry *part = slab_alloc(&sched->entries);

    entry_move_marked(entry, part, marked);
    part->message = message;
    part->state = ENTRY_UNDELIVERABLE;
    part->cause = g_rc_box_acquire(cause);
    message->undeliverable_count++;
    message->recipient_count -= part->recipient_count;
    sched->recipient_count -= part->recipient_count;
    if (entry->peer != NULL) {
        message_changed(message);
        slots_return_unneeded(entry->peer->job);
    }
    chain_append(&sched->undeliverable, &part->in_sched);
}

SchedEntry *sched_pop_undeliverable(Sched *sched, const char **ret_status, const char **ret_reason)
{
    SchedEntry *entry = entry_at(chain_pop_first(&sched->undeliverable));

    if (entry == NULL)
        return NULL;
    *ret_status = entry->cause->status;
    *ret_reason = entry->cause->reason;
    return entry;
}

const char *sched_entry_was_for(const SchedEntry *entry)
{
    g_assert(entry->state == ENTRY_UNDELIVERABLE);
    return entry->cause->was_for;
}

Chain sched_entry_discard(Sched *sched, SchedEntry *entry)
{
    Chain recipients = entry->recipients;

    g_assert(entry->state == ENTRY_UNDELIVERABLE);
    entry->message->undeliverable_count--;
    cause_unref(entry->cause);
    slab_free(&sched->entries, entry);
    return recipients;
}

/* ---- what callers see ---- */

SchedMessage *sched_entry_message(const SchedEntry *entry)
{
    return entry->message;
}

SchedDestination *sched_entry_destination(const SchedEntry *entry)
{
    return entry->destination;
}

const Chain *sched_entry_recipients(const SchedEntry *entry)
{
    return &entry->recipients;
}

unsigned sched_entry_recipient_count(const SchedEntry *entry)
{
    return entry->recipient_count;
}

int sched_entry_session_flags(const SchedEntry *entry)
{
    return (entry->may_load_session ? SESSION_MAY_LOAD : 0) |
           (entry->may_save_session ? SESSION_MAY_SAVE : 0);
}
