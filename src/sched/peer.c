#include "job_objects_internal.h"

/*
 * The peers of a job: one for each destination that it has entries for, in a ring that is rotated
 * when one had its turn (8). Most jobs have one. A list may have one for each of its recipients, so
 * beyond a handful they are found by a hash table: taking in a list of 10^5 destinations without it
 * takes 5 * 10^9 steps.
 */

/* Jobs with more peers than this find them in the hash table. */
#define SCAN_MAX 8

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

/* The peers by destination, or NULL. */
static GHashTable *peer_table(const Job *job)
{
    return job->extra != NULL ? job->extra->peers : NULL;
}

static Peer *peer_find(const Job *job, const SchedDestination *destination)
{
    GHashTable *table = peer_table(job);
    Peer *peer;

    if (table != NULL)
        return g_hash_table_lookup(table, destination);
    peer = peer_first(job);
    while (peer != NULL && peer->destination != destination)
        peer = peer_next(peer);
    return peer;
}

static bool has_many_peers(const Job *job)
{
    const Peer *peer = peer_first(job);

    for (int count = 0; peer != NULL && count < SCAN_MAX; count++)
        peer = peer_next(peer);
    return peer != NULL;
}

Peer *peer_ensure(Job *job, SchedDestination *destination)
{
    GHashTable *table = peer_table(job);
    Peer *peer = peer_find(job, destination);

    if (peer != NULL)
        return peer;
    peer = slab_alloc(&job->transport->sched->peers);
    peer->job = job;
    peer->destination = destination;
    ring_append(&job->peers, &peer->in_job);
    if (table != NULL) {
        g_hash_table_insert(table, destination, peer);
    } else if (has_many_peers(job)) {
        table = job_extra(job)->peers = g_hash_table_new(NULL, NULL);
        for (Peer *each = peer_first(job); each != NULL; each = peer_next(each))
            g_hash_table_insert(table, each->destination, each);
    }
    return peer;
}

void peer_free_if_empty(Peer *peer)
{
    Job *job = peer->job;

    if (peer->running_count > 0 || !chain_is_empty(&peer->waiting))
        return;
    if (peer_table(job) != NULL)
        g_hash_table_remove(peer_table(job), peer->destination);
    ring_remove(&job->peers, &peer->in_job);
    slab_free(&job->transport->sched->peers, peer);
}

void peer_check(const Job *job)
{
    size_t count = order_check(&job->peers.order);

    CHECK(peer_table(job) == NULL || g_hash_table_size(peer_table(job)) == count);
    for (Peer *peer = peer_first(job); peer != NULL; peer = peer_next(peer)) {
        CHECK(peer->job == job);
        CHECK(peer->running_count > 0 || !chain_is_empty(&peer->waiting));
        CHECK(peer_find(job, peer->destination) == peer);
    }
}
