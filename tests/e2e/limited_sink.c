/*
 * A mail site with a limit: an SMTP server that refuses mail while there are too many connections.
 *
 *   limited_sink LIMIT MILLISECONDS PORT...
 *
 * Listens on 127.0.0.1. While more than LIMIT clients are connected, MAIL FROM is answered with
 * "451 4.7.652 too many connections"; else a message is taken, so many milliseconds after its end.
 * A line of the standard output for each MAIL FROM: "taken" or "refused", how many clients are
 * connected, and the milliseconds since the start. All ports count together. A client that has
 * closed its side is not connected any more, whether this program has seen that or not. Ends with
 * a signal.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <glib.h>

#define BACKLOG 500

typedef struct Client {
    struct bufferevent *stream;
    struct event *timer;
    gboolean is_in_data;
} Client;

static struct event_base *base;
static struct timeval delay;
static GQueue clients = G_QUEUE_INIT;
static int limit;
static gint64 start_us;

static void say(const Client *client, const char *text)
{
    evbuffer_add_printf(bufferevent_get_output(client->stream), "%s\r\n", text);
}

static void on_stored(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    say(arg, "250 2.0.0 taken");
}

static gboolean is_connected(const Client *client)
{
    struct pollfd pollfd = {bufferevent_getfd(client->stream), POLLRDHUP, 0};

    return poll(&pollfd, 1, 0) == 0;
}

static int count_connected(void)
{
    int count = 0;

    for (const GList *link = clients.head; link != NULL; link = link->next)
        count += is_connected(link->data);
    return count;
}

static void answer_mail(const Client *client)
{
    int count = count_connected();
    gboolean is_refused = count > limit;

    printf("%s %d %" G_GINT64_FORMAT "\n", is_refused ? "refused" : "taken", count,
           (g_get_monotonic_time() - start_us) / 1000);
    fflush(stdout);
    say(client, is_refused ? "451 4.7.652 too many connections" : "250 2.1.0 go on");
}

static void take_line(Client *client, const char *line)
{
    if (client->is_in_data) {
        if (strcmp(line, ".") == 0) {
            client->is_in_data = FALSE;
            evtimer_add(client->timer, &delay);
        }
    } else if (g_ascii_strncasecmp(line, "MAIL ", 5) == 0) {
        answer_mail(client);
    } else if (g_ascii_strcasecmp(line, "DATA") == 0) {
        client->is_in_data = TRUE;
        say(client, "354 end with a dot");
    } else if (g_ascii_strcasecmp(line, "QUIT") == 0) {
        say(client, "221 2.0.0 bye");
    } else {
        say(client, "250 2.0.0 ok");
    }
}

static void on_readable(struct bufferevent *stream, void *arg)
{
    char *line;

    while ((line = evbuffer_readln(bufferevent_get_input(stream), NULL, EVBUFFER_EOL_CRLF)) !=
           NULL) {
        take_line(arg, line);
        free(line);
    }
}

static void on_closed(struct bufferevent *stream, short what, void *arg)
{
    Client *client = arg;

    (void)what;
    g_queue_remove(&clients, client);
    event_free(client->timer);
    bufferevent_free(stream);
    g_free(client);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
                      int peer_bytes, void *arg)
{
    Client *client = g_new0(Client, 1);

    (void)listener;
    (void)peer;
    (void)peer_bytes;
    (void)arg;
    client->stream = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    client->timer = evtimer_new(base, on_stored, client);
    g_queue_push_tail(&clients, client);
    bufferevent_setcb(client->stream, on_readable, NULL, on_closed, client);
    bufferevent_enable(client->stream, EV_READ | EV_WRITE);
    say(client, "220 limited.test ESMTP");
}

static void listen_at(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    if (evconnlistener_new_bind(base, on_accept, NULL, LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE,
                                BACKLOG, (struct sockaddr *)&address, sizeof(address)) == NULL)
        g_error("port %d: %s", port, g_strerror(errno));
}

int main(int argc, char **argv)
{
    long ms;

    if (argc < 4)
        g_error("usage: limited_sink LIMIT MILLISECONDS PORT...");
    limit = atoi(argv[1]);
    ms = atol(argv[2]);
    delay = (struct timeval){ms / 1000, ms % 1000 * 1000};
    base = event_base_new();
    start_us = g_get_monotonic_time();
    for (int i = 3; i < argc; i++)
        listen_at(atoi(argv[i]));
    event_base_dispatch(base);
    return 1;
}
