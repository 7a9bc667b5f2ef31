#include "spool/arrivals.h"

#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "spool_internal.h"

/*
 * Arrivals: one inotify watch on incoming, read when a name is asked for. Nothing depends on it,
 * so whatever fails here is ignored.
 */

#define PIECE_BYTES 8192 /* some hundred events */

/*
 * The descriptor is kept once it is open: closing one that has watched makes the kernel wait for
 * all of its readers, some milliseconds in which nothing else would go on. Removing a watch does
 * not.
 */
struct Arrivals {
    const Spool *spool;
    int fd;          /* -1: not opened yet */
    int watch;       /* -1: none */
    size_t at, size; /* what is left of the piece: from, to */
    char piece[PIECE_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
};

Arrivals *arrivals_new(const Spool *spool)
{
    Arrivals *arrivals = g_new0(Arrivals, 1);

    arrivals->spool = spool;
    arrivals->fd = arrivals->watch = -1;
    return arrivals;
}

void arrivals_free(Arrivals *arrivals)
{
    if (arrivals == NULL)
        return;
    if (arrivals->fd >= 0)
        (void)close(arrivals->fd);
    g_free(arrivals);
}

static bool read_piece(Arrivals *arrivals)
{
    ssize_t size = read(arrivals->fd, arrivals->piece, sizeof arrivals->piece);

    arrivals->at = 0;
    arrivals->size = size > 0 ? (size_t)size : 0;
    return arrivals->size > 0;
}

static const struct inotify_event *next_event(Arrivals *arrivals)
{
    const struct inotify_event *event;

    if (arrivals->at == arrivals->size && !read_piece(arrivals))
        return NULL;
    event = (const struct inotify_event *)(const void *)(arrivals->piece + arrivals->at);
    arrivals->at += sizeof *event + event->len;
    return event;
}

/* cleanup(8) closes a file when it is complete; the flush server renames one into incoming. */
void arrivals_start(Arrivals *arrivals)
{
    if (arrivals->watch >= 0 || arrivals->spool->depth[SPOOL_INCOMING] > 0)
        return;
    if (arrivals->fd < 0)
        arrivals->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (arrivals->fd >= 0)
        arrivals->watch = inotify_add_watch(arrivals->fd, spool_queue_str(SPOOL_INCOMING),
                                            IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR);
}

void arrivals_stop(Arrivals *arrivals)
{
    if (arrivals->watch < 0)
        return;
    (void)inotify_rm_watch(arrivals->fd, arrivals->watch);
    arrivals->watch = -1;
    while (read_piece(arrivals))
        ;
}

const char *arrivals_next(Arrivals *arrivals)
{
    const struct inotify_event *event;

    if (arrivals->watch < 0)
        return NULL;
    while ((event = next_event(arrivals)) != NULL)
        if (event->len > 0 && (event->mask & IN_ISDIR) == 0 && strlen(event->name) > 1)
            return event->name;
    return NULL;
}
