/*
 * evhttp asks for a bufferevent for each connection, and does not tell when it frees it. So we hold
 * a reference of our own, and look now and then which ones have lost the callbacks that evhttp set:
 * that is what bufferevent_free() does first. The descriptor is closed with the last reference; its
 * client has seen the end by then, as evhttp shuts it down.
 */

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <event2/bufferevent.h>

#include "base/clock.h"
#include "base/loop.h"
#include "src/ctl/web/visitors_internal.h"

#define SWEEP_MS        100
#define INPUT_MAX_BYTES 65536 /* of one client, not looked at yet */

typedef struct Visitor {
    struct bufferevent *connection; /* a reference */
    int64_t since_ms;
    TAILQ_ENTRY(Visitor) link;
} Visitor;

struct Visitors {
    struct evconnlistener *listener;
    struct event *sweep;       /* while there are any */
    TAILQ_HEAD(, Visitor) all; /* oldest first */
    unsigned count;
    int64_t life_ms;
};

static void forget_visitor(Visitors *visitors, Visitor *visitor)
{
    TAILQ_REMOVE(&visitors->all, visitor, link);
    visitors->count--;
    (void)bufferevent_decref(visitor->connection);
    g_free(visitor);
}

static bool is_freed_by_evhttp(struct bufferevent *connection)
{
    bufferevent_data_cb on_read, on_write;
    bufferevent_event_cb on_event;
    void *ctx;

    bufferevent_getcb(connection, &on_read, &on_write, &on_event, &ctx);
    return on_read == NULL && on_write == NULL && on_event == NULL;
}

static void set_sweep(Visitors *visitors)
{
    if (visitors->count > 0)
        loop_add(visitors->sweep, &(struct timeval){0, SWEEP_MS * 1000});
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    Visitors *visitors = arg;
    int64_t now_ms = clock_mono_ms();
    Visitor *next;

    (void)fd;
    (void)what;
    for (Visitor *visitor = TAILQ_FIRST(&visitors->all); visitor != NULL; visitor = next) {
        next = TAILQ_NEXT(visitor, link);
        if (is_freed_by_evhttp(visitor->connection))
            forget_visitor(visitors, visitor);
        else if (now_ms - visitor->since_ms > visitors->life_ms)
            (void)shutdown(bufferevent_getfd(visitor->connection), SHUT_RDWR); /* evhttp sees it */
    }
    if (visitors->count < VISITORS_MAX)
        (void)evconnlistener_enable(visitors->listener);
    set_sweep(visitors);
}

static struct bufferevent *on_visitor(struct event_base *base, void *ctx)
{
    Visitors *visitors = ctx;
    Visitor *visitor = g_new0(Visitor, 1);

    visitor->connection = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setwatermark(visitor->connection, EV_READ, 0, INPUT_MAX_BYTES);
    bufferevent_incref(visitor->connection);
    visitor->since_ms = clock_mono_ms();
    TAILQ_INSERT_TAIL(&visitors->all, visitor, link);
    if (visitors->count++ == 0)
        set_sweep(visitors);
    if (visitors->count >= VISITORS_MAX)
        (void)evconnlistener_disable(visitors->listener);
    return visitor->connection;
}

Visitors *visitors_new(struct event_base *base, struct evhttp *http,
                       struct evconnlistener *listener, int life_s)
{
    Visitors *visitors = g_new0(Visitors, 1);

    visitors->life_ms = (int64_t)life_s * 1000;
    visitors->listener = listener;
    TAILQ_INIT(&visitors->all);
    visitors->sweep = evtimer_new(base, on_sweep, visitors);
    evhttp_set_bevcb(http, on_visitor, visitors);
    return visitors;
}

void visitors_free(Visitors *visitors)
{
    Visitor *next;

    if (visitors == NULL)
        return;
    for (Visitor *visitor = TAILQ_FIRST(&visitors->all); visitor != NULL; visitor = next) {
        next = TAILQ_NEXT(visitor, link);
        forget_visitor(visitors, visitor);
    }
    event_free(visitors->sweep);
    g_free(visitors);
}
