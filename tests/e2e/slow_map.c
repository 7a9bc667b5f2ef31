/*
 * A lookup table that takes its time: a server of socketmap_table(5).
 *
 *   slow_map SOCKET MILLISECONDS VALUE
 *
 * Listens on the UNIX socket. The answer to a key with "@" is VALUE, so many milliseconds after the
 * question; other keys are not found, at once. Clients do not wait for each other. The process IDs
 * of those that asked for a key with "@" are the standard output, one line for each question.
 * Ends with a signal.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <glib.h>

#define KEY_MAX_BYTES 4096

typedef struct Client {
    struct bufferevent *stream;
    struct event *timer;
    pid_t pid;
} Client;

static struct event_base *base;
static struct timeval delay;
static const char *found;

static void answer(const Client *client, const char *text)
{
    evbuffer_add_printf(bufferevent_get_output(client->stream), "%zu:%s,", strlen(text), text);
}

static void on_looked_up(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    answer(arg, found);
}

/* The next "LENGTH:MAP KEY,"; NULL if it is not complete. */
static char *take_question(struct evbuffer *input)
{
    size_t length = evbuffer_get_length(input);
    const char *bytes = (const char *)evbuffer_pullup(input, -1), *colon;
    size_t size, head;
    char *question;

    colon = length > 0 ? memchr(bytes, ':', length) : NULL;
    if (colon == NULL)
        return NULL;
    size = strtoul(bytes, NULL, 10);
    if (size > KEY_MAX_BYTES)
        g_error("a question of %zu bytes", size);
    head = (size_t)(colon - bytes) + 1;
    if (length < head + size + 1)
        return NULL;
    question = g_strndup(colon + 1, size);
    evbuffer_drain(input, head + size + 1);
    return question;
}

static void take_time(const Client *client)
{
    printf("%d\n", (int)client->pid);
    evtimer_add(client->timer, &delay);
}

/* Clients of a table ask one question at a time. */
static void on_readable(struct bufferevent *stream, void *arg)
{
    Client *client = arg;
    char *question;

    while ((question = take_question(bufferevent_get_input(stream))) != NULL) {
        if (strchr(question, '@') == NULL)
            answer(client, "NOTFOUND ");
        else
            take_time(client);
        g_free(question);
    }
}

static void on_closed(struct bufferevent *stream, short what, void *arg)
{
    Client *client = arg;

    (void)what;
    event_free(client->timer);
    bufferevent_free(stream);
    g_free(client);
}

static pid_t pid_of_peer(int fd)
{
    struct ucred peer = {0};
    socklen_t size = sizeof(peer);

    (void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    return peer.pid;
}

static void on_accept(evutil_socket_t listener, short what, void *arg)
{
    int fd = accept(listener, NULL, NULL);
    Client *client;

    (void)what;
    (void)arg;
    if (fd < 0)
        return;
    evutil_make_socket_nonblocking(fd);
    client = g_new0(Client, 1);
    client->pid = pid_of_peer(fd);
    client->stream = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    client->timer = evtimer_new(base, on_looked_up, client);
    bufferevent_setcb(client->stream, on_readable, NULL, on_closed, client);
    bufferevent_enable(client->stream, EV_READ | EV_WRITE);
}

/* Anybody may connect: the clients have dropped their privileges. */
static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path))
        g_error("%s: too long", path);
    (void)unlink(path);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, 0666) < 0 ||
        listen(fd, 1000) < 0)
        g_error("%s: %m", path);
    return fd;
}

int main(int argc, char **argv)
{
    int delay_ms;

    if (argc != 4) {
        fprintf(stderr, "usage: %s socket milliseconds value\n", argv[0]);
        return 2;
    }
    delay_ms = atoi(argv[2]); /* NOLINT(cert-err34-c): given by our own scripts */
    delay = (struct timeval){delay_ms / 1000, (delay_ms % 1000) * 1000};
    found = g_strconcat("OK ", argv[3], NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    base = event_base_new();
    event_add(event_new(base, listen_at(argv[1]), EV_READ | EV_PERSIST, on_accept, NULL), NULL);
    event_base_dispatch(base);
    return 0;
}
