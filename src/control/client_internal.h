#ifndef EQMGR_CONTROL_CLIENT_INTERNAL_H
#define EQMGR_CONTROL_CLIENT_INTERNAL_H

/*
 * client: one connection to the control socket, from its first request to its end.
 *
 *   waiting   for a request, CLIENT_IDLE_S at most -> working
 *   working   pieces of an answer are made in client_work(), as long as less than CLIENT_OUTPUT_MAX
 *             wait to be read; who reads nothing for CLIENT_IDLE_S is dropped -> waiting
 *   closing   a last row is on its way; the connection ends when it is gone
 */

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/time.h>
#include <sys/types.h>

#include "src/control/verb_internal.h"

#define CLIENT_IDLE_S           30
#define CLIENT_OUTPUT_MAX_BYTES (64 * 1024)

typedef struct Client Client;

/* What all clients of a socket share. */
typedef struct ClientHost {
    struct event_base *base;
    const ControlSettings *settings;
    const ControlSubject *subject;
    void (*wants_turn)(void *ctx);            /* there is work for client_work() */
    void (*ended)(Client *client, void *ctx); /* frees it; not called in client_work() */
    void *ctx;
} ClientHost;

struct Client {
    TAILQ_ENTRY(Client) in_control;
    uid_t uid;
    /* private */
    const ClientHost *host;
    struct bufferevent *stream;
    struct timeval idle; /* the most of it */
    ControlLevel level;
    enum { CLIENT_WAITING, CLIENT_WORKING, CLIENT_CLOSING } phase;
    bool has_begun;   /* the header row was put */
    const Verb *verb; /* while working */
    Query query;
    Answer answer;
};

/* Takes over the descriptor. NULL: it cannot be watched, and is closed. */
Client *client_new(const ClientHost *host, int fd, uid_t uid, gid_t gid) G_GNUC_WARN_UNUSED_RESULT;
void client_free(Client *client);

/* Tells it why nothing will be done for it, as the last row. */
void client_refuse(Client *client, const char *text);

/* It has work that can be done now. */
bool client_is_ready(const Client *client);

/* The same, and it is the whole of an answer that is one small step at any size of the queue. */
bool client_is_brief(const Client *client);

/* The same as client_is_ready(), and somebody waits for it: no step of it was done yet, or it is a
 * change. */
bool client_is_urgent(const Client *client);

/* One step, for at most so many objects. */
void client_work(Client *client, const Now *now, unsigned object_max);

#endif
