#include "base/log.h"
#include "src/life/life_internal.h"

/*
 * Context: what all rooms of this layer share. The clock is read once between two waits for events,
 * so that whatever happens in one turn happens at one instant.
 */

const Now *life_now(Life *life)
{
    if (life->clock_is_stale) {
        ClockEvent event = clock_read(&life->clock);

        if (event != CLOCK_NORMAL)
            life->clock_event = event;
        life->clock_is_stale = false;
    }
    return &life->clock.now;
}

/* As in stock, steps of the clock are noticed by those who need a steady one, so not by oqmgr. */
static void log_clock_event(Life *life)
{
    if (life->clock_event != CLOCK_NORMAL && !life->settings.round_robin)
        log_warning("%s", clock_event_str(life->clock_event));
    life->clock_event = CLOCK_NORMAL;
}

SchedNow life_sched_now(Life *life)
{
    const Now *now = life_now(life);

    log_clock_event(life);
    return (SchedNow){.wall_s = now->wall_s, .timer_s = now->timer_s, .steady_s = now->steady_s};
}

void life_warn_lines(const char *text)
{
    g_auto(GStrv) lines = text != NULL ? g_strsplit(text, "\n", -1) : NULL;

    for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
        log_warning("%s", lines[i]);
}
