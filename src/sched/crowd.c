#include "sched_internal.h"

/*
 * The crowd of a destination: how many messages have entries for it, waiting or running, and how
 * many entries each. Of a site that destinations share there is one for all members. It costs a
 * lookup in a hash table, of a site two, when an entry begins and when it ends; where nobody
 * counts, a question.
 */

bool crowd_counts(const SchedTransport *transport)
{
    return transport->sched->settings.counts_messages && !transport->is_internal;
}

static void crowd_change(GHashTable **crowd, SchedMessage *message, int change)
{
    unsigned count;

    if (*crowd == NULL)
        *crowd = g_hash_table_new(NULL, NULL);
    count = GPOINTER_TO_UINT(g_hash_table_lookup(*crowd, message));
    g_assert(change > 0 || count >= (unsigned)-change);
    count += (unsigned)change;
    if (count > 0)
        g_hash_table_insert(*crowd, message,
                            GUINT_TO_POINTER(count)); // NOLINT(performance-no-int-to-ptr)
    else
        (void)g_hash_table_remove(*crowd, message);
}

static void crowd_count(const SchedEntry *entry, int change)
{
    SchedDestination *destination = entry->destination;
    SchedSite *site = destination_site(destination);

    if (!crowd_counts(destination->transport))
        return;
    crowd_change(&destination->crowd, entry->message, change);
    if (site != NULL)
        crowd_change(&site->crowd, entry->message, change);
}

void crowd_enter(const SchedEntry *entry)
{
    crowd_count(entry, 1);
}

void crowd_leave(const SchedEntry *entry)
{
    crowd_count(entry, -1);
}

static void change_site(const SchedDestination *destination, SchedSite *site, int sign)
{
    GHashTableIter iter;
    gpointer message, count;

    if (destination->crowd == NULL)
        return;
    g_hash_table_iter_init(&iter, destination->crowd);
    while (g_hash_table_iter_next(&iter, &message, &count))
        crowd_change(&site->crowd, message, sign * (int)GPOINTER_TO_UINT(count));
}

void crowd_join(const SchedDestination *destination, SchedSite *site)
{
    change_site(destination, site, 1);
}

void crowd_part(const SchedDestination *destination, SchedSite *site)
{
    change_site(destination, site, -1);
}

void crowd_free(GHashTable *crowd)
{
    if (crowd != NULL)
        g_hash_table_unref(crowd);
}

/* ---- for callers ---- */

static bool is_lower(const MeterLimit *a, const MeterLimit *b)
{
    return (double)a->count * (double)b->period_s < (double)b->count * (double)a->period_s;
}

static void add_rate(SchedCrowd *crowd, const SitePace *pace)
{
    const MeterLimit *limit = pace != NULL ? &pace->meters[METER_DELIVERIES].limit : NULL;

    if (limit == NULL || limit->count == 0 || (crowd->has_rate && !is_lower(limit, &crowd->rate)))
        return;
    crowd->has_rate = true;
    crowd->rate = *limit;
}

static unsigned size_of(GHashTable *crowd)
{
    return crowd != NULL ? g_hash_table_size(crowd) : 0;
}

/* Without a limit nobody knows what the members may do together: they do what they do. */
SchedCrowd sched_site_crowd(const SchedSite *site)
{
    SchedCrowd crowd = {.message_count = size_of(site->crowd),
                        .window = site->limit > 0 ? site->limit : site->running_count};

    add_rate(&crowd, site->pace);
    return crowd;
}

SchedCrowd sched_destination_crowd(const SchedDestination *destination)
{
    const SchedSite *site = destination_site(destination);
    SchedCrowd crowd;

    if (site != NULL)
        return sched_site_crowd(site);
    crowd = (SchedCrowd){.message_count = size_of(destination->crowd),
                         .window = MAX(destination->window, 0)};
    add_rate(&crowd, destination->pace);
    return crowd;
}

bool sched_message_is_counted(SchedMessage *message, const SchedDestination *destination)
{
    const SchedSite *site = destination_site(destination);
    GHashTable *crowd = site != NULL ? site->crowd : destination->crowd;

    return crowd != NULL && g_hash_table_contains(crowd, message);
}

/* ---- for tests ---- */

bool crowd_has(const SchedDestination *destination, SchedMessage *message)
{
    return sched_message_is_counted(message, destination) && destination->crowd != NULL &&
           g_hash_table_contains(destination->crowd, message);
}

int64_t crowd_sum(GHashTable *crowd)
{
    GHashTableIter iter;
    gpointer count;
    int64_t sum = 0;

    if (crowd == NULL)
        return 0;
    g_hash_table_iter_init(&iter, crowd);
    while (g_hash_table_iter_next(&iter, NULL, &count)) {
        CHECK(GPOINTER_TO_UINT(count) > 0);
        sum += GPOINTER_TO_UINT(count);
    }
    return sum;
}

int64_t crowd_sum_of_members(const SchedSite *site)
{
    int64_t sum = 0;

    for (const SitePart *part = site->parts; part != NULL; part = part->next_of_site) {
        const SchedDestination *destination = NULL;

        while ((destination = destination_next(part->transport, destination)) != NULL)
            if (destination->member != NULL && destination->member->part == part)
                sum += crowd_sum(destination->crowd);
    }
    return sum;
}
