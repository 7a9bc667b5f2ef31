#include "tests/support/faults.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>
#include <glib.h>

#define FD_LINK_ROOM 32

typedef struct Fault {
    const char *call, *part;
    int error;
    int count;     /* how many more; FAULT_LASTS */
    int hit_count; /* tests say that what they provoke does happen */
} Fault;

static Fault faults[FAULTS_MAX];
static int faults_count;

void faults_add(const char *call, const char *part, int error, int count)
{
    ck_assert_int_lt(faults_count, FAULTS_MAX);
    faults[faults_count++] = (Fault){g_intern_string(call), g_intern_string(part), error, count, 0};
}

void faults_clear(void)
{
    faults_count = 0;
}

const char *faults_unmet(void)
{
    for (int i = 0; i < faults_count; i++)
        if (faults[i].hit_count == 0)
            return faults[i].call;
    return NULL;
}

/* Sets errno if the call is to fail. */
static bool fault_hits(const char *call, const char *path)
{
    for (int i = 0; i < faults_count; i++) {
        Fault *fault = &faults[i];

        if (fault->count == 0 || strcmp(fault->call, call) != 0 ||
            strstr(path, fault->part) == NULL)
            continue;
        fault->hit_count++;
        fault->count -= fault->count > 0;
        errno = fault->error;
        return true;
    }
    return false;
}

static bool fault_hits_fd(const char *call, int fd)
{
    char link[FD_LINK_ROOM], path[PATH_MAX + 1];
    ssize_t length;

    if (faults_count == 0)
        return false;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, PATH_MAX);
    path[MAX(length, 0)] = '\0';
    return fault_hits(call, path);
}

/* The C library's own; the cast by way of a union is what dlsym() asks for. */
#define FAULT_REAL(type, name)         \
    static type *real;                 \
    if (real == NULL)                  \
    real = ((union {                   \
               void *object;           \
               type *function;         \
           }){dlsym(RTLD_NEXT, name)}) \
               .function

typedef int RenameFn(const char *from, const char *to);
typedef int UnlinkFn(const char *path);
typedef int TruncateFn(const char *path, off_t size);
typedef int MkdirFn(const char *path, mode_t mode);
typedef int OpenFn(const char *path, int flags, ...);
typedef int CloseFn(int fd);
typedef int FlockFn(int fd, int operation);
typedef int FchmodFn(int fd, mode_t mode);
typedef int UtimensatFn(int fd, const char *path, const struct timespec times[2], int flags);
typedef ssize_t PreadFn(int fd, void *bytes, size_t size, off_t offset);
typedef ssize_t PwriteFn(int fd, const void *bytes, size_t size, off_t offset);
typedef ssize_t ReadFn(int fd, void *bytes, size_t size);
typedef ssize_t WriteFn(int fd, const void *bytes, size_t size);
typedef int Accept4Fn(int fd, struct sockaddr *address, socklen_t *size, int flags);
typedef int ConnectFn(int fd, const struct sockaddr *address, socklen_t size);
typedef int EpollCtlFn(int epoll_fd, int operation, int fd, struct epoll_event *event);
typedef DIR *OpendirFn(const char *path);
typedef struct dirent *ReaddirFn(DIR *directory);

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): not the names of the C library
 */

int rename(const char *from, const char *to)
{
    FAULT_REAL(RenameFn, "rename");
    return fault_hits("rename", from) || fault_hits("rename", to) ? -1 : real(from, to);
}

int unlink(const char *path)
{
    FAULT_REAL(UnlinkFn, "unlink");
    return fault_hits("unlink", path) ? -1 : real(path);
}

int truncate(const char *path, off_t size)
{
    FAULT_REAL(TruncateFn, "truncate");
    return fault_hits("truncate", path) ? -1 : real(path, size);
}

int mkdir(const char *path, mode_t mode)
{
    FAULT_REAL(MkdirFn, "mkdir");
    return fault_hits("mkdir", path) ? -1 : real(path, mode);
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list arguments;
    FAULT_REAL(OpenFn, "open");

    va_start(arguments, flags);
    if ((flags & O_CREAT) != 0)
        mode = va_arg(arguments, mode_t);
    va_end(arguments);
    return fault_hits("open", path) ? -1 : real(path, flags, mode);
}

/* Linux closes the descriptor even if it says that something went wrong. */
int close(int fd)
{
    bool hits = fault_hits_fd("close", fd);
    int error = errno;
    FAULT_REAL(CloseFn, "close");

    if (!hits)
        return real(fd);
    (void)real(fd);
    errno = error;
    return -1;
}

int flock(int fd, int operation)
{
    FAULT_REAL(FlockFn, "flock");
    return fault_hits_fd("flock", fd) ? -1 : real(fd, operation);
}

int fchmod(int fd, mode_t mode)
{
    FAULT_REAL(FchmodFn, "fchmod");
    return fault_hits_fd("fchmod", fd) ? -1 : real(fd, mode);
}

int utimensat(int fd, const char *path, const struct timespec times[2], int flags)
{
    FAULT_REAL(UtimensatFn, "utimensat");
    return fault_hits("utimensat", path) ? -1 : real(fd, path, times, flags);
}

ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
    FAULT_REAL(PreadFn, "pread");
    return fault_hits_fd("pread", fd) ? -1 : real(fd, bytes, size, offset);
}

/* What pread() is where its buffer's size is known and the program is hardened. */
ssize_t __pread_chk(int fd, void *bytes, size_t size, off_t offset, size_t room);
ssize_t __pread_chk(int fd, void *bytes, size_t size, off_t offset, size_t room)
{
    g_assert(size <= room);
    return pread(fd, bytes, size, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    FAULT_REAL(PwriteFn, "pwrite");
    return fault_hits_fd("pwrite", fd) ? -1 : real(fd, bytes, size, offset);
}

ssize_t read(int fd, void *bytes, size_t size)
{
    FAULT_REAL(ReadFn, "read");
    return fault_hits_fd("read", fd) ? -1 : real(fd, bytes, size);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    FAULT_REAL(WriteFn, "write");
    return fault_hits_fd("write", fd) ? -1 : real(fd, bytes, size);
}

int accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict size, int flags)
{
    FAULT_REAL(Accept4Fn, "accept4");
    return fault_hits_fd("accept4", fd) ? -1 : real(fd, address, size, flags);
}

/* Connections to UNIX sockets only. What socket() has to say is said here, too: it knows no path.
 */
int connect(int fd, const struct sockaddr *address, socklen_t size)
{
    const struct sockaddr_un *to = (const void *)address;
    FAULT_REAL(ConnectFn, "connect");
    return fault_hits("connect", to->sun_path) ? -1 : real(fd, address, size);
}

/* The path is "add", "change" or "remove". */
int epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
    static const char *const names[] = {
        [EPOLL_CTL_ADD] = "add", [EPOLL_CTL_MOD] = "change", [EPOLL_CTL_DEL] = "remove"};
    FAULT_REAL(EpollCtlFn, "epoll_ctl");
    return fault_hits("epoll_ctl", names[operation]) ? -1 : real(epoll_fd, operation, fd, event);
}

DIR *opendir(const char *path)
{
    FAULT_REAL(OpendirFn, "opendir");
    return fault_hits("opendir", path) ? NULL : real(path);
}

struct dirent *readdir(DIR *directory)
{
    FAULT_REAL(ReaddirFn, "readdir");
    return fault_hits_fd("readdir", dirfd(directory)) ? NULL : real(directory);
}

/* With a glibc before 2.33 these are macros. */
#ifdef _STAT_VER
#define FAULT_VERSIONED
#endif

#ifndef FAULT_VERSIONED

typedef int StatFn(const char *path, struct stat *st);
typedef int FstatFn(int fd, struct stat *st);

int stat(const char *restrict path, struct stat *restrict st)
{
    FAULT_REAL(StatFn, "stat");
    return fault_hits("stat", path) ? -1 : real(path, st);
}

int lstat(const char *restrict path, struct stat *restrict st)
{
    FAULT_REAL(StatFn, "lstat");
    return fault_hits("lstat", path) ? -1 : real(path, st);
}

int fstat(int fd, struct stat *st)
{
    FAULT_REAL(FstatFn, "fstat");
    return fault_hits_fd("fstat", fd) ? -1 : real(fd, st);
}

#else

typedef int VersionedStatFn(int version, const char *path, struct stat *st);
typedef int VersionedFstatFn(int version, int fd, struct stat *st);

int __xstat(int version, const char *path, struct stat *st)
{
    FAULT_REAL(VersionedStatFn, "__xstat");
    return fault_hits("stat", path) ? -1 : real(version, path, st);
}

int __lxstat(int version, const char *path, struct stat *st)
{
    FAULT_REAL(VersionedStatFn, "__lxstat");
    return fault_hits("lstat", path) ? -1 : real(version, path, st);
}

int __fxstat(int version, int fd, struct stat *st)
{
    FAULT_REAL(VersionedFstatFn, "__fxstat");
    return fault_hits_fd("fstat", fd) ? -1 : real(version, fd, st);
}

#endif

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
