#include "tests/postfix/call_server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG         1024
#define ACCEPTS_AT_ONCE 32
#define READ_BYTES      65536
#define INPUT_MAX_BYTES (64 * 1024 * 1024)
#define US_PER_S        1000000

TAILQ_HEAD(CallList, Call);

struct CallServer {
    struct event_base *base;
    int fd;
    struct event connectable;
    const CallHandler *handler;
    void *ctx;
    struct CallList open, unused;
};

void call_close(Call *call)
{
    CallServer *server = call->server;

    server->handler->closed(call, server->ctx);
    (void)event_del(&call->readable);
    (void)event_del(&call->timer);
    (void)close(call->fd);
    g_byte_array_set_size(call->in, 0);
    TAILQ_REMOVE(&server->open, call, own_link);
    TAILQ_INSERT_HEAD(&server->unused, call, own_link);
}

void call_send(Call *call, const void *bytes, size_t count)
{
    ssize_t sent = send(call->fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (sent >= 0 && (size_t)sent != count)
        g_error("an answer of %zu bytes does not fit into a socket buffer", count);
}

void call_consume(Call *call, size_t count)
{
    g_byte_array_remove_range(call->in, 0, (guint)count);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    Call *call = arg;

    (void)fd;
    (void)what;
    call->timer_fn(call, call->server->ctx);
}

void call_after(Call *call, int64_t delay_us, CallFn *fn)
{
    const struct timeval delay = {delay_us / US_PER_S, delay_us % US_PER_S};

    call->timer_fn = fn;
    (void)event_add(&call->timer, &delay);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    static guint8 bytes[READ_BYTES];
    Call *call = arg;
    ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    (void)what;
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || call->in->len > INPUT_MAX_BYTES) {
        call_close(call);
        return;
    }
    g_byte_array_append(call->in, bytes, (guint)got);
    call->server->handler->received(call, call->server->ctx);
}

static Call *call_new(CallServer *server)
{
    Call *call = TAILQ_FIRST(&server->unused);

    if (call != NULL) {
        TAILQ_REMOVE(&server->unused, call, own_link);
        return call;
    }
    call = g_new0(Call, 1);
    call->server = server;
    call->in = g_byte_array_new();
    return call;
}

static void open_call(CallServer *server, int fd)
{
    Call *call = call_new(server);

    call->fd = fd;
    call->state = 0;
    (void)event_assign(&call->readable, server->base, fd, EV_READ | EV_PERSIST, on_readable, call);
    (void)evtimer_assign(&call->timer, server->base, on_timer, call);
    (void)event_add(&call->readable, NULL);
    TAILQ_INSERT_HEAD(&server->open, call, own_link);
    server->handler->opened(call, server->ctx);
}

static void on_connectable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

        if (accepted < 0)
            return;
        open_call(arg, accepted);
    }
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    g_assert(strlen(path) < sizeof(address.sun_path));
    (void)g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        chmod(path, 0666) < 0 || listen(fd, BACKLOG) < 0)
        g_error("listen at %s: %s", path, g_strerror(errno));
    return fd;
}

CallServer *call_server_new(struct event_base *base, const char *path, const CallHandler *handler,
                            void *ctx)
{
    CallServer *server = g_new0(CallServer, 1);

    server->base = base;
    server->handler = handler;
    server->ctx = ctx;
    server->fd = listen_at(path);
    TAILQ_INIT(&server->open);
    TAILQ_INIT(&server->unused);
    (void)event_assign(&server->connectable, base, server->fd, EV_READ | EV_PERSIST, on_connectable,
                       server);
    (void)event_add(&server->connectable, NULL);
    return server;
}

void call_server_hang_up(CallServer *server)
{
    Call *call;

    while ((call = TAILQ_FIRST(&server->open)) != NULL)
        call_close(call);
}

void call_server_free(CallServer *server)
{
    Call *call;

    if (server == NULL)
        return;
    call_server_hang_up(server);
    while ((call = TAILQ_FIRST(&server->unused)) != NULL) {
        TAILQ_REMOVE(&server->unused, call, own_link);
        g_byte_array_free(call->in, TRUE);
        g_free(call);
    }
    (void)event_del(&server->connectable);
    (void)close(server->fd);
    g_free(server);
}
