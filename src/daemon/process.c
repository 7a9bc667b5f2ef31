#include "daemon/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "error_internal.h"

/*
 * The steps of the start: each takes over, or gives up, one thing that master(8) has handed to the
 * process. Their order matters, and is that of the header.
 */

void process_ignore_signals(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
}

void process_run_debugger(const char *command)
{
    if (command == NULL || *command == '\0')
        return;
    if (system(command) < 0) /* as in stock: the daemon goes on without its debugger */
        return;
}

bool process_generation(uint32_t *ret_generation, GError **error)
{
    const char *text = getenv("GENERATION");
    bool digits_only = text != NULL && *text != '\0';

    if (text == NULL) {
        *ret_generation = 0;
        return true;
    }
    for (const char *c = text; *c != '\0'; c++)
        digits_only = digits_only && g_ascii_isdigit(*c);
    if (!digits_only)
        return daemon_fail(error, "bad generation: %s", text);
    *ret_generation = (uint32_t)strtoull(text, NULL, 8);
    return true;
}

typedef bool DescriptorTestFn(int fd);

static bool is_fifo(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

static bool has_socket_option(int fd, int option, int wanted)
{
    int value;
    socklen_t value_bytes = sizeof value;

    return getsockopt(fd, SOL_SOCKET, option, &value, &value_bytes) == 0 && value == wanted;
}

/* Any socket is not enough: a log socket of our own may have the number of a missing one. */
static bool is_stream_socket(int fd)
{
    return has_socket_option(fd, SO_TYPE, SOCK_STREAM);
}

static bool is_listening(int fd)
{
    return has_socket_option(fd, SO_ACCEPTCONN, 1);
}

/* Also sets close-on-exec, which descriptors from master do not have. */
static bool adopt(int fd, DescriptorTestFn *is_right, const char *what, GError **error)
{
    if (fcntl(fd, F_GETFD) < 0)
        return daemon_fail(error, "descriptor %d, %s, is not open: not started by master(8)?", fd,
                           what);
    if (!is_right(fd))
        return daemon_fail(error, "descriptor %d is not %s: not started by master(8)?", fd, what);
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return daemon_fail(error, "descriptor %d: fcntl: %s", fd, g_strerror(errno));
    return true;
}

bool process_check_descriptors(ListenType type, GError **error)
{
    if (type == LISTEN_NONE)
        return true;
    return adopt(MASTER_FLOW_READ, is_fifo, "the flow control pipe", error) &&
           adopt(MASTER_FLOW_WRITE, is_fifo, "the flow control pipe", error) &&
           adopt(MASTER_STATUS, is_stream_socket, "the status channel", error) &&
           adopt(MASTER_LISTEN, type == LISTEN_FIFO ? is_fifo : is_listening, "the listen socket",
                 error);
}

bool process_enter_directory(const char *directory, GError **error)
{
    if (chdir(directory) < 0)
        return daemon_fail(error, "chdir(\"%s\"): %s", directory, g_strerror(errno));
    return true;
}

static bool find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid, GError **error)
{
    const struct passwd *entry;

    errno = 0;
    entry = getpwnam(name);
    if (entry == NULL && errno != 0 && errno != ENOENT)
        return daemon_fail(error, "user %s: %s", name, g_strerror(errno));
    if (entry == NULL)
        return daemon_fail(error, "unknown user: %s", name);
    *ret_uid = entry->pw_uid;
    *ret_gid = entry->pw_gid;
    return true;
}

/* Needs root and the group database: before chroot and before the user changes. */
static bool enter_groups(const char *user, gid_t gid, GError **error)
{
    if (setgid(gid) < 0)
        return daemon_fail(error, "setgid(%ld): %s", (long)gid, g_strerror(errno));
    if (initgroups(user, gid) < 0)
        return daemon_fail(error, "initgroups(%s, %ld): %s", user, (long)gid, g_strerror(errno));
    return true;
}

static bool enter_jail(const char *directory, GError **error)
{
    if (chroot(directory) < 0)
        return daemon_fail(error, "chroot(%s): %s", directory, g_strerror(errno));
    return process_enter_directory("/", error);
}

bool process_drop_privileges(const char *mail_owner, const char *chroot_directory, bool change_user,
                             GError **error)
{
    uid_t uid = 0;
    gid_t gid = 0;

    tzset(); /* log lines carry local time, and the jail has no time zone files */
    if (change_user &&
        (!find_user(mail_owner, &uid, &gid, error) || !enter_groups(mail_owner, gid, error)))
        return false;
    if (chroot_directory != NULL && !enter_jail(chroot_directory, error))
        return false;
    if (change_user && setuid(uid) < 0)
        return daemon_fail(error, "setuid(%ld): %s", (long)uid, g_strerror(errno));
    return true;
}

/* The value that POSIX guarantees, if the system has none. */
#define FILE_LIMIT_LEAST 20

int process_raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return FILE_LIMIT_LEAST;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* running with fewer is slower, not wrong */
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return FILE_LIMIT_LEAST;
    return (int)MIN(limit.rlim_cur, (rlim_t)INT_MAX);
}
