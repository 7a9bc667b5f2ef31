#include "spool/arrivals.h"

#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "spool_internal.h"

#define PIECE_BYTES 8192 /* some hundred events */

struct Arrivals {
    const Spool *spool;
    int fd;          /* -1: watches nothing */
    size_t at, size; /* of the piece */
    char piece[PIECE_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
};

Arrivals *arrivals_new(const Spool *spool)
{
    Arrivals *arrivals = g_new0(Arrivals, 1);

    arrivals->spool = spool;
    arrivals->fd = -1;
    return arrivals;
}

void arrivals_free(Arrivals *arrivals)
{
    if (arrivals == NULL)
        return;
    arrivals_stop(arrivals);
    g_free(arrivals);
}

void arrivals_stop(Arrivals *arrivals)
{
    if (arrivals->fd >= 0)
        (void)close(arrivals->fd);
    arrivals->fd = -1;
    arrivals->at = arrivals->size = 0;
}

/* cleanup(8) closes a file when it is complete; the flush server moves one in. */
void arrivals_start(Arrivals *arrivals)
{
    if (arrivals->fd >= 0 || arrivals->spool->depth[SPOOL_INCOMING] > 0)
        return;
    arrivals->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (arrivals->fd >= 0 && inotify_add_watch(arrivals->fd, spool_queue_str(SPOOL_INCOMING),
                                               IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0)
        arrivals_stop(arrivals);
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

const char *arrivals_next(Arrivals *arrivals)
{
    const struct inotify_event *event;

    if (arrivals->fd < 0)
        return NULL;
    while ((event = next_event(arrivals)) != NULL)
        if (event->len > 0 && (event->mask & IN_ISDIR) == 0 && strlen(event->name) > 1)
            return event->name;
    return NULL;
}
