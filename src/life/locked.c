#include "base/loop.h"
#include "src/life/context_internal.h"
#include "src/life/locked_internal.h"
#include "src/life/scan_internal.h"

/*
 * Locked: files that an agent of a previous process has locked, because it still delivers them. As
 * in stock such a file waits in incoming and is due in a minute. But perhaps nobody triggers a scan
 * then, and the agent is usually done much sooner: so we look at the lock every second.
 */

#define LOOK_AGAIN_S 1

/* If the time cannot be set, the file is found when its minute is over. */
static void release(Life *life, const char *queue_id)
{
    if (spool_set_time(life->spool, SPOOL_INCOMING, queue_id, life_now(life)->wall_s).status ==
        SPOOL_IO_ERROR)
        scan_incoming_again(life);
    scan_request(life, &life->scans->incoming, SCAN_START);
}

static void on_locked_timer(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;

    (void)fd;
    (void)what;
    for (guint i = life->locked->queue_ids->len; i > 0; i--) {
        g_autofree char *queue_id = NULL;

        if (spool_is_locked(life->spool, SPOOL_INCOMING,
                            g_ptr_array_index(life->locked->queue_ids, i - 1)))
            continue;
        queue_id = g_ptr_array_steal_index_fast(life->locked->queue_ids, i - 1);
        release(life, queue_id);
    }
    if (life->locked->queue_ids->len == 0)
        (void)event_del(life->locked->timer);
}

void locked_wait_for(Life *life, const char *queue_id)
{
    const struct timeval pause = {LOOK_AGAIN_S, 0};

    /* A scan that ignores time stamps may meet the file again while it waits. */
    if (g_ptr_array_find_with_equal_func(life->locked->queue_ids, queue_id, g_str_equal, NULL))
        return;
    if (life->locked->queue_ids->len == 0)
        loop_add(life->locked->timer, &pause);
    g_ptr_array_add(life->locked->queue_ids, g_strdup(queue_id));
}

void locked_init(Life *life)
{
    life->locked = g_new(LockedFiles, 1);
    life->locked->queue_ids = g_ptr_array_new_with_free_func(g_free);
    life->locked->timer = event_new(life->base, -1, EV_PERSIST, on_locked_timer, life);
}

void locked_stop(Life *life)
{
    event_free(life->locked->timer);
    g_ptr_array_unref(life->locked->queue_ids);
    g_free(life->locked);
}

void locked_check(const Life *life)
{
    const LockedFiles *locked = life->locked;

    CHECK((locked->queue_ids->len > 0) == (evtimer_pending(locked->timer, NULL) != 0));
}
