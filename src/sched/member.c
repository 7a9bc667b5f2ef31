#include "index_parts_internal.h"
#include "noted_internal.h"

/*
 * Destinations that share a site. Those of one transport that could deliver are in a tree, and
 * while the site has room the first of them stands in the transport's tree of deliverable
 * destinations for all. So a site that gets room, or loses it, costs one place in a tree of each of
 * its transports, however many members wait.
 *
 * The first is, in preemptive scheduling, one for which the first job waits, and among these, as in
 * round-robin, the one whose turn was longest ago. No member is passed over for ever: it comes to
 * stand for the site when each member before it had one turn, and the member that stands there has
 * its turn among the destinations of the transport as any other.
 */

static SiteMember *member_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, SiteMember, in_part) : NULL;
}

static bool member_is_before_by_job(const TreeNode *a, const TreeNode *b)
{
    SiteMember *one = member_at(a), *other = member_at(b);
    uint64_t label = deliverable_label(one->destination);
    uint64_t other_label = deliverable_label(other->destination);

    return label != other_label ? label < other_label : one->turn < other->turn;
}

static bool member_is_before_by_turn(const TreeNode *a, const TreeNode *b)
{
    return member_at(a)->turn < member_at(b)->turn;
}

static const TreeKind by_first_job = {.is_before = member_is_before_by_job};
static const TreeKind by_turn = {.is_before = member_is_before_by_turn};

static const TreeKind *usable_kind(const SitePart *part)
{
    return sched_is_preemptive(part->site->sched) ? &by_first_job : &by_turn;
}

/* ---- the one that stands for all ---- */

static void let_stand(SitePart *part, SiteMember *member)
{
    if (part->standing == member)
        return;
    if (part->standing != NULL)
        deliverable_set(part->standing->destination, false);
    part->standing = member;
    if (member != NULL)
        deliverable_set(member->destination, true);
}

static int64_t capacity_of_part(const SitePart *part)
{
    return MIN(part->wanted, site_room(part->site));
}

static SiteMember *first_usable(const SitePart *part)
{
    return site_room(part->site) > 0 ? member_at(tree_first(&part->usable)) : NULL;
}

static void update_part(SitePart *part)
{
    int64_t capacity = capacity_of_part(part);

    part->transport->capacity += capacity - part->counted_capacity;
    part->counted_capacity = capacity;
    let_stand(part, first_usable(part));
}

void site_changed(SchedSite *site)
{
    site->counted_room = site_room(site);
    for (SitePart *part = site->parts; part != NULL; part = part->next_of_site)
        update_part(part);
    state_update_site(site);
}

SchedDestination *part_first(const SitePart *part)
{
    return part->standing != NULL ? part->standing->destination : NULL;
}

/* ---- members ---- */

void member_take_out(SiteMember *member)
{
    SitePart *part = member->part;

    if (!member->is_usable)
        return;
    if (part->standing == member)
        let_stand(part, NULL);
    member->is_usable = false;
    part->site->usable_count--;
    tree_remove(&part->usable, usable_kind(part), &member->in_part);
}

static void put_in(SiteMember *member)
{
    SitePart *part = member->part;

    if (sched_is_preemptive(part->site->sched))
        deliverable_copy_label(member->destination);
    member->is_usable = true;
    part->site->usable_count++;
    tree_insert(&part->usable, usable_kind(part), &member->in_part);
}

void member_update(SiteMember *member, bool is_usable, int capacity_change)
{
    SitePart *part = member->part;
    SchedSite *site = part->site;

    part->wanted += capacity_change;
    if (!is_usable)
        member_take_out(member);
    else if (!member->is_usable)
        put_in(member);
    if (site_room(site) != site->counted_room) {
        site_changed(site);
    } else {
        update_part(part);
        state_update_site(site);
    }
}

void member_rotate(SiteMember *member)
{
    member_take_out(member);
    member->turn = ++member->part->site->last_turn;
}

void member_enter(SiteMember *member)
{
    SchedDestination *destination = member->destination;

    destination->transport->capacity -= destination->counted_capacity;
    deliverable_set(destination, false);
    member->turn = ++member->part->site->last_turn;
    member->part->wanted += destination->counted_capacity;
}

void member_leave(SiteMember *member)
{
    const SchedDestination *destination = member->destination;

    member_take_out(member);
    member->part->wanted -= destination->counted_capacity;
    destination->transport->capacity += destination->counted_capacity;
    update_part(member->part);
}

/* ---- for tests ---- */

void member_check(const SiteMember *member, bool is_usable)
{
    CHECK(member->is_usable == is_usable);
    CHECK(member->turn <= member->part->site->last_turn);
    CHECK(member->destination->is_deliverable == (member->part->standing == member));
}

static void check_part(const SitePart *part)
{
    int64_t wanted = 0;
    const SchedDestination *destination = NULL;
    unsigned member_count = 0;

    (void)tree_check(&part->usable, usable_kind(part));
    while ((destination = destination_next(part->transport, destination)) != NULL) {
        if (destination->member == NULL || destination->member->part != part)
            continue;
        wanted += destination->counted_capacity;
        member_count++;
    }
    CHECK(wanted == part->wanted && member_count == part->member_count);
    CHECK(part->counted_capacity == capacity_of_part(part));
    CHECK(part->standing == first_usable(part));
}

static int64_t check_parts_of(GHashTable *sites, const SchedTransport *transport)
{
    GHashTableIter iter;
    gpointer site;
    int64_t capacity = 0;

    if (sites == NULL)
        return 0;
    g_hash_table_iter_init(&iter, sites);
    while (g_hash_table_iter_next(&iter, NULL, &site)) {
        for (const SitePart *part = ((SchedSite *)site)->parts; part != NULL;
             part = part->next_of_site) {
            if (part->transport != transport)
                continue;
            check_part(part);
            capacity += part->counted_capacity;
        }
    }
    return capacity;
}

int64_t member_check_parts(const SchedTransport *transport)
{
    return check_parts_of(transport->sites_by_name, transport) +
           check_parts_of(transport->sched->sites_by_name, transport);
}
