#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib.h>

#include "postlog_internal.h"

/*
 * The lines on their way to postlogd(8). The buffer and its two counts are always consistent,
 * because a signal handler may send the rest of it at any moment.
 */

enum {
    LINE_MAX_BYTES = 4096, /* longer lines are cut; only a very long syslog_name makes one */
    BUFFER_BYTES = 4 * LINE_MAX_BYTES,
    LAST_WAIT_MS = 1000,
};

/* Lines from `sent` to `count` wait. A line is stored before it is counted. */
static struct {
    int fd; /* -1: none */
    struct sockaddr_un address;
    volatile sig_atomic_t sent, count;
    size_t used_bytes;
    struct iovec lines[POSTLOG_LINES_MAX];
    struct mmsghdr messages[POSTLOG_LINES_MAX];
    char buffer[BUFFER_BYTES];
} postlog = {.fd = -1};

static void disconnect(void)
{
    if (postlog.fd >= 0)
        (void)close(postlog.fd);
    postlog.fd = -1;
}

static void reconnect(void)
{
    disconnect();
    postlog.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (postlog.fd >= 0 &&
        connect(postlog.fd, (const struct sockaddr *)&postlog.address, sizeof postlog.address) < 0)
        disconnect();
}

void postlog_open(const char *path)
{
    postlog.address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) < sizeof postlog.address.sun_path) /* else nobody is there */
        memcpy(postlog.address.sun_path, path, strlen(path));
    reconnect();
}

void postlog_close(void)
{
    postlog_flush();
    disconnect();
}

void postlog_add(const struct iovec *parts, int part_count)
{
    int line = postlog.count;
    char *start = postlog.buffer + postlog.used_bytes;
    size_t length = 0;

    for (int i = 0; i < part_count; i++) {
        size_t part_bytes = MIN(parts[i].iov_len, LINE_MAX_BYTES - length);

        memcpy(start + length, parts[i].iov_base, part_bytes);
        length += part_bytes;
    }
    postlog.lines[line] = (struct iovec){start, length};
    postlog.messages[line].msg_hdr =
        (struct msghdr){.msg_iov = &postlog.lines[line], .msg_iovlen = 1};
    postlog.used_bytes += length;
    atomic_signal_fence(memory_order_release);
    postlog.count = line + 1;
    if (postlog.count == POSTLOG_LINES_MAX || postlog.used_bytes > BUFFER_BYTES - LINE_MAX_BYTES)
        postlog_flush();
}

/* As many as the kernel takes in one call. */
static bool send_some(int flags)
{
    int sent = sendmmsg(postlog.fd, postlog.messages + postlog.sent,
                        (unsigned)(postlog.count - postlog.sent), flags | MSG_NOSIGNAL);

    if (sent > 0)
        postlog.sent += sent;
    return sent > 0;
}

/* The socket belongs to master: a restart of master makes a new one under the old name. */
void postlog_flush(void)
{
    while (postlog.sent < postlog.count) {
        if (send_some(0))
            continue;
        reconnect();
        if (!send_some(0)) /* no receiver: as in stock, the line is lost */
            postlog.sent++;
    }
    postlog.count = 0;
    postlog.sent = 0;
    postlog.used_bytes = 0;
}

/* After a send that failed: whether to try again. */
static bool is_worth_waiting(void)
{
    static bool has_waited;
    struct pollfd room = {.fd = postlog.fd, .events = POLLOUT};

    if (has_waited)
        return false;
    has_waited = true;
    if (errno == EAGAIN)
        return poll(&room, 1, LAST_WAIT_MS) > 0;
    reconnect();
    return postlog.fd >= 0;
}

void postlog_send_last(const struct iovec *parts, int part_count)
{
    struct iovec own_parts[POSTLOG_PARTS_MAX];
    struct msghdr line = {.msg_iov = own_parts, .msg_iovlen = (size_t)part_count};
    bool goes_on = true;

    while (goes_on && postlog.sent < postlog.count)
        goes_on = send_some(MSG_DONTWAIT) || is_worth_waiting();
    for (int i = 0; i < part_count; i++)
        own_parts[i] = parts[i];
    while (goes_on && part_count > 0 && sendmsg(postlog.fd, &line, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        goes_on = is_worth_waiting();
}
