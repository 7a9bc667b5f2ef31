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
    if (world->ignores_term)
        g_ptr_array_add(verdict->complaints, g_strdup("did not end by SIGTERM"));
    world_advance(world, SETTLED_S * MS_PER_S);
    world_drain(world, world_now_s(world) + limit_s);
    verdict->is_met = world->page->hit_count > 0;
    judge_end(world->lab, world->ledger, fault, verdict->complaints);
}

static void note_course(const World *world, RunCourse *ret_course)
{
    const GPtrArray *accounts = ledger_accounts(world->ledger);

    g_assert(accounts->len <= RUN_ACCOUNTS_MAX);
    ret_course->page = *world->page;
    ret_course->account_count = accounts->len;
    for (guint i = 0; i < accounts->len; i++)
        ret_course->ended_s[i] = ((const Account *)g_ptr_array_index(accounts, i))->ended_s;
}

/* Accounts are opened in the order of the set, so both courses have the same accounts. */
static int64_t longest_delay_s(const World *world, const RunCourse *usual)
{
    const GPtrArray *accounts = ledger_accounts(world->ledger);
    int64_t longest_s = 0;

    for (guint i = 0; i < accounts->len && i < usual->account_count; i++) {
        const Account *account = g_ptr_array_index(accounts, i);

        longest_s = MAX(longest_s, account->ended_s - usual->ended_s[i]);
    }
    return longest_s;
}

Verdict run_play(const RunOptions *options, const Fault *fault, const RunCourse *usual,
                 RunCourse *ret_course)
{
    Verdict verdict = {.complaints = g_ptr_array_new_with_free_func(g_free)};
    World *world = world_new(&options->world);

    set_fault(world->page, fault);
    run_play_set(world, options->set_path);
    judge(world, fault, &verdict);
    if (usual != NULL) {
        verdict.delay_s = longest_delay_s(world, usual);
        judge_delay(fault, verdict.delay_s, verdict.complaints);
    }
    if (options->world.keep_directory) {
        g_printerr("%s\n", world->lab->directory);
        trace_print_raw(world->lab->core.trace, stderr);
    }
    if (ret_course != NULL)
        note_course(world, ret_course);
    world_free(world);
    return verdict;
}

void verdict_clear(Verdict *verdict)
{
    g_ptr_array_free(verdict->complaints, TRUE);
}
