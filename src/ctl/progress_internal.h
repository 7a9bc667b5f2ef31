#ifndef EQMGR_CTL_PROGRESS_INTERNAL_H
#define EQMGR_CTL_PROGRESS_INTERNAL_H

/*
 * progress: how far a job has come (a row of verb jobs), for the screens that show it while it
 * runs. Numbers come from a socket: any of them is possible.
 */

#include <stdbool.h>

#include "src/ctl/reply_internal.h"

/* It runs, or ended not longer ago than this. */
bool progress_is_recent(const Row *job, int64_t now_s, int64_t ended_s);
bool progress_is_running(const Row *job);

/* Messages that are through or back, and those that are known in all: 0 <= done <= all. */
int64_t progress_done(const Row *job);
int64_t progress_all(const Row *job);

/* "#3 flush domain example.net"; a new string. Remote texts are as they came. */
char *progress_title(const Row *job) G_GNUC_WARN_UNUSED_RESULT;

/* "100 of 4,120: 98 through, 2 back; 20 running, 4,000 left", or that it tried none; a new string.
 */
char *progress_text(const Row *job) G_GNUC_WARN_UNUSED_RESULT;

#endif
