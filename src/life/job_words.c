#include "life/jobs.h"

/* What jobs are called. */

const char *life_job_about_str(const Rule *about)
{
    return about->object == LIFE_JOB_ABOUT_RULE ? "rule" : rule_object_str(about->object);
}

const char *life_job_state_str(LifeJobState state)
{
    static const char *const names[] = {"waiting", "pilot",   "portions", "asking",
                                        "done",    "stopped", "cancelled"};

    return names[state];
}
