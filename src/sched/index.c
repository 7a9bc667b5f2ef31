#include "index_parts_internal.h"

/*
 * The indexes together: what a job does is of interest to several of them, and the order in which
 * they learn of it matters. A job leaves the trees in scheduler order before it leaves that order,
 * and joins them afterwards.
 */

void job_changed(Job *job)
{
    if (!job->is_listed)
        return;
    to_visit_update(job);
    job_order_update(job);
    candidate_mark_dirty(job);
}

void message_changed(const SchedMessage *message)
{
    for (Job *job = message->jobs; job != NULL; job = job->next_of_message)
        job_changed(job);
}

void job_enter(Job *job)
{
    job_order_insert(job);
    to_visit_join(job);
}

void job_leave(Job *job)
{
    to_visit_leave(job);
    candidate_remove(job);
    job_order_remove(job);
}

void job_move(Job *job, Job *before)
{
    Peer *peer;

    for (peer = peer_first(job); peer != NULL; peer = peer_next(peer))
        if (!chain_is_empty(&peer->waiting))
            usable_remove_peer(peer);
    job_leave(job);
    job_order_insert_before(job, before);
    to_visit_join(job);
    for (peer = peer_first(job); peer != NULL; peer = peer_next(peer)) {
        if (chain_is_empty(&peer->waiting))
            continue;
        usable_add_peer(peer);
        destination_changed(peer->destination);
    }
    job_changed(job);
}

void index_clear(SchedTransport *transport)
{
    candidate_clear(transport);
}

void index_check(const SchedTransport *transport)
{
    const SchedDestination *destination = NULL;

    job_order_check(transport);
    to_visit_check(transport);
    while ((destination = destination_next(transport, destination)) != NULL)
        waiting_check(destination);
    deliverable_check(transport);
    usable_check(transport);
    candidate_check(transport);
}
