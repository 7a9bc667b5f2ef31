#include "tests/lab/peer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_BYTES      16384
#define INPUT_MAX_BYTES (16 * 1024 * 1024) /* a request with all recipients of a big list fits */
#define BACKLOG         1024

struct PeerServer {
    const Core *core;
    char *path;
    int fd;
    struct event *on_connect;
    const PeerHandler *handler;
    void *ctx;
    TAILQ_HEAD(, Peer) peers;
};

static uint64_t activity;

uint64_t peer_activity(void)
{
    return activity;
}

void peer_note_activity(void)
{
    activity++;
}

const char *peer_path(const Peer *peer)
{
    return peer->server->path;
}

static const Tamper *tamper_of(const Peer *peer)
{
    return peer->server->core->tamper;
}

void peer_drop(Peer *peer)
{
    PeerServer *server = peer->server;

    if (tamper_of(peer) != NULL)
        tamper_of(peer)->closed(peer, tamper_of(peer)->ctx);
    if (!peer->orphaned)
        server->handler->closed(peer, server->ctx);
    TAILQ_REMOVE(&server->peers, peer, link);
    event_free(peer->on_readable);
    event_free(peer->on_writable);
    (void)close(peer->fd);
    g_byte_array_free(peer->in, TRUE);
    g_byte_array_free(peer->out, TRUE);
    g_free(peer);
}

void peer_close(Peer *peer)
{
    const PeerServer *server = peer->server;

    if (tamper_of(peer) == NULL || tamper_of(peer)->closing(peer, tamper_of(peer)->ctx)) {
        peer_drop(peer);
        return;
    }
    server->handler->closed(peer, server->ctx);
    peer->orphaned = true;
}

void peer_consume(Peer *peer, size_t count)
{
    g_byte_array_remove_range(peer->in, 0, (guint)count);
}

static void flush_output(Peer *peer)
{
    ssize_t sent = send(peer->fd, peer->out->data, peer->out->len, MSG_NOSIGNAL);

    if (sent > 0)
        g_byte_array_remove_range(peer->out, 0, (guint)sent);
    else if (sent < 0 && errno != EAGAIN)
        g_byte_array_set_size(peer->out, 0); /* the client is gone; reading will tell */
    if (peer->out->len > 0)
        (void)event_add(peer->on_writable, NULL);
}

void peer_send(Peer *peer, const void *bytes, size_t count)
{
    if (tamper_of(peer) != NULL)
        tamper_of(peer)->sending(peer, bytes, count, tamper_of(peer)->ctx);
    else
        peer_put(peer, bytes, count);
}

void peer_put(Peer *peer, const void *bytes, size_t count)
{
    g_byte_array_append(peer->out, bytes, (guint)count);
    if (count > 0)
        flush_output(peer);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    activity++;
    flush_output(arg);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    Peer *peer = arg;
    guint before = peer->in->len;
    ssize_t got;

    (void)what;
    activity++;
    g_byte_array_set_size(peer->in, before + READ_BYTES);
    got = read(fd, peer->in->data + before, READ_BYTES);
    g_byte_array_set_size(peer->in, before + (guint)MAX(got, 0));
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || peer->in->len > INPUT_MAX_BYTES)
        peer_drop(peer);
    else if (peer->orphaned)
        peer_consume(peer, peer->in->len);
    else
        peer->server->handler->received(peer, peer->server->ctx);
}

static void on_connect(evutil_socket_t fd, short what, void *arg)
{
    PeerServer *server = arg;
    Peer *peer;
    int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)what;
    activity++;
    if (accepted < 0)
        return;
    peer = g_new0(Peer, 1);
    peer->server = server;
    peer->fd = accepted;
    peer->in = g_byte_array_new();
    peer->out = g_byte_array_new();
    peer->on_readable =
        event_new(server->core->base, accepted, EV_READ | EV_PERSIST, on_readable, peer);
    peer->on_writable = event_new(server->core->base, accepted, EV_WRITE, on_writable, peer);
    (void)event_add(peer->on_readable, NULL);
    TAILQ_INSERT_TAIL(&server->peers, peer, link);
    if (tamper_of(peer) != NULL)
        tamper_of(peer)->opened(peer, tamper_of(peer)->ctx);
    server->handler->opened(peer, server->ctx);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    g_assert(strlen(path) < sizeof(address.sun_path));
    (void)g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    (void)unlink(path);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        chmod(path, 0666) < 0 || listen(fd, BACKLOG) < 0)
        g_error("listen at %s: %s", path, g_strerror(errno));
    return fd;
}

PeerServer *peer_server_new(const Core *core, const char *path, const PeerHandler *handler,
                            void *ctx)
{
    PeerServer *server = g_new0(PeerServer, 1);

    server->core = core;
    server->path = g_strdup(path);
    server->handler = handler;
    server->ctx = ctx;
    TAILQ_INIT(&server->peers);
    server->fd = listen_at(path);
    server->on_connect =
        event_new(core->base, server->fd, EV_READ | EV_PERSIST, on_connect, server);
    (void)event_add(server->on_connect, NULL);
    return server;
}

void peer_server_stop(PeerServer *server, bool keep_file)
{
    if (server->on_connect != NULL)
        event_free(server->on_connect);
    server->on_connect = NULL;
    if (server->fd >= 0)
        (void)close(server->fd);
    server->fd = -1;
    if (!keep_file)
        (void)unlink(server->path);
}

void peer_server_free(PeerServer *server)
{
    Peer *next;

    if (server == NULL)
        return;
    peer_server_stop(server, true);
    for (Peer *peer = TAILQ_FIRST(&server->peers); peer != NULL; peer = next) {
        next = TAILQ_NEXT(peer, link);
        peer_drop(peer);
    }
    g_free(server->path);
    g_free(server);
}
