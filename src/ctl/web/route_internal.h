#ifndef EQMGR_CTL_WEB_ROUTE_INTERNAL_H
#define EQMGR_CTL_WEB_ROUTE_INTERNAL_H

/*
 * web/route: what an address on the server means: what is to be shown, and what has to be asked for
 * it. It knows neither HTTP nor the daemon.
 *
 *   /                       the page                     ?refresh=off: it stays as it is
 *   /destination/NAME       all about one                ?transport=NAME
 *   /transport/NAME         all about one
 *   /metrics                for Prometheus
 *   /ready, /healthy        the daemon answers; this process does
 *   /api/1/VERB[/OPERAND]   rows as JSON lines           ?OPTION=VALUE, the long options of the
 * verb
 */

#include <stdbool.h>

#include "src/ctl/web/kept_internal.h"

#define ROUTE_QUESTIONS_MAX 9

typedef enum WebView {
    WEB_FRONT,
    WEB_DESTINATION,
    WEB_TRANSPORT,
    WEB_METRICS,
    WEB_READY,
    WEB_HEALTHY,
    WEB_ROWS,
} WebView;

/* The questions of the front page, by index. */
enum {
    FRONT_STATUS,
    FRONT_STANDSTILL,
    FRONT_DESTINATIONS,
    FRONT_TRANSPORTS,
    FRONT_DUE,
    FRONT_CONNECTIONS,
    FRONT_EVENTS,
    FRONT_RULES,
    FRONT_JOBS,
    FRONT_COUNT
};

typedef struct Route {
    int status;    /* 200; or 400, 403, 404 and a problem */
    char *problem; /* a text for people */
    WebView view;
    bool is_still;   /* without refresh */
    char *name;      /* what a page is about; NULL: of the front page */
    char *transport; /* of the destination it is about, if that was said */
    WebQuestion questions[ROUTE_QUESTIONS_MAX];
    unsigned question_count;
} Route;

/* path and query are as they came, not decoded; query may be NULL. Clear the result in any case. */
void route_parse(const char *path, const char *query, Route *ret_route);
void route_clear(Route *route);

#endif
