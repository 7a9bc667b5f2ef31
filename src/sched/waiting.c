#include <limits.h>

#include "index_parts_internal.h"
#include "walk_internal.h"

/*
 * Where entries wait, and in which order (1).
 *
 * Mail waits in the order in which its messages were taken in, not in the order in which their
 * lookups ended. What comes later for a message (further batches, redirected or returned mail)
 * waits in order of arrival, and is not overtaken: it raises the count of late entries, and is the
 * first of those that have this count. In preemptive scheduling entries wait in the chains of their
 * peers, and this order shows only when entries are redirected (12.2); in round-robin each
 * destination has a tree of them.
 */

/*
 * 0: of the same batch of the same message. Counts may wrap; what waits at the same time is never
 * that far apart.
 */
static int compare_places(const SchedEntry *a, const SchedEntry *b)
{
    int order = (int32_t)(a->late_count - b->late_count);

    if (order == 0)
        order = (int)b->is_late - (int)a->is_late;
    if (order == 0 && a->message != b->message)
        order = a->message->serial < b->message->serial ? -1 : 1;
    return order;
}

static SchedEntry *entry_at_node(const TreeNode *node)
{
    return ELEMENT(node, SchedEntry, in_destination);
}

static bool entry_is_before(const TreeNode *a, const TreeNode *b)
{
    const SchedEntry *one = entry_at_node(a), *other = entry_at_node(b);
    int order = compare_places(one, other);

    return order != 0 ? order < 0 : one->number < other->number;
}

static const TreeKind by_place = {.is_before = entry_is_before};

void entry_enter(SchedEntry *entry)
{
    if (entry->peer == NULL) {
        tree_insert(&entry->destination->waiting, &by_place, &entry->in_destination);
        return;
    }
    if (chain_is_empty(&entry->peer->waiting))
        usable_add_peer(entry->peer);
    chain_append(&entry->peer->waiting, &entry->in_peer);
}

/* Nearly always it is the first; the others keep their order. */
static void unchain(Chain *chain, Link *link)
{
    Chain before = {NULL};
    Link *each;

    while ((each = chain_pop_first(chain)) != link)
        chain_append(&before, each);
    chain_join(&before, chain);
    *chain = before;
}

void entry_leave(SchedEntry *entry)
{
    if (entry->peer == NULL) {
        walk_pass_over(entry->destination->transport->sched, &entry->in_destination);
        tree_remove(&entry->destination->waiting, &by_place, &entry->in_destination);
        return;
    }
    unchain(&entry->peer->waiting, &entry->in_peer);
    if (chain_is_empty(&entry->peer->waiting))
        usable_remove_peer(entry->peer);
}

SchedEntry *first_entry(const SchedDestination *destination)
{
    return entry_at_node(tree_first(&destination->waiting));
}

static void add_entries_of_peer(GPtrArray *entries, const Peer *peer, unsigned max)
{
    for (Link *link = chain_first(&peer->waiting); link != NULL && entries->len < max;
         link = chain_next(&peer->waiting, link))
        g_ptr_array_add(entries, entry_at(link));
}

static gint compare_for_sort(gconstpointer a, gconstpointer b)
{
    return compare_places(*(const SchedEntry *const *)a, *(const SchedEntry *const *)b);
}

GPtrArray *waiting_entries_some(const SchedDestination *destination, unsigned max)
{
    bool is_preemptive = sched_is_preemptive(destination->transport->sched);
    GPtrArray *entries = g_ptr_array_new();

    for (TreeNode *node = tree_first(&destination->waiting); node != NULL && entries->len < max;
         node = tree_next(node)) {
        if (is_preemptive)
            add_entries_of_peer(entries, ELEMENT(node, Peer, in_destination), max);
        else
            g_ptr_array_add(entries, entry_at_node(node));
    }
    return entries;
}

GPtrArray *waiting_entries(const SchedDestination *destination)
{
    GPtrArray *entries = waiting_entries_some(destination, UINT_MAX);

    if (sched_is_preemptive(destination->transport->sched))
        g_ptr_array_sort(entries, compare_for_sort); /* stable */
    return entries;
}

typedef struct WaitingSearch {
    const SchedMessage *message;
    GPtrArray *entries;
} WaitingSearch;

static void add_if_of_message(void *object, void *ctx)
{
    SchedEntry *entry = object;
    const WaitingSearch *search = ctx;

    if (entry->message == search->message && entry->state == ENTRY_WAITING &&
        !entry->destination->transport->is_internal && entry != entry->destination->given_back)
        g_ptr_array_add(search->entries, entry);
}

GPtrArray *waiting_entries_of_message(const Sched *sched, const SchedMessage *message)
{
    WaitingSearch search = {message, g_ptr_array_new()};

    if (!sched_is_preemptive(sched))
        slab_foreach(&sched->entries, add_if_of_message, &search);
    for (const Job *job = message->jobs; job != NULL; job = job->next_of_message)
        for (const Peer *peer = peer_first(job); peer != NULL && !job->transport->is_internal;
             peer = peer_next(peer))
            add_entries_of_peer(search.entries, peer, UINT_MAX);
    return search.entries;
}

void waiting_check(const SchedDestination *destination)
{
    if (!sched_is_preemptive(destination->transport->sched))
        (void)tree_check(&destination->waiting, &by_place);
}
