#ifndef EQMGR_CTL_WEB_RESPOND_INTERNAL_H
#define EQMGR_CTL_WEB_RESPOND_INTERNAL_H

/*
 * web/respond: from what was asked and what the daemon answered to what is sent. Pure: the same
 * answers give the same bytes.
 */

#include "src/ctl/web/route_internal.h"

#define REFRESH_S 10 /* of pages */

typedef struct WebResponse {
    int status;
    const char *type; /* of the content */
    char *body;
    int refresh_s;     /* 0: never */
    int64_t matched;   /* rows that there are; -1: it is not a listing */
    bool is_truncated; /* and these are not all */
} WebResponse;

typedef struct WebMoment {
    int64_t now_s;
    int64_t last_heard_s; /* when the daemon answered last */
} WebMoment;

/* accept: the header of that name, or NULL. `answers`: one for each question of the route. */
void web_respond(const Route *route, const char *accept, WebAnswer *const *answers,
                 const WebMoment *moment, WebResponse *ret_response);
void web_response_clear(WebResponse *response);

/* Of an answer that is not OK. */
int web_status_of(const WebAnswer *answer);

#endif
