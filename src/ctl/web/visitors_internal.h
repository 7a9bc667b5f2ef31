#ifndef EQMGR_CTL_WEB_VISITORS_INTERNAL_H
#define EQMGR_CTL_WEB_VISITORS_INTERNAL_H

/*
 * web/visitors: bounds on the connections of an evhttp, which has none of its own but a time limit
 * for silence.
 *
 * At most VISITORS_MAX are open; the next ones wait in the kernel's queue. Each is closed after
 * its life, whatever its client does: one that sends a byte now and then, or reads as
 * slowly, holds a place no longer than that. So places come free, however many clients are ill.
 */

#include <event2/http.h>
#include <event2/listener.h>
#include <glib.h>

#define VISITORS_MAX    64
#define VISITORS_LIFE_S 30

typedef struct Visitors Visitors;

/* `http`, and `listener` that it is bound to, are borrowed. life_s: of each connection. */
Visitors *visitors_new(struct event_base *base, struct evhttp *http,
                       struct evconnlistener *listener, int life_s) G_GNUC_WARN_UNUSED_RESULT;
void visitors_free(Visitors *visitors); /* after `http`; NULL is a no-op */

#endif
