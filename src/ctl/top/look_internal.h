#ifndef EQMGR_CTL_TOP_LOOK_INTERNAL_H
#define EQMGR_CTL_TOP_LOOK_INTERNAL_H

/*
 * look: what the daemon answered at one moment: its status and the destinations that were asked
 * for. The daemon sorts and picks them, so a look is as large as the screen, however large the
 * queue is.
 */

#include "src/ctl/session_internal.h"

typedef struct LookRequest {
    const char *sort; /* of verb destinations; a literal */
    bool throttled_only;
    char *pattern;     /* NULL: all; owned */
    char *destination; /* all about this one instead; or NULL; owned */
    char *transport;   /* of `destination`; owned */
    int row_max;
    const char *change; /* a verb to ask for before; a literal; NULL: none */
    GStrv arguments;    /* of it; owned */
} LookRequest;

typedef struct Look {
    SessionStatus status;
    char *problem;        /* NULL if it is whole */
    int64_t steady_us;    /* when the answer had come: g_get_monotonic_time() */
    int64_t now_s;        /* wall clock, as the daemon said */
    Row header, state;    /* `state`: the row of verb status */
    GPtrArray *attention; /* of texts as the daemon sent them */
    GPtrArray *rows;      /* of Row *: destinations; of one: that, its errors and messages */
    GPtrArray *jobs;      /* of Row *, in the order of their numbers */
    int64_t matched;      /* destinations that there are */
    char *told;           /* what came of the change, for people; NULL: there was none */
} Look;

LookRequest look_request_copy(const LookRequest *request) G_GNUC_WARN_UNUSED_RESULT;
void look_request_clear(LookRequest *request);

/* Asks on an open session; after a problem the session is of no more use. Free the result. */
Look *look_take(Session *session, const LookRequest *request) G_GNUC_WARN_UNUSED_RESULT;

/* What comes of the change that is asked for. The session is of no more use then. Free it. */
char *look_change(Session *session, const LookRequest *request) G_GNUC_WARN_UNUSED_RESULT;

/* A look that was not possible. Takes over `problem`. */
Look *look_failed(SessionStatus status, char *problem) G_GNUC_WARN_UNUSED_RESULT;
void look_free(Look *look); /* NULL is a no-op */

/* The row of the same transport and destination in another look, or NULL. */
const Row *look_find(const Look *look, const Row *row);

#endif
