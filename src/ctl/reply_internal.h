#ifndef EQMGR_CTL_REPLY_INTERNAL_H
#define EQMGR_CTL_REPLY_INTERNAL_H

/*
 * reply: requests and answers of the control socket as bytes (codec/control.h), whoever moves the
 * bytes: a session that waits for them, or the pages of eqmgrctl web, which do not.
 *
 * Rows are handed out as soon as they are whole, so an answer takes the memory of its longest row.
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

/* Rows that outlive their answer. row_free() is a GDestroyNotify. */
Row *row_copy(const Row *row) G_GNUC_WARN_UNUSED_RESULT;
void row_free(gpointer row);

/* Its values, added to those of another row. */
void row_add(Row *row, const Row *more);
Row row_empty(void) G_GNUC_WARN_UNUSED_RESULT; /* free `values` */

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

/* Called for each data row as it comes. */
typedef void SessionRowFn(const Row *row, void *ctx);

/* Header and end row of an answer, or what went wrong; clear it in any case. */
typedef struct SessionAnswer {
    Row header, end;
    char *problem; /* a text for people; NULL if all went well */
} SessionAnswer;

void session_answer_clear(SessionAnswer *answer);

/* One answer while it arrives. */
typedef struct Reply {
    SessionAnswer answer; /* whole if is_over and nothing failed */
    bool is_over;
    SessionRowFn *on_row;
    void *ctx;
    GByteArray *input; /* from `pos` on not handed out yet */
    gsize pos;
} Reply;

/*
 * The bytes of a request, or NULL with SESSION_USAGE's text if they were too many. `arguments`:
 * names and values in turn, NULL at the end; a value of NULL leaves the argument out.
 */
GByteArray *reply_request(const char *verb, const char *const *arguments, char **ret_problem);

void reply_init(Reply *reply, SessionRowFn *on_row, void *ctx);
void reply_clear(Reply *reply);

/* Bytes that came. After a failure, which the answer's problem says, there is no use in more. */
SessionStatus reply_add(Reply *reply, const void *bytes,
                        size_t size_bytes) G_GNUC_WARN_UNUSED_RESULT;

#endif
