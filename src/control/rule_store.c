#include "control/rule_store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/loop.h"

/*
 * Rule_store: the thread gets a StoreJob, does system calls with it, and writes to the eventfd; the
 * loop joins the thread then, so that nothing is ever shared by two that run.
 */

#define FILE_MODE 0600

typedef struct StoreJob {
    GString *text, *before;
    int directory_fd, done_fd;
    int error; /* errno, or 0 */
} StoreJob;

struct RuleStore {
    StoreJob job;
    GThread *thread; /* NULL: nothing is being written */
    struct event *event;
    RuleStoreDoneFn *done;
    void *ctx;
};

/* ---- in the thread ---- */

static bool write_all(int fd, const GString *text)
{
    for (gsize at = 0; at < text->len;) {
        ssize_t count = write(fd, text->str + at, text->len - at);

        if (count < 0 && errno != EINTR)
            return false;
        at += count > 0 ? (gsize)count : 0;
    }
    return true;
}

/* Under the other name, and on the disk. */
static bool write_new(int directory_fd, const GString *text)
{
    int fd, error = 0;

    (void)unlinkat(directory_fd, RULE_STORE_NEW, 0);
    fd = openat(directory_fd, RULE_STORE_NEW, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                FILE_MODE);
    if (fd < 0)
        return false;
    if (!write_all(fd, text) || fsync(fd) < 0)
        error = errno;
    if (close(fd) < 0 && error == 0)
        error = errno;
    errno = error;
    return error == 0;
}

static bool replace_file(int directory_fd, const GString *text, bool *ret_is_replaced)
{
    *ret_is_replaced = false;
    if (!write_new(directory_fd, text) ||
        renameat(directory_fd, RULE_STORE_NEW, directory_fd, RULE_STORE_FILE) < 0)
        return false;
    *ret_is_replaced = true;
    return fsync(directory_fd) == 0;
}

/* The name of the file is the new one, but nobody knows for how long: so it becomes the old again.
 */
static void write_before(const StoreJob *job)
{
    bool is_replaced;

    (void)replace_file(job->directory_fd, job->before, &is_replaced);
}

/* A signal is for the loop. */
static void leave_signals_to_others(void)
{
    sigset_t set;

    (void)sigfillset(&set);
    (void)sigdelset(&set, SIGSEGV);
    (void)sigdelset(&set, SIGBUS);
    (void)sigdelset(&set, SIGFPE);
    (void)sigdelset(&set, SIGILL);
    (void)sigdelset(&set, SIGABRT);
    (void)sigdelset(&set, SIGSYS);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void do_job(StoreJob *job)
{
    bool is_replaced;

    job->error = 0;
    if (replace_file(job->directory_fd, job->text, &is_replaced))
        return;
    job->error = errno != 0 ? errno : EIO;
    if (is_replaced)
        write_before(job);
    (void)unlinkat(job->directory_fd, RULE_STORE_NEW, 0);
}

static gpointer run_job(gpointer data)
{
    StoreJob *job = data;

    leave_signals_to_others();
    do_job(job);
    (void)eventfd_write(job->done_fd, 1);
    return NULL;
}

/* ---- in the loop ---- */

static void end_job(RuleStore *store)
{
    eventfd_t count;

    if (store->thread != NULL)
        (void)g_thread_join(store->thread);
    store->thread = NULL;
    (void)eventfd_read(store->job.done_fd, &count);
    (void)g_string_free(store->job.text, TRUE);
    (void)g_string_free(store->job.before, TRUE);
    store->job.text = store->job.before = NULL;
}

static void on_job_done(evutil_socket_t fd, short what, void *arg)
{
    RuleStore *store = arg;

    (void)fd;
    (void)what;
    if (store->job.text == NULL)
        return;
    end_job(store);
    store->done(store->job.error, store->ctx);
}

RuleStore *rule_store_new(struct event_base *base, int directory_fd, RuleStoreDoneFn *done,
                          void *ctx)
{
    RuleStore *store = g_new0(RuleStore, 1);

    store->job.directory_fd = directory_fd;
    store->done = done;
    store->ctx = ctx;
    store->job.done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (store->job.done_fd >= 0)
        store->event =
            event_new(base, store->job.done_fd, EV_READ | EV_PERSIST, on_job_done, store);
    if (store->event != NULL && loop_try_add(store->event, NULL))
        return store;
    rule_store_free(store);
    return NULL;
}

void rule_store_free(RuleStore *store)
{
    if (store == NULL)
        return;
    if (rule_store_is_busy(store))
        end_job(store);
    if (store->event != NULL)
        event_free(store->event);
    if (store->job.done_fd >= 0)
        (void)close(store->job.done_fd);
    g_free(store);
}

void rule_store_write(RuleStore *store, GString *text, GString *before)
{
    g_assert(!rule_store_is_busy(store));
    store->job.text = text;
    store->job.before = before;
    store->thread = g_thread_try_new("rules", run_job, &store->job, NULL);
    if (store->thread != NULL)
        return;
    store->job.error = EAGAIN; /* told as any other failure, and never at once */
    (void)eventfd_write(store->job.done_fd, 1);
}

bool rule_store_is_busy(const RuleStore *store)
{
    return store->job.text != NULL;
}
