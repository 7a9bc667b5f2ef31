#ifndef EQMGR_TESTS_LAB_PEER_H
#define EQMGR_TESTS_LAB_PEER_H

/*
 * tests/lab/peer: a UNIX-domain server of ours and its connections.
 *
 * Contract:
 *  - `opened` runs once per connection; `received` whenever there is new input in peer->in (take it
 *    with peer_consume()); `closed` when the client has closed or the connection broke, and also
 *    when the server is freed. After `closed` the Peer is gone. peer_close() calls `closed`, too.
 *  - peer_send() never blocks; what the socket does not take at once follows later.
 *  - core->tamper, if there is one, stands between: it decides what becomes of each peer_send(),
 * and may leave a connection open that the server closes. Every event is counted in
 * server->activity, so that a caller can tell whether all is quiet.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <glib.h>

#include "tests/lab/core.h"

typedef struct PeerServer PeerServer;

typedef struct Peer {
    PeerServer *server;
    void *user;      /* whatever `opened` put there */
    void *tampering; /* of core->tamper */
    bool orphaned;   /* the server is done with it; `closed` has been called */
    GByteArray *in;
    GByteArray *out; /* not sent yet */
    int fd;
    struct event *on_readable, *on_writable;
    TAILQ_ENTRY(Peer) link;
} Peer;

typedef struct PeerHandler {
    void (*opened)(Peer *peer, void *ctx);
    void (*received)(Peer *peer, void *ctx);
    void (*closed)(Peer *peer, void *ctx);
} PeerHandler;

typedef struct Tamper {
    void (*opened)(Peer *peer, void *ctx); /* before the server knows of it */
    void (*sending)(Peer *peer, const void *bytes, size_t count, void *ctx); /* see peer_put() */
    bool (*closing)(Peer *peer, void *ctx); /* false: it stays open until peer_drop() */
    void (*closed)(Peer *peer, void *ctx);  /* the Peer is about to go */
    void *ctx;
} Tamper;

/* Creates the socket file. `path` is relative to the queue directory. */
PeerServer *peer_server_new(const Core *core, const char *path, const PeerHandler *handler,
                            void *ctx);
void peer_server_free(PeerServer *server);

/* The socket file vanishes (ENOENT) or stays without a listener (ECONNREFUSED). Open connections
 * stay open. */
void peer_server_stop(PeerServer *server, bool keep_file);

void peer_send(Peer *peer, const void *bytes, size_t count);
void peer_consume(Peer *peer, size_t count);
void peer_close(Peer *peer);

/* The path of its server. */
const char *peer_path(const Peer *peer);

/* For a Tamper, never from within its calls: sends, and closes, past itself. */
void peer_put(Peer *peer, const void *bytes, size_t count);
void peer_drop(Peer *peer);

/* Events seen by all servers so far. */
uint64_t peer_activity(void);
void peer_note_activity(void);

#endif
