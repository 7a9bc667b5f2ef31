/*
 * Views of what the scheduler knows. They are put together when somebody asks; nothing is kept for
 * them but the counts of states and the table of destinations (state.c).
 */

#include "sched/inspect.h"

#include <string.h>

#include "sched_internal.h"

static const char *const state_names[SCHED_STATE_COUNT] = {
    [SCHED_STATE_THROTTLED] = "throttled", [SCHED_STATE_PACED] = "paced",
    [SCHED_STATE_FULL] = "full",           [SCHED_STATE_READY] = "ready",
    [SCHED_STATE_IDLE] = "idle",
};

const char *sched_state_str(SchedState state)
{
    return state_names[state];
}

bool sched_state_parse(const char *name, SchedState *ret_state)
{
    for (SchedState state = 0; state < SCHED_STATE_COUNT; state++) {
        if (g_str_equal(name, state_names[state])) {
            *ret_state = state;
            return true;
        }
    }
    return false;
}

void sched_summarize(const Sched *sched, SchedSummary *ret_summary)
{
    *ret_summary = (SchedSummary){.destination_count = sched->destination_count,
                                  .standing_count = sched->standing_slots.count,
                                  .recipient_count = sched->recipient_count,
                                  .paced_us = sched->paced_us};
    memcpy(ret_summary->destinations, sched->state_counts, sizeof(sched->state_counts));
    for (SchedTransport *each = transport_next(sched, NULL); each != NULL;
         each = transport_next(sched, each)) {
        ret_summary->transport_count++;
        ret_summary->dead_transport_count += each->cause != NULL;
    }
}

static bool waits_for_rate(const SchedTransport *transport)
{
    return transport->cause == NULL && !pace_is_free(transport->pace) &&
           transport->waiting_count > 0;
}

static bool waits_for_room(const SchedTransport *transport)
{
    return transport->cause == NULL && transport_is_full(transport) && transport->waiting_count > 0;
}

static void view_transport(const SchedTransport *transport, SchedTransportView *ret_view)
{
    bool is_dead = transport->cause != NULL, is_paced = waits_for_rate(transport);

    *ret_view = (SchedTransportView){
        .name = transport->name,
        .params = &transport->params,
        .is_internal = transport->is_internal,
        .is_dead = is_dead,
        .is_rate_locked = transport->rate_locked,
        .is_held_by_rate = is_paced,
        .is_held_by_limit = waits_for_room(transport),
        .limit = transport->limit,
        .status = is_dead ? transport->cause->status : NULL,
        .reason = is_dead ? transport->cause->reason : NULL,
        .since_s = is_dead    ? transport->since_s
                   : is_paced ? transport->pace->since_s
                              : 0,
        .until_s = is_dead    ? transport->timer.node.key
                   : is_paced ? transport->pace->until_s
                              : 0,
        .pending_count = transport->pending_count,
        .running_count = transport->running_count,
        .waiting_count = transport->waiting_count,
        .destination_count = g_hash_table_size(transport->destinations_by_name),
    };
    memcpy(ret_view->paced_us, transport->paced_us, sizeof(transport->paced_us));
}

bool sched_view_transport(const Sched *sched, const char *after, SchedTransportView *ret_view)
{
    const SchedTransport *found = transport_after(sched, after);

    if (found == NULL)
        return false;
    view_transport(found, ret_view);
    return true;
}

static void view_pace(const SitePace *pace, SchedDestinationView *ret_view)
{
    ret_view->is_held_by_rate = true;
    ret_view->since_s = pace->since_s;
    ret_view->until_s = pace->until_s;
}

static void view_site(const SchedDestination *destination, SchedDestinationView *ret_view)
{
    const SchedSite *site = destination_site(destination);

    if (site == NULL)
        return;
    ret_view->site = site->name;
    ret_view->site_running = site->running_count;
    ret_view->site_limit = site->limit;
    ret_view->is_held_by_site = destination_is_usable(destination) && site_room(site) == 0;
}

static void view_destination(const SchedDestination *destination, SchedDestinationView *ret_view)
{
    const SchedTransport *transport = destination->transport;
    SchedState state = state_of(destination);
    bool is_dead = state == SCHED_STATE_THROTTLED, waits = is_dead || state == SCHED_STATE_PACED;

    *ret_view = (SchedDestinationView){
        .name = destination->name,
        .nexthop = destination->nexthop,
        .transport = transport->name,
        .is_internal = transport->is_internal,
        .is_user = transport->params.destination_recipient_limit == 1 &&
                   strchr(destination->name, '@') != NULL,
        .state = state,
        .is_blocked = transport->cause != NULL || transport->rate_locked ||
                      waits_for_rate(transport) || waits_for_room(transport),
        .is_blocked_by_rate = waits_for_rate(transport),
        .is_blocked_by_limit = waits_for_room(transport),
        .window = MAX(destination->window, 0),
        .limit = destination->limit,
        .waiting_count = destination->waiting_count,
        .running_count = destination->running_count,
        .status = is_dead ? destination->cause->status : NULL,
        .reason = is_dead ? destination->cause->reason : NULL,
        .since_s = waits ? destination->since_s : 0,
        .until_s = waits ? destination->timer.node.key : 0,
        .last_success_wall_s = destination->last_success_wall_s,
        .done_count = destination->done_count,
        .deferred_count = destination->deferred_count,
        .measure = &destination->measure,
    };
    if (state == SCHED_STATE_PACED && destination_is_ready(destination))
        view_pace(destination_is_usable(destination) ? destination_site(destination)->pace
                                                     : destination->pace,
                  ret_view);
    view_site(destination, ret_view);
}

static bool view_next_of(const SlotTable *table, uint32_t *slot, unsigned patience,
                         SchedDestinationView *ret_view)
{
    const SchedDestination *destination = slot_table_next(table, slot, patience);

    if (destination == NULL)
        return false;
    view_destination(destination, ret_view);
    return true;
}

bool sched_view_next(const Sched *sched, uint32_t *slot, unsigned patience,
                     SchedDestinationView *ret_view)
{
    return view_next_of(&sched->destination_slots, slot, patience, ret_view);
}

bool sched_view_next_standing(const Sched *sched, uint32_t *slot, unsigned patience,
                              SchedDestinationView *ret_view)
{
    return view_next_of(&sched->standing_slots, slot, patience, ret_view);
}

bool sched_view_standing_is_end(const Sched *sched, uint32_t slot)
{
    return slot_table_is_end(&sched->standing_slots, slot);
}

bool sched_view_is_end(const Sched *sched, uint32_t slot)
{
    return slot_table_is_end(&sched->destination_slots, slot);
}

static const SchedDestination *find_in(const SchedTransport *transport, const char *name)
{
    return transport != NULL ? g_hash_table_lookup(transport->destinations_by_name, name) : NULL;
}

/* In the first transport that has one of that name, and is not our own. */
static const SchedDestination *find_in_any(const Sched *sched, const char *name)
{
    const SchedDestination *found = NULL;

    for (const SchedTransport *each = transport_next(sched, NULL); each != NULL && found == NULL;
         each = transport_next(sched, each))
        if (!each->is_internal)
            found = find_in(each, name);
    return found;
}

bool sched_view_destination(const Sched *sched, const char *transport, const char *name,
                            SchedDestinationView *ret_view)
{
    const SchedDestination *destination =
        transport != NULL ? find_in(g_hash_table_lookup(sched->transports_by_name, transport), name)
                          : find_in_any(sched, name);

    if (destination == NULL)
        return false;
    view_destination(destination, ret_view);
    return true;
}

/* ---- one message ---- */

int64_t sched_view_before(const SchedMessage *message, const char *transport, unsigned max,
                          bool *ret_is_cut)
{
    const Job *job = message->jobs;
    int64_t count = 0;

    while (job != NULL && !g_str_equal(job->transport->name, transport))
        job = job->next_of_message;
    *ret_is_cut = false;
    if (job == NULL || !job->is_listed)
        return -1;
    for (const OrderNode *node = job->in_transport.previous; node != NULL; node = node->previous) {
        const Job *before = job_at(node);

        if (max-- == 0) {
            *ret_is_cut = true;
            break;
        }
        count += before->created_count - before->selected_count;
    }
    return count;
}

static unsigned waiting_of(const Peer *peer)
{
    unsigned count = 0;

    for (Link *link = chain_first(&peer->waiting); link != NULL;
         link = chain_next(&peer->waiting, link))
        count++;
    return count;
}

unsigned sched_view_shares(const SchedMessage *message, SchedShare ret_shares[SCHED_SHARES_MAX])
{
    unsigned count = 0;

    for (const Job *job = message->jobs; job != NULL; job = job->next_of_message) {
        for (const Peer *peer = peer_first(job); peer != NULL && count < SCHED_SHARES_MAX;
             peer = peer_next(peer)) {
            SchedShare *share = &ret_shares[count++];

            *share = (SchedShare){.waiting_count = waiting_of(peer),
                                  .running_count = peer->running_count};
            view_destination(peer->destination, &share->destination);
        }
    }
    return count;
}

typedef struct ShareSearch {
    const SchedMessage *message;
    SchedShare *shares;
    unsigned count;
} ShareSearch;

/* The share of the destination, which may be a new one; NULL: there are too many. */
static SchedShare *share_of(ShareSearch *search, const SchedDestination *destination)
{
    for (unsigned i = 0; i < search->count; i++)
        if (search->shares[i].destination.name == destination->name)
            return &search->shares[i];
    if (search->count == SCHED_SHARES_MAX)
        return NULL;
    search->shares[search->count] = (SchedShare){.waiting_count = 0};
    view_destination(destination, &search->shares[search->count].destination);
    return &search->shares[search->count++];
}

static void look_at_entry(void *object, void *ctx)
{
    const SchedEntry *entry = object;
    ShareSearch *search = ctx;
    SchedShare *share = NULL;

    if (entry->message == search->message && entry->destination != NULL)
        share = share_of(search, entry->destination);
    if (share == NULL)
        return;
    if (entry->state == ENTRY_RUNNING)
        share->running_count++;
    else
        share->waiting_count++;
}

unsigned sched_find_shares(const Sched *sched, const SchedMessage *message,
                           SchedShare ret_shares[SCHED_SHARES_MAX])
{
    ShareSearch search = {.message = message, .shares = ret_shares};

    if (sched_is_preemptive(sched))
        return sched_view_shares(message, ret_shares);
    slab_foreach(&sched->entries, look_at_entry, &search);
    return search.count;
}
