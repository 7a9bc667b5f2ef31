#ifndef EQMGR_IPC_TALK_INTERNAL_H
#define EQMGR_IPC_TALK_INTERNAL_H

/*
 * ipc/talk: the conversation all Postfix servers have in common (ipc.md 1.3, 10): connect, their
 * announcement, then request and reply in turn, one request at a time.
 *
 * A Talk is embedded in the object of its owner (agent, report client, resolver), who tells its
 * TalkRole what to expect and is called with the outcome of each turn.
 *
 * Contract:
 *  - Nothing here blocks. on_turn() comes from the event loop only, never out of talk_start() or
 *    talk_send(), and is the last thing done: it may end or free the Talk.
 *  - on_turn() is called once for the announcement, then once for each request sent. After an
 *    outcome other than TALK_OK and TALK_STIRRED the Talk only waits for its talk_end().
 *  - TALK_STIRRED: the peer closed or sent something while nothing was asked. The Talk does not
 *    look closer; a later request shows what the peer did.
 *  - Input that comes before the request is not an answer: if there is some after the announcement,
 *    or when a request is to be sent, the turn ends as TALK_BAD_PEER, and the request is not sent.
 *  - A reply that came before the peer closed counts, also if the request could not be written.
 *  - The time limit is for each silence: it starts again with each input.
 *
 * One socket, one event registration and, if all fits, one read and write per turn; no allocation
 * as long as input fits TALK_INPUT_BYTES and the socket takes requests whole.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <glib.h>

#include "codec/attr.h"

#define TALK_INPUT_BYTES 512  /* announcement and usual replies; longer ones move to the heap */
#define TALK_PATIENCE_MS 1000 /* usual for trying to connect */

typedef enum TalkOutcome {
    TALK_OK = 0,        /* the peer announced itself, or the reply was decoded */
    TALK_STIRRED,       /* something happened while nothing was asked */
    TALK_NO_CONNECTION, /* .error */
    TALK_BAD_PEER,      /* .problem */
    TALK_LOST,          /* EOF or .error; .problem if in the middle of a list */
    TALK_WRITE_FAILED,  /* .error */
    TALK_TIMED_OUT,     /* .problem if in the middle of a list */
} TalkOutcome;

typedef enum TalkState {
    TALK_CONNECTING,
    TALK_GREETING, /* waiting for the announcement */
    TALK_READY,    /* for a request */
    TALK_ASKING,   /* sending the request and waiting for the reply */
    TALK_ENDED,
} TalkState;

typedef struct Talk Talk;

typedef struct TalkRole {
    const char *protocol;
    int64_t patience_ms; /* how long connecting is tried if what hinders it may pass */
    /* Decodes a reply and keeps the result until on_turn(); strings are borrowed until it ends. */
    AttrStatus (*decode)(Talk *talk, AttrReader *reader);
    void (*on_turn)(Talk *talk, TalkOutcome outcome);
} TalkRole;

/* What the socket did not take of a request. */
typedef struct TalkUnsent {
    struct event writable;
    GByteArray *bytes;
    size_t pos;
} TalkUnsent;

/* Members are private to ipc/talk, but for error, problem and peer. */
struct Talk {
    const TalkRole *role;
    void *owner;
    struct event event; /* the retry timer while connecting, then the socket */
    struct timeval timeout;
    TalkState state;
    TalkOutcome outcome;
    bool turn_over;    /* the owner does not know the outcome yet */
    bool eof, drained; /* of the last read */
    bool short_read;   /* the last read got less than there was room for */
    bool write_failed;
    int fd;
    pid_t peer; /* the process that answers; 0: not known */
    bool wants_peer;
    int64_t tried_ms;   /* to connect */
    int error;          /* errno, 0 if there was none */
    char *problem;      /* text of a warning, or NULL */
    TalkUnsent *unsent; /* or NULL */
    uint8_t *input;     /* small_input or on the heap */
    size_t input_size, input_pos, input_end;
    uint8_t small_input[TALK_INPUT_BYTES];
    struct sockaddr_un address;
};

/* Initializes `talk` (at a place it keeps) and starts connecting. timeout_s 0: no limit. */
void talk_start(Talk *talk, struct event_base *base, const TalkRole *role, const char *path,
                int timeout_s, void *owner);

/* Directly after the start: .peer will be known with the first reply, if it can be. */
void talk_want_peer(Talk *talk);

/* Only when TALK_READY. The bytes are copied if they cannot be written at once. */
void talk_send(Talk *talk, const void *request, size_t size_bytes);

/* Closes; no on_turn() any more. */
void talk_end(Talk *talk);

/* Whether the peer answered more than it was asked, or before it had read all of the request: it
 * must not be asked again. */
bool talk_is_ahead(const Talk *talk);

const char *talk_path(const Talk *talk);

/* loop_add() with a time limit shared by many events costs O(1). 0: none. */
struct timeval talk_common_timeout(struct event_base *base, int64_t timeout_ms);

#endif
