#include "sched_internal.h"

/* The stacks of jobs that preempted each other. Who is on none has level 0 and no parent. */

static void leave_parent(JobFar *far)
{
    Job *parent = far->parent;

    if (parent == NULL)
        return;
    TAILQ_REMOVE(&side_far(parent)->children, far, in_parent);
    far->parent = NULL;
    job_changed(parent);
}

static void join_parent(JobFar *far, Job *parent)
{
    far->parent = parent;
    if (parent != NULL) {
        TAILQ_INSERT_TAIL(&side_take_far(parent)->children, far, in_parent);
        job_changed(parent);
    }
    job_changed(far->job);
}

/* A child that is handed to nobody is an orphan; its level stays. */
static void hand_over_children(JobFar *far, Job *parent)
{
    JobFar *child;

    while ((child = TAILQ_FIRST(&far->children)) != NULL) {
        TAILQ_REMOVE(&far->children, child, in_parent);
        join_parent(child, parent);
    }
    job_changed(far->job);
}

static void stack_pop(Job *job)
{
    JobFar *far = side_far(job);
    Job *parent = far->parent;

    /* A foster parent has not paid for this job. */
    if (parent != NULL && far->level == job_level(parent) + 1)
        job_add_slots(parent, -far->slots_used * job->transport->params.slot_cost);
    leave_parent(far);
    hand_over_children(far, parent);
    far->level = 0;
    job_changed(job);
    preempt_forget_candidate(job->transport);
}

void stack_leave(Job *job)
{
    if (side_far(job) == NULL)
        return;
    if (job_level(job) > 0)
        stack_pop(job);
    hand_over_children(side_far(job), NULL);
}

void stack_push(Job *job, Job *parent, int64_t entries)
{
    JobFar *far = side_take_far(job);

    if (far->level > 0)
        stack_pop(job);
    join_parent(far, parent);
    job_move(job, parent);
    far->level = job_level(parent) + 1;
    far->slots_used = -entries;
}
