#include "tests/faults/memory.h"

#include "tests/faults/judge.h"
#include "tests/faults/world.h"

#define TRIES_MAX 3
#define LIMIT_S   (3 * 3600)

static unsigned count(const World *world, TraceStream stream, const char *text)
{
    return trace_count(world->lab->core.trace, stream, text);
}

/* Every end has a line that names the reason. */
static void judge_ends(const World *world, Verdict *verdict)
{
    unsigned ends =
        count(world, TRACE_NOTES, "exit status") + count(world, TRACE_NOTES, "killed by signal");
    unsigned lines = count(world, TRACE_LOG, "out of memory");

    if (ends > lines)
        g_ptr_array_add(
            verdict->complaints,
            g_strdup_printf("ended %u times, \"out of memory\" is said %u times", ends, lines));
}

Verdict memory_play(const RunOptions *options, uint64_t more_bytes, bool *ret_ended)
{
    const Fault fault = {.mode = FAULT_OFF};
    Verdict verdict = {.complaints = g_ptr_array_new_with_free_func(g_free), .is_met = true};
    World *world = world_new(&options->world);

    world->page->mode = fault.mode;
    world->page->limits_memory = 1;
    world->page->memory_more_bytes = more_bytes;
    world->restarts_max = TRIES_MAX;
    run_play_set(world, options->set_path);
    world_drain(world, LIMIT_S);
    *ret_ended = world->restarts > 0;
    judge_ends(world, &verdict);
    world_restart_clean(world);
    world_drain(world, world_now_s(world) + LIMIT_S);
    judge_mail(world->lab, world->ledger, &fault, verdict.complaints);
    if (options->world.keep_directory)
        trace_print_raw(world->lab->core.trace, stderr);
    world_free(world);
    return verdict;
}
