#include "tests/support/sched_sites.h"

SchedEntry *running[RUN_MAX];
int running_count;

const SchedShared two_at_once = {.name = "provider", .concurrency = 2};

void begin(int row)
{
    begin_at(row, 5);
    running_count = 0;
}

SchedDestination *destination(const char *transport, const char *name)
{
    return sched_destination_get(world_sched(&sched_world),
                                 world_transport(&sched_world, transport), name, name);
}

void share(const char *letters, const SchedShared *shared)
{
    for (; *letters != '\0'; letters++) {
        const char name[] = {*letters, '\0'};

        sched_destination_share(destination("t1", name), shared, sched_world.now);
        sched_check(sched_world.sched);
    }
}

int64_t count_in(SchedState state)
{
    SchedSummary summary;

    sched_summarize(sched_world.sched, &summary);
    return summary.destinations[state];
}

bool start_one(void)
{
    SchedEntry *entry = world_connect(&sched_world);

    sched_check(sched_world.sched);
    if (entry != NULL)
        running[running_count++] = entry;
    return entry != NULL;
}

int start(void)
{
    int count = 0;

    while (start_one())
        count++;
    return count;
}

void finish(int place, const SchedResult *result)
{
    SchedEntry *entry = running[place];

    running[place] = running[--running_count];
    world_finish(&sched_world, entry, result);
    sched_check(sched_world.sched);
}

void finish_all(void)
{
    while (running_count > 0)
        finish(running_count - 1, &delivered);
}
