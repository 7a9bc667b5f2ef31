#include "sched_internal.h"

JobSide *side_take(Job *job)
{
    if (job->side == NULL) {
        job->side = g_new0(JobSide, 1);
        job->side->job = job;
        TAILQ_INIT(&job->side->children);
    }
    return job->side;
}

void side_free(Job *job)
{
    g_free(job->side);
    job->side = NULL;
}
