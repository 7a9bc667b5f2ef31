/*
 * tests/faults/fault_preload: a library that counts the system calls of the daemon it is loaded
 * into (LD_PRELOAD, before the laboratory's clock), and lets one of them fail or be the last
 * (fault_page.h).
 *
 * Seen are calls of the program itself and of the libraries that work for it; not those of the
 * laboratory's clock. A call that fails is not made, except for close().
 */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/faults/call_site.h"
#include "tests/faults/fault_page.h"

#define MEMORY_SLOTS 8192 /* a power of two, larger than FAULT_SITES_MAX */

typedef struct Known {
    CallSite site;
    const char *call;
    FaultSite *entry;
} Known;

static FaultPage *page;
static Known known[MEMORY_SLOTS]; /* open hash table, so that a name is made once for each place */
static bool inside;

static uint64_t address_space_bytes(void)
{
    char text[BUFSIZ] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || close(fd) < 0)
        _exit(EXIT_FAILURE);
    return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void limit_memory(void)
{
    const uint64_t max = address_space_bytes() + page->memory_more_bytes;
    const struct rlimit limit = {max, max};

    (void)setrlimit(RLIMIT_AS, &limit);
}

__attribute__((constructor)) static void attach(void)
{
    const char *path = getenv(FAULT_ENVIRONMENT);
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped = MAP_FAILED;

    if (fd < 0)
        return;
    mapped = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    if (mapped == MAP_FAILED || !call_site_init())
        _exit(EXIT_FAILURE);
    page = mapped;
    page->mapped_bytes = 0;
    if (page->limits_memory)
        limit_memory();
}

static FaultSite *find_entry(const CallSite *site, const char *call)
{
    char name[FAULT_NAME_ROOM];
    size_t used;

    call_site_name(site, name, sizeof(name));
    used = strlen(name);
    (void)snprintf(name + used, sizeof(name) - used, "/%s", call);
    for (uint32_t i = 0; i < page->site_count; i++)
        if (strcmp(page->sites[i].name, name) == 0)
            return &page->sites[i];
    if (page->site_count == FAULT_SITES_MAX)
        abort();
    memcpy(page->sites[page->site_count].name, name, sizeof(name));
    return &page->sites[page->site_count++];
}

static FaultSite *remember(const CallSite *site, const char *call)
{
    size_t at = (uintptr_t)call;

    for (size_t i = 0; i < CALL_SITE_DEPTH; i++)
        at = at * 31 + site->frames[i];
    for (at %= MEMORY_SLOTS; known[at].call != NULL; at = (at + 1) % MEMORY_SLOTS)
        if (known[at].call == call && memcmp(&known[at].site, site, sizeof(*site)) == 0)
            return known[at].entry;
    known[at] = (Known){*site, call, find_entry(site, call)};
    return known[at].entry;
}

static int64_t now_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static bool is_met(const FaultSite *entry)
{
    if (strcmp(entry->name, page->name) != 0)
        return false;
    if (page->hit_count > 0)
        return now_s() < page->until_s;
    return entry->count == page->nth;
}

static int meet(void)
{
    if (page->hit_count++ == 0)
        page->until_s = page->lasts_s > 0 ? now_s() + page->lasts_s : 0;
    if (page->mode == FAULT_KILL)
        (void)raise(SIGKILL); /* the sandbox knows no kill() */
    return page->error;
}

/* An error number, FAULT_SHORT, FAULT_EOF, or 0: the call is made as usual. */
static int due(const char *call, const void *caller)
{
    int saved_errno = errno;
    int fault = 0;
    FaultSite *entry;
    CallSite site;

    if (page == NULL || inside || page->mode == FAULT_OFF)
        return 0;
    inside = true;
    if (call_site_take(caller, &site)) {
        entry = remember(&site, call);
        entry->count++;
        if (page->mode != FAULT_COUNT && is_met(entry))
            fault = meet();
    }
    inside = false;
    errno = saved_errno;
    return fault;
}

/* The caller of a function that replaces a call. */
#define DUE(call) due(call, __builtin_return_address(0))

/* The cast of a dlsym() result that ISO C does not bless. */
static void find_real(const char *name, void *ret_function)
{
    void *symbol = dlsym(RTLD_NEXT, name);

    memcpy(ret_function, &symbol, sizeof(symbol));
}

#define REAL(type, name, parameters) \
    static type(*real) parameters;   \
    if (real == NULL)                \
    find_real(#name, &real)

/* A call that is made or fails. `failed` is what it returns then. */
#define FAULTY(type, name, parameters, arguments, failed) \
    type name parameters                                  \
    {                                                     \
        int fault = DUE(#name);                           \
        REAL(type, name, parameters);                     \
        if (fault > 0) {                                  \
            errno = fault;                                \
            return failed;                                \
        }                                                 \
        return real arguments;                            \
    }

/* A call that transfers `count` bytes: one byte is a part of them, too. */
#define FAULTY_TRANSFER(name, parameters, arguments, count) \
    ssize_t name parameters                                 \
    {                                                       \
        int fault = DUE(#name);                             \
        REAL(ssize_t, name, parameters);                    \
        if (fault > 0) {                                    \
            errno = fault;                                  \
            return -1;                                      \
        }                                                   \
        if (fault == FAULT_EOF)                             \
            return 0;                                       \
        if (fault == FAULT_SHORT && (count) > 1)            \
            (count) = 1;                                    \
        return real arguments;                              \
    }

/* A call with a variable argument that is a number or a pointer. */
#define FAULTY_VARIADIC(name, first_type, second_type, third_type) \
    int name(first_type first, second_type second, ...)            \
    {                                                              \
        static int (*real)(first_type, second_type, ...);          \
        int fault = DUE(#name);                                    \
        third_type third;                                          \
        va_list arguments;                                         \
        va_start(arguments, second);                               \
        third = va_arg(arguments, third_type);                     \
        va_end(arguments);                                         \
        if (real == NULL)                                          \
            find_real(#name, &real);                               \
        if (fault > 0) {                                           \
            errno = fault;                                         \
            return -1;                                             \
        }                                                          \
        return real(first, second, third);                         \
    }

/* NOLINTBEGIN: the C library names parameters in its own way, and types in macros have no brackets
 */
FAULTY_VARIADIC(open, const char *, int, mode_t)
FAULTY_VARIADIC(open64, const char *, int, mode_t)
FAULTY_VARIADIC(fcntl, int, int, void *)
FAULTY_VARIADIC(fcntl64, int, int, void *)
FAULTY_VARIADIC(ioctl, int, unsigned long, void *)

FAULTY_TRANSFER(read, (int fd, void *bytes, size_t count), (fd, bytes, count), count)
FAULTY_TRANSFER(write, (int fd, const void *bytes, size_t count), (fd, bytes, count), count)
FAULTY_TRANSFER(pread, (int fd, void *bytes, size_t count, off_t at), (fd, bytes, count, at), count)
ssize_t __pread_chk(int fd, void *bytes, size_t count, off_t at, size_t room);
FAULTY_TRANSFER(__pread_chk, (int fd, void *bytes, size_t count, off_t at, size_t room),
                (fd, bytes, count, at, room), count)
FAULTY_TRANSFER(pwrite, (int fd, const void *bytes, size_t count, off_t at), (fd, bytes, count, at),
                count)
FAULTY_TRANSFER(send, (int fd, const void *bytes, size_t count, int flags),
                (fd, bytes, count, flags), count)
FAULTY_TRANSFER(recv, (int fd, void *bytes, size_t count, int flags), (fd, bytes, count, flags),
                count)
FAULTY_TRANSFER(writev, (int fd, const struct iovec *parts, int count), (fd, parts, count), count)
FAULTY_TRANSFER(readv, (int fd, const struct iovec *parts, int count), (fd, parts, count), count)

FAULTY(int, rename, (const char *from, const char *to), (from, to), -1)
FAULTY(int, unlink, (const char *path), (path), -1)
FAULTY(int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
FAULTY(int, stat, (const char *path, struct stat *ret), (path, ret), -1)
FAULTY(int, lstat, (const char *path, struct stat *ret), (path, ret), -1)
FAULTY(int, fstat, (int fd, struct stat *ret), (fd, ret), -1)
FAULTY(int, stat64, (const char *path, struct stat64 *ret), (path, ret), -1)
FAULTY(int, lstat64, (const char *path, struct stat64 *ret), (path, ret), -1)
FAULTY(int, fstat64, (int fd, struct stat64 *ret), (fd, ret), -1)
FAULTY(int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
FAULTY(int, chown, (const char *path, uid_t uid, gid_t gid), (path, uid, gid), -1)
FAULTY(int, utimensat, (int fd, const char *path, const struct timespec times[2], int flags),
       (fd, path, times, flags), -1)
FAULTY(int, flock, (int fd, int operation), (fd, operation), -1)
FAULTY(int, chdir, (const char *path), (path), -1)
FAULTY(FILE *, fopen64, (const char *path, const char *mode), (path, mode), NULL)
FAULTY(DIR *, opendir, (const char *path), (path), NULL)
FAULTY(struct dirent *, readdir, (DIR * directory), (directory), NULL)

FAULTY(int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)
FAULTY(int, connect, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size),
       -1)
FAULTY(int, accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags),
       (fd, address, size, flags), -1)
FAULTY(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags),
       -1)
FAULTY(int, sendmmsg, (int fd, struct mmsghdr *messages, unsigned count, int flags),
       (fd, messages, count, flags), -1)
FAULTY(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size),
       (fd, level, name, value, size), -1)

FAULTY(int, poll, (struct pollfd * fds, nfds_t count, int timeout_ms), (fds, count, timeout_ms), -1)
FAULTY(int, epoll_create1, (int flags), (flags), -1)
FAULTY(int, epoll_ctl, (int epfd, int operation, int fd, struct epoll_event *event),
       (epfd, operation, fd, event), -1)
FAULTY(int, eventfd, (unsigned value, int flags), (value, flags), -1)
FAULTY(int, inotify_init1, (int flags), (flags), -1)
FAULTY(int, inotify_add_watch, (int fd, const char *path, uint32_t mask), (fd, path, mask), -1)
FAULTY(int, inotify_rm_watch, (int fd, int watch), (fd, watch), -1)
FAULTY(int, getrlimit, (__rlimit_resource_t what, struct rlimit *ret), (what, ret), -1)
FAULTY(int, setrlimit, (__rlimit_resource_t what, const struct rlimit *limit), (what, limit), -1)

/* What the program has from the system beside malloc(), which calls it by another name. */
void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    REAL(void *, mmap, (void *, size_t, int, int, int, off_t));
    void *memory = real(at, bytes, protection, flags, fd, offset);

    if (page != NULL && memory != MAP_FAILED)
        page->mapped_bytes += bytes;
    return memory;
}

int munmap(void *memory, size_t bytes)
{
    REAL(int, munmap, (void *, size_t));
    int result = real(memory, bytes);

    if (page != NULL && result == 0)
        page->mapped_bytes -= bytes;
    return result;
}

static void note_heap(void)
{
    struct mallinfo2 info = mallinfo2();

    page->heap_bytes = info.uordblks + info.hblkhd + page->mapped_bytes;
}

/* Each round of the loop passes here, with nothing half done. */
int epoll_wait(int epfd, struct epoll_event *events, int max_events, int timeout_ms)
{
    int fault = DUE("epoll_wait");
    REAL(int, epoll_wait, (int, struct epoll_event *, int, int));

    if (fault > 0) {
        errno = fault;
        return -1;
    }
    if (page != NULL && page->wants_heap)
        note_heap();
    return real(epfd, events, max_events, timeout_ms);
}

/* As recv(), with room in parts. */
ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    int fault = DUE("recvmsg");
    size_t room = message->msg_iovlen > 0 ? message->msg_iov[0].iov_len : 0;
    ssize_t count;
    REAL(ssize_t, recvmsg, (int, struct msghdr *, int));

    if (fault > 0)
        errno = fault;
    if (fault > 0 || fault == FAULT_EOF) {
        message->msg_controllen = 0;
        return fault > 0 ? -1 : 0;
    }
    if (fault == FAULT_SHORT && room > 1)
        message->msg_iov[0].iov_len = 1;
    count = real(fd, message, flags);
    if (room > 0)
        message->msg_iov[0].iov_len = room;
    return count;
}

/* The descriptor is closed even if the call fails. */
int close(int fd)
{
    int fault = DUE("close");
    int result;
    REAL(int, close, (int fd));

    result = real(fd);
    if (fault > 0)
        errno = fault;
    return fault > 0 ? -1 : result;
}
/* NOLINTEND */
