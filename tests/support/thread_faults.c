#include "tests/support/thread_faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include <glib.h>

#define GRACE_US 20000 /* before a kill: time for the loop to do what it must not do yet */

static ThreadFaults chosen;
static bool is_set;
static pthread_t other_thread; /* whose calls are not counted */
static int call_count;
static gint was_hit; /* atomic */

void thread_faults_set(const ThreadFaults *faults)
{
    is_set = faults != NULL;
    if (is_set)
        chosen = *faults;
    other_thread = pthread_self();
    call_count = 0;
    g_atomic_int_set(&was_hit, 0);
}

bool thread_faults_was_hit(void)
{
    return g_atomic_int_get(&was_hit) != 0;
}

/* The number of this call; 0: it is not counted. */
static int number_of_call(void)
{
    return is_set && !pthread_equal(pthread_self(), other_thread) ? ++call_count : 0;
}

/* True: this call is to fail, and errno is set. */
static bool is_hit(int number)
{
    if (number == 0)
        return false;
    if (number == chosen.kill_at) {
        (void)usleep(GRACE_US);
        (void)raise(SIGKILL);
    }
    if (number < chosen.fail_from || number > chosen.fail_to)
        return false;
    g_atomic_int_set(&was_hit, 1);
    errno = chosen.error;
    return true;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int openat(int fd, const char *path, int flags, ...)
{
    va_list arguments;
    mode_t mode = 0;

    va_start(arguments, flags);
    if ((flags & O_CREAT) != 0)
        mode = va_arg(arguments, mode_t);
    va_end(arguments);
    return is_hit(number_of_call()) ? -1 : REAL(openat)(fd, path, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    int number = number_of_call();

    if (is_hit(number))
        return -1;
    if (number > 0 && number == chosen.short_at) {
        g_atomic_int_set(&was_hit, 1);
        count = MAX(count / 2, 1);
    }
    return REAL(write)(fd, bytes, count);
}

int fsync(int fd)
{
    return is_hit(number_of_call()) ? -1 : REAL(fsync)(fd);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return is_hit(number_of_call()) ? -1 : REAL(renameat)(from_fd, from, to_fd, to);
}

int unlinkat(int fd, const char *path, int flags)
{
    return is_hit(number_of_call()) ? -1 : REAL(unlinkat)(fd, path, flags);
}

/* One that fails has closed it all the same. */
int close(int fd)
{
    bool is_to_fail = is_hit(number_of_call());
    int result = REAL(close)(fd);

    if (is_to_fail)
        errno = chosen.error;
    return is_to_fail ? -1 : result;
}
