#include "tests/kill/rewriter.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/postfix/wire.h"

#define CLIENTS_MAX    16
#define QUESTION_BYTES 4096
#define CLASS_DEFAULT  4096 /* of the address: neither local nor relayed */

typedef struct Client {
    int fd;
    size_t count;
    char bytes[QUESTION_BYTES];
} Client;

typedef struct Rewriter {
    const Common *common;
    int listen_fd;
    unsigned client_count;
    Client clients[CLIENTS_MAX];
} Rewriter;

static const char announcement[] = "protocol\0trivial_rewrite_protocol\0";

static void answer(const Rewriter *rewriter, const Client *client, const char *address)
{
    const Switches *switches = rewriter->common->switches;
    const char *at = strrchr(address, '@');
    const char *domain = at != NULL ? at + 1 : address;
    g_autoptr(GString) out = g_string_new(NULL);

    if (g_str_has_prefix(domain, REWRITER_SLOW_WORD) && !switches->calm)
        g_usleep((gulong)switches->lookup_us);
    wire_put(out, "flags", "0");
    wire_put(out, "transport", "smtp");
    wire_put(out, "nexthop", domain);
    wire_put(out, "recipient", address);
    wire_put_number(out, "flags", CLASS_DEFAULT);
    wire_end(out);
    (void)!send(client->fd, out->str, out->len, MSG_NOSIGNAL);
}

static void drop(Rewriter *rewriter, Client *client)
{
    (void)close(client->fd);
    *client = rewriter->clients[--rewriter->client_count];
}

static void serve(Rewriter *rewriter, Client *client)
{
    ssize_t got =
        recv(client->fd, client->bytes + client->count, sizeof(client->bytes) - client->count, 0);
    WireList list;
    ssize_t used;

    if (got <= 0) {
        drop(rewriter, client);
        return;
    }
    client->count += (size_t)got;
    used = wire_take_list(client->bytes, client->count, &list);
    if (used == 0 && client->count < sizeof(client->bytes))
        return;
    if (used <= 0 || (size_t)used != client->count)
        g_error("this is not one question");
    answer(rewriter, client, wire_get(&list, "address"));
    client->count = 0;
}

static void take_client(Rewriter *rewriter)
{
    int fd = accept4(rewriter->listen_fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return;
    rewriter->clients[rewriter->client_count++] = (Client){.fd = fd};
    (void)!send(fd, announcement, sizeof(announcement), MSG_NOSIGNAL);
}

/* Backwards, since the last client takes the place of one that is removed. */
static void turn(Rewriter *rewriter)
{
    struct pollfd polled[CLIENTS_MAX + 1];
    unsigned count = rewriter->client_count;

    for (unsigned i = 0; i < count; i++)
        polled[i] = (struct pollfd){.fd = rewriter->clients[i].fd, .events = POLLIN};
    polled[count] = (struct pollfd){.fd = rewriter->listen_fd, .events = POLLIN};
    if (poll(polled, count < CLIENTS_MAX ? count + 1 : count, -1) < 0)
        g_error("poll: %s", g_strerror(errno));
    for (unsigned i = count; i > 0; i--)
        if (polled[i - 1].revents != 0)
            serve(rewriter, &rewriter->clients[i - 1]);
    if (polled[count].revents != 0)
        take_client(rewriter);
}

void rewriter_run(const Common *common, int listen_fd)
{
    Rewriter rewriter = {.common = common, .listen_fd = listen_fd};

    for (;;)
        turn(&rewriter);
}
