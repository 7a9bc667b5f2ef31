#include "sched_internal.h"

/* Jobs with more peers than this find them in the hash table. */
#define SCAN_MAX 8

guint peer_hash(gconstpointer key)
{
    const LaterPeer *peer = key;

    return g_direct_hash(peer->job) * 31 + g_direct_hash(peer->peer.destination);
}

gboolean peer_equal(gconstpointer a, gconstpointer b)
{
    const LaterPeer *peer_a = a, *peer_b = b;

    return peer_a->job == peer_b->job && peer_a->peer.destination == peer_b->peer.destination;
}

static PeerSet *set_of(const Job *job)
{
    return job->side != NULL ? job->side->peers : NULL;
}

static bool is_in_use(const Peer *peer)
{
    return peer->destination != NULL;
}

/* ---- the ring ---- */

static OrderNode *node_of(Peer *peer)
{
    return peer->is_first ? &set_of(peer_job(peer))->first_node
                          : &ELEMENT(peer, LaterPeer, peer)->in_job;
}

static Peer *peer_at(Job *job, const OrderNode *node)
{
    if (node == NULL)
        return NULL;
    if (node == &set_of(job)->first_node)
        return &job->first_peer;
    return &ELEMENT(node, LaterPeer, in_job)->peer;
}

Peer *peer_first(Job *job)
{
    const PeerSet *set = set_of(job);

    if (set != NULL)
        return peer_at(job, set->ring.order.first);
    return is_in_use(&job->first_peer) ? &job->first_peer : NULL;
}

Peer *peer_next(Peer *peer)
{
    Job *job = peer_job(peer);

    return set_of(job) != NULL ? peer_at(job, node_of(peer)->next) : NULL;
}

bool peer_is_before(Peer *peer, Peer *other)
{
    return peer != other && order_is_before(node_of(peer), node_of(other));
}

void peer_rotate(Peer *peer)
{
    PeerSet *set = set_of(peer_job(peer));

    if (set != NULL)
        ring_rotate(&set->ring, node_of(peer));
}

bool peer_had_its_turn(Peer *peer)
{
    const PeerSet *set = set_of(peer_job(peer));

    return set != NULL && set->ring.end != NULL && !order_is_before(set->ring.end, node_of(peer));
}

/* ---- finding ---- */

static void add_to_index(Job *job, Peer *peer)
{
    if (!peer->is_first)
        g_hash_table_add(job->transport->sched->peer_index, ELEMENT(peer, LaterPeer, peer));
}

static void remove_from_index(Job *job, Peer *peer)
{
    if (!peer->is_first)
        g_hash_table_remove(job->transport->sched->peer_index, ELEMENT(peer, LaterPeer, peer));
}

static Peer *find_in_index(Job *job, SchedDestination *destination)
{
    const LaterPeer key = {.job = job, .peer.destination = destination};
    LaterPeer *found = g_hash_table_lookup(job->transport->sched->peer_index, &key);

    return found != NULL ? &found->peer : NULL;
}

static Peer *find(Job *job, SchedDestination *destination)
{
    const PeerSet *set = set_of(job);
    Peer *peer = &job->first_peer;

    if (peer->destination == destination || set == NULL)
        return peer->destination == destination ? peer : NULL;
    if (set->is_indexed)
        return find_in_index(job, destination);
    peer = peer_first(job);
    while (peer != NULL && peer->destination != destination)
        peer = peer_next(peer);
    return peer;
}

/* ---- their lives ---- */

static PeerSet *take_set(Job *job)
{
    JobSide *side = side_take(job);

    if (side->peers == NULL) {
        side->peers = g_new0(PeerSet, 1);
        ring_append(&side->peers->ring, &side->peers->first_node);
        side->peers->count = 1;
    }
    return side->peers;
}

static void start_index(Job *job)
{
    set_of(job)->is_indexed = true;
    for (Peer *peer = peer_first(job); peer != NULL; peer = peer_next(peer))
        add_to_index(job, peer);
}

static void join(Job *job, Peer *peer)
{
    PeerSet *set = peer->is_first ? set_of(job) : take_set(job);

    if (set == NULL)
        return;
    ring_append(&set->ring, node_of(peer));
    set->count++;
    if (set->is_indexed)
        add_to_index(job, peer);
    else if (set->count > SCAN_MAX)
        start_index(job);
}

static Peer *later_peer_new(Job *job)
{
    LaterPeer *later = slab_take(&job->transport->sched->peers);

    later->job = job;
    return &later->peer;
}

Peer *peer_ensure(Job *job, SchedDestination *destination)
{
    Peer *peer = find(job, destination);

    if (peer != NULL)
        return peer;
    if (!is_in_use(&job->first_peer)) {
        peer = &job->first_peer;
        *peer = (Peer){.is_first = true};
    } else {
        peer = later_peer_new(job);
    }
    peer->destination = destination;
    join(job, peer);
    return peer;
}

static void leave(Job *job, Peer *peer)
{
    PeerSet *set = set_of(job);

    if (set == NULL)
        return;
    if (set->is_indexed)
        remove_from_index(job, peer);
    ring_remove(&set->ring, node_of(peer));
    set->count--;
}

void peer_free_if_empty(Peer *peer)
{
    Job *job = peer_job(peer);

    if (peer->running_count > 0 || !chain_is_empty(&peer->waiting))
        return;
    leave(job, peer);
    if (peer->is_first)
        peer->destination = NULL;
    else
        slab_free(&job->transport->sched->peers, ELEMENT(peer, LaterPeer, peer));
}

void peer_free_set(Job *job)
{
    if (job->side != NULL)
        g_clear_pointer(&job->side->peers, g_free);
}

/* ---- for tests ---- */

static void check_peer(Job *job, Peer *peer)
{
    const PeerSet *set = set_of(job);
    bool is_indexed = set != NULL && set->is_indexed && !peer->is_first;

    CHECK(peer_job(peer) == job && is_in_use(peer));
    CHECK(peer->running_count > 0 || !chain_is_empty(&peer->waiting));
    CHECK(peer->is_waiting == !chain_is_empty(&peer->waiting));
    CHECK(g_hash_table_contains(job->transport->sched->peer_index,
                                ELEMENT(peer, LaterPeer, peer)) == is_indexed ||
          peer->is_first);
    CHECK(find(job, peer->destination) == peer);
}

void peer_check(Job *job)
{
    const PeerSet *set = set_of(job);

    for (Peer *peer = peer_first(job); peer != NULL; peer = peer_next(peer))
        check_peer(job, peer);
    if (set != NULL)
        CHECK(set->count == order_check(&set->ring.order));
}
