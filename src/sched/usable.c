#include "index_parts_internal.h"
#include "noted_internal.h"
#include "walk_internal.h"

/*
 * What destinations could take, kept up to date: how many entries, and whether they belong into the
 * tree of those that can be delivered to; and the peers that wait for each of them, in the order of
 * their jobs. One that shares a site reports to that instead (member.c).
 */

static bool waits_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_before(waiting_peer_at(a)->job, waiting_peer_at(b)->job);
}

static const TreeKind by_job = {.is_before = waits_before};

Job *first_waiting_job(const SchedDestination *destination)
{
    bool has_jobs = sched_is_preemptive(destination->transport->sched);

    return has_jobs && !tree_is_empty(&destination->waiting) ? first_waiting_peer(destination)->job
                                                             : NULL;
}

/*
 * Unlike stock, destinations that run more than their window do not hide the room of others (18.9):
 * only positive terms count. What a shared site leaves of it is not looked at here.
 */
static int capacity_of(const SchedDestination *destination)
{
    int room = MAX(destination->window - destination->running_count, 0);

    if (destination->pace != NULL)
        room = MIN(room, destination->pace->free_count);
    return MIN(room, destination->waiting_count);
}

/* Whatever the site that it shares says. */
static bool is_to_be_usable(const SchedDestination *destination)
{
    return destination_is_usable(destination) &&
           !(sched_is_preemptive(destination->transport->sched) &&
             tree_is_empty(&destination->waiting));
}

void destination_changed(SchedDestination *destination)
{
    int capacity = capacity_of(destination), change = capacity - destination->counted_capacity;

    destination->counted_capacity = capacity;
    if (destination->member != NULL) {
        member_update(destination->member, is_to_be_usable(destination), change);
    } else {
        destination->transport->capacity += change;
        if (is_to_be_usable(destination) != destination->is_deliverable)
            deliverable_set(destination, !destination->is_deliverable);
    }
    state_update(destination);
}

static bool is_in_a_tree(const SchedDestination *destination)
{
    return destination->member != NULL ? destination->member->is_usable
                                       : destination->is_deliverable;
}

/*
 * A destination has to leave its trees before its first peer, its key there, becomes another one.
 * The destination_changed() that follows puts it back.
 */
static void leave_trees(SchedDestination *destination)
{
    if (destination->member != NULL)
        member_take_out(destination->member);
    else
        deliverable_set(destination, false);
}

void usable_add_peer(Peer *peer)
{
    SchedDestination *destination = peer->destination;

    g_assert(peer->job->is_listed);
    if (is_in_a_tree(destination) && job_is_before(peer->job, first_waiting_peer(destination)->job))
        leave_trees(destination);
    tree_insert(&destination->waiting, &by_job, &peer->in_destination);
}

void usable_remove_peer(Peer *peer)
{
    SchedDestination *destination = peer->destination;

    if (is_in_a_tree(destination) && first_waiting_peer(destination) == peer)
        leave_trees(destination);
    walk_pass_over(destination->transport->sched, &peer->in_destination);
    tree_remove(&destination->waiting, &by_job, &peer->in_destination);
}

/* Just the peers with entries that wait are in the tree. */
static void check_waiting_peers(const SchedDestination *destination)
{
    int waiting_count = 0;

    (void)tree_check(&destination->waiting, &by_job);
    for (TreeNode *node = tree_first(&destination->waiting); node != NULL; node = tree_next(node)) {
        const Chain *waiting = &waiting_peer_at(node)->waiting;

        for (Link *link = chain_first(waiting); link != NULL; link = chain_next(waiting, link))
            waiting_count++;
    }
    CHECK(waiting_count == destination->waiting_count);
}

void usable_check(const SchedTransport *transport)
{
    const SchedDestination *destination = NULL;
    int64_t capacity = 0;

    while ((destination = destination_next(transport, destination)) != NULL) {
        if (sched_is_preemptive(transport->sched))
            check_waiting_peers(destination);
        CHECK(destination->counted_capacity == capacity_of(destination));
        if (destination->member != NULL) {
            member_check(destination->member, is_to_be_usable(destination));
        } else {
            CHECK(destination->is_deliverable == is_to_be_usable(destination));
            capacity += destination->counted_capacity;
        }
    }
    CHECK(capacity + member_check_parts(transport) == transport->capacity);
}
