#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib.h>

#include "sandbox_internal.h"

/*
 * Landlock, by its system calls: the C library has none of them. What a kernel does not know yet
 * (the versions are in landlock(7)) is not asked for.
 */

#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>

/* From version 2; before it, no file could be moved to another directory. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* 3 */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP /* 4 */
#define LANDLOCK_ACCESS_NET_BIND_TCP    (1ULL << 0)
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV /* 5 */
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET /* 6 */
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL               (1ULL << 1)
#endif

enum {
    VERSION_REFER = 2,
    VERSION_TRUNCATE = 3,
    VERSION_NET = 4,
    VERSION_IOCTL_DEV = 5,
    VERSION_SCOPE = 6,
};

#define FS_VERSION_1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1) /* all rights up to this one */
#define FS_OF_FILE \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_CHANGE                                                                                 \
    (FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |                      \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
     LANDLOCK_ACCESS_FS_REFER)

/* As in the newest kernel; an older one takes it if the members that it does not know are 0. */
typedef struct Ruleset {
    uint64_t fs, net, scoped;
} Ruleset;

static Ruleset everything(int version)
{
    Ruleset ruleset = {.fs = FS_VERSION_1 | LANDLOCK_ACCESS_FS_REFER};

    if (version >= VERSION_TRUNCATE)
        ruleset.fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (version >= VERSION_NET)
        ruleset.net = LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP;
    if (version >= VERSION_IOCTL_DEV)
        ruleset.fs |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    if (version >= VERSION_SCOPE)
        ruleset.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL;
    return ruleset;
}

/* A rule for a file may hold only what can be done with a file: so its kind has to be known. */
static bool permit_below(int ruleset_fd, int fd, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
    struct stat status;

    if (fstat(fd, &status) < 0)
        return false;
    if (!S_ISDIR(status.st_mode))
        rule.allowed_access &= FS_OF_FILE;
    return syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

static bool permit_path(int ruleset_fd, const char *path, uint64_t rights)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    bool ok = fd >= 0 && permit_below(ruleset_fd, fd, rights);
    int saved_errno = errno;

    if (fd >= 0)
        (void)close(fd);
    errno = saved_errno;
    return ok;
}

/* What cannot be opened without a sandbox, now and later, needs no right. */
static bool is_out_of_reach(const SandboxPlace *place, int err)
{
    return place->need != SANDBOX_NEEDED &&
           (err == ENOENT || err == ENOTDIR || err == EACCES || err == ELOOP || err == EBADF);
}

static bool permit(int ruleset_fd, const SandboxPlace *place, uint64_t known_rights)
{
    uint64_t rights = (place->access == SANDBOX_CHANGE ? FS_CHANGE : FS_READ) & known_rights;
    struct stat status;
    bool ok;

    if (place->path == NULL)
        ok = permit_below(ruleset_fd, place->fd, rights);
    else if (place->need == SANDBOX_IF_LINK)
        ok = lstat(place->path, &status) == 0 &&
             (!S_ISLNK(status.st_mode) || permit_path(ruleset_fd, place->path, rights));
    else
        ok = permit_path(ruleset_fd, place->path, rights);
    return ok || is_out_of_reach(place, errno);
}

static char *confine_with(int ruleset_fd, const SandboxPlace *places, size_t place_count,
                          uint64_t known_rights)
{
    for (size_t i = 0; i < place_count; i++)
        if (!permit(ruleset_fd, &places[i], known_rights))
            return g_strdup_printf("%s: %s", places[i].path != NULL ? places[i].path : "descriptor",
                                   g_strerror(errno));
    if (syscall(SYS_landlock_restrict_self, ruleset_fd, 0) < 0)
        return g_strdup(g_strerror(errno));
    return NULL;
}

static char *landlock_absence(void)
{
    if (errno == ENOSYS || errno == EOPNOTSUPP)
        return g_strdup("not in this kernel");
    return g_strdup(g_strerror(errno));
}

char *landlock_confine(const SandboxPlace *places, size_t place_count, int *ret_version)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    Ruleset ruleset = everything((int)version);
    char *why_not;
    int fd;

    if (version < 0)
        return landlock_absence();
    if (version < VERSION_REFER)
        return g_strdup("the kernel has version 1, and 2 is needed");
    fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0);
    if (fd < 0)
        return landlock_absence();
    why_not = confine_with(fd, places, place_count, ruleset.fs);
    (void)close(fd);
    *ret_version = (int)version;
    return why_not;
}

#else

char *landlock_confine(const SandboxPlace *places, size_t place_count, int *ret_version)
{
    (void)places;
    (void)place_count;
    (void)ret_version;
    return g_strdup("not in the headers it was built with");
}

#endif
