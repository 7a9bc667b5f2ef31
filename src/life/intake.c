#include <sys/stat.h>

#include "base/log.h"
#include "src/life/attempt_internal.h"
#include "src/life/context_internal.h"
#include "src/life/corrupt_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/expedite_internal.h"
#include "src/life/intake_internal.h"
#include "src/life/jobs_internal.h"
#include "src/life/kept_internal.h"
#include "src/life/leave_internal.h"
#include "src/life/limit_internal.h"
#include "src/life/locked_internal.h"
#include "src/life/message_internal.h"
#include "src/life/parking_internal.h"
#include "src/life/resolve_internal.h"
#include "src/life/schedule_internal.h"
#include "src/life/suspended_internal.h"
#include "src/life/tried_internal.h"
#include "src/life/unreadable_internal.h"

/*
 * Intake: takes mail in (behaviour.md 4 and 6). A candidate of incoming or deferred is checked,
 * moved to active, opened and locked; its envelope and first recipients are read. What cannot be
 * taken in now goes back or stays, and is met again.
 */

/* One turn of the loop looks at no more candidates, and activates no more messages, than these. */
#define CANDIDATES_PER_TURN  64
#define ACTIVATIONS_PER_TURN 8

/*
 * Messages of one queue that are being resolved: several times what the resolver pool can ask at a
 * time.
 */
#define BACKLOG_RESOLVING_MAX 64

#define LINK_GRACE_S 60 /* a second link is normal while postdrop or cleanup moves the file */

/* ---- candidates ---- */

static void log_remark(const char *path, SpoolResult result, const SpoolFile *file)
{
    if (result.status == SPOOL_NOT_REGULAR)
        log_warning("%s: uid %ld: not a regular file", path, (long)file->uid);
    else if (result.status == SPOOL_IO_ERROR)
        life_warn_spool(result, "%s", path);
    else
        log_warning("%s: uid %ld: file has %d links", path, (long)file->uid, (int)file->link_count);
}

/* Sets aside a file that an agent marked (corrupt.c). One that cannot be moved now is met again. */
static void set_aside(Life *life, const Scan *scan, const char *name, const SpoolFile *file)
{
    if (corrupt_save(life, scan->queue, name)) {
        if (scan->queue == SPOOL_DEFERRED)
            deferred_refused(life, name, SPOOL_GONE, file);
    } else if (scan->queue == SPOOL_DEFERRED) {
        deferred_refused(life, name, SPOOL_IO_ERROR, file);
    } else {
        scan_incoming_again(life);
    }
}

/* Applies the tests of behaviour.md 4.2. A file with several links is acceptable, but logged. */
static bool is_acceptable(Life *life, const Scan *scan, const char *name, SpoolFile *ret_file)
{
    int64_t now_s = life_now(life)->wall_s;
    bool waits = (scan->flags & SCAN_HURRY) != 0 ? suspended_by(life, name) != 0
                                                 : suspended_is_waiting(life, name);
    bool ignore_time = (scan->flags & SCAN_FORCE) != 0 || ((scan->flags & SCAN_ALL) != 0 && !waits);
    SpoolResult result =
        spool_check(life->spool, scan->queue, name, ignore_time ? INT64_MAX : now_s, ret_file);
    SpoolStatus status = result.status;
    bool many_links =
        status == SPOOL_OK && ret_file->link_count > 1 && ret_file->ctime_s < now_s - LINK_GRACE_S;

    if (status == SPOOL_NOT_READY && corrupt_is_marked(ret_file)) {
        set_aside(life, scan, name, ret_file);
        return false;
    }
    if (status == SPOOL_NOT_REGULAR || status == SPOOL_IO_ERROR || many_links) {
        g_autofree char *path = spool_path(life->spool, scan->queue, name);

        log_remark(path, result, ret_file);
    }
    if (status == SPOOL_IO_ERROR && scan->queue == SPOOL_INCOMING)
        scan_incoming_again(life);
    if (status != SPOOL_OK && scan->queue == SPOOL_DEFERRED)
        deferred_refused(life, name, status, ret_file);
    return status == SPOOL_OK;
}

static void intake_count(Life *life, const Scan *scan, const SpoolFile *file)
{
    Stats *stats = life->settings.stats;
    const Now *now = life_now(life);

    if (scan->queue == SPOOL_INCOMING) {
        stats_count(stats, STATS_TAKEN_INCOMING);
        stats_rate_count(stats, STATS_RATE_IN, now->timer_s);
    } else {
        stats_count(stats, STATS_TAKEN_DEFERRED);
        if (scan->called_for == NULL) /* which may be before its time */
            stats_observe(stats, STATS_RETRY_LATENESS,
                          (now->wall_s - file->mtime_s) * G_USEC_PER_SEC);
    }
}

/* If the move fails (full disk, say) the file stays and is met again; stock dies. */
static bool move_to_active(Life *life, const Scan *scan, const char *queue_id)
{
    SpoolResult result = spool_move(life->spool, queue_id, scan->queue, SPOOL_ACTIVE);

    if (result.status != SPOOL_OK)
        life_warn_spool(result, "qmgr_active_feed: %s: rename from %s to active", queue_id,
                        spool_queue_str(scan->queue));
    if (scan->queue == SPOOL_DEFERRED)
        deferred_moved(life, queue_id, result.status);
    else if (result.status == SPOOL_IO_ERROR)
        scan_incoming_again(life);
    if (result.status == SPOOL_OK)
        jobs_note_taken(life, queue_id);
    return result.status == SPOOL_OK;
}

/* ---- activation (behaviour.md 6) ---- */

/* Opens and locks the file; false if it was put back or is gone. */
static bool open_file(Message *message)
{
    Life *life = message->life;
    SpoolResult result = spool_message_open(life->spool, message->queue_id, true, &message->file);

    if (result.status == SPOOL_OK)
        return true;
    if (result.status == SPOOL_BUSY) {
        log_info("%s: skipped, still being delivered", message->queue_id);
        locked_wait_for(life, message->queue_id);
        message_leave(message, LEAVE_LOCKED);
    } else {
        life_warn_spool(result, "open active %s", message->queue_id);
        message_leave(message, result.status == SPOOL_GONE
                                   ? LEAVE_MISSING
                                   : unreadable_way_out(message, result.error));
    }
    return false;
}

static void note_trace_flags(Message *message)
{
    Envelope *envelope = &message->envelope;

    if (message->life->settings.confirm_delay_cleared && envelope->warn_s < 0)
        envelope->trace_flags |= TRACE_DELAY_CLEARED;
    if ((envelope->trace_flags & TRACE_PROBE_BY_MTA) != 0)
        message->is_excess_probe =
            (int64_t)message_count_probe(message) > message->life->settings.probe_limit;
}

/* Notes the trace flags even of a damaged file: probes are counted until the message is freed. */
static bool read_envelope(Message *message, SpoolReading *ret_reading)
{
    SpoolResult result = message_read_first(message, ret_reading);

    note_trace_flags(message);
    if (result.status != SPOOL_OK)
        message_leave(message, result.status == SPOOL_IO_ERROR
                                   ? unreadable_way_out(message, result.error)
                                   : LEAVE_CORRUPT);
    return result.status == SPOOL_OK;
}

/* The flush bit is for this attempt only. */
static void clear_flush_bit(Message *message, mode_t mode)
{
    SpoolResult result;

    if (!message->flush_each)
        return;
    result = spool_message_chmod(message->file, (mode & 07777) & ~(mode_t)S_IRGRP);
    if (result.status != SPOOL_OK) {
        g_autofree char *path = spool_path(message->life->spool, SPOOL_ACTIVE, message->queue_id);

        life_warn_spool(result, "fchmod %s", path);
    }
}

/* The message is returned as its defer log says, without another delivery. */
static void expire_now(Message *message, SpoolReading *reading)
{
    recipients_free(&reading->recipients);
    g_clear_pointer(&message->file, spool_message_close);
    message->envelope.fully_read = true;
    message->left = LEFT_DEFERRED;
    message->as_logged = true;
}

typedef enum Beginning { BEGIN_DELIVERY, BEGIN_WITH_RETURN, BEGIN_LATER } Beginning;

/*
 * A message that is to expire is returned as its defer log says, if there is one. As long as the
 * log cannot be examined the message waits, since an attempt begins with its removal.
 */
static Beginning choose_beginning(const Message *message)
{
    int64_t log_bytes = 0;
    SpoolResult result;

    if (!message->force_expire)
        return BEGIN_DELIVERY;
    result = spool_log_size(message->life->spool, SPOOL_DEFER, message->queue_id, &log_bytes);
    if (result.status == SPOOL_IO_ERROR) {
        message_warn_log(message, SPOOL_DEFER, result);
        return BEGIN_LATER;
    }
    return log_bytes > 0 ? BEGIN_WITH_RETURN : BEGIN_DELIVERY;
}

/* False if it was put back. */
static bool begin(Message *message, mode_t mode, SpoolReading *reading)
{
    switch (choose_beginning(message)) {
    case BEGIN_LATER:
        message_leave(message, LEAVE_PUT_BACK);
        return false;
    case BEGIN_WITH_RETURN:
        clear_flush_bit(message, mode);
        expire_now(message, reading);
        return true;
    case BEGIN_DELIVERY:
        schedule_note_log(message, limit_may_pace(message->life));
        if (parking_is_used(message->life)) {
            attempt_expect(message);
        } else if (!attempt_begin(message)) {
            message_leave(message, LEAVE_PUT_BACK);
            return false;
        }
        clear_flush_bit(message, mode);
        resolve_batch(message, reading);
        return true;
    }
    g_assert_not_reached();
}

/* False if the file did not become a message in memory. */
static bool activate(Life *life, const Scan *scan, const char *queue_id, const SpoolFile *file)
{
    Message *message = message_new(life, queue_id, life_now(life));
    SpoolReading reading;
    bool is_in;

    message->flush_each = (file->mode & S_IRGRP) != 0;
    message->force_expire = (file->mode & S_IXGRP) != 0;
    message->from = scan->queue;
    message->lift = message->flush_each || (scan->flags & SCAN_LIFT) != 0;
    if ((scan->flags & SCAN_HURRY) != 0) {
        message->flush_each = true;
        message_hurry(message, (scan->flags & SCAN_FORCE) != 0);
    }
    if (scan->called_for != NULL) {
        message->is_called = true;
        parked_note_called(message, scan->called_for);
    }
    if (!open_file(message))
        return false;
    is_in = read_envelope(message, &reading) && begin(message, file->mode, &reading);
    spool_reading_clear(&reading);
    if (is_in)
        message_release(message);
    return is_in;
}

/* ---- the turn (behaviour.md 4.1) ---- */

static bool intake_has_room(const Life *life)
{
    const LifeSettings *settings = &life->settings;

    return (int64_t)sched_message_count(life->sched) < settings->message_active_limit &&
           (int64_t)resolve_count(life) < settings->resolving_max &&
           (!settings->round_robin ||
            sched_recipient_count(life->sched) < settings->message_recipient_limit);
}

/*
 * True if a message of this queue ID is in memory. Somebody took its file out of active (to hold
 * it, say) and put it back here. The deliveries of the one in memory fail without the file; but
 * until all of them have ended, both could deliver.
 */
static bool waits_for_twin(Life *life, const Scan *scan, const char *queue_id,
                           const SpoolFile *file)
{
    Message *message = message_find(life, queue_id);

    if (message == NULL)
        return false;
    message->has_twin = true;
    if (scan->queue == SPOOL_DEFERRED)
        deferred_arrived(life, queue_id, file->mtime_s, NULL);
    return true;
}

static bool try_candidate(Life *life, const Scan *scan, const char *name)
{
    g_autofree char *queue_id = NULL;
    SpoolFile file;

    if (!queue_id_is_valid(name) || !is_acceptable(life, scan, name, &file) ||
        waits_for_twin(life, scan, name, &file) || kept_is_left(life, scan, name, &file))
        return false;
    queue_id = g_strdup(name); /* the scan may go on while the message is taken in */
    if (!move_to_active(life, scan, queue_id) || !activate(life, scan, queue_id, &file))
        return false;
    intake_count(life, scan, &file);
    if (scan->queue == SPOOL_INCOMING)
        life->intake->taken_from_incoming++;
    return true;
}

static Scan *other_scan(Life *life, const Scan *scan)
{
    return scan == &life->scans->incoming ? &life->scans->deferred : &life->scans->incoming;
}

typedef struct Cycle {
    bool found, activated;
} Cycle;

/* Deferred mail leaves half of the room to new mail, however slowly its questions are answered. */
static bool deferred_has_budget(const Life *life)
{
    const LifeSettings *settings = &life->settings;
    int64_t room = MIN(settings->resolving_max, settings->message_active_limit);

    return resolve_count_from(life, SPOOL_DEFERRED) < MAX(room / 2, 1);
}

static bool has_budget(const Life *life, const Scan *scan)
{
    return scan->queue != SPOOL_DEFERRED || (tried_has_room(life) && deferred_has_budget(life));
}

/*
 * A backlog is taken in at the pace at which its recipients are resolved: where lookups are slow,
 * its questions must not pile up in front of those of new mail. Questions that hang do not count as
 * long as the resolver has connections to spare.
 */
static bool may_go_on(const Life *life, const Scan *scan)
{
    return has_budget(life, scan) &&
           (resolve_count_from(life, scan->queue) < BACKLOG_RESOLVING_MAX ||
            resolve_has_spare(life));
}

/* Both scans advance in turn; the first to yield a message ends the cycle. */
static Cycle run_cycle(Life *life)
{
    Scan *scan = life->intake->first_scan, *last = scan;
    Cycle cycle = {false, false};

    for (int i = 0; i < 2 && !cycle.activated && intake_has_room(life); i++) {
        const char *name =
            may_go_on(life, scan) ? scan_next(life, scan) : scan_next_arrival(life, scan);

        last = scan;
        if (name != NULL) {
            cycle.found = true;
            cycle.activated = try_candidate(life, scan, name);
        }
        scan = other_scan(life, scan);
    }
    life->intake->first_scan =
        intake_has_room(life) ? other_scan(life, last) : &life->scans->incoming;
    return cycle;
}

/* True if there was one. */
static bool take_expedited(Life *life)
{
    g_autofree ExpeditedMessage *expedited = intake_has_room(life) ? expedite_pop(life) : NULL;
    Scan scan = {.flags = SCAN_ALL | SCAN_LIFT | SCAN_HURRY};

    if (expedited == NULL)
        return false;
    scan.queue = expedited->from;
    scan.flags |= expedited->is_forced ? SCAN_FORCE : 0;
    (void)try_candidate(life, &scan, expedited->queue_id);
    return true;
}

/* Whose turn has come. True: there was one. */
static bool take_called(Life *life)
{
    Scan scan = {.queue = SPOOL_DEFERRED, .flags = SCAN_ALL};
    g_autofree char *queue_id = intake_has_room(life) && deferred_has_budget(life)
                                    ? parking_call(life, tried_has_room(life), &scan.called_for)
                                    : NULL;

    if (queue_id == NULL)
        return false;
    (void)try_candidate(life, &scan, queue_id);
    return true;
}

bool intake_turn(Life *life)
{
    int activated = 0;

    while (activated < ACTIVATIONS_PER_TURN && take_expedited(life))
        activated++;
    while (activated < ACTIVATIONS_PER_TURN - 1 && take_called(life))
        activated++;
    for (int i = 0; i < CANDIDATES_PER_TURN && activated < ACTIVATIONS_PER_TURN; i++) {
        Cycle cycle = run_cycle(life);

        if (!cycle.found)
            return i > 0 || activated > 0;
        activated += cycle.activated;
    }
    return true;
}

void intake_flow_control(Life *life)
{
    const LifeFlow *flow = &life->settings.flow;
    int taken = life->intake->taken_from_incoming, count;

    life->intake->taken_from_incoming = 0;
    if (flow->target == 0)
        return;
    count = flow->count(flow->ctx);
    if (count < 0)
        return;
    if (count > flow->target)
        flow->take(count - flow->target, flow->ctx);
    else if (count < flow->target && taken > 0)
        flow->put(MIN(taken, flow->target - count), flow->ctx);
    else if (count < flow->target && life->scans->incoming.handle == NULL)
        flow->put(flow->target - count, flow->ctx);
}

void intake_init(Life *life)
{
    life->intake = g_new0(Intake, 1);
    life->intake->first_scan = &life->scans->incoming;
}

void intake_stop(Life *life)
{
    g_free(life->intake);
}
