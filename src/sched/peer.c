#include "sched_internal.h"

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

static Peer *find_in_table(Job *job, SchedDestination *destination)
{
    const Peer key = {.job = job, .destination = destination};

    return g_hash_table_lookup(job->message->sched->peers, &key);
}

static Peer *find(Job *job, SchedDestination *destination)
{
    if (job->has_peer_index)
        return find_in_table(job, destination);
    for (OrderNode *node = job->peers.order.first; node != NULL; node = node->next)
        if (peer_at(node)->destination == destination)
            return peer_at(node);
    return NULL;
}

static void start_index(Job *job)
{
    for (OrderNode *node = job->peers.order.first; node != NULL; node = node->next)
        g_hash_table_add(job->message->sched->peers, peer_at(node));
    job->has_peer_index = true;
}

Peer *peer_take(Job *job, SchedDestination *destination)
{
    Peer *peer = find(job, destination);

    if (peer != NULL)
        return peer;
    peer = g_new0(Peer, 1);
    peer->job = job;
    peer->destination = destination;
    TAILQ_INIT(&peer->waiting);
    ring_append(&job->peers, &peer->in_job);
    job->peer_count++;
    if (job->has_peer_index)
        g_hash_table_add(job->message->sched->peers, peer);
    else if (job->peer_count > SCAN_MAX)
        start_index(job);
    return peer;
}

void peer_free(Peer *peer)
{
    Job *job = peer->job;

    if (job->has_peer_index)
        g_hash_table_remove(job->message->sched->peers, peer);
    ring_remove(&job->peers, &peer->in_job);
    job->peer_count--;
    g_free(peer);
}

void peer_free_if_empty(Peer *peer)
{
    if (peer->running_count == 0 && TAILQ_EMPTY(&peer->waiting))
        peer_free(peer);
}
