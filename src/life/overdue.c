#include "base/loop.h"
#include "src/life/context_internal.h"
#include "src/life/message_internal.h"
#include "src/life/overdue_internal.h"
#include "src/life/schedule_internal.h"
#include "src/life/settle_internal.h"

/*
 * Overdue: see the header. The room `schedule` knows whose lifetime ends next; so nothing is looked
 * at before. Mail is looked at again, less and less often, while what it waits for is no rate.
 */

#define OVERDUE_STATUS "4.4.7"
#define OVERDUE_REASON "delivery time expired while it waited for a rate limit"

/* A last attempt that comes at the end of a lifetime has so long to begin. */
#define GRACE_S 2

#define AGAIN_MAX_S       60
#define PIECE_S           3600
#define MESSAGES_PER_TURN 10

typedef struct Overdue {
    struct event *timer;
    int64_t set_s; /* to this end; INT64_MAX: not set */
} Overdue;

static int64_t entry_end_s(const Message *message, const SchedEntry *entry)
{
    const Chain *recipients = sched_entry_recipients(entry);
    int64_t end_s = 0;

    for (Link *link = chain_first(recipients); link != NULL; link = chain_next(recipients, link))
        end_s = MAX(end_s, schedule_end_s(message, (const Recipient *)link));
    return end_s;
}

/* When to look at the entry next; INT64_MAX: it waits for nothing but its turn. */
static int64_t overdue_look_at_entry(const Message *message, SchedEntry *entry)
{
    Life *life = message->life;
    int64_t now_s = life_now(life)->wall_s, end_s = entry_end_s(message, entry);

    if (end_s > now_s)
        return end_s;
    if (!sched_entry_is_paced(entry))
        return now_s + CLAMP(now_s - end_s, GRACE_S, AGAIN_MAX_S) - GRACE_S;
    sched_waiting_redirect(life->sched, entry, OVERDUE_STATUS, OVERDUE_REASON,
                           life_sched_now(life));
    return INT64_MAX;
}

/* What somebody has hurried is tried. */
static void look_at_message(Message *message)
{
    Life *life = message->life;
    g_autoptr(GPtrArray) entries = NULL;
    int64_t next_s = INT64_MAX;

    if (message->flush_each || message->is_forced)
        return;
    entries = sched_message_waiting(life->sched, message->sched);
    for (guint i = 0; i < entries->len; i++) {
        int64_t at_s = overdue_look_at_entry(message, entries->pdata[i]);

        next_s = MIN(next_s, at_s);
    }
    schedule_wait_for_end(message, next_s);
    settle_sched(life);
}

static int64_t left_s(const Life *life)
{
    int64_t first_s = schedule_first_end_s(life);

    return first_s != INT64_MAX ? first_s + GRACE_S - life_now(life)->wall_s : INT64_MAX;
}

/* A far end is waited for in pieces, as the clock may be set. */
static void arm_timer(const Life *life)
{
    Overdue *overdue = life->overdue;
    int64_t first_s = schedule_first_end_s(life);
    struct timeval wait = {0, 0};

    if (first_s == overdue->set_s)
        return;
    overdue->set_s = first_s;
    if (first_s == INT64_MAX) {
        (void)event_del(overdue->timer);
        return;
    }
    wait.tv_sec = CLAMP(left_s(life), 0, PIECE_S);
    loop_add(overdue->timer, &wait);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;

    (void)fd;
    (void)what;
    life->overdue->set_s = INT64_MAX;
}

bool overdue_turn(Life *life)
{
    for (int i = 0; i < MESSAGES_PER_TURN && left_s(life) <= 0; i++)
        look_at_message(schedule_pop_end(life));
    arm_timer(life);
    return left_s(life) <= 0;
}

void overdue_init(Life *life)
{
    life->overdue = g_new(Overdue, 1);
    *life->overdue = (Overdue){.timer = evtimer_new(life->base, on_end, life), .set_s = INT64_MAX};
}

void overdue_stop(Life *life)
{
    event_free(life->overdue->timer);
    g_free(life->overdue);
}

void overdue_check(const Life *life)
{
    const Overdue *overdue = life->overdue;

    CHECK(overdue->set_s == INT64_MAX || evtimer_pending(overdue->timer, NULL));
}
