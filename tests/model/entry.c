#include "model_internal.h"

/* Bits of the delivery request (14). */
#define SESSION_MAY_LOAD 2048
#define SESSION_MAY_SAVE 4096

/*
 * Mail waits in the order in which its messages were taken in, not in the order in which their
 * lookups ended (1). What comes later for a message (further batches, redirected or returned mail)
 * waits in order of arrival, and is never overtaken.
 */
static bool is_overtaken_by(const SchedEntry *before, const SchedEntry *entry)
{
    return !entry->is_late && before->late_count == entry->late_count && !before->is_late &&
           before->message->serial > entry->message->serial;
}

static void choose_place(SchedEntry *entry, bool is_late)
{
    entry->is_late = is_late;
    if (is_late)
        entry->destination->late_count++;
    entry->late_count = entry->destination->late_count;
}

static void join_waiting(SchedEntry *entry)
{
    struct EntryList *waiting = &entry->destination->waiting;
    SchedEntry *before = TAILQ_LAST(waiting, EntryList);

    choose_place(entry, entry->message->was_read);
    while (before != NULL && is_overtaken_by(before, entry))
        before = TAILQ_PREV(before, EntryList, in_destination);
    if (before == NULL)
        TAILQ_INSERT_HEAD(waiting, entry, in_destination);
    else
        TAILQ_INSERT_AFTER(waiting, before, entry, in_destination);
    entry->destination->waiting_count++;
}

SchedEntry *entry_new(SchedMessage *message, SchedDestination *destination, Peer *peer,
                      SchedNow now)
{
    SchedEntry *entry = g_new0(SchedEntry, 1);

    entry->message = message;
    entry->destination = destination;
    entry->peer = peer;
    entry->state = ENTRY_WAITING;
    message->entry_count++;
    join_waiting(entry);
    if (peer != NULL) {
        TAILQ_INSERT_TAIL(&peer->waiting, entry, in_peer);
        peer->job->created_count++;
    }
    notice_add_clog(message->sched, destination, now);
    return entry;
}

static void entry_free(SchedEntry *entry)
{
    if (entry->state == ENTRY_UNDELIVERABLE)
        cause_unref(entry->cause);
    g_free(entry);
}

void entry_free_all(struct EntryList *entries)
{
    SchedEntry *entry;

    while ((entry = TAILQ_FIRST(entries)) != NULL) {
        TAILQ_REMOVE(entries, entry, in_destination);
        entry_free(entry);
    }
}

void entry_add_recipient(SchedEntry *entry, Link *recipient)
{
    chain_append(&entry->recipients, recipient);
    entry->recipient_count++;
    if (entry->peer != NULL)
        entry->peer->job->recipient_count++;
}

/* Round-robin: no recipient may join it any more. */
static void close_to_batch(const SchedEntry *entry)
{
    if (entry->message->batch_entry == entry)
        entry->message->batch_entry = NULL;
}

/* Out of the waiting lists: to be delivered, or never. */
static void stop_waiting(SchedEntry *entry)
{
    SchedDestination *destination = entry->destination;

    g_assert(entry->state == ENTRY_WAITING);
    TAILQ_REMOVE(&destination->waiting, entry, in_destination);
    destination->waiting_count--;
    if (entry->peer != NULL) {
        TAILQ_REMOVE(&entry->peer->waiting, entry, in_peer);
        entry->peer->job->selected_count++;
    }
    close_to_batch(entry);
}

static void stop_running(SchedEntry *entry)
{
    g_assert(entry->state == ENTRY_RUNNING);
    TAILQ_REMOVE(&entry->destination->running, entry, in_destination);
    entry->destination->running_count--;
    entry->destination->transport->running_count--;
    if (entry->peer != NULL)
        entry->peer->running_count--;
}

/* (14): back-to-back deliveries may share sessions. */
static void choose_session_flags(SchedEntry *entry, SchedNow now)
{
    SchedDestination *destination = entry->destination;
    bool back_to_back = destination->last_done_wall_s + 1 >= now.wall_s;

    if ((destination->session_flags & SESSION_MAY_SAVE) == 0) {
        if (back_to_back)
            destination->session_flags = SESSION_MAY_LOAD | SESSION_MAY_SAVE;
    } else if (destination->running_count <= 1 && !back_to_back) {
        destination->session_flags &= ~SESSION_MAY_SAVE;
    }
    entry->session_flags = (unsigned)destination->session_flags;
}

void entry_run(SchedEntry *entry, SchedNow now)
{
    SchedDestination *destination = entry->destination;

    stop_waiting(entry);
    entry->state = ENTRY_RUNNING;
    TAILQ_INSERT_TAIL(&destination->running, entry, in_destination);
    destination->running_count++;
    destination->transport->running_count++;
    if (entry->peer != NULL)
        entry->peer->running_count++;
    choose_session_flags(entry, now);
}

/* The recipients of an ended entry are in memory no longer, as far as counters go. */
static void uncount_recipients(SchedEntry *entry)
{
    SchedMessage *message = entry->message;

    message->recipient_count -= entry->recipient_count;
    message->sched->recipient_count -= entry->recipient_count;
    if (entry->peer != NULL) {
        entry->peer->job->recipient_count -= entry->recipient_count;
        slots_return_unneeded(entry->peer->job);
    }
}

/* Everything that the end of an entry means for others, in the order of 11.5. */
static void leave(SchedEntry *entry, SchedNow now)
{
    SchedDestination *destination = entry->destination;
    bool was_running = entry->state == ENTRY_RUNNING;

    if (was_running)
        stop_running(entry);
    else
        stop_waiting(entry);
    entry->message->entry_count--;
    uncount_recipients(entry);
    if (was_running && destination->transport->params.destination_rate_delay_s > 0)
        destination_suspend(destination, now);
    if (destination->window != WINDOW_SUSPENDED)
        job_release_blockers(destination);
    if (entry->peer != NULL)
        peer_free_if_empty(entry->peer);
    if (was_running)
        destination->last_done_wall_s = now.wall_s;
    destination_forget_if_empty(destination);
    entry->peer = NULL;
    entry->destination = NULL;
}

void entry_end(SchedEntry *entry, SchedNow now)
{
    leave(entry, now);
    entry_free(entry);
}

void entry_give_up(SchedEntry *entry, Cause *cause, SchedNow now)
{
    SchedMessage *message = entry->message;

    leave(entry, now);
    entry->state = ENTRY_UNDELIVERABLE;
    entry->cause = g_rc_box_acquire(cause);
    message->undeliverable_count++;
    TAILQ_INSERT_TAIL(&message->sched->undeliverable, entry, in_destination);
}

/* Peer rotation and slot counters stay as the selection left them (6.3). */
static void wait_again(SchedEntry *entry)
{
    SchedDestination *destination = entry->destination;

    stop_running(entry);
    entry->state = ENTRY_WAITING;
    choose_place(entry, true);
    TAILQ_INSERT_TAIL(&destination->waiting, entry, in_destination);
    destination->waiting_count++;
    if (entry->peer != NULL) {
        TAILQ_INSERT_HEAD(&entry->peer->waiting, entry, in_peer);
        entry->peer->job->selected_count--;
    }
}

void sched_entry_give_back(Sched *sched, SchedEntry *entry, const char *status, const char *reason,
                           SchedNow now)
{
    SchedTransport *transport = entry->destination->transport;
    Cause *cause = cause_new(status, reason);

    g_assert(transport->sched == sched);
    wait_again(entry);
    transport_fail(transport, cause, now);
    cause_unref(cause);
}

SchedEntry *sched_pop_undeliverable(Sched *sched, const char **ret_status, const char **ret_reason)
{
    SchedEntry *entry = TAILQ_FIRST(&sched->undeliverable);

    if (entry == NULL)
        return NULL;
    TAILQ_REMOVE(&sched->undeliverable, entry, in_destination);
    TAILQ_INSERT_TAIL(&sched->taken, entry, in_destination);
    *ret_status = entry->cause->status;
    *ret_reason = entry->cause->reason;
    return entry;
}

Chain sched_entry_discard(Sched *sched, SchedEntry *entry)
{
    Chain recipients = entry->recipients;

    g_assert(entry->state == ENTRY_UNDELIVERABLE);
    TAILQ_REMOVE(&sched->taken, entry, in_destination);
    entry->message->undeliverable_count--;
    entry_free(entry);
    return recipients;
}

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
    return entry->session_flags;
}
