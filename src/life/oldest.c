#include "src/life/oldest_internal.h"

static Message *message_at(const void *messages, uint32_t slot)
{
    return slot_table_at(messages, slot);
}

static bool is_older(const void *messages, uint32_t a, uint32_t b)
{
    return message_at(messages, a)->envelope.arrival_s <
           message_at(messages, b)->envelope.arrival_s;
}

static uint32_t place_of_message(const void *messages, uint32_t slot)
{
    return message_at(messages, slot)->oldest_place;
}

static void set_place_of_message(void *messages, uint32_t slot, uint32_t place)
{
    message_at(messages, slot)->oldest_place = place;
}

void oldest_init(NumberHeap *oldest, SlotTable *messages)
{
    static const NumberHeapKind by_arrival = {is_older, place_of_message, set_place_of_message};

    number_heap_init(oldest, &by_arrival, messages);
}

void oldest_note(NumberHeap *oldest, const Message *message)
{
    if (message->oldest_place == 0 && message->envelope.arrival_s != 0)
        number_heap_add(oldest, message->slot);
}

void oldest_forget(NumberHeap *oldest, const Message *message)
{
    if (message->oldest_place != 0)
        number_heap_remove(oldest, message->slot);
}

int64_t oldest_arrival_s(const NumberHeap *oldest)
{
    return number_heap_is_empty(oldest)
               ? 0
               : message_at(oldest->owner, number_heap_first(oldest))->envelope.arrival_s;
}
