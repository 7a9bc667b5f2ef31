#ifndef EQMGR_TESTS_SUPPORT_IPC_PEER_H
#define EQMGR_TESTS_SUPPORT_IPC_PEER_H

/*
 * tests/support/ipc_peer: a server that follows a script, in the event base of the test, and a
 * temporary directory to put its socket into. A script is a string, one letter per step:
 *
 *   A  announce the protocol               Q  wait for a whole request
 *   a  send half of the announcement       R  send the reply
 *   W  announce another protocol           r  send half of the reply
 *   G  send garbage                        B  send the reply byte by byte
 *   X  close                               *  go on with the first Q
 *   P  wait for a request, leave it unread b  send a byte
 *   t  wait 10 ms                         T  wait 500 ms
 *
 * At its end the peer stays silent and notices when the other side closes. The first connection
 * follows the first script, and so on; the last script is for all that come after.
 */

#include <stdbool.h>

#include <event2/event.h>
#include <glib.h>

#define PEER_GUARD_S 120

/* True if `request` is complete; then `reply` may be changed. */
typedef bool PeerAnswerFn(const GByteArray *request, GByteArray *reply);

typedef struct Peer {
    struct event_base *base;
    int listener;
    struct event *event;
    const char *protocol;
    const char *const *scripts; /* NULL-terminated */
    PeerAnswerFn *answer;
    GByteArray *reply; /* what R, r and B send; the answer of the last Q */
    GPtrArray *sessions;
    int accepted_count, question_count, open_count, max_open_count;
} Peer;

typedef struct PeerSession {
    Peer *peer;
    int fd;
    struct event *event, *timer;
    const char *script, *step;
    GByteArray *request;
    guint replied;
    bool is_resting;
} PeerSession;

extern struct event_base *base; /* of the test, from ipc_setup() to ipc_teardown() */

/* A temporary directory with a folder `private`, as the working directory, and the event base. */
void ipc_setup(void);

/* Fails the test if a socket is left in `private`. */
void ipc_teardown(void);

/* Runs the loop until somebody breaks it; a test that hangs fails after PEER_GUARD_S. */
void run_loop(void);

/* Runs the loop for so long, or until somebody breaks it, and then until nothing is left to do at
 * once. */
void run_for_ms(int ms);

/* Serves `path` until peer_stop(). Takes ownership of `reply`; the rest is borrowed. */
void peer_start(Peer *peer, const char *path, const char *protocol, const char *const *scripts,
                PeerAnswerFn *answer, GByteArray *reply);
void peer_stop(Peer *peer, const char *path);

/* Hangs up; the session remains in the peer's list. Nothing happens if it is closed already. */
void peer_session_close(PeerSession *session);

/* ---- sockets without a peer ---- */

/* A listening socket that does not block; the caller closes it. */
int peer_listen(const char *path, int backlog);

/* Connects until the listen queue is full. Returns the descriptors (int), for close_all(). */
GArray *fill_listen_queue(const char *path);

/* Frees `fds`, too. */
void close_all(GArray *fds);

#endif
