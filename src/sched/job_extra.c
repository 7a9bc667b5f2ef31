#include "objects_internal.h"

/*
 * What only some jobs have. Most mail is one job that is delivered and gone; the links of those
 * that preempt, read on or get another turn would more than double its size.
 */

JobExtra *job_extra(Job *job)
{
    if (job->extra == NULL) {
        job->extra = g_new0(JobExtra, 1);
        job->extra->job = job;
        TAILQ_INIT(&job->extra->children);
    }
    return job->extra;
}
