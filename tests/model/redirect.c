#include "model_internal.h"

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

static SchedEntry *entry_at_target(SchedMessage *message, SchedDestination *target, SchedNow now)
{
    Peer *peer = NULL;

    if (sched_is_preemptive(message->sched))
        peer = peer_take(job_take(message, target->transport), target);
    return entry_new(message, target, peer, now);
}

/* The recipients stay grouped as they are. */
static void move(SchedEntry *entry, SchedDestination *target, SchedNow now)
{
    SchedEntry *moved = entry_at_target(entry->message, target, now);

    chain_join(&moved->recipients, &entry->recipients);
    moved->recipient_count = entry->recipient_count;
    entry->recipient_count = 0;
    if (entry->peer != NULL) {
        entry->peer->job->recipient_count -= moved->recipient_count;
        moved->peer->job->recipient_count += moved->recipient_count;
    }
    entry_end(entry, now);
}

void redirect_waiting(SchedDestination *destination, Cause *cause, SchedNow now)
{
    Sched *sched = destination->transport->sched;
    int left = destination->waiting_count;
    SchedDestination *target = left > 0 ? target_for(sched, cause) : NULL;

    /* The end of the last entry may be the end of the destination. */
    while (left-- > 0) {
        SchedEntry *entry = sched_is_preemptive(sched)
                                ? TAILQ_FIRST(&destination->waiting)
                                : TAILQ_LAST(&destination->waiting, EntryList);

        if (target != NULL)
            move(entry, target, now);
        else
            entry_give_up(entry, cause, now);
    }
}
