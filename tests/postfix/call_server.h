#ifndef EQMGR_TESTS_POSTFIX_CALL_SERVER_H
#define EQMGR_TESTS_POSTFIX_CALL_SERVER_H

/*
 * tests/postfix/call_server: a UNIX-domain server for actors that answer in short. It makes as few
 * calls to the system as a server can do with, so that the driver is never what a measurement
 * measures. (tests/lab/peer is the one that can be tampered with; tests/support/ipc_peer follows a
 * script.)
 *
 * Contract:
 *  - `opened` runs once for each connection; `received` whenever there is new input in call->in
 *    (take it with call_consume()); `closed` when either side has closed. After `closed` the Call
 * is used for another connection; its timer is off.
 *  - `opened` and `received` may end the connection with call_close(), as their last act.
 *  - call_send() is for short answers, which always fit into an empty socket buffer.
 */

#include <stdint.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <glib.h>

typedef struct CallServer CallServer;
typedef struct Call Call;

typedef void CallFn(Call *call, void *ctx);

struct Call {
    CallServer *server;
    int fd;
    int state; /* for the owner of the server; 0 when opened */
    GByteArray *in;
    TAILQ_ENTRY(Call) link; /* the same */
    TAILQ_ENTRY(Call) own_link;
    struct event readable, timer;
    CallFn *timer_fn;
};

typedef struct CallHandler {
    CallFn *opened, *received, *closed;
} CallHandler;

/* Creates the socket file. `path` is relative to the queue directory. */
CallServer *call_server_new(struct event_base *base, const char *path, const CallHandler *handler,
                            void *ctx);

/* Ends all connections, and the server. The socket file remains. */
void call_server_free(CallServer *server);

/* Ends all connections; the server itself goes on. */
void call_server_hang_up(CallServer *server);

void call_send(Call *call, const void *bytes, size_t count);
void call_consume(Call *call, size_t count);
void call_close(Call *call);

/* Runs `fn` once after the delay, unless the connection is closed before. */
void call_after(Call *call, int64_t delay_us, CallFn *fn);

#endif
