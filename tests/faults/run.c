#include "tests/faults/run.h"

#include "tests/faults/judge.h"
#include "tests/faults/world.h"

#define MS_PER_S  1000LL
#define SETTLED_S 1300 /* after the clean restart; longer than the longest back-off */

static void set_fault(FaultPage *page, const Fault *fault)
{
    page->mode = fault->mode;
    page->nth = fault->nth;
    page->error = fault->error;
    page->lasts_s = fault->lasts_s;
    if (fault->site != NULL)
        (void)g_strlcpy(page->name, fault->site, sizeof(page->name));
}

void run_play_set(World *world, const char *path)
{
    g_autoptr(GError) error = NULL;
    Scenario *set = scenario_read(path, &error);
    Play play;

    if (set == NULL)
        g_error("%s", error->message);
    steps_begin(&play, world->lab, set);
    for (guint i = 0; i < set->steps->len && !world->is_over; i++)
        world_perform(world, &play, g_ptr_array_index(set->steps, i));
    steps_end(&play);
    scenario_free(set);
}

/* The second life has no fault, and shows what the first one left. */
static void judge(World *world, const Fault *fault, Verdict *verdict)
{
    int64_t limit_s = judge_limit_s(fault);

    world_drain(world, limit_s);
    verdict->drained_s = world_now_s(world);
    judge_first_life(world->lab, verdict->drained_s, verdict->complaints);
    world_restart_clean(world);
    world_advance(world, SETTLED_S * MS_PER_S);
    world_drain(world, world_now_s(world) + limit_s);
    verdict->is_met = world->page->hit_count > 0;
    judge_end(world->lab, world->ledger, fault, verdict->complaints);
}

Verdict run_play(const RunOptions *options, const Fault *fault, FaultPage *ret_page)
{
    Verdict verdict = {.complaints = g_ptr_array_new_with_free_func(g_free)};
    World *world = world_new(&options->world);

    set_fault(world->page, fault);
    run_play_set(world, options->set_path);
    judge(world, fault, &verdict);
    if (options->world.keep_directory) {
        g_printerr("%s\n", world->lab->directory);
        trace_print_raw(world->lab->core.trace, stderr);
    }
    *ret_page = *world->page;
    world_free(world);
    return verdict;
}

void verdict_clear(Verdict *verdict)
{
    g_ptr_array_free(verdict->complaints, TRUE);
}
