#ifndef EQMGR_TESTS_SUPPORT_LIFE_SERVICES_H
#define EQMGR_TESTS_SUPPORT_LIFE_SERVICES_H

/*
 * tests/support/life_services: the other Postfix programs as small actors in the event base of the
 * test. Each listens on its real path, speaks the real protocol and writes down what it is asked,
 * one line per request:
 *
 *   smtp: nexthop smtp.test from <sender@test> flags 3 to a@smtp.test b@smtp.test
 *   smtp: nexthop smtp.test from <sender@test> flags 3 options 8 to \303\274@smtp.test
 *   defer: append 0 a@smtp.test 4.3.0 delayed (mail transport unavailable)
 *   bounce: flush 0 A1 <sender@test>        (flush, warn, verp, trace)
 *   verify: a@smtp.test 1 (mail transport unavailable)
 *   flush: smtp.test A1
 *
 * The manner of a service says what becomes of each connection, one letter for each; the last one
 * is for all that follow:
 *
 *   a  answers                             q  takes the request and hangs up
 *   x  hangs up at once                    g  answers with garbage
 *   w  announces another protocol          s  takes the request and stays silent
 *   n  announces nothing                   c  announces itself and hangs up
 */

#include <glib.h>

#include "tests/postfix/call_server.h"

typedef struct Service Service;

/* What came, taken apart. */
typedef struct Request {
    GPtrArray *words; /* name, value, name, value, ... of all its lists */
} Request;

typedef enum ServiceKind { SERVICE_AGENT, SERVICE_STATUS, SERVICE_REWRITE } ServiceKind;

/* What a service does before it answers. */
typedef void ServiceEffectFn(const Service *service, const Request *request);

struct Service {
    const char *name; /* after the last slash of path */
    char *path;
    ServiceKind kind;
    const char *protocol;
    const char *manner;
    int32_t status; /* of the reply */
    const char *dsn, *reason;
    ServiceEffectFn *effect;
    int returns_max; /* the defer service marks so many recipients when it returns mail */
    GString *told;
    CallServer *server;
    unsigned request_count;
};

/* How the rewrite service answers for an address; the last row has none. */
typedef struct Route {
    const char *address, *transport, *nexthop, *recipient;
    int32_t flags;
} Route;

extern const Route *service_routes; /* NULL: none but the rule */

/* The value of the first pair with that name, "" if there is none. Borrowed from the request. */
const char *request_get(const Request *request, const char *name);

/* Serves `path`, and answers "all is done" until told otherwise. Writes to `told`, which the caller
 * keeps alive. */
Service *service_open(struct event_base *base, const char *path, ServiceKind kind, GString *told);

/* Ends all conversations, and removes the socket. */
void service_close(Service *service);

/* Ends all conversations; the service itself goes on. */
void service_hang_up(Service *service);

#endif
