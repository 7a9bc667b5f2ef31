#ifndef EQMGR_SCHED_FEEDBACK_H
#define EQMGR_SCHED_FEEDBACK_H

/*
 * sched/feedback: the text of a concurrency feedback parameter as a number (scheduling.md 11.1).
 */

#include <stdbool.h>

typedef struct SchedFeedback {
    double value;
    bool per_window; /* type 1: divided by the window it is applied to */
} SchedFeedback;

/* Malformed or unreasonable text: false, and *ret_feedback is value 1, type 0. */
bool sched_feedback_parse(const char *text, SchedFeedback *ret_feedback);

/* The amount at window `window` >= 1. */
double sched_feedback_at(SchedFeedback feedback, int window);

#endif
