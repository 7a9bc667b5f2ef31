#ifndef EQMGR_DAEMON_SECCOMP_INTERNAL_H
#define EQMGR_DAEMON_SECCOMP_INTERNAL_H

#include <seccomp.h>
#include <stdbool.h>

#include <event2/event.h>
#include <glib.h>

/* Parts of seccomp_confine(), which exist only if it is built with libseccomp. */

/* Adds a rule for each call that is allowed. Returns 0, or a negated errno. */
int seccomp_allow_calls(scmp_filter_ctx filter, unsigned *ret_call_count) G_GNUC_WARN_UNUSED_RESULT;

/* A name of the table that no machine has: it is misspelt, or libseccomp is old. NULL: there is
 * none.
 */
const char *seccomp_unknown_call(void);

/*
 * The watcher of SANDBOX_LOG: a thread that lets refused calls pass, and the loop's side, which
 * logs each name once. Start it before the filter is in force, so that it is not under it; tell it
 * the filter's descriptor afterwards. False: no thread or event is to be had.
 */
bool seccomp_watch_start(struct event_base *base) G_GNUC_WARN_UNUSED_RESULT;

/* -1: there is no filter, and the watcher ends. */
void seccomp_watch_begin(int notify_fd);

#endif
