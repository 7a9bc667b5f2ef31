#include "daemon/service.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "codec/status.h"
#include "error_internal.h"
#include "trigger_internal.h"

/*
 * The service: the loop learns here that a trigger has come, or that master(8) is gone. Master
 * counts on the two reports for each trigger: as long as one is missing, it believes that we are
 * busy.
 */

enum {
    STATUS_PRIORITY = 0, /* before the socket: a trigger taken after EOF would be lost */
    LISTEN_PRIORITY = 1,
    WAITING_MAX = 100,
};

/* Fixed in stock, too: it is not trigger_timeout. */
static const struct timeval trigger_wait_limit = {.tv_sec = 10};

/* After a failed accept the socket stays readable: without a pause the loop would spin. */
static const struct timeval accept_pause = {.tv_sec = 1};

struct Service {
    ServiceSettings settings;
    char *extra_argument;
    ServiceTriggerFn *on_trigger;
    void *ctx;
    TriggerOwner triggers;
    struct sockaddr_un listen_address; /* the socket, as master(8) has named it */
    bool has_taken;                    /* a trigger, perhaps one for the next process */
    struct event *status_event, *listen_event, *pause_timer;
};

/* What master sends to wake a process. A connection that waits suffices: nobody needs to read it.
 */
static void leave_wakeup(const Service *service)
{
    static const char wakeup[] = "W";
    const struct sockaddr_un *address = &service->listen_address;
    int fd;

    if (service->settings.type == LISTEN_FIFO) {
        (void)!write(service->settings.listen_fd, wakeup, 1);
        return;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
        (void)!write(fd, wakeup, sizeof wakeup);
    if (fd >= 0)
        (void)close(fd);
}

/*
 * On a reload master closes our channel, and then sends the wakeup that starts the next process. A
 * process that master was forking meanwhile keeps the channel open until its exec; if we take the
 * wakeup before that, nobody starts the next process (daemon.md 11). So one trigger is given back
 * for all that were taken. If it is master that has ended, the trigger ends with our socket.
 */
static G_GNUC_NORETURN void leave_quietly(const Service *service)
{
    if (service->has_taken)
        leave_wakeup(service);
    exit(EXIT_SUCCESS); /* daemon.md 16.10: nothing else may end with 0 */
}

bool service_master_is_gone(int status_fd)
{
    struct pollfd status = {.fd = status_fd, .events = POLLIN};

    return poll(&status, 1, 0) > 0; /* it never carries data: ready means EOF */
}

/* If the channel does not take a message at once, waits for it: without its reports to master the
 * process is of no use. */
static bool write_status(int fd, const uint8_t *bytes, size_t size_bytes)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};

    for (;;) {
        ssize_t count = write(fd, bytes, size_bytes);

        if (count >= 0 || (errno != EAGAIN && errno != EINTR))
            return count == (ssize_t)size_bytes;
        if (errno == EAGAIN)
            (void)poll(&room, 1, -1);
    }
}

static bool tell_master(const Service *service, MasterStatus status)
{
    uint8_t bytes[MASTER_STATUS_BYTES];

    master_status_encode(bytes, (int32_t)getpid(), service->settings.generation, status);
    return write_status(service->settings.status_fd, bytes, sizeof bytes);
}

static void refuse_extra_argument(const char *argument)
{
    if (argument != NULL)
        log_fatal("unexpected command-line argument: %s", argument);
}

static void service_serve(Service *service, const char *bytes, ssize_t count)
{
    (void)tell_master(service, MASTER_STATUS_TAKEN); /* as in stock, only AVAIL decides */
    if (count >= 0) {
        refuse_extra_argument(service->extra_argument);
        service->on_trigger(bytes, (size_t)count, service->ctx);
    }
    if (!tell_master(service, MASTER_STATUS_AVAIL))
        leave_quietly(service);
}

static void pause_listening(Service *service)
{
    (void)event_del(service->listen_event);
    loop_add(service->pause_timer, &accept_pause);
}

static void service_on_pause_over(evutil_socket_t fd, short what, void *ctx)
{
    Service *service = ctx;

    (void)fd;
    (void)what;
    if (!loop_try_add(service->listen_event, NULL))
        pause_listening(service);
}

static void on_trigger_done(const char *bytes, ssize_t count, void *ctx)
{
    if (count != TRIGGER_NOTHING)
        service_serve(ctx, bytes, count);
}

/* Errors that are over when they are reported need no line. All others would come again at once. */
static bool is_passing(int error)
{
    return error == EAGAIN || error == EINTR || error == ECONNABORTED;
}

static void handle_failure(Service *service, const char *operation)
{
    if (is_passing(errno))
        return;
    log_error("%s: %s", operation, g_strerror(errno));
    pause_listening(service);
}

/* Silent clients are dropped, the oldest first, to make room for the next one. */
static void accept_trigger(Service *service)
{
    int fd = accept4(service->settings.listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0) {
        handle_failure(service, "accept connection");
        return;
    }
    service->has_taken = true;
    while (service->triggers.count >= WAITING_MAX)
        trigger_hurry(TAILQ_FIRST(&service->triggers.waiting));
    trigger_start(&service->triggers, fd);
}

/* master(8) holds the FIFO open for writing, too, so there is never EOF. */
static void read_fifo(Service *service)
{
    char bytes[SERVICE_TRIGGER_MAX_BYTES];
    ssize_t count = read(service->settings.listen_fd, bytes, sizeof bytes);

    if (count < 0) {
        handle_failure(service, "read FIFO");
        return;
    }
    service->has_taken = true;
    service_serve(service, bytes, count);
}

static void on_listen(evutil_socket_t fd, short what, void *ctx)
{
    Service *service = ctx;

    (void)fd;
    (void)what;
    if (service_master_is_gone(service->settings.status_fd))
        leave_quietly(service);
    if (service->settings.type == LISTEN_FIFO)
        read_fifo(service);
    else
        accept_trigger(service);
}

static void on_status(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    leave_quietly(ctx);
}

static struct event *service_watch(Service *service, int fd, int priority,
                                   event_callback_fn callback)
{
    struct event *event =
        event_new(service->triggers.base, fd, EV_READ | EV_PERSIST, callback, service);

    (void)event_priority_set(event, priority);
    loop_add(event, NULL);
    return event;
}

Service *service_start(struct event_base *base, const ServiceSettings *settings,
                       ServiceTriggerFn *on_trigger, void *ctx)
{
    Service *service = g_new(Service, 1);
    socklen_t address_bytes = sizeof service->listen_address;

    g_assert(settings->type != LISTEN_NONE && event_base_get_npriorities(base) >= 3);
    *service = (Service){
        .settings = *settings,
        .extra_argument = g_strdup(settings->extra_argument),
        .on_trigger = on_trigger,
        .ctx = ctx,
        .triggers = {.base = base,
                     .type = settings->type,
                     .event_priority = LISTEN_PRIORITY,
                     .wait_limit = trigger_wait_limit,
                     .done = on_trigger_done,
                     .ctx = service},
    };
    (void)getsockname(settings->listen_fd, (struct sockaddr *)&service->listen_address,
                      &address_bytes); /* of a FIFO it is not needed */
    TAILQ_INIT(&service->triggers.waiting);
    service->pause_timer = evtimer_new(base, service_on_pause_over, service);
    service->listen_event = service_watch(service, settings->listen_fd, LISTEN_PRIORITY, on_listen);
    service->status_event = service_watch(service, settings->status_fd, STATUS_PRIORITY, on_status);
    return service;
}

void service_free(Service *service)
{
    Trigger *trigger;

    if (service == NULL)
        return;
    while ((trigger = TAILQ_FIRST(&service->triggers.waiting)) != NULL)
        trigger_cancel(trigger);
    event_free(service->status_event);
    event_free(service->listen_event);
    event_free(service->pause_timer);
    g_free(service->extra_argument);
    g_free(service);
}

bool service_read_stdin(int fd, const char *extra_argument, ServiceTriggerFn *on_trigger, void *ctx,
                        GError **error)
{
    char bytes[SERVICE_TRIGGER_MAX_BYTES];
    ssize_t count = read(fd, bytes, sizeof bytes);

    if (count < 0)
        return daemon_fail(error, "read: %s", g_strerror(errno));
    if (count == 0) /* stock's words for "no reason known" */
        return daemon_fail(error, "read: Application error");
    refuse_extra_argument(extra_argument);
    on_trigger(bytes, (size_t)count, ctx);
    return true;
}
