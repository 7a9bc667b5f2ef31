#include "model_internal.h"

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

Peer *peer_take(Job *job, SchedDestination *destination)
{
    GHashTable *peers = job->message->sched->peers;
    const Peer key = {.job = job, .destination = destination};
    Peer *peer = g_hash_table_lookup(peers, &key);

    if (peer != NULL)
        return peer;
    peer = g_new0(Peer, 1);
    peer->job = job;
    peer->destination = destination;
    TAILQ_INIT(&peer->waiting);
    TAILQ_INSERT_TAIL(&job->peers, peer, in_job);
    g_hash_table_add(peers, peer);
    return peer;
}

void peer_free_if_empty(Peer *peer)
{
    if (peer->running_count > 0 || !TAILQ_EMPTY(&peer->waiting))
        return;
    TAILQ_REMOVE(&peer->job->peers, peer, in_job);
    g_hash_table_remove(peer->job->message->sched->peers, peer); /* which frees it */
}

/* Those behind the chosen one, then those before it, then itself (1). */
static void rotate(struct PeerList *peers, const Peer *chosen)
{
    Peer *first;

    do {
        first = TAILQ_FIRST(peers);
        TAILQ_REMOVE(peers, first, in_job);
        TAILQ_INSERT_TAIL(peers, first, in_job);
    } while (first != chosen);
}

Peer *peer_choose(Job *job)
{
    Peer *peer;

    TAILQ_FOREACH (peer, &job->peers, in_job)
        if (destination_has_room(peer->destination) && !TAILQ_EMPTY(&peer->waiting))
            break;
    if (peer != NULL)
        rotate(&job->peers, peer);
    return peer;
}
