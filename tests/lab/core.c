#include "tests/lab/core.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_hashed(const Core *core, const char *queue)
{
    for (char **name = core->hash_names; *name != NULL; name++)
        if (g_ascii_strcasecmp(*name, queue) == 0)
            return true;
    return false;
}

/* The key of a long queue ID is its microseconds, a base-52 number before the last 'z'. */
static char *hash_key(const char *id)
{
    static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
    const char *z = strrchr(id, 'z');
    unsigned long usec = 0;

    if (z == NULL || z - id < 10)
        return g_strdup(id);
    for (const char *p = z - 4; p < z; p++) {
        const char *digit = strchr(digits, *p);

        if (digit == NULL)
            return g_strdup("00000");
        usec = usec * 52 + (unsigned long)(digit - digits);
    }
    return g_strdup_printf("%05lX", usec);
}

char *core_queue_path(const Core *core, const char *queue, const char *id)
{
    GString *path = g_string_new(queue);
    g_autofree char *key = hash_key(id);
    size_t key_len = strlen(key);

    for (unsigned level = 0; is_hashed(core, queue) && level < core->hash_depth; level++)
        g_string_append_printf(path, "/%c", level < key_len ? key[level] : '_');
    g_string_append_printf(path, "/%s", id);
    return g_string_free(path, FALSE);
}

void core_set_owner(Core *core)
{
    const struct passwd *owner = getpwnam("postfix");

    core->as_root = geteuid() == 0;
    if (!core->as_root)
        return;
    if (owner == NULL)
        g_error("there is no user \"postfix\"");
    core->owner_uid = owner->pw_uid;
    core->owner_gid = owner->pw_gid;
}

void core_give_away(const Core *core, const char *path)
{
    if (core->as_root && lchown(path, core->owner_uid, core->owner_gid) < 0)
        g_error("chown %s: %s", path, g_strerror(errno));
}

/* Works as the file's owner, who may look at it at any moment. False: we may not. */
static bool make_as_owner(const Core *core, const char *path)
{
    bool is_made;

    if (!core->as_root || seteuid(core->owner_uid) < 0)
        return false;
    is_made = mkdir(path, 0700) == 0;
    if (seteuid(0) < 0)
        g_error("seteuid: %s", g_strerror(errno));
    if (is_made)
        core_give_away(core, path);
    return is_made;
}

void core_make_directories(const Core *core, const char *path)
{
    g_autofree char *prefix = g_strdup(path);

    for (char *slash = strchr(prefix, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (!make_as_owner(core, prefix)) {
            if (mkdir(prefix, 0700) == 0)
                core_give_away(core, prefix);
            else if (errno != EEXIST)
                g_error("mkdir %s: %s", prefix, g_strerror(errno));
        }
        *slash = '/';
    }
}

void core_write_file(const Core *core, const char *path, const void *bytes, size_t count,
                     bool append)
{
    int fd;

    core_make_directories(core, path);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0600);
    if (fd < 0 || write(fd, bytes, count) != (ssize_t)count || close(fd) < 0)
        g_error("write %s: %s", path, g_strerror(errno));
    core_give_away(core, path);
}
