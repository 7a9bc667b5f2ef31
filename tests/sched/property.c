#include "tests/sched/property.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a process of its own, as broken invariants abort. */
static bool passes(const Scenario *scenario, bool silent)
{
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        g_autofree char *difference = NULL;

        if (silent && (freopen("/dev/null", "w", stderr) == NULL ||
                       freopen("/dev/null", "w", stdout) == NULL))
            _exit(EXIT_FAILURE);
        difference = lockstep_run(scenario, !silent, NULL);
        if (difference != NULL)
            printf("DIFFERENCE: %s\n", difference);
        fflush(NULL);
        _exit(difference == NULL ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        g_error("cannot run a process");
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

/* Whether it fails without `piece` operations at `at`; `rest` is what is left then. */
static bool fails_without(Scenario scenario, size_t at, size_t piece, Operation *rest)
{
    const Operation *operations = scenario.operations;

    memcpy(rest, operations, at * sizeof(Operation));
    memcpy(rest + at, operations + at + piece, (scenario.count - at - piece) * sizeof(Operation));
    scenario.operations = rest;
    scenario.count -= piece;
    return !passes(&scenario, true);
}

/* How many operations it takes to fail: what comes after the failure changes nothing. */
static size_t find_end(Scenario scenario)
{
    size_t passing = 0, failing = scenario.count;

    while (failing - passing > 1) {
        scenario.count = passing + (failing - passing) / 2;
        if (passes(&scenario, true))
            passing = scenario.count;
        else
            failing = scenario.count;
    }
    return failing;
}

/* Leaves out what is not needed to fail: large pieces first. Returns how many are left. */
static size_t shrink(Scenario scenario, Operation *operations)
{
    Operation *rest = g_new(Operation, scenario.count);

    scenario.operations = operations;
    scenario.count = find_end(scenario);
    for (size_t piece = scenario.count / 2; piece > 0; piece /= 2)
        for (size_t at = 0; at + piece <= scenario.count;) {
            if (!fails_without(scenario, at, piece, rest)) {
                at += piece;
                continue;
            }
            scenario.count -= piece;
            memcpy(operations, rest, scenario.count * sizeof(Operation));
        }
    g_free(rest);
    return scenario.count;
}

static void report(Scenario scenario, Operation *operations)
{
    const char *strategy = scenario.strategy == SCHED_PREEMPTIVE ? "preemptive" : "round-robin";

    printf("seed %u, %s, fails; looking for a shorter run\n", scenario.seed, strategy);
    scenario.count = shrink(scenario, operations);
    printf("seed %u, %s, fails after %zu operations:\n", scenario.seed, strategy, scenario.count);
    (void)passes(&scenario, false);
}

bool property_holds(uint32_t seed, SchedStrategy strategy, size_t operation_count, bool explain)
{
    g_autofree Operation *operations = lockstep_roll(seed, operation_count);
    const Scenario scenario = {seed, strategy, operations, operation_count};

    if (passes(&scenario, true))
        return true;
    if (explain)
        report(scenario, operations);
    return false;
}

uint64_t property_digest(uint32_t seed, SchedStrategy strategy, size_t operation_count)
{
    g_autofree Operation *operations = lockstep_roll(seed, operation_count);
    const Scenario scenario = {seed, strategy, operations, operation_count};
    uint64_t digest;

    g_free(lockstep_run(&scenario, false, &digest));
    return digest;
}
