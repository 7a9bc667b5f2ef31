#ifdef EQMGR_SECCOMP

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <glib.h>

#include "base/log.h"
#include "base/loop.h"
#include "sandbox_internal.h"
#include "seccomp_internal.h"

/*
 * SANDBOX_LOG: the kernel holds a refused call until the watcher has answered. The watcher does
 * nothing that could wait for the thread whose call it holds: no malloc(), no lock, no log line.
 */

enum { MARK_SEEN = 1, MARK_TOLD = 2 };

static struct {
    GAsyncQueue *begun; /* gets one item, once `notify_fd` is known */
    int notify_fd;
    struct seccomp_notif *held;
    struct seccomp_notif_resp *answer;
    int wake_fd;
    atomic_int marks[SYSCALL_NUMBERS];
} watch;

/* ---- in the thread ---- */

static void see(int number)
{
    int none = 0;

    if (number < 0 || number >= SYSCALL_NUMBERS)
        number = SYSCALL_NUMBERS - 1;
    if (atomic_compare_exchange_strong(&watch.marks[number], &none, MARK_SEEN))
        (void)eventfd_write(watch.wake_fd, 1);
}

/* The call may be gone already: a signal has interrupted it, and it comes again. */
static void let_pass(int notify_fd)
{
    see(watch.held->data.nr);
    *watch.answer = (struct seccomp_notif_resp){.id = watch.held->id,
                                                .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    (void)seccomp_notify_respond(notify_fd, watch.answer);
}

static gpointer run_watcher(gpointer queue)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, NULL);
    (void)g_async_queue_pop(queue);
    if (watch.notify_fd < 0)
        return NULL;
    for (;;) {
        *watch.held = (struct seccomp_notif){0}; /* the kernel insists on it */
        if (seccomp_notify_receive(watch.notify_fd, watch.held) == 0)
            let_pass(watch.notify_fd);
    }
}

/* ---- in the loop ---- */

static void on_seen(evutil_socket_t fd, short what, void *ctx)
{
    char room[SYSCALL_NAME_ROOM];
    eventfd_t count;

    (void)what;
    (void)ctx;
    (void)eventfd_read(fd, &count);
    for (int number = 0; number < SYSCALL_NUMBERS; number++) {
        int seen = MARK_SEEN;

        if (atomic_compare_exchange_strong(&watch.marks[number], &seen, MARK_TOLD))
            log_warning("sandbox: system call %s would not be allowed", syscall_name(number, room));
    }
}

static bool listen_to_watcher(struct event_base *base)
{
    struct event *event;

    watch.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watch.wake_fd < 0)
        return false;
    event = event_new(base, watch.wake_fd, EV_READ | EV_PERSIST, on_seen, NULL);
    return event != NULL && loop_try_add(event, NULL);
}

bool seccomp_watch_start(struct event_base *base)
{
    GThread *thread;

    if (!listen_to_watcher(base) || seccomp_notify_alloc(&watch.held, &watch.answer) < 0)
        return false;
    watch.begun = g_async_queue_new();
    thread = g_thread_try_new("sandbox", run_watcher, watch.begun, NULL);
    if (thread != NULL)
        g_thread_unref(thread);
    return thread != NULL;
}

void seccomp_watch_begin(int notify_fd)
{
    watch.notify_fd = notify_fd;
    g_async_queue_push(watch.begun, &watch);
}

#endif
