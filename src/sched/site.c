#include "sched_internal.h"

/*
 * The lives of shared sites (traffic.md 1): there is one while it has a member, and until its debt
 * is worked off. What members wait for, and which is next, is in member.c.
 */

/* ---- sites and their parts ---- */

static GHashTable **table_of(Sched *sched, SchedTransport *transport)
{
    return transport != NULL ? &transport->sites_by_name : &sched->sites_by_name;
}

/* `transport` NULL: over transports. */
static SchedSite *site_ensure(Sched *sched, SchedTransport *transport, const char *name)
{
    GHashTable **table = table_of(sched, transport);
    SchedSite *site = *table != NULL ? g_hash_table_lookup(*table, name) : NULL;

    if (site != NULL)
        return site;
    site = g_new0(SchedSite, 1);
    site->sched = sched;
    site->transport = transport;
    site->name = g_strdup(name);
    site->counted_state = SCHED_STATE_READY;
    if (*table == NULL)
        *table = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(*table, site->name, site);
    return site;
}

static void site_discard(SchedSite *site)
{
    for (SitePart *part = site->parts, *next; part != NULL; part = next) {
        next = part->next_of_site;
        g_free(part);
    }
    keep_free(site->pace, INT64_MAX); /* it has no debt, or the core ends */
    crowd_free(site->crowd);
    g_free(site->name);
    g_free(site);
}

void site_free_if_unused(SchedSite *site)
{
    GHashTable **table = table_of(site->sched, site->transport);

    if (site->member_count > 0 || pace_has_debt(site->pace))
        return;
    state_forget_site(site);
    g_hash_table_remove(*table, site->name);
    if (g_hash_table_size(*table) == 0)
        g_clear_pointer(table, g_hash_table_unref);
    site_discard(site);
}

void site_discard_all(GHashTable *sites)
{
    GHashTableIter iter;
    gpointer site;

    if (sites == NULL)
        return;
    g_hash_table_iter_init(&iter, sites);
    while (g_hash_table_iter_next(&iter, NULL, &site))
        site_discard(site);
    g_hash_table_unref(sites);
}

/* There are as many as transports that have members, which is one unless it is over transports. */
static SitePart *part_ensure(SchedSite *site, SchedTransport *transport)
{
    SitePart *part = site->parts;

    while (part != NULL && part->transport != transport)
        part = part->next_of_site;
    if (part != NULL)
        return part;
    part = g_new0(SitePart, 1);
    part->site = site;
    part->transport = transport;
    part->next_of_site = site->parts;
    site->parts = part;
    return part;
}

static void part_free(SitePart *part)
{
    SitePart **link = &part->site->parts;

    while (*link != part)
        link = &(*link)->next_of_site;
    *link = part->next_of_site;
    g_free(part);
}

/* ---- members ---- */

static void site_join(SchedSite *site, SchedDestination *destination)
{
    SiteMember *member = g_new0(SiteMember, 1);

    member->destination = destination;
    member->part = part_ensure(site, destination->transport);
    member->part->member_count++;
    site->member_count++;
    site->running_count += destination->running_count;
    crowd_join(destination, site);
    member_enter(member);
    destination->member = member;
    destination_changed(destination);
}

static void end_membership(SchedDestination *destination)
{
    SiteMember *member = destination->member;
    SitePart *part = member->part;
    SchedSite *site = part->site;

    member_leave(member);
    destination->member = NULL;
    g_free(member);
    site->running_count -= destination->running_count;
    crowd_part(destination, site);
    site->member_count--;
    if (--part->member_count == 0)
        part_free(part);
    destination_changed(destination);
    site_changed(site);
}

static bool is_member_of(const SchedDestination *destination, const SchedShared *shared)
{
    const SchedSite *site = destination_site(destination);

    return site != NULL && (site->transport == NULL) == shared->over_transports &&
           g_str_equal(site->name, shared->name);
}

void site_leave(SchedDestination *destination)
{
    SchedSite *site = destination_site(destination);

    if (site == NULL)
        return;
    end_membership(destination);
    job_release_blockers_of_site(site);
    job_release_blockers(destination);
    site_free_if_unused(site);
}

static void set_site(SchedSite *site, const SchedShared *shared, SchedNow now)
{
    g_assert(shared->concurrency >= 0);
    site->limit = shared->concurrency;
    pace_set_of_site(site, shared->deliveries, shared->recipients, now);
    site_changed(site);
    job_release_blockers_of_site(site);
}

void sched_destination_share(SchedDestination *destination, const SchedShared *shared, SchedNow now)
{
    SchedTransport *transport = destination->transport;

    if (shared == NULL || !is_member_of(destination, shared))
        site_leave(destination);
    if (shared == NULL)
        return;
    if (destination->member == NULL)
        site_join(
            site_ensure(transport->sched, shared->over_transports ? NULL : transport, shared->name),
            destination);
    set_site(destination_site(destination), shared, now);
}

void sched_site_set(SchedSite *site, const SchedShared *shared, SchedNow now)
{
    set_site(site, shared, now);
    site_free_if_unused(site);
}

/* ---- questions ---- */

const SchedSite *sched_destination_site(const SchedDestination *destination)
{
    return destination_site(destination);
}

SchedSite *sched_site_find(const Sched *sched, const SchedTransport *transport, const char *name)
{
    GHashTable *table = transport != NULL ? transport->sites_by_name : sched->sites_by_name;

    return table != NULL ? g_hash_table_lookup(table, name) : NULL;
}

const char *sched_site_name(const SchedSite *site)
{
    return site->name;
}

SchedTransport *sched_site_transport(const SchedSite *site)
{
    return site->transport;
}

int sched_site_running(const SchedSite *site)
{
    return site->running_count;
}

/* ---- for tests ---- */

static int running_of(const SitePart *part)
{
    const SchedDestination *destination = NULL;
    int count = 0;

    while ((destination = destination_next(part->transport, destination)) != NULL)
        if (destination->member != NULL && destination->member->part == part)
            count += destination->running_count;
    return count;
}

static void check_site(const SchedSite *site)
{
    unsigned member_count = 0;
    int running_count = 0;

    CHECK(site->limit >= 0 && site->running_count >= 0 && site->usable_count >= 0);
    CHECK(site->member_count > 0 || pace_has_debt(site->pace));
    CHECK(site->counted_room == site_room(site));
    CHECK(site->counted_usable == site->usable_count);
    pace_check(site->pace, site);
    for (const SitePart *part = site->parts; part != NULL; part = part->next_of_site) {
        CHECK(part->site == site && part->member_count > 0);
        CHECK(site->transport == NULL || site->transport == part->transport);
        member_count += part->member_count;
        running_count += running_of(part);
    }
    CHECK(member_count == site->member_count);
    CHECK(running_count == site->running_count);
    CHECK(crowd_sum(site->crowd) == crowd_sum_of_members(site));
}

static void check_sites(GHashTable *sites)
{
    GHashTableIter iter;
    gpointer name, site;

    if (sites == NULL)
        return;
    g_hash_table_iter_init(&iter, sites);
    while (g_hash_table_iter_next(&iter, &name, &site)) {
        CHECK(((SchedSite *)site)->name == name);
        check_site(site);
    }
}

void site_check_all(const Sched *sched)
{
    const SchedTransport *transport = NULL;

    check_sites(sched->sites_by_name);
    while ((transport = transport_next(sched, transport)) != NULL)
        check_sites(transport->sites_by_name);
}
