#ifndef EQMGR_CTL_SHOW_INTERNAL_H
#define EQMGR_CTL_SHOW_INTERNAL_H

/* show: an answer on standard output, as tables for people or as JSON for programs. */

#include "src/ctl/command_internal.h"
#include "src/ctl/view_internal.h"

/*
 * The queue directory of the instance; a new string, or NULL after saying why: then *ret_status is
 * SESSION_USAGE if there is no instance at the -c of the command line, else SESSION_NO_DAEMON.
 */
char *show_queue_directory(const Invocation *invocation, int *ret_status) G_GNUC_WARN_UNUSED_RESULT;

/* Where the daemon of this invocation is; says what is wrong otherwise. Free *ret_session. */
int show_connect(const Invocation *invocation, Session **ret_session);

/* With --json: the row as a line, and true. */
bool show_as_json(const Invocation *invocation, const View *view, const Row *row);

/* Says a problem of a session; returns the exit status. */
int show_problem(const Invocation *invocation, SessionStatus status, const char *problem);

/*
 * Asks the verb of the invocation and shows the rows: each kind of object as a table of its own, in
 * the order in which they came. Exit status 1 if nothing matched.
 */
int show_listing(const Invocation *invocation);

/* The same, and with --follow what comes later, until interrupted. */
int show_events(const Invocation *invocation);

#endif
