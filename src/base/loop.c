#include "base/loop.h"

#include <errno.h>

#include "base/log.h"

/* Loop: libevent gives the reason of a failure in errno, but not always: then it is ENOMEM. */

bool loop_try_add(struct event *event, const struct timeval *limit)
{
    errno = 0;
    if (event_add(event, limit) == 0)
        return true;
    if (errno == 0)
        errno = ENOMEM;
    return false;
}

void loop_add(struct event *event, const struct timeval *limit)
{
    if (!loop_try_add(event, limit))
        log_fatal("cannot watch descriptor %d: %s", (int)event_get_fd(event), g_strerror(errno));
}
