#include "sched_internal.h"

/*
 * Who preempted whom (9.6, 9.7). A job that preempts becomes a child of the job before which it
 * goes, one level up, and that one pays for it. A job that is on no stack has level 0 and no
 * parent.
 */

static void join_parent(JobExtra *extra, Job *parent)
{
    extra->parent = parent;
    if (parent != NULL) {
        TAILQ_INSERT_TAIL(&job_extra(parent)->children, extra, in_parent);
        job_changed(parent);
    }
    job_changed(extra->job);
}

/* Without a parent they are orphans: they keep their level. */
static void hand_over_children(JobExtra *extra, Job *parent)
{
    JobExtra *child;

    while ((child = TAILQ_FIRST(&extra->children)) != NULL) {
        TAILQ_REMOVE(&extra->children, child, in_parent);
        join_parent(child, parent);
    }
    job_changed(extra->job);
}

static void stack_pop(Job *job)
{
    JobExtra *extra = job->extra;
    Job *parent = extra->parent;

    if (parent != NULL) {
        /* The parent pays; a foster parent, which adopted the job, owes nothing. */
        if (extra->level == job_level(parent) + 1)
            job_add_slots(parent, -extra->slots_used * job->transport->params.slot_cost);
        TAILQ_REMOVE(&parent->extra->children, extra, in_parent);
        extra->parent = NULL;
        job_changed(parent);
    }
    hand_over_children(extra, parent);
    extra->level = 0;
    job_changed(job);
    preempt_forget_candidate(job->transport);
}

void stack_leave(Job *job)
{
    if (job->extra == NULL)
        return;
    if (job_level(job) > 0)
        stack_pop(job);
    hand_over_children(job->extra, NULL);
}

void stack_push(Job *job, Job *parent, int64_t entries)
{
    JobExtra *extra = job_extra(job);

    if (extra->level > 0)
        stack_pop(job);
    join_parent(extra, parent);
    job_move(job, parent);
    extra->level = job_level(parent) + 1;
    extra->slots_used = -entries;
}
