#ifndef EQMGR_CTL_SESSION_INTERNAL_H
#define EQMGR_CTL_SESSION_INTERNAL_H

/*
 * session: one connection to the control socket, questions and answers (codec/control.h).
 *
 * Each wait has a time limit. Rows are handed out as they arrive; whether the answer was whole is
 * known at its end, so whoever has shown rows by then must say so if it was not.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "src/ctl/reply_internal.h"

typedef struct Session Session;

/*
 * A descriptor that is connected to the control socket. timeout_s: of this and of each wait that
 * follows; 0: the descriptor does not wait, and a daemon too busy to be reached is a failure.
 */
SessionStatus session_connect(const char *queue_directory, int timeout_s, int *ret_fd,
                              char **ret_problem) G_GNUC_WARN_UNUSED_RESULT;

/*
 * timeout_s: for each whole answer, from the request to its last row. On failure *ret_problem is a
 * text for people; free it.
 */
SessionStatus session_open(const char *queue_directory, int timeout_s, Session **ret_session,
                           char **ret_problem) G_GNUC_WARN_UNUSED_RESULT;
void session_close(Session *session); /* NULL is a no-op */

/*
 * `arguments`: as reply_request() takes them. After any failure the session is of no more use.
 */
SessionStatus session_ask(Session *session, const char *verb, const char *const *arguments,
                          SessionRowFn *on_row, void *ctx,
                          SessionAnswer *ret_answer) G_GNUC_WARN_UNUSED_RESULT;

#endif
