#include "base/log.h"
#include "base/loop.h"
#include "src/life/blame_internal.h"
#include "src/life/context_internal.h"
#include "src/life/corrupt_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/expedite_internal.h"
#include "src/life/leave_internal.h"
#include "src/life/parking_internal.h"
#include "src/life/scan_internal.h"
#include "src/life/schedule_internal.h"
#include "src/life/suspend_internal.h"
#include "src/life/suspended_internal.h"
#include "src/life/trouble_internal.h"
#include "src/life/verbose_internal.h"

/*
 * Leave: the ways out of active (behaviour.md 6.3, 7, 10 step 6).
 *
 * If a file cannot be moved or removed now (full disk, read-only file system, missing directory)
 * its message stays in memory and the move is tried again; stock dies. What was done for the
 * message must not be done again, and each file in active must be known to us.
 */

#define STUCK_RETRY_S 60

static bool is_away(const Message *message, SpoolStatus status)
{
    return life_is_away(message->life, SPOOL_ACTIVE, message->queue_id, status);
}

/* False if the file is there and its time cannot be set. */
static bool set_time(const Message *message, int64_t when_s)
{
    const Spool *spool = message->life->spool;
    SpoolResult result = spool_set_time(spool, SPOOL_ACTIVE, message->queue_id, when_s);
    g_autofree char *path = NULL;

    if (result.status != SPOOL_IO_ERROR)
        return true;
    path = spool_path(spool, SPOOL_ACTIVE, message->queue_id);
    life_warn_spool(result, "qmgr_active_defer: update %s time stamps", path);
    return false;
}

static void tell_index(const Message *message, int64_t when_s)
{
    DeferredCause cause = blame_cause(message);

    deferred_arrived(message->life, message->queue_id, when_s, &cause);
}

static bool move_to(const Message *message, SpoolQueue to, int64_t when_s)
{
    SpoolResult result = spool_move(message->life->spool, message->queue_id, SPOOL_ACTIVE, to);
    bool is_gone = is_away(message, result.status);

    if (result.status != SPOOL_OK && !(is_gone && message->way_out == LEAVE_MISSING))
        life_warn_spool(result, "qmgr_active_defer: rename %s from %s to %s", message->queue_id,
                        spool_queue_str(SPOOL_ACTIVE), spool_queue_str(to));
    else if (result.status == SPOOL_OK && to == SPOOL_DEFERRED)
        tell_index(message, when_s);
    if (result.status == SPOOL_OK)
        verbose_next_attempt(message, to, when_s - life_now(message->life)->wall_s);
    return is_gone;
}

/*
 * Sets the time first: a crash in between leaves the file in active, which is taken in at start. If
 * the time cannot be set, the message is only retried early.
 */
static bool defer(const Message *message, int64_t when_s)
{
    (void)set_time(message, when_s);
    return move_to(message, SPOOL_DEFERRED, when_s);
}

/* 0: it is not known when it was made. */
static int64_t expires_s(const Message *message)
{
    int64_t create_s = message->envelope.create_s;

    return create_s != 0 ? create_s + schedule_lifetime_s(message) : 0;
}

/*
 * No flush takes it before its time. If the rule has ended meanwhile, it is due, and nothing else
 * would look for it soon.
 */
static bool defer_suspended(const Message *message)
{
    Life *life = message->life;
    int64_t when_s = suspend_next_attempt_s(message);

    if (!defer(message, when_s))
        return false;
    if (when_s > life_now(life)->wall_s)
        suspended_add(life, message->queue_id, &message->suspended, when_s, expires_s(message));
    else
        scan_request(life, &life->scans->deferred, SCAN_START);
    return true;
}

/* What waits for its turn only has a time of its own; it may be called in before that in any case.
 */
static bool defer_parked(Message *message)
{
    bool is_only_cause = parking_is_only_cause(message);
    int64_t expiry_s = expires_s(message);

    parking_blame(message);
    if (!defer(message, is_only_cause ? parking_next_attempt_s(message, expiry_s)
                                      : schedule_next_attempt_s(message)))
        return false;
    parking_note_deferred(message, expiry_s);
    return true;
}

static bool defer_message(Message *message)
{
    if ((message->left & LEFT_PARKED) != 0)
        return defer_parked(message);
    return suspend_is_only_cause(message) ? defer_suspended(message)
                                          : defer(message, schedule_next_attempt_s(message));
}

static bool put_back_now(const Message *message, int64_t now_s)
{
    Life *life = message->life;

    (void)set_time(message, now_s);
    if (!move_to(message, SPOOL_INCOMING, now_s))
        return false;
    scan_request(life, &life->scans->incoming, SCAN_START);
    return true;
}

/*
 * Without a time the file would be due at once, and would be taken in and put back as fast as the
 * disk allows. So the message waits in memory before the file goes.
 */
static bool put_back(Message *message, int64_t when_s)
{
    Life *life = message->life;
    bool has_time = set_time(message, when_s);

    if (!has_time && !message->has_waited) {
        message->has_waited = true;
        return false;
    }
    if (!move_to(message, SPOOL_INCOMING, when_s))
        return false;
    if (!has_time)
        scan_request(life, &life->scans->incoming, SCAN_START);
    else if (message->way_out != LEAVE_LOCKED)
        scan_incoming_again(life);
    return true;
}

/* With dont_remove the file of finished mail is kept in saved, for a developer to look at. */
static bool remove_file(const Message *message)
{
    const Life *life = message->life;
    SpoolResult result;

    if (message->has_stale_log)
        (void)!spool_remove(life->spool, SPOOL_DEFER, message->queue_id).status;
    if (life->settings.keep_finished)
        result = spool_move(life->spool, message->queue_id, SPOOL_ACTIVE, SPOOL_SAVED);
    else
        result = spool_remove(life->spool, SPOOL_ACTIVE, message->queue_id);
    if (result.status == SPOOL_OK)
        log_info("%s: removed", message->queue_id);
    else
        life_warn_spool(result, "qmgr_active_done_3_generic: remove %s from active",
                        message->queue_id);
    return is_away(message, result.status);
}

static bool try_way(Message *message)
{
    int64_t now_s = life_now(message->life)->wall_s;

    switch (message->way_out) {
    case LEAVE_REMOVED:
        return remove_file(message);
    case LEAVE_DEFERRED:
        return defer_message(message);
    case LEAVE_PUT_BACK:
    case LEAVE_LOCKED:
    case LEAVE_MISSING:
        return put_back(message, now_s + RECHECK_S);
    case LEAVE_DUE_NOW:
        return put_back_now(message, now_s);
    case LEAVE_CORRUPT:
        return corrupt_save(message->life, SPOOL_ACTIVE, message->queue_id);
    }
    g_assert_not_reached();
}

static void leave_count(const Message *message)
{
    static const StatsCounter counters[] = {
        [LEAVE_REMOVED] = STATS_LEFT_REMOVED,   [LEAVE_DEFERRED] = STATS_LEFT_DEFERRED,
        [LEAVE_PUT_BACK] = STATS_LEFT_PUT_BACK, [LEAVE_LOCKED] = STATS_LEFT_PUT_BACK,
        [LEAVE_DUE_NOW] = STATS_LEFT_PUT_BACK,  [LEAVE_MISSING] = STATS_LEFT_PUT_BACK,
        [LEAVE_CORRUPT] = STATS_LEFT_CORRUPT,
    };
    Stats *stats = message->life->settings.stats;
    const Now *now = life_now(message->life);

    stats_count(stats, counters[message->way_out]);
    if (message->way_out == LEAVE_DEFERRED && (message->left & LEFT_PARKED) != 0)
        stats_count(stats, STATS_PARKED);
    if (message->way_out == LEAVE_DEFERRED)
        stats_rate_count(stats, STATS_RATE_DEFERRED, now->timer_s);
    if (message->way_out != LEAVE_REMOVED)
        return;
    stats_rate_count(stats, STATS_RATE_DONE, now->timer_s);
    stats_observe(stats, STATS_AGE_AT_REMOVAL,
                  (now->wall_s - message->envelope.arrival_s) * G_USEC_PER_SEC);
}

/* Its file is where it was to go. The message is freed. */
static void leave_end(Message *message)
{
    Life *life = message->life;

    leave_count(message);
    if (message->way_out == LEAVE_DEFERRED)
        expedite_note_deferred(message);
    if (message->way_out == LEAVE_REMOVED || message->way_out == LEAVE_CORRUPT)
        trouble_forget(life, message->queue_id);
    if (message->has_twin) { /* which waits in one of these queues (intake.c) */
        scan_request(life, &life->scans->incoming, SCAN_START);
        scan_request(life, &life->scans->deferred, SCAN_START);
    }
    g_assert(message->hold_count == 1); /* the caller's */
    message_free(message);
}

static void leave_go(Message *message)
{
    const struct timeval pause = {STUCK_RETRY_S, 0};
    Life *life = message->life;

    message_move_to(message, MESSAGE_LEAVING);
    if (try_way(message)) {
        leave_end(message);
        return;
    }
    message_move_to(message, MESSAGE_STUCK);
    STAILQ_INSERT_TAIL(&life->leaving->stuck, message, link);
    if (!evtimer_pending(life->leaving->stuck_timer, NULL))
        loop_add(life->leaving->stuck_timer, &pause);
}

void message_leave(Message *message, WayOut way)
{
    g_clear_pointer(&message->file, spool_message_close);
    message->way_out = way;
    leave_go(message);
}

static void on_stuck_timer(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;
    Message *message = STAILQ_FIRST(&life->leaving->stuck), *next;

    (void)fd;
    (void)what;
    STAILQ_INIT(&life->leaving->stuck); /* who is still stuck comes back */
    for (; message != NULL; message = next) {
        next = STAILQ_NEXT(message, link);
        leave_go(message);
    }
}

void leave_init(Life *life)
{
    life->leaving = g_new0(Leaving, 1);
    STAILQ_INIT(&life->leaving->stuck);
    life->leaving->stuck_timer = evtimer_new(life->base, on_stuck_timer, life);
}

void leave_stop(Life *life)
{
    event_free(life->leaving->stuck_timer);
    g_free(life->leaving);
}

void leave_check(const Life *life)
{
    g_autoptr(GPtrArray) messages = message_list(life);
    unsigned stuck_count = 0;
    Message *message;

    for (guint i = 0; i < messages->len; i++) {
        message = g_ptr_array_index(messages, i);
        stuck_count += message->state == MESSAGE_STUCK;
    }
    STAILQ_FOREACH (message, &life->leaving->stuck, link) {
        CHECK(message->state == MESSAGE_STUCK);
        stuck_count--;
    }
    CHECK(stuck_count == 0);
    CHECK(STAILQ_EMPTY(&life->leaving->stuck) || evtimer_pending(life->leaving->stuck_timer, NULL));
}
