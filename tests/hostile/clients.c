#include "tests/hostile/clients.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "codec/control.h"

#define NOISE_BYTES_MAX 300
#define MANY            12 /* connections; the daemon takes fewer */
#define REQUESTS        40 /* whose answers nobody reads */

typedef struct RequestText {
    const char *bytes;
    size_t size_bytes;
} RequestText;

#define REQUEST(text)      \
    {                      \
        text, sizeof(text) \
    }

static const RequestText requests[] = {
    REQUEST("verb\0status\0"),
    REQUEST("verb\0destinations\0limit\0000\0internal\0001\0"),
    REQUEST("verb\0messages\0limit\0000\0"),
    REQUEST("verb\0deferred\0by\0destination,reason\0"),
    REQUEST("verb\0due\0within\000604800\0"),
    REQUEST("verb\0explain\0queue_id\0../../etc/passwd\0"),
    REQUEST("verb\0metrics\0"),
    REQUEST("verb\0events\0after\00018446744073709551615\0"),
};

/* -1: nobody listens, or too many wait. */
static int call(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = CONTROL_SOCKET};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* Bytes that do not fit are lost, as with any client that does not care. */
static void say(int fd, const void *bytes, size_t size_bytes)
{
    if (fd >= 0)
        (void)!send(fd, bytes, size_bytes, MSG_NOSIGNAL);
}

static void keep(Clients *clients, int fd)
{
    if (fd >= 0)
        g_array_append_val(clients->fds, fd);
}

static const RequestText *any_request(GRand *dice)
{
    return &requests[g_rand_int_range(dice, 0, G_N_ELEMENTS(requests))];
}

/* ---- who does not behave ---- */

static void call_and_wait(Clients *clients, Lab *lab, GRand *dice)
{
    int count = g_rand_boolean(dice) ? 1 : MANY;

    (void)lab;
    for (; count > 0; count--)
        keep(clients, call());
}

static void talk_nonsense(Clients *clients, Lab *lab, GRand *dice)
{
    char noise[NOISE_BYTES_MAX];
    int count = g_rand_int_range(dice, 1, NOISE_BYTES_MAX), fd = call();

    (void)lab;
    for (int i = 0; i < count; i++)
        noise[i] = (char)g_rand_int_range(dice, 0, g_rand_boolean(dice) ? 3 : 256);
    say(fd, noise, (size_t)count);
    keep(clients, fd);
}

static void ask_half(Clients *clients, Lab *lab, GRand *dice)
{
    const RequestText *request = any_request(dice);
    int fd = call();

    (void)lab;
    say(fd, request->bytes, (size_t)g_rand_int_range(dice, 1, (gint32)request->size_bytes - 1));
    keep(clients, fd);
}

static void ask_too_much(Clients *clients, Lab *lab, GRand *dice)
{
    g_autofree char *bytes = g_strnfill(CONTROL_REQUEST_MAX_BYTES + 1, 'x');
    int fd = call();

    (void)lab;
    (void)dice;
    say(fd, bytes, CONTROL_REQUEST_MAX_BYTES + 1);
    keep(clients, fd);
}

static void ask_and_vanish(Clients *clients, Lab *lab, GRand *dice)
{
    const RequestText *request = any_request(dice);
    int fd = call();

    (void)clients;
    say(fd, request->bytes, request->size_bytes);
    if (g_rand_boolean(dice))
        lab_settle(lab);
    if (fd >= 0)
        (void)close(fd);
}

static void ask_and_never_read(Clients *clients, Lab *lab, GRand *dice)
{
    int fd = call();

    (void)lab;
    for (int i = 0; i < REQUESTS; i++) {
        const RequestText *request = any_request(dice);

        say(fd, request->bytes, request->size_bytes);
    }
    keep(clients, fd);
}

/* ---- who behaves ---- */

static bool is_whole(const char *bytes, size_t size_bytes)
{
    static const char end_row[] = "row\0end", error_row[] = "row\0error";

    return size_bytes > 2 && bytes[size_bytes - 1] == '\0' && bytes[size_bytes - 2] == '\0' &&
           (memmem(bytes, size_bytes, end_row, sizeof(end_row)) != NULL ||
            memmem(bytes, size_bytes, error_row, sizeof(error_row)) != NULL);
}

/* There may be no room for this client, which the daemon says. */
static void ask_politely(Clients *clients, Lab *lab, GRand *dice)
{
    int fd = call();
    char answer[65536];
    ssize_t count = 0;

    (void)dice;
    if (fd < 0)
        return;
    say(fd, requests[0].bytes, requests[0].size_bytes);
    lab_settle(lab);
    count = recv(fd, answer, sizeof(answer), 0);
    (void)close(fd);
    if (!daemon_is_running(lab->daemon))
        return;
    clients->polite_count++;
    clients->unheard_count += count <= 0 || !is_whole(answer, (size_t)count);
}

void clients_act(Clients *clients, Lab *lab, GRand *dice)
{
    static void (*const acts[])(Clients *, Lab *, GRand *) = {
        call_and_wait,  talk_nonsense,      ask_half,    ask_too_much,
        ask_and_vanish, ask_and_never_read, ask_politely};
    int choice = g_rand_int_range(dice, 0, 4 * (int)G_N_ELEMENTS(acts));

    if (choice >= (int)G_N_ELEMENTS(acts) || !daemon_is_running(lab->daemon))
        return;
    acts[choice](clients, lab, dice);
    lab_settle(lab);
}

/* ---- their end ---- */

/* Reads what there is, so that only silence can end the connection; false: it has ended. */
static bool is_open(int fd)
{
    char bytes[4096];
    ssize_t count;

    while ((count = recv(fd, bytes, sizeof(bytes), 0)) > 0)
        ;
    return count < 0 && errno == EAGAIN;
}

unsigned clients_open(Clients *clients)
{
    unsigned count = 0;

    for (guint i = 0; i < clients->fds->len; i++)
        count += is_open(g_array_index(clients->fds, int, i));
    return count;
}

Clients *clients_new(void)
{
    Clients *clients = g_new0(Clients, 1);

    clients->fds = g_array_new(FALSE, FALSE, sizeof(int));
    return clients;
}

void clients_free(Clients *clients)
{
    if (clients == NULL)
        return;
    for (guint i = 0; i < clients->fds->len; i++)
        (void)close(g_array_index(clients->fds, int, i));
    g_array_free(clients->fds, TRUE);
    g_free(clients);
}
