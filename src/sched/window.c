#include <limits.h>

#include "sched_internal.h"

/*
 * The concurrency window of a destination (11), never above its limit. `success` and `failure`
 * collect feedback between two changes of the window. The half of the feedback in the comparisons
 * is hysteresis: it makes the first failure after a rise cost two steps (18.6).
 */

static bool may_grow(const SchedDestination *destination)
{
    const SchedTransportParams *params = &destination->transport->params;

    /* Growing far beyond what is in use would prove nothing. */
    return (destination->limit == 0 || destination->window < destination->limit) &&
           (int64_t)destination->window <
               (int64_t)destination->running_count + params->initial_destination_concurrency;
}

static void window_grow(SchedDestination *destination)
{
    SchedFeedback positive = destination->transport->params.positive;
    double feedback = feedback_at(positive, destination->window);

    notice_add_feedback(destination, false, feedback);
    destination->success += feedback;
    while (destination->success + feedback / 2 >= 1) {
        if (destination->window < INT_MAX)
            destination->window++;
        destination->success -= 1;
        destination->failure = 0;
    }
    destination_fit_window(destination);
}

static void window_shrink(SchedDestination *destination)
{
    SchedFeedback negative = destination->transport->params.negative;
    double feedback = feedback_at(negative, destination->window);

    notice_add_feedback(destination, true, feedback);
    destination->failure -= feedback;
    while (destination->failure - feedback / 2 < 0) {
        destination->window--;
        destination->success = 0;
        destination->failure += 1;
    }
    destination->window = MAX(destination->window, 1);
}

void window_feed_positive(SchedDestination *destination)
{
    destination->cohorts = 0;
    if (destination->cause != NULL) {
        sched_destination_revive(destination->transport->sched, destination);
        return;
    }
    g_assert(destination_is_ready(destination));
    if (may_grow(destination))
        window_grow(destination);
    destination_changed(destination);
    notice_add_window(destination, false);
}

void window_feed_slowed(SchedDestination *destination)
{
    window_shrink(destination);
    destination_changed(destination);
    notice_add_window(destination, true);
}

void window_feed_negative(SchedDestination *destination, Cause *cause, SchedNow now)
{
    int cohort_limit = destination->transport->params.failed_cohort_limit;

    g_assert(destination_is_ready(destination));
    destination->cohorts += 1.0 / destination->window;
    if (cohort_limit > 0 && destination->cohorts >= cohort_limit) {
        destination_die(destination, cause, now);
        notice_add_window(destination, true);
        redirect_waiting(destination, cause, now);
        return;
    }
    window_shrink(destination);
    destination_changed(destination);
    notice_add_window(destination, true);
}
