#include "tests/support/sched_rates.h"

World sched_world;
const MeterLimit one_a_second = {60, 60, 2}, one_a_minute = {60, 3600, 1};

void begin_at(int row, int window)
{
    world_init(&sched_world, row % 2 == 0 ? SCHED_PREEMPTIVE : SCHED_ROUND_ROBIN);
    sched_world.params.destination_concurrency_limit = 20;
    sched_world.params.initial_destination_concurrency = window;
    sched_world.now.mono_us = LONG_AFTER;
}

void teardown(void)
{
    world_clear(&sched_world);
}

int64_t now_us(void)
{
    return sched_world.now.mono_us - LONG_AFTER;
}

void go_to(int64_t at_us)
{
    sched_world.now.mono_us = LONG_AFTER + at_us;
    sched_world.now.wall_s = sched_world.now.timer_s = sched_world.now.steady_s =
        START_S + at_us / S;
    sched_run_timers(sched_world.sched, sched_world.now);
    sched_check(sched_world.sched);
}

void add_mail(const char *text, int count)
{
    for (int i = 0; i < count; i++)
        (void)mail_add(&sched_world, text);
}

SchedDestinationView view_in(const char *transport, const char *name)
{
    SchedDestinationView view;

    ck_assert(sched_view_destination(sched_world.sched, transport, name, &view));
    return view;
}

SchedDestinationView view_of(const char *name)
{
    return view_in("t1", name);
}

bool is_known(const char *name)
{
    SchedDestinationView view;

    return sched_view_destination(sched_world.sched, "t1", name, &view);
}

SchedDestination *paced_site(const char *name, const MeterLimit *deliveries,
                             const MeterLimit *recipients)
{
    SchedDestination *site = sched_destination_get(world_sched(&sched_world),
                                                   world_transport(&sched_world, "t1"), name, name);

    ck_assert(!sched_destination_is_paced(site));
    sched_destination_pace(site, deliveries, recipients, sched_world.now);
    ck_assert(sched_destination_is_paced(site));
    sched_check(sched_world.sched);
    return site;
}

int deliver_now(void)
{
    SchedEntry *entry;
    int count = 0;

    for (; (entry = world_connect(&sched_world)) != NULL; count++)
        world_finish(&sched_world, entry, &delivered);
    sched_check(sched_world.sched);
    return count;
}
