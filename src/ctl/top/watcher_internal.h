#ifndef EQMGR_CTL_TOP_WATCHER_INTERNAL_H
#define EQMGR_CTL_TOP_WATCHER_INTERNAL_H

/*
 * watcher: looks at the daemon in a thread of its own, so that keys work while an answer is late.
 * It connects anew after each problem.
 */

#include "src/ctl/top/look_internal.h"

typedef struct Watcher Watcher;

/* The thread goes on until the process ends. timeout_s: as session_open(). */
Watcher *watcher_new(const char *queue_directory, int timeout_s) G_GNUC_WARN_UNUSED_RESULT;

/* Asks for a look. One at a time: false, and nothing is asked, while the last one is not there yet.
 */
bool watcher_ask(Watcher *watcher, const LookRequest *request);

/* The look that was asked for, if it is there within `timeout_us`; else NULL. Free it. */
Look *watcher_pop(Watcher *watcher, int64_t timeout_us) G_GNUC_WARN_UNUSED_RESULT;

#endif
