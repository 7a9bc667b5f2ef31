#include "tests/lab/stage.h"

#include <glib.h>

#define NS_PER_MS 1000000LL

TAILQ_HEAD(ActionList, StageAction);

struct Stage {
    bool open;
    int64_t now_ns;
    int last_rank; /* whose announcement came last */
    struct ActionList lists[STAGE_KINDS];
};

Stage *stage_new(bool open)
{
    Stage *stage = g_new0(Stage, 1);

    stage->open = open;
    stage->last_rank = -1;
    for (int kind = 0; kind < STAGE_KINDS; kind++)
        TAILQ_INIT(&stage->lists[kind]);
    return stage;
}

void stage_free(Stage *stage)
{
    g_free(stage);
}

void stage_set_time(Stage *stage, int64_t now_ns)
{
    stage->now_ns = now_ns;
}

int64_t stage_time_ns(const Stage *stage)
{
    return stage->now_ns;
}

void stage_offer(Stage *stage, StageKind kind, StageAction *action, int64_t delay_ms)
{
    if (action->waiting)
        return;
    if (stage->open) {
        action->perform(action->ctx);
        return;
    }
    action->kind = kind;
    action->due_ns = stage->now_ns + delay_ms * NS_PER_MS;
    action->waiting = true;
    TAILQ_INSERT_TAIL(&stage->lists[kind], action, link);
}

void stage_withdraw(Stage *stage, StageAction *action)
{
    if (!action->waiting)
        return;
    action->waiting = false;
    TAILQ_REMOVE(&stage->lists[action->kind], action, link);
}

/* How many ranks after the last announcement this one comes, going round. */
static int distance(const Stage *stage, int rank)
{
    int ahead = rank - stage->last_rank;

    return ahead > 0 ? ahead : ahead + INT16_MAX;
}

static StageAction *choose(const Stage *stage, StageKind kind)
{
    StageAction *best = NULL, *action;

    TAILQ_FOREACH (action, &stage->lists[kind], link) {
        if (action->due_ns > stage->now_ns)
            continue;
        if (kind != STAGE_ANNOUNCE)
            return action;
        if (best == NULL || distance(stage, action->rank) < distance(stage, best->rank))
            best = action;
    }
    return best;
}

bool stage_perform_next(Stage *stage, StageKind last_kind)
{
    for (StageKind kind = 0; kind <= last_kind; kind++) {
        StageAction *action = choose(stage, kind);

        if (action == NULL)
            continue;
        if (kind == STAGE_ANNOUNCE)
            stage->last_rank = action->rank;
        stage_withdraw(stage, action);
        action->perform(action->ctx);
        return true;
    }
    return false;
}

int64_t stage_next_due_ns(const Stage *stage)
{
    int64_t earliest_ns = INT64_MAX;
    const StageAction *action;

    for (int kind = 0; kind < STAGE_KINDS; kind++)
        TAILQ_FOREACH (action, &stage->lists[kind], link)
            earliest_ns = MIN(earliest_ns, action->due_ns);
    return earliest_ns;
}
