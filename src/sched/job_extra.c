#include "sched_internal.h"

JobSide *side_take(Job *job)
{
    if (job->side == NULL) {
        job->side = slab_take(&job->transport->sched->sides);
        job->side->job = job;
    }
    return job->side;
}

JobFar *side_take_far(Job *job)
{
    JobSide *side = side_take(job);

    if (side->far == NULL) {
        side->far = g_new0(JobFar, 1);
        side->far->job = job;
        TAILQ_INIT(&side->far->children);
    }
    return side->far;
}

void side_free(Job *job)
{
    if (job->side == NULL)
        return;
    g_free(job->side->far);
    slab_free(&job->transport->sched->sides, job->side);
    job->side = NULL;
}
