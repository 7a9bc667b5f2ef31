#include "sched_internal.h"

static SchedTransport *transport_of(Timer *timer)
{
    return (SchedTransport *)(void *)((char *)timer - G_STRUCT_OFFSET(SchedTransport, timer));
}

static SchedDestination *destination_of(Timer *timer)
{
    return (SchedDestination *)(void *)((char *)timer - G_STRUCT_OFFSET(SchedDestination, timer));
}

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

static void fire(Sched *sched, Timer *timer)
{
    if (timer->kind == TIMER_OF_TRANSPORT)
        sched_transport_revive(sched, transport_of(timer));
    else
        destination_on_timer(destination_of(timer));
}

void sched_run_timers(Sched *sched, SchedNow now)
{
    HeapNode *first;

    while ((first = heap_first(&sched->timers)) != NULL && first->key <= now.timer_s) {
        heap_remove(&sched->timers, first);
        fire(sched, (Timer *)(void *)first);
    }
}
