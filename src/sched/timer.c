#include "sched_internal.h"

/* One heap for all pauses: of dead transports and sites, and between deliveries to one site. */

void timer_set(Sched *sched, Timer *timer, int64_t due_s)
{
    heap_set(&sched->timers, &timer->node, due_s);
}

void timer_cancel(Sched *sched, Timer *timer)
{
    heap_remove(&sched->timers, &timer->node);
}

int64_t sched_next_timer_s(const Sched *sched)
{
    const HeapNode *first = heap_first(&sched->timers);

    return first == NULL ? INT64_MAX : first->key;
}
