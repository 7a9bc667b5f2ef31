/*
 * How many destinations are in each state. Who asks for the state of the queue gets an answer at
 * any number of destinations, so it is counted as it changes.
 */

#include "noted_internal.h"

static SchedState state_of(const SchedDestination *destination)
{
    if (destination->window == WINDOW_DEAD)
        return SCHED_STATE_THROTTLED;
    if (destination->window == WINDOW_SUSPENDED)
        return SCHED_STATE_PACED;
    if (destination_is_empty(destination))
        return SCHED_STATE_IDLE;
    if (destination->waiting_count > 0 && !destination_is_free(destination))
        return SCHED_STATE_PACED;
    return destination->waiting_count > 0 && !destination_has_room(destination) ? SCHED_STATE_FULL
                                                                                : SCHED_STATE_READY;
}

void state_add(SchedDestination *destination)
{
    Sched *sched = destination->transport->sched;

    destination->slot = slot_table_add(&sched->destination_slots, destination);
    destination->counted_state = state_of(destination);
    sched->state_counts[destination->counted_state]++;
}

void state_remove(SchedDestination *destination)
{
    Sched *sched = destination->transport->sched;

    slot_table_remove(&sched->destination_slots, destination->slot);
    sched->state_counts[destination->counted_state]--;
}

void state_update(SchedDestination *destination)
{
    Sched *sched = destination->transport->sched;
    SchedState state = state_of(destination);

    sched->state_counts[destination->counted_state]--;
    sched->state_counts[state]++;
    destination->counted_state = state;
}

void state_check(const Sched *sched)
{
    int64_t counts[SCHED_STATE_COUNT] = {0};
    uint32_t slot = 0;
    const SchedDestination *destination;

    slot_table_check(&sched->destination_slots);
    CHECK(sched->destination_slots.count == sched->destination_count);
    while ((destination = slot_table_next(&sched->destination_slots, &slot, UINT32_MAX)) != NULL) {
        CHECK(destination->slot == slot - 1);
        CHECK(destination->counted_state == state_of(destination));
        counts[destination->counted_state]++;
    }
    for (SchedState state = 0; state < SCHED_STATE_COUNT; state++)
        CHECK(counts[state] == sched->state_counts[state]);
}
