#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "src/spool/deferred_watch_internal.h"
#include "src/spool/spool_internal.h"

/*
 * The events of the index: inotify on deferred and its hash directories. What comes out is a name
 * to look at, a new directory to list, or the news that events were lost.
 */

/*
 * IN_MODIFY instead of IN_CLOSE_WRITE: a write changes the time stamp, a close does not, and agents
 * close each file right after we have deferred it.
 */
#define WATCHED_EVENTS                                                             \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_MODIFY | \
     IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* 1 + 16 + 256 + 4096 directories at depth 3, and a few odd ones. */
#define DIRECTORIES_MAX 5000

#define PIECE_BYTES 16384 /* some hundred events */

static const char directory_names[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

typedef struct Directory {
    int descriptor; /* of the watch */
    unsigned level; /* 0: the queue's own */
    char path[];
} Directory;

struct DeferredWatch {
    int fd;
    unsigned depth;
    GHashTable *directories; /* set of Directory, by descriptor */
    char *path;              /* of a new directory, lent to the caller */
    size_t at, size;         /* of the piece */
    char piece[PIECE_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
};

static void open_queue(DeferredWatch *watch)
{
    if (watch->fd < 0)
        watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

DeferredWatch *deferred_watch_new(unsigned depth)
{
    DeferredWatch *watch = g_new0(DeferredWatch, 1);

    watch->fd = -1;
    watch->depth = depth;
    watch->directories = g_hash_table_new_full(g_int_hash, g_int_equal, NULL, g_free);
    open_queue(watch);
    return watch;
}

void deferred_watch_free(DeferredWatch *watch)
{
    if (watch == NULL)
        return;
    if (watch->fd >= 0)
        (void)close(watch->fd);
    g_hash_table_unref(watch->directories);
    g_free(watch->path);
    g_free(watch);
}

int deferred_watch_fd(const DeferredWatch *watch)
{
    return watch->fd;
}

/* ---- directories ---- */

/* A link may lead to a directory that is watched already, perhaps to one above. */
static void note_directory(DeferredWatch *watch, int descriptor, const char *path, unsigned level)
{
    size_t size = strlen(path) + 1;
    Directory *directory = g_hash_table_lookup(watch->directories, &descriptor);

    if (directory != NULL && directory->level <= level)
        return;
    directory = g_malloc(sizeof(Directory) + size);
    directory->descriptor = descriptor;
    directory->level = level;
    memcpy(directory->path, path, size);
    (void)g_hash_table_replace(watch->directories, &directory->descriptor, directory);
}

/* False if it is there and cannot be watched. */
static bool watch_one(DeferredWatch *watch, const char *path, unsigned level)
{
    int descriptor = inotify_add_watch(watch->fd, path, WATCHED_EVENTS);

    if (descriptor < 0) /* gone, or not a directory: so there is nothing to watch */
        return level > 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP);
    note_directory(watch, descriptor, path, level);
    return g_hash_table_size(watch->directories) <= DIRECTORIES_MAX;
}

/*
 * False if one cannot be watched. All possible names are tried: reading the directory before it is
 * watched would miss what is made right after.
 */
static bool watch_tree(DeferredWatch *watch, const char *path, unsigned level)
{
    if (!watch_one(watch, path, level))
        return false;
    for (const char *name = directory_names; level < watch->depth && *name != '\0'; name++) {
        g_autofree char *below = g_strdup_printf("%s/%c", path, *name);

        if (!watch_tree(watch, below, level + 1))
            return false;
    }
    return true;
}

void deferred_watch_stop(DeferredWatch *watch)
{
    GHashTableIter iter;
    gpointer directory;

    g_hash_table_iter_init(&iter, watch->directories);
    while (g_hash_table_iter_next(&iter, NULL, &directory))
        (void)inotify_rm_watch(watch->fd, ((const Directory *)directory)->descriptor);
    g_hash_table_remove_all(watch->directories);
}

bool deferred_watch_start(DeferredWatch *watch)
{
    open_queue(watch);
    return watch->fd >= 0 && watch_one(watch, spool_queue_str(SPOOL_DEFERRED), 0);
}

bool deferred_watch_enter(DeferredWatch *watch, const char *path, unsigned level)
{
    return level > watch->depth || watch_one(watch, path, level);
}

/* ---- events ---- */

SpoolResult deferred_watch_read(DeferredWatch *watch)
{
    ssize_t size = read(watch->fd, watch->piece, sizeof(watch->piece));

    watch->at = 0;
    watch->size = size > 0 ? (size_t)size : 0;
    if (size > 0)
        return spool_plain(SPOOL_OK);
    return size == 0 || errno == EAGAIN || errno == EINTR ? spool_plain(SPOOL_END)
                                                          : spool_io_error(errno);
}

/*
 * An event about a name of one character, which can only be a hash directory (or a link to one). A
 * deleted directory was empty, so its files have had events of their own; a renamed one takes its
 * files along. What comes under a link goes with the link: one that is deleted, or replaced by
 * something that is moved to its name, takes unknown files out. (A directory that is moved replaces
 * an empty directory only.)
 */
static DeferredEvent directory_event(DeferredWatch *watch, const Directory *parent,
                                     const struct inotify_event *event, const char **ret_text)
{
    uint32_t unfollowed = IN_MOVED_FROM;

    if (parent->level >= watch->depth)
        return DEFERRED_NOTHING;
    if ((event->mask & IN_ISDIR) == 0)
        unfollowed |= IN_DELETE | IN_MOVED_TO;
    if ((event->mask & unfollowed) != 0)
        return DEFERRED_UNKNOWN;
    if ((event->mask & (IN_CREATE | IN_MOVED_TO)) == 0)
        return DEFERRED_NOTHING;
    g_free(watch->path);
    watch->path = g_strdup_printf("%s/%s", parent->path, event->name);
    *ret_text = watch->path;
    return watch_tree(watch, watch->path, parent->level + 1) ? DEFERRED_DIRECTORY
                                                             : DEFERRED_UNKNOWN;
}

static DeferredEvent examine(DeferredWatch *watch, const struct inotify_event *event,
                             const char **ret_text)
{
    const Directory *directory = g_hash_table_lookup(watch->directories, &event->wd);

    if ((event->mask & IN_Q_OVERFLOW) != 0)
        return DEFERRED_OVERFLOW;
    if (directory == NULL) /* its watch was removed */
        return DEFERRED_NOTHING;
    if ((event->mask & IN_UNMOUNT) != 0 ||
        (directory->level == 0 && (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0))
        return DEFERRED_UNKNOWN;
    if ((event->mask & IN_IGNORED) != 0)
        (void)g_hash_table_remove(watch->directories, &event->wd);
    if (event->len == 0 || event->name[0] == '\0')
        return DEFERRED_NOTHING;
    if (event->name[1] == '\0')
        return directory_event(watch, directory, event, ret_text);
    *ret_text = event->name;
    return DEFERRED_NAME;
}

DeferredEvent deferred_watch_next(DeferredWatch *watch, const char **ret_text)
{
    while (watch->at < watch->size) {
        const struct inotify_event *event = (const void *)(watch->piece + watch->at);
        DeferredEvent kind;

        watch->at += sizeof(*event) + event->len;
        kind = examine(watch, event, ret_text);
        if (kind != DEFERRED_NOTHING)
            return kind;
    }
    return DEFERRED_NOTHING;
}
