#include "tests/bench/logtap.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib.h>

#define SOCKET_PATH    "public/postlog"
#define LINE_MAX_BYTES 4096
#define LINES_AT_ONCE  64
#define SHOWN_MAX      5 /* usually */

struct Logtap {
    int fd;
    struct event *readable;
    LogCounts counts;
    uint64_t shown_max;
};

static bool has_word(const char *line, size_t len, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (memmem(line, len, words[i], strlen(words[i])) != NULL)
            return true;
    return false;
}

static bool is_trouble(const char *line, size_t len)
{
    static const char *const words[] = {"]: warning: ", "]: error: ", "]: fatal: ", "]: panic: "};

    return has_word(line, len, words, G_N_ELEMENTS(words));
}

static bool is_end(const char *line, size_t len)
{
    static const char *const words[] = {"]: fatal: ", "]: panic: "};

    return has_word(line, len, words, G_N_ELEMENTS(words));
}

/* An end is always shown. */
static void count_trouble(Logtap *logtap, const char *line, size_t len)
{
    bool ends = is_end(line, len);

    logtap->counts.ends += ends;
    if (logtap->counts.troubles++ < logtap->shown_max || ends)
        g_printerr("%.*s\n", (int)len, line);
}

static bool ends_with(const char *line, size_t len, const char *end)
{
    size_t end_len = strlen(end);

    return len >= end_len && memcmp(line + len - end_len, end, end_len) == 0;
}

static void count_line(Logtap *logtap, const char *line, size_t len)
{
    logtap->counts.lines++;
    if (ends_with(line, len, ": removed"))
        logtap->counts.removed++;
    else if (ends_with(line, len, "(queue active)"))
        logtap->counts.activated++;
    else if (is_trouble(line, len))
        count_trouble(logtap, line, len);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    static char lines[LINES_AT_ONCE][LINE_MAX_BYTES];
    static struct iovec vectors[LINES_AT_ONCE];
    static struct mmsghdr headers[LINES_AT_ONCE];
    int count;

    (void)what;
    for (int i = 0; i < LINES_AT_ONCE; i++) {
        vectors[i] = (struct iovec){lines[i], LINE_MAX_BYTES};
        headers[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    count = recvmmsg(fd, headers, LINES_AT_ONCE, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++)
        count_line(arg, lines[i], headers[i].msg_len);
}

Logtap *logtap_new(struct event_base *base)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET_PATH};
    Logtap *logtap = g_new0(Logtap, 1);

    logtap->shown_max = SHOWN_MAX;
    logtap->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (logtap->fd < 0 ||
        bind(logtap->fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        chmod(SOCKET_PATH, 0666) < 0)
        g_error("%s: %s", SOCKET_PATH, g_strerror(errno));
    logtap->readable = event_new(base, logtap->fd, EV_READ | EV_PERSIST, on_readable, logtap);
    (void)event_add(logtap->readable, NULL);
    return logtap;
}

void logtap_show_at_most(Logtap *logtap, uint64_t count)
{
    logtap->shown_max = count;
}

LogCounts logtap_counts(const Logtap *logtap)
{
    return logtap->counts;
}

void logtap_free(Logtap *logtap)
{
    if (logtap == NULL)
        return;
    event_free(logtap->readable);
    (void)close(logtap->fd);
    g_free(logtap);
}
