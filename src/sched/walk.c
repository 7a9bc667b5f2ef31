#include "sched/walk.h"

#include "job_objects_internal.h"
#include "walk_internal.h"

/* Walk: see the header. It rests before a node of the tree of what waits, and moves on if that
 * goes. */

struct SchedWalk {
    TAILQ_ENTRY(SchedWalk) in_sched;
    Sched *sched;
    TreeNode *next; /* a peer, or in round-robin an entry; NULL: the end */
};

SchedWalk *sched_walk_new(Sched *sched, const SchedDestination *destination)
{
    SchedWalk *walk = g_new(SchedWalk, 1);

    walk->sched = sched;
    walk->next = tree_first(&destination->waiting);
    TAILQ_INSERT_TAIL(&sched->walks, walk, in_sched);
    return walk;
}

void sched_walk_free(SchedWalk *walk)
{
    if (walk == NULL)
        return;
    TAILQ_REMOVE(&walk->sched->walks, walk, in_sched);
    g_free(walk);
}

void walk_pass_over(const Sched *sched, const TreeNode *node)
{
    SchedWalk *walk;

    TAILQ_FOREACH (walk, &sched->walks, in_sched)
        if (walk->next == node)
            walk->next = tree_next(node);
}

static void add_peer(GPtrArray *entries, const Peer *peer)
{
    for (Link *link = chain_first(&peer->waiting); link != NULL;
         link = chain_next(&peer->waiting, link))
        g_ptr_array_add(entries, ELEMENT(link, SchedEntry, in_peer));
}

bool sched_walk_next(SchedWalk *walk, GPtrArray *entries)
{
    bool is_preemptive = sched_is_preemptive(walk->sched);
    const SchedMessage *message = NULL;

    g_ptr_array_set_size(entries, 0);
    if (walk->next != NULL && is_preemptive) {
        add_peer(entries, ELEMENT(walk->next, Peer, in_destination));
        walk->next = tree_next(walk->next);
    }
    for (; walk->next != NULL && !is_preemptive; walk->next = tree_next(walk->next)) {
        SchedEntry *entry = ELEMENT(walk->next, SchedEntry, in_destination);

        if (message != NULL && message != entry->message)
            break;
        message = entry->message;
        g_ptr_array_add(entries, entry);
    }
    return entries->len > 0;
}
