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

/* One row, its attributes by name. Texts are as the daemon sent them: not all of them printable. */
typedef struct Row {
    GHashTable *values;
} Row;

const char *row_text(const Row *row, const char *name); /* NULL: it has none */
int64_t row_number(const Row *row, const char *name, int64_t otherwise);

/* What went wrong, and the exit status of the program that goes with it. */
typedef enum SessionStatus {
    SESSION_OK = 0,
    SESSION_NOT_FOUND = 1,   /* what it is about is not there */
    SESSION_USAGE = 64,      /* the daemon does not take the request */
    SESSION_NO_DAEMON = 69,  /* nobody listens */
    SESSION_PROTOCOL = 70,   /* not an answer */
    SESSION_INCOMPLETE = 75, /* cut off, timed out, or too many clients */
    SESSION_DENIED = 77,     /* the socket, or the verb, is not for this user */
} SessionStatus;

typedef struct Session Session;

/* Called for each data row as it comes. */
typedef void SessionRowFn(const Row *row, void *ctx);

/* Header and end row of an answer, or what went wrong; clear it in any case. */
typedef struct SessionAnswer {
    Row header, end;
    char *problem; /* a text for people; NULL if all went well */
} SessionAnswer;

/* On failure *ret_problem is a text for people; free it. */
SessionStatus session_open(const char *queue_directory, int timeout_s, Session **ret_session,
                           char **ret_problem) G_GNUC_WARN_UNUSED_RESULT;
void session_close(Session *session); /* NULL is a no-op */

/*
 * `arguments`: names and values in turn, NULL at the end; a value of NULL leaves the argument out.
 * After any failure the session is of no more use.
 */
SessionStatus session_ask(Session *session, const char *verb, const char *const *arguments,
                          SessionRowFn *on_row, void *ctx,
                          SessionAnswer *ret_answer) G_GNUC_WARN_UNUSED_RESULT;
void session_answer_clear(SessionAnswer *answer);

#endif
