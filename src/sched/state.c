/*
 * How many destinations are in each state, and which of them stand still. Who asks for the state of
 * the queue gets an answer at any number of destinations, so it is counted as it changes. Members
 * of a shared site are counted as they are by themselves; those that only the site holds are moved
 * together, and are not among what stands still.
 */

#include "noted_internal.h"

/* Whatever the site that it shares says. */
static SchedState own_state(const SchedDestination *destination)
{
    if (destination->window == WINDOW_DEAD)
        return SCHED_STATE_THROTTLED;
    if (destination->window == WINDOW_SUSPENDED)
        return SCHED_STATE_PACED;
    if (destination_is_empty(destination))
        return SCHED_STATE_IDLE;
    if (destination->waiting_count > 0 && !destination_is_free(destination))
        return SCHED_STATE_PACED;
    return destination->waiting_count > 0 && !destination_is_usable(destination)
               ? SCHED_STATE_FULL
               : SCHED_STATE_READY;
}

/* Of members that could deliver if it could. */
static SchedState site_state(const SchedSite *site)
{
    if (site_room(site) > 0)
        return SCHED_STATE_READY;
    return site->pace != NULL && site->pace->free_count == 0 ? SCHED_STATE_PACED : SCHED_STATE_FULL;
}

SchedState state_of(const SchedDestination *destination)
{
    return destination->member != NULL && destination_is_usable(destination)
               ? site_state(destination->member->part->site)
               : own_state(destination);
}

static void count_site(SchedSite *site, SchedState state, int64_t count)
{
    int64_t *counts = site->sched->state_counts;

    counts[site->counted_state] -= site->counted_usable;
    counts[SCHED_STATE_READY] += site->counted_usable;
    site->counted_state = state;
    site->counted_usable = count;
    counts[SCHED_STATE_READY] -= count;
    counts[state] += count;
}

void state_update_site(SchedSite *site)
{
    count_site(site, site_state(site), site->usable_count);
}

void state_forget_site(SchedSite *site)
{
    count_site(site, SCHED_STATE_READY, 0);
}

static bool is_standing(SchedState state)
{
    return state == SCHED_STATE_THROTTLED || state == SCHED_STATE_PACED;
}

static void note_standing(SchedDestination *destination, bool was_standing, bool stands)
{
    SlotTable *slots = &destination->transport->sched->standing_slots;

    if (stands && !was_standing)
        destination->standing_slot = slot_table_add(slots, destination);
    else if (was_standing && !stands)
        slot_table_remove(slots, destination->standing_slot);
}

void state_add(SchedDestination *destination)
{
    Sched *sched = destination->transport->sched;

    destination->slot = slot_table_add(&sched->destination_slots, destination);
    destination->counted_state = own_state(destination);
    sched->state_counts[destination->counted_state]++;
    note_standing(destination, false, is_standing(destination->counted_state));
}

void state_remove(SchedDestination *destination)
{
    Sched *sched = destination->transport->sched;

    slot_table_remove(&sched->destination_slots, destination->slot);
    note_standing(destination, is_standing(destination->counted_state), false);
    sched->state_counts[destination->counted_state]--;
}

void state_update(SchedDestination *destination)
{
    Sched *sched = destination->transport->sched;
    SchedState state = own_state(destination);

    if (state == destination->counted_state)
        return; /* as most changes leave it */
    sched->state_counts[destination->counted_state]--;
    sched->state_counts[state]++;
    note_standing(destination, is_standing(destination->counted_state), is_standing(state));
    destination->counted_state = state;
}

void state_check(const Sched *sched)
{
    int64_t counts[SCHED_STATE_COUNT] = {0};
    uint32_t slot = 0, standing_count = 0;
    const SchedDestination *destination;

    slot_table_check(&sched->destination_slots);
    slot_table_check(&sched->standing_slots);
    CHECK(sched->destination_slots.count == sched->destination_count);
    while ((destination = slot_table_next(&sched->destination_slots, &slot, UINT32_MAX)) != NULL) {
        CHECK(destination->slot == slot - 1);
        CHECK(destination->counted_state == own_state(destination));
        counts[state_of(destination)]++;
        if (!is_standing(destination->counted_state))
            continue;
        CHECK(slot_table_at(&sched->standing_slots, destination->standing_slot) == destination);
        standing_count++;
    }
    for (SchedState state = 0; state < SCHED_STATE_COUNT; state++)
        CHECK(counts[state] == sched->state_counts[state]);
    CHECK(standing_count == sched->standing_slots.count);
}
