#include <string.h>

#include "sched_internal.h"

/*
 * Mail for a dead site or transport does not wait: it goes to the transport "retry", which defers
 * it with the reason of the death (12.2). So does mail that the caller does not want delivered now.
 */

/* Where waiting entries of something dead go (12.2), or NULL if they have nowhere to go. */
static SchedDestination *target_for(Sched *sched, const Cause *cause)
{
    g_autofree char *name = g_strconcat(cause->status, " ", cause->reason, NULL);
    SchedTransport *retry = sched_retry_transport(sched);
    SchedDestination *target;

    if (retry->cause != NULL)
        return NULL;
    target = sched_destination_get(sched, retry, name, name);
    return target->cause == NULL ? target : NULL;
}

/* The recipients stay grouped as they are. */
static void redirect_entry(SchedEntry *entry, SchedDestination *target, SchedNow now)
{
    const Strategy *strategy = target->transport->sched->strategy;
    SchedEntry *moved = strategy->entry_new(entry->message, target, now);

    chain_join(&moved->recipients, &entry->recipients);
    moved->recipient_count = entry->recipient_count;
    entry->recipient_count = 0;
    if (entry->peer != NULL) {
        entry->peer->job->recipient_count -= moved->recipient_count;
        moved->peer->job->recipient_count += moved->recipient_count;
    }
    entry_end(entry, now);
}

static Origin *origin_new(const SchedDestination *destination)
{
    size_t size = strlen(destination->name) + 1;
    Origin *origin = g_rc_box_alloc0(sizeof(*origin) + size);

    origin->transport = destination->transport;
    memcpy(origin->destination, destination->name, size);
    return origin;
}

/* Where mail was to go, remembered with each message that has no origin yet; mail of retry has. */
static void remember_origin(SchedDestination *destination, const GPtrArray *entries)
{
    Origin *origin;

    if (destination->transport == sched_retry_transport(destination->transport->sched))
        return;
    origin = origin_new(destination);
    for (guint i = 0; i < entries->len; i++) {
        SchedMessage *message = ((SchedEntry *)entries->pdata[i])->message;

        if (message->origin == NULL)
            message->origin = g_rc_box_acquire(origin);
    }
    g_rc_box_release(origin);
}

/* In the order in which they wait; last the one that was given back. */
static GPtrArray *all_entries(const SchedDestination *destination)
{
    GPtrArray *entries = waiting_entries(destination);

    if (destination->given_back != NULL)
        g_ptr_array_add(entries, destination->given_back);
    return entries;
}

static void redirect_entries(SchedDestination *destination, const GPtrArray *entries, Cause *cause,
                             SchedNow now)
{
    Sched *sched = destination->transport->sched;
    SchedDestination *target = entries->len > 0 ? target_for(sched, cause) : NULL;

    if (entries->len > 0)
        remember_origin(destination, entries);
    for (guint i = 0; i < entries->len; i++) {
        guint place = sched->strategy->redirects_backward ? entries->len - 1 - i : i;

        if (target != NULL)
            redirect_entry(entries->pdata[place], target, now);
        else
            entry_give_up(entries->pdata[place], cause, now);
    }
}

/* The end of the last entry may be the end of the destination. */
void redirect_waiting(SchedDestination *destination, Cause *cause, SchedNow now)
{
    g_autoptr(GPtrArray) entries = all_entries(destination);
    bool is_retry = g_str_equal(destination->transport->name, SCHED_RETRY_NAME);
    Cause *its_cause =
        is_retry ? cause_new_for_retry(cause, destination->nexthop) : g_rc_box_acquire(cause);

    redirect_entries(destination, entries, its_cause, now);
    cause_unref(its_cause);
}

/* ---- for callers ---- */

GPtrArray *sched_destination_waiting(const SchedDestination *destination, unsigned max)
{
    return waiting_entries_some(destination, max);
}

GPtrArray *sched_message_waiting(const Sched *sched, const SchedMessage *message)
{
    return waiting_entries_of_message(sched, message);
}

bool sched_destination_redirect(Sched *sched, SchedDestination *destination, unsigned max,
                                const char *status, const char *reason, SchedNow now)
{
    g_autoptr(GPtrArray) entries = waiting_entries_some(destination, max);
    Cause *cause = cause_new(status, reason);
    bool is_more = entries->len == max && (unsigned)destination->waiting_count > max;

    g_assert(destination->transport->sched == sched && !destination->transport->is_internal);
    redirect_entries(destination, entries, cause, now);
    cause_unref(cause);
    return is_more;
}

void sched_waiting_redirect(Sched *sched, SchedEntry *entry, const char *status, const char *reason,
                            SchedNow now)
{
    SchedDestination *destination = entry->destination;
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    Cause *cause = cause_new(status, reason);

    g_assert(entry->state == ENTRY_WAITING && entry != destination->given_back);
    g_assert(destination->transport->sched == sched && !destination->transport->is_internal);
    g_ptr_array_add(one, entry);
    redirect_entries(destination, one, cause, now);
    cause_unref(cause);
}

/* The whole entry: it was selected and runs no longer, but nothing was tried. */
static void redirect_selected(SchedEntry *entry, SchedDestination *target, Cause *cause,
                              SchedNow now)
{
    entry_wait_again(entry, now);
    if (target != NULL)
        redirect_entry(entry, target, now);
    else
        entry_give_up(entry, cause, now);
}

static unsigned count_marked(const SchedEntry *entry, const bool marked[])
{
    unsigned count = 0;

    for (uint32_t i = 0; i < entry->recipient_count; i++)
        count += marked[i] ? 1 : 0;
    return count;
}

bool sched_entry_redirect(Sched *sched, SchedEntry *entry, const bool marked[], const char *status,
                          const char *reason, SchedNow now)
{
    unsigned marked_count = count_marked(entry, marked);
    Cause *cause = cause_new(status, reason);
    SchedDestination *target = target_for(sched, cause);
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    bool is_all = marked_count == entry->recipient_count;

    g_assert(entry->state == ENTRY_RUNNING && !entry->destination->transport->is_internal);
    g_assert(marked_count > 0);
    g_ptr_array_add(one, entry);
    remember_origin(entry->destination, one);
    if (is_all)
        redirect_selected(entry, target, cause, now);
    else if (target != NULL)
        entry_move_marked(entry, sched->strategy->entry_new(entry->message, target, now), marked);
    else
        entry_give_up_marked(entry, marked, cause);
    cause_unref(cause);
    return !is_all;
}
