#ifndef EQMGR_CTL_WEB_ASKER_INTERNAL_H
#define EQMGR_CTL_WEB_ASKER_INTERNAL_H

/*
 * web/asker: questions to the daemon that nobody waits for.
 *
 * Contract:
 *  - asker_ask() never waits and never calls `done` before it has returned.
 *  - `done` is called exactly once for each question, at the latest ASKER_LIMIT_MS after it was
 *    asked, whatever the daemon does; not at all once asker_free() was called.
 *  - Questions go over one connection, one after the other, and the connection is closed when there
 *    are no more: the daemon has few, and others want to ask, too.
 *  - All is asked at level summary: no address and no queue ID gets here.
 */

#include <event2/event.h>
#include <glib.h>

#include "src/ctl/reply_internal.h"

#define ASKER_LIMIT_MS         3000
#define ASKER_ANSWER_MAX_BYTES (2 * 1024 * 1024)

typedef struct Asker Asker;

/* A whole answer, or why there is none. Counted, as several pages may show it. */
typedef struct WebAnswer {
    grefcount references;
    SessionStatus status;
    char *problem;      /* a text for people; NULL if all went well */
    GPtrArray *rows;    /* of Row *, in the order in which they came; empty if there is a problem */
    SessionAnswer ends; /* header and end row */
} WebAnswer;

WebAnswer *web_answer_new(void) G_GNUC_WARN_UNUSED_RESULT; /* of one reference, and no rows */
WebAnswer *web_answer_ref(WebAnswer *answer);
void web_answer_unref(WebAnswer *answer); /* NULL is a no-op */

/* Adds a copy; a SessionRowFn. */
void web_answer_add(const Row *row, void *answer);

typedef void AskerDoneFn(WebAnswer *answer, void *ctx); /* takes ownership of the reference */

Asker *asker_new(struct event_base *base, const char *queue_directory) G_GNUC_WARN_UNUSED_RESULT;
void asker_free(Asker *asker); /* NULL is a no-op */

/* `arguments`: as reply_request() takes them, and copied. */
void asker_ask(Asker *asker, const char *verb, const char *const *arguments, AskerDoneFn *done,
               void *ctx);

#endif
