#include "sched_internal.h"

/* The stacks of jobs that preempted each other. Who is on none has level 0 and no parent. */

static void leave_parent(JobSide *side)
{
    Job *parent = side->parent;

    if (parent == NULL)
        return;
    TAILQ_REMOVE(&parent->side->children, side, in_parent);
    side->parent = NULL;
    candidate_touch(parent);
}

static void join_parent(JobSide *side, Job *parent)
{
    side->parent = parent;
    if (parent != NULL) {
        TAILQ_INSERT_TAIL(&side_take(parent)->children, side, in_parent);
        candidate_touch(parent);
    }
    place_update_stray(side->job);
}

/* A child that is handed to nobody is an orphan; its level stays. */
static void hand_over_children(JobSide *side, Job *parent)
{
    JobSide *child;

    while ((child = TAILQ_FIRST(&side->children)) != NULL) {
        TAILQ_REMOVE(&side->children, child, in_parent);
        join_parent(child, parent);
    }
    candidate_touch(side->job);
}

static void stack_pop(Job *job)
{
    JobSide *side = job->side;
    Job *parent = side->parent;

    /* A foster parent has not paid for this job. */
    if (parent != NULL && side->level == job_level(parent) + 1)
        parent->slots_available -= side->slots_used * job->transport->params.slot_cost;
    leave_parent(side);
    hand_over_children(side, parent);
    side->level = 0;
    place_update_stray(job);
    preempt_forget_candidate(job->transport);
}

void stack_leave(Job *job)
{
    if (job->side == NULL)
        return;
    if (job->side->level > 0)
        stack_pop(job);
    hand_over_children(job->side, NULL);
}

void stack_push(Job *job, Job *parent, int64_t entries)
{
    JobSide *side = side_take(job);

    if (side->level > 0)
        stack_pop(job);
    candidate_remove(job);
    job_set_straggler(job, false);
    job_set_attention(job, false);
    place_move(job, parent);
    join_parent(side, parent);
    side->level = job_level(parent) + 1;
    side->slots_used = -entries;
    job_set_straggler(job, job_was_passed(job));
    job_update_attention(job);
    candidate_touch(job);
}
