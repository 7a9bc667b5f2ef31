#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/loop.h"
#include "daemon/service.h"
#include "trigger_internal.h"

/*
 * A trigger: one client on its way from accept() to close(). It never blocks the loop, however slow
 * the client is. If the kernel cannot watch one more descriptor, the client is read from
 * time to time.
 */

struct Trigger {
    TAILQ_ENTRY(Trigger) link;
    TriggerOwner *owner;
    int connection_fd;
    int passed_fd; /* -1: none, or not yet */
    bool is_done;  /* waits only for the NUL */
    struct event *readable;
    struct event *later; /* NULL, unless it cannot be watched */
    int look_count;
};

/* A client that cannot be watched is read so often, for two seconds; clients write at once. */
#define LOOKS_MAX 100
static const struct timeval a_little = {0, TRIGGER_WAIT_MS * 1000};

static void trigger_watch(Trigger *trigger, int fd, event_callback_fn callback)
{
    if (trigger->readable != NULL)
        event_free(trigger->readable);
    trigger->readable = event_new(trigger->owner->base, fd, EV_READ, callback, trigger);
    (void)event_priority_set(trigger->readable, trigger->owner->event_priority);
}

/* Usually it has come already; otherwise we wait. */
static void watch_and_look(Trigger *trigger, int fd, event_callback_fn callback)
{
    trigger_watch(trigger, fd, callback);
    event_active(trigger->readable, EV_READ, 0);
}

/* The NUL is read because a socket that is closed with unread bytes looks broken to the client. */
static void on_rest(evutil_socket_t fd, short what, void *ctx)
{
    char rest[SERVICE_TRIGGER_MAX_BYTES];

    if ((what & EV_READ) != 0)
        (void)!read(fd, rest, sizeof rest);
    trigger_cancel(ctx);
}

/*
 * Clients send the request and then, with a second write, one NUL. If the connection is closed by
 * then, a client that does not ignore SIGPIPE, such as postkick(1), dies. So the connection stays
 * open a little, although nobody needs the NUL.
 */
static void wait_for_nul(Trigger *trigger)
{
    trigger_watch(trigger, trigger->connection_fd, on_rest);
    if (!loop_try_add(trigger->readable, &a_little))
        trigger_cancel(trigger);
}

static bool misses_nul(const Trigger *trigger, const char *bytes, ssize_t count)
{
    return trigger->owner->type == LISTEN_UNIX && count > 0 && bytes[count - 1] != '\0';
}

static void finish(Trigger *trigger, const char *bytes, ssize_t count)
{
    trigger->is_done = true;
    trigger->owner->done(bytes, count, trigger->owner->ctx);
    if (misses_nul(trigger, bytes, count))
        wait_for_nul(trigger);
    else
        trigger_cancel(trigger);
}

static void on_later(evutil_socket_t fd, short what, void *ctx)
{
    const Trigger *trigger = ctx;

    (void)fd;
    (void)what;
    event_active(trigger->readable, EV_READ, 0);
}

/* Timers need no memory of the kernel. */
static void look_later(Trigger *trigger)
{
    if (trigger->later == NULL)
        trigger->later = evtimer_new(trigger->owner->base, on_later, trigger);
    trigger->look_count++;
    loop_add(trigger->later, &a_little);
}

/* A passed descriptor may be of a kind that cannot be watched (EPERM). Any other error is lack of
 * memory, and must not lose a trigger. */
static void wait_or_finish(Trigger *trigger)
{
    if (loop_try_add(trigger->readable, &trigger->owner->wait_limit))
        return;
    if (errno == EPERM || trigger->look_count == LOOKS_MAX)
        finish(trigger, NULL, TRIGGER_NOTHING);
    else
        look_later(trigger);
}

static void on_request(evutil_socket_t fd, short what, void *ctx)
{
    Trigger *trigger = ctx;
    char bytes[SERVICE_TRIGGER_MAX_BYTES];
    ssize_t count;

    if ((what & EV_TIMEOUT) != 0) {
        finish(trigger, NULL, TRIGGER_NOTHING);
        return;
    }
    count = read(fd, bytes, sizeof bytes);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        wait_or_finish(trigger);
    else
        finish(trigger, bytes, count < 0 ? TRIGGER_UNREADABLE : count);
}

/* The descriptor that comes with one meaningless byte; -1 with errno 0 if none came with it. */
static int receive_descriptor(int connection_fd)
{
    union {
        struct cmsghdr header; /* for its alignment */
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    char byte;
    struct iovec part = {&byte, sizeof byte};
    /* CMSG_LEN, not CMSG_SPACE: the padding would have room for a second descriptor. */
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_LEN(sizeof(int))};
    const struct cmsghdr *header;
    int fd;

    if (recvmsg(connection_fd, &message, MSG_CMSG_CLOEXEC) < 0)
        return -1;
    errno = 0;
    header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
        header->cmsg_len != CMSG_LEN(sizeof fd))
        return -1;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

static void on_descriptor(evutil_socket_t fd, short what, void *ctx)
{
    Trigger *trigger = ctx;

    if ((what & EV_TIMEOUT) != 0) {
        finish(trigger, NULL, TRIGGER_NOTHING);
        return;
    }
    trigger->passed_fd = receive_descriptor(fd);
    if (trigger->passed_fd >= 0) {
        (void)evutil_make_socket_nonblocking(trigger->passed_fd);
        watch_and_look(trigger, trigger->passed_fd, on_request);
    } else if (errno == EAGAIN || errno == EINTR) {
        wait_or_finish(trigger);
    } else {
        finish(trigger, NULL, TRIGGER_NOTHING);
    }
}

void trigger_start(TriggerOwner *owner, int fd)
{
    Trigger *trigger = g_new(Trigger, 1);

    *trigger = (Trigger){.owner = owner, .connection_fd = fd, .passed_fd = -1};
    TAILQ_INSERT_TAIL(&owner->waiting, trigger, link);
    owner->count++;
    watch_and_look(trigger, fd, owner->type == LISTEN_PASS ? on_descriptor : on_request);
}

void trigger_cancel(Trigger *trigger)
{
    TAILQ_REMOVE(&trigger->owner->waiting, trigger, link);
    trigger->owner->count--;
    event_free(trigger->readable);
    if (trigger->later != NULL)
        event_free(trigger->later);
    (void)close(trigger->connection_fd);
    if (trigger->passed_fd >= 0)
        (void)close(trigger->passed_fd);
    g_free(trigger);
}

void trigger_hurry(Trigger *trigger)
{
    int fd = trigger->owner->type == LISTEN_PASS ? trigger->passed_fd : trigger->connection_fd;
    char bytes[SERVICE_TRIGGER_MAX_BYTES];
    ssize_t count = trigger->is_done ? -1 : read(fd, bytes, sizeof bytes);

    if (trigger->is_done)
        trigger_cancel(trigger);
    else
        finish(trigger, bytes, count > 0 ? count : TRIGGER_NOTHING);
}
