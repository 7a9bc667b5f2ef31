#ifndef EQMGR_TESTS_BENCH_SERVER_H
#define EQMGR_TESTS_BENCH_SERVER_H

/*
 * tests/bench/server: a UNIX-domain server for measurements: as few calls to the system as a server
 * can do with, so that the driver is never what a measurement measures.
 *
 * Contract:
 *  - `opened` runs once for each connection; `received` whenever there is new input in call->in
 *    (take it with call_consume()); `closed` when the client has closed. After `closed` the Call is
 *    used for another connection; its timer is off.
 *  - call_send() is for short answers, which always fit into an empty socket buffer.
 */

#include <stdint.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <glib.h>

typedef struct Server Server;
typedef struct Call Call;

typedef void CallFn(Call *call, void *ctx);

struct Call {
    Server *server;
    int fd;
    int state; /* for the owner of the server; 0 when opened */
    GByteArray *in;
    TAILQ_ENTRY(Call) link; /* the same */
    TAILQ_ENTRY(Call) own_link;
    struct event readable, timer;
    CallFn *timer_fn;
};

typedef struct ServerHandler {
    CallFn *opened, *received, *closed;
} ServerHandler;

/* Creates the socket file. `path` is relative to the queue directory. */
Server *server_new(struct event_base *base, const char *path, const ServerHandler *handler,
                   void *ctx);
void server_free(Server *server);

void call_send(Call *call, const void *bytes, size_t count);
void call_consume(Call *call, size_t count);

/* Runs `fn` once after the delay, unless the connection is closed before. */
void call_after(Call *call, int64_t delay_us, CallFn *fn);

#endif
