#include "control/data_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/loop.h"

/*
 * Data_file: the thread gets a DataFileJob, does system calls with it, and writes to the eventfd;
 * the loop joins the thread then, so that nothing is ever shared by two that run.
 */

#define FILE_MODE 0600

typedef struct DataFileJob {
    const DataFileNames *names;
    GString *text, *before; /* text NULL: to be removed; before NULL: it does not matter */
    bool is_begun;
    int directory_fd, done_fd;
    int error; /* errno, or 0 */
} DataFileJob;

struct DataFile {
    DataFileJob job;
    GThread *thread; /* NULL: nothing is being written */
    struct event *event;
    DataFileDoneFn *done;
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
static bool write_new(const DataFileJob *job, const GString *text)
{
    int fd, error = 0;

    (void)unlinkat(job->directory_fd, job->names->next, 0);
    fd = openat(job->directory_fd, job->names->next,
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return false;
    if (!write_all(fd, text) || fsync(fd) < 0)
        error = errno;
    if (close(fd) < 0 && error == 0)
        error = errno;
    errno = error;
    return error == 0;
}

static bool replace_file(const DataFileJob *job, const GString *text, bool *ret_is_replaced)
{
    int directory_fd = job->directory_fd;

    *ret_is_replaced = false;
    if (!write_new(job, text) ||
        renameat(directory_fd, job->names->next, directory_fd, job->names->file) < 0)
        return false;
    *ret_is_replaced = true;
    return fsync(directory_fd) == 0;
}

static bool unlink_file(const DataFileJob *job)
{
    if (unlinkat(job->directory_fd, job->names->file, 0) < 0 && errno != ENOENT)
        return false;
    return fsync(job->directory_fd) == 0;
}

/* The name of the file is the new one, but nobody knows for how long: so it becomes the old again.
 */
static void write_before(const DataFileJob *job)
{
    bool is_replaced;

    (void)replace_file(job, job->before, &is_replaced);
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

static void do_job(DataFileJob *job)
{
    bool is_replaced = false;

    job->error = 0;
    if (job->text == NULL ? unlink_file(job) : replace_file(job, job->text, &is_replaced))
        return;
    job->error = errno != 0 ? errno : EIO;
    if (is_replaced && job->before != NULL)
        write_before(job);
    (void)unlinkat(job->directory_fd, job->names->next, 0);
}

static gpointer run_job(gpointer data)
{
    DataFileJob *job = data;

    leave_signals_to_others();
    do_job(job);
    (void)eventfd_write(job->done_fd, 1);
    return NULL;
}

/* ---- in the loop ---- */

static void free_text(GString **text)
{
    if (*text != NULL)
        (void)g_string_free(*text, TRUE);
    *text = NULL;
}

static void end_job(DataFile *file)
{
    eventfd_t count;

    if (file->thread != NULL)
        (void)g_thread_join(file->thread);
    file->thread = NULL;
    (void)eventfd_read(file->job.done_fd, &count);
    file->job.is_begun = false;
    free_text(&file->job.text);
    free_text(&file->job.before);
}

static void on_job_done(evutil_socket_t fd, short what, void *arg)
{
    DataFile *file = arg;

    (void)fd;
    (void)what;
    if (!file->job.is_begun)
        return;
    end_job(file);
    file->done(file->job.error, file->ctx);
}

DataFile *data_file_new(struct event_base *base, int directory_fd, const DataFileNames *names,
                        DataFileDoneFn *done, void *ctx)
{
    DataFile *file = g_new0(DataFile, 1);

    file->job.names = names;
    file->job.directory_fd = directory_fd;
    file->done = done;
    file->ctx = ctx;
    file->job.done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (file->job.done_fd >= 0)
        file->event = event_new(base, file->job.done_fd, EV_READ | EV_PERSIST, on_job_done, file);
    if (file->event != NULL && loop_try_add(file->event, NULL))
        return file;
    data_file_free(file);
    return NULL;
}

void data_file_free(DataFile *file)
{
    if (file == NULL)
        return;
    if (data_file_is_busy(file))
        end_job(file);
    if (file->event != NULL)
        event_free(file->event);
    if (file->job.done_fd >= 0)
        (void)close(file->job.done_fd);
    g_free(file);
}

void data_file_write(DataFile *file, GString *text, GString *before)
{
    g_assert(!data_file_is_busy(file));
    file->job.is_begun = true;
    file->job.text = text;
    file->job.before = before;
    file->thread = g_thread_try_new("disk", run_job, &file->job, NULL);
    if (file->thread != NULL)
        return;
    file->job.error = EAGAIN; /* told as any other failure, and never at once */
    (void)eventfd_write(file->job.done_fd, 1);
}

bool data_file_is_busy(const DataFile *file)
{
    return file->job.is_begun;
}

/* ---- at the start ---- */

int data_file_open_directory(const char *directory)
{
    return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool read_bytes(int fd, size_t most_bytes, GByteArray *bytes)
{
    guint8 piece[8192];
    ssize_t got;

    while ((got = read(fd, piece, sizeof(piece))) != 0) {
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0)
            g_byte_array_append(bytes, piece, (guint)got);
        if (bytes->len > most_bytes) {
            errno = EFBIG;
            return false;
        }
    }
    return true;
}

GByteArray *data_file_read(int directory_fd, const DataFileNames *names, size_t most_bytes)
{
    int fd = openat(directory_fd, names->file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    GByteArray *bytes;
    struct stat status;

    if (fd < 0)
        return NULL;
    bytes = g_byte_array_new();
    if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
        errno = EINVAL;
    else if (read_bytes(fd, most_bytes, bytes)) {
        (void)close(fd);
        return bytes;
    }
    g_byte_array_unref(bytes);
    (void)close(fd);
    return NULL;
}

bool data_file_keep_broken(int directory_fd, const DataFileNames *names)
{
    (void)unlinkat(directory_fd, names->broken, 0);
    return linkat(directory_fd, names->file, directory_fd, names->broken, 0) == 0;
}

bool data_file_set_aside(int directory_fd, const DataFileNames *names)
{
    return renameat(directory_fd, names->file, directory_fd, names->broken) == 0;
}
