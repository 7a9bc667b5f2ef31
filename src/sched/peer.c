#include "objects_internal.h"

/*
 * The peers of a job: one for each destination that it has entries for, in a ring that is rotated
 * when one had its turn (8). Most jobs have one. A list may have one for each of its recipients, so
 * beyond a handful they are found by a hash table, which all jobs share: taking in a list of 10^5
 * destinations without it takes 5 * 10^9 steps.
 */

/* Jobs with more peers than this find them in the hash table. */
#define SCAN_MAX 8

guint peer_hash(gconstpointer key)
{
    const Peer *peer = key;

    return g_direct_hash(peer->job) * 31 + g_direct_hash(peer->destination);
}

gboolean peer_equal(gconstpointer a, gconstpointer b)
{
    const Peer *peer_a = a, *peer_b = b;

    return peer_a->job == peer_b->job && peer_a->destination == peer_b->destination;
}

static Peer *peer_at(const OrderNode *node)
{
    return node != NULL ? ELEMENT(node, Peer, in_job) : NULL;
}

Peer *peer_first(const Job *job)
{
    return peer_at(job->peers.order.first);
}

Peer *peer_next(const Peer *peer)
{
    return peer_at(peer->in_job.next);
}

void peer_rotate(Peer *peer)
{
    ring_rotate(&peer->job->peers, &peer->in_job);
}

bool peer_had_its_turn(const Peer *peer)
{
    const OrderNode *end = peer->job->peers.end;

    return end != NULL && !order_is_before(end, &peer->in_job);
}

static Peer *peer_find(const Job *job, SchedDestination *destination)
{
    const Peer key = {.job = element_at(job, 0), .destination = destination};
    Peer *peer;

    if (job->is_indexed)
        return g_hash_table_lookup(job->transport->sched->peer_index, &key);
    peer = peer_first(job);
    while (peer != NULL && peer->destination != destination)
        peer = peer_next(peer);
    return peer;
}

static void peer_index_all(Job *job)
{
    job->is_indexed = true;
    for (Peer *peer = peer_first(job); peer != NULL; peer = peer_next(peer))
        g_hash_table_add(job->transport->sched->peer_index, peer);
}

Peer *peer_ensure(Job *job, SchedDestination *destination)
{
    Sched *sched = job->transport->sched;
    Peer *peer = peer_find(job, destination);

    if (peer != NULL)
        return peer;
    peer = slab_alloc(&sched->peers);
    peer->job = job;
    peer->destination = destination;
    ring_append(&job->peers, &peer->in_job);
    job->peer_count++;
    if (job->is_indexed)
        g_hash_table_add(sched->peer_index, peer);
    else if (job->peer_count > SCAN_MAX)
        peer_index_all(job);
    return peer;
}

void peer_free_if_empty(Peer *peer)
{
    Job *job = peer->job;

    if (peer->running_count > 0 || !chain_is_empty(&peer->waiting))
        return;
    if (job->is_indexed)
        g_hash_table_remove(job->transport->sched->peer_index, peer);
    ring_remove(&job->peers, &peer->in_job);
    job->peer_count--;
    slab_free(&job->transport->sched->peers, peer);
}

void peer_check(const Job *job)
{
    GHashTable *index = job->transport->sched->peer_index;

    CHECK(job->peer_count == order_check(&job->peers.order));
    for (Peer *peer = peer_first(job); peer != NULL; peer = peer_next(peer)) {
        CHECK(peer->job == job);
        CHECK(peer->running_count > 0 || !chain_is_empty(&peer->waiting));
        CHECK(peer->is_waiting == !chain_is_empty(&peer->waiting));
        CHECK(g_hash_table_contains(index, peer) == job->is_indexed);
        CHECK(peer_find(job, peer->destination) == peer);
    }
}
