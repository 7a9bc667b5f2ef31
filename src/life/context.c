#include <stdarg.h>

#include "base/log.h"
#include "base/loop.h"
#include "src/life/context_internal.h"

/*
 * Context: what all rooms of this layer share. The clock is read at most once between two waits for
 * events, so that everything in one turn happens at the same time.
 */

#define TIMER_PIECE_US (INT64_C(3600) * G_USEC_PER_SEC)

static void note_jump(const Life *life, ClockEvent event)
{
    life->clock->event = event;
    event_add_change(stats_events(life->settings.stats), life->clock->clock.now.wall_s,
                     EVENT_CLOCK_JUMPED, NULL, NULL, clock_event_str(event));
}

const Now *life_now(const Life *life)
{
    TurnClock *turn = life->clock;

    if (turn->is_stale) {
        ClockEvent event = clock_read(&turn->clock);

        if (event != CLOCK_NORMAL)
            note_jump(life, event);
        turn->is_stale = false;
    }
    return &turn->clock.now;
}

/* As in stock, only the strategy that needs a steady clock notices steps of it; oqmgr does not. */
SchedNow life_sched_now(const Life *life)
{
    const Now *now = life_now(life);
    TurnClock *turn = life->clock;

    if (turn->event != CLOCK_NORMAL && !life->settings.round_robin)
        log_warning("%s", clock_event_str(turn->event));
    turn->event = CLOCK_NORMAL;
    return (SchedNow){.wall_s = now->wall_s,
                      .timer_s = now->timer_s,
                      .steady_s = now->steady_s,
                      .mono_us = now->mono_us};
}

void context_before_wait(Life *life)
{
    life->clock->is_stale = true;
}

void life_set_timer(const Life *life, struct event *timer, int64_t *set_us, int64_t at_us)
{
    int64_t wait_us;
    struct timeval wait;

    if (at_us == *set_us)
        return;
    *set_us = at_us;
    if (at_us == INT64_MAX) {
        (void)event_del(timer);
        return;
    }
    wait_us = CLAMP(at_us - life_now(life)->mono_us, 0, TIMER_PIECE_US);
    wait = (struct timeval){wait_us / G_USEC_PER_SEC, wait_us % G_USEC_PER_SEC};
    loop_add(timer, &wait);
}

void context_init(Life *life)
{
    life->clock = g_new0(TurnClock, 1);
    clock_init(&life->clock->clock);
}

void context_stop(Life *life)
{
    g_free(life->clock);
}

void life_warn_lines(const char *text)
{
    g_auto(GStrv) lines = text != NULL ? g_strsplit(text, "\n", -1) : NULL;

    for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
        log_warning("%s", lines[i]);
}

void life_warn_spool(SpoolResult result, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    log_warning("%s: %s", what, spool_result_str(result));
}

/* A move also fails with ENOENT if the directory to move to is missing. */
bool life_is_away(const Life *life, SpoolQueue from, const char *queue_id, SpoolStatus status)
{
    SpoolFile file;

    return status == SPOOL_OK ||
           (status == SPOOL_GONE &&
            spool_check(life->spool, from, queue_id, INT64_MAX, &file).status == SPOOL_GONE);
}
