#include "sched_internal.h"

static SchedDestination *destination_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, SchedDestination, in_usable) : NULL;
}

static Peer *waiting_peer_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, Peer, in_destination) : NULL;
}

Peer *usable_first_peer(const SchedDestination *destination)
{
    return waiting_peer_at(tree_first(&destination->waiting_peers));
}

static bool waits_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_before(peer_job(waiting_peer_at(a)), peer_job(waiting_peer_at(b)));
}

static const TreeKind by_job = {.is_before = waits_before};

static void copy_first_label(SchedDestination *destination)
{
    destination->first_label = peer_job(usable_first_peer(destination))->in_transport.label;
    destination->label_spreads = destination->transport->jobs.spreads;
}

/* The place of the first job that waits for a usable destination. */
static uint64_t first_label(SchedDestination *destination)
{
    if (destination->label_spreads != destination->transport->jobs.spreads)
        copy_first_label(destination);
    return destination->first_label;
}

/*
 * Preemptive: by the first job that waits for the destination, then by that job's rotation. So the
 * first destinations of the tree are those from which the first deliverable job chooses, and a
 * destination that becomes usable costs one place in the tree however many jobs wait for it.
 */
static bool is_before_by_job(const TreeNode *a, const TreeNode *b)
{
    SchedDestination *one = destination_at(a), *other = destination_at(b);
    uint64_t label = first_label(one), other_label = first_label(other);

    return label != other_label ? label < other_label
                                : peer_is_before(usable_first_peer(one), usable_first_peer(other));
}

/* Round-robin: by the rotation of the transport. */
static bool is_before_by_turn(const TreeNode *a, const TreeNode *b)
{
    return order_is_before(&destination_at(a)->in_transport, &destination_at(b)->in_transport);
}

static const TreeKind by_first_job = {.is_before = is_before_by_job};
static const TreeKind by_turn = {.is_before = is_before_by_turn};

static const TreeKind *usable_kind(const SchedTransport *transport)
{
    return sched_is_preemptive(transport->sched) ? &by_first_job : &by_turn;
}

static void set_usable(SchedDestination *destination, bool is_usable)
{
    SchedTransport *transport = destination->transport;

    if (is_usable == destination->is_usable)
        return;
    destination->is_usable = is_usable;
    if (is_usable && sched_is_preemptive(transport->sched))
        copy_first_label(destination);
    if (is_usable)
        tree_insert(&transport->usable, usable_kind(transport), &destination->in_usable);
    else
        tree_remove(&transport->usable, usable_kind(transport), &destination->in_usable);
}

static void set_has_waiting(SchedDestination *destination, bool has_waiting)
{
    struct DestinationList *list = &destination->transport->with_waiting;

    if (has_waiting == destination->has_waiting)
        return;
    destination->has_waiting = has_waiting;
    if (has_waiting)
        TAILQ_INSERT_TAIL(list, destination, in_with_waiting);
    else
        TAILQ_REMOVE(list, destination, in_with_waiting);
}

static void set_flushable(SchedDestination *destination, bool is_flushable)
{
    struct DestinationList *list = &destination->transport->sched->flushables;

    if (is_flushable == destination->is_flushable)
        return;
    destination->is_flushable = is_flushable;
    if (is_flushable)
        TAILQ_INSERT_TAIL(list, destination, in_flushables);
    else
        TAILQ_REMOVE(list, destination, in_flushables);
}

static void set_capacity(SchedDestination *destination, int capacity)
{
    destination->transport->capacity += capacity - destination->counted_capacity;
    destination->counted_capacity = capacity;
}

/*
 * Unlike stock, destinations that run more than their window do not hide the room of others (18.9):
 * only positive terms count.
 */
static int capacity_of(const SchedDestination *destination)
{
    if (!destination_has_room(destination))
        return 0;
    return MIN(destination->window - destination->running_count, destination->waiting_count);
}

static bool is_to_be_usable(const SchedDestination *destination)
{
    return destination_could_deliver(destination) &&
           !(sched_is_preemptive(destination->transport->sched) &&
             tree_is_empty(&destination->waiting_peers));
}

void usable_update(SchedDestination *destination)
{
    set_capacity(destination, capacity_of(destination));
    set_usable(destination, is_to_be_usable(destination));
    set_has_waiting(destination, destination->waiting_count > 0);
    set_flushable(destination, destination->cause != NULL || (destination_is_ready(destination) &&
                                                              destination_is_empty(destination)));
    transport_update(destination->transport);
}

void usable_remove(SchedDestination *destination)
{
    set_capacity(destination, 0);
    set_usable(destination, false);
    set_has_waiting(destination, false);
    set_flushable(destination, false);
    transport_update(destination->transport);
}

/* A destination has to leave its tree before its first peer, its key there, becomes another one. */

void usable_add_peer(Peer *peer)
{
    SchedDestination *destination = peer->destination;
    const Peer *first = usable_first_peer(destination);
    bool was_usable = destination->is_usable;

    if (!peer_job(peer)->is_listed)
        return;
    peer->is_waiting = true;
    if (was_usable && job_is_before(peer_job(peer), peer_job(first)))
        set_usable(destination, false);
    tree_insert(&destination->waiting_peers, &by_job, &peer->in_destination);
    set_usable(destination, was_usable);
}

void usable_remove_peer(Peer *peer)
{
    SchedDestination *destination = peer->destination;
    bool was_usable = destination->is_usable;

    if (!peer->is_waiting)
        return;
    peer->is_waiting = false;
    if (was_usable && usable_first_peer(destination) == peer)
        set_usable(destination, false);
    tree_remove(&destination->waiting_peers, &by_job, &peer->in_destination);
    set_usable(destination, was_usable && !tree_is_empty(&destination->waiting_peers));
}

static SchedDestination *first_usable(const SchedTransport *transport)
{
    return destination_at(tree_first(&transport->usable));
}

Job *usable_first_job(const SchedTransport *transport)
{
    const SchedDestination *destination = first_usable(transport);

    return destination != NULL ? peer_job(usable_first_peer(destination)) : NULL;
}

static bool is_before_turn_of_job(const TreeNode *node, const void *key)
{
    Peer *peer = usable_first_peer(destination_at(node));
    const Job *job = key, *other = peer_job(peer);

    return other != job ? job_is_before(other, job) : peer_had_its_turn(peer);
}

Peer *usable_next_peer(const Job *job)
{
    const SchedTransport *transport = job->transport;
    const SchedDestination *destination;

    g_assert(usable_first_job(transport) == job);
    destination = destination_at(tree_find(&transport->usable, is_before_turn_of_job, job));
    if (destination == NULL || peer_job(usable_first_peer(destination)) != job)
        destination = first_usable(transport);
    return usable_first_peer(destination);
}

static bool is_before_turn_of_transport(const TreeNode *node, const void *key)
{
    const OrderNode *end = key;

    return end != NULL && !order_is_before(end, &destination_at(node)->in_transport);
}

SchedDestination *usable_next_destination(const SchedTransport *transport)
{
    const TreeNode *node =
        tree_find(&transport->usable, is_before_turn_of_transport, transport->destinations.end);

    return node != NULL ? destination_at(node) : first_usable(transport);
}

void usable_check(const SchedTransport *transport)
{
    size_t usable = 0;
    int64_t capacity = 0;

    for (const OrderNode *node = ring_first(&transport->destinations); node != NULL;
         node = ring_next(&transport->destinations, node)) {
        const SchedDestination *destination = ELEMENT(node, SchedDestination, in_transport);

        if (sched_is_preemptive(transport->sched))
            (void)tree_check(&destination->waiting_peers, &by_job);
        CHECK(destination->is_usable == is_to_be_usable(destination));
        CHECK(destination->counted_capacity == capacity_of(destination));
        CHECK(destination->has_waiting == (destination->waiting_count > 0));
        capacity += destination->counted_capacity;
        usable += destination->is_usable ? 1 : 0;
    }
    CHECK(capacity == transport->capacity);
    CHECK(tree_check(&transport->usable, usable_kind(transport)) == usable);
}
