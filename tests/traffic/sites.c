#include <stdio.h>

#include "tests/sched/bench_world.h"
#include "tests/traffic/parts.h"

/* What a start costs with few and with many destinations that share a site. */

#define MAILS   100000
#define TURNS   50000
#define ROUNDS  5 /* the best of these counts */
#define TURN_US 1000
#define AT_ONCE 20

/* One unit for each turn. */
static const MeterLimit one_a_turn = {1000, 1, 1};

/* All members are known; mail waits for all of them, and as many deliveries run as may. */
static BenchWorld *fill(SchedStrategy strategy, int members, bool has_rate)
{
    const SchedShared shared = {
        .name = "site", .concurrency = AT_ONCE, .deliveries = has_rate ? &one_a_turn : NULL};
    BenchWorld *world = bench_world_new(strategy, MAILS, AT_ONCE);

    for (int i = 0; i < members; i++)
        sched_destination_share(bench_destination(world, (uint64_t)i), &shared, world->now);
    for (int i = 0; i < MAILS; i++)
        (void)bench_mail(world, (uint64_t)(i % members), 1);
    while (world->running->len < AT_ONCE) {
        world->now.mono_us += TURN_US;
        sched_run_timers(world->sched, world->now);
        (void)bench_start(world);
    }
    return world;
}

static double ns_per_start(SchedStrategy strategy, int members, bool has_rate)
{
    double best = 1e9;

    for (int round = 0; round < ROUNDS; round++) {
        BenchWorld *world = fill(strategy, members, has_rate);
        int64_t begin_ns = bench_clock_ns();

        for (int i = 0; i < TURNS; i++) {
            world->now.mono_us += TURN_US;
            sched_run_timers(world->sched, world->now);
            bench_finish(world, (guint)bench_roll(world, world->running->len));
            (void)bench_start(world);
        }
        best = MIN(best, (double)(bench_clock_ns() - begin_ns) / TURNS);
        bench_world_free(world);
    }
    return best;
}

void traffic_sites(void)
{
    static const int members[] = {1, 100, 10000, 50000};

    (void)printf(
        "\nCPU time of a start and its end, in ns: 100,000 mails wait for the members of a site\n\n"
        "members of the site        1    100  10000  50000   10000 : 1\n");
    for (int row = 0; row < 4; row++) {
        SchedStrategy strategy = row % 2 == 0 ? SCHED_PREEMPTIVE : SCHED_ROUND_ROBIN;
        double ns[4];

        for (int i = 0; i < 4; i++)
            ns[i] = ns_per_start(strategy, members[i], row >= 2);
        (void)printf("%-11s %-8s  %6.0f %6.0f %6.0f %6.0f   %9.2f\n",
                     strategy == SCHED_PREEMPTIVE ? "preemptive" : "round-robin",
                     row >= 2 ? "rate" : "", ns[0], ns[1], ns[2], ns[3], ns[2] / ns[0]);
    }
}
