#include "base/log.h"
#include "base/loop.h"
#include "spool/deferred_index.h"
#include "src/life/context_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/parked_internal.h"
#include "src/life/scan_internal.h"
#include "src/life/suspended_internal.h"

/*
 * Deferred: gives a queue run its candidates: from an index of deferred mail if there is much of
 * it, otherwise from a walk through the directory.
 *
 * A run walks, as in stock, if there is little mail: that costs next to nothing and keeps stock's
 * order. It also walks if it ignores time stamps, since it has to touch every file anyway, and
 * whenever the index may lack files: at the first run, after the index was lost, and once in an
 * hour in case something happened without an event. Each such walk fills the index.
 *
 * Mail is taken at the times of the runs only, unless retry_exact asks for more.
 */

/* With fewer deferred messages a run walks: 1000 files take a few milliseconds. */
#define INDEX_AT_LEAST_FILES 1000

#define WALK_AT_LEAST_EVERY_MS (3600 * INT64_C(1000))

/* Before a run, read at most so many pieces of inotify events, so that it sees earlier changes. */
#define PIECES_BEFORE_RUN 16

#define SUSPENDED_PER_TURN 200 /* held messages looked at, after others have removed files */

static void on_events(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;
    SpoolResult result = deferred_index_read(life->due->index);

    (void)fd;
    (void)what;
    if (result.status != SPOOL_IO_ERROR)
        return;
    life_warn_spool(result, "cannot read what happens in the deferred queue");
    g_clear_pointer(&life->due->events,
                    event_free); /* until the next walk; it would wake us again at once */
}

void deferred_init(Life *life)
{
    life->due = g_new0(Due, 1);
    life->due->index = deferred_index_new(life->spool, DEFERRED_INDEX_FILES_MAX);
}

void deferred_stop(Life *life)
{
    if (life->due->events != NULL)
        event_free(life->due->events);
    deferred_index_free(life->due->index);
    g_free(life->due);
}

/* ---- walks ---- */

static void listen_to_events(Life *life)
{
    int fd = deferred_index_fd(life->due->index);

    if (fd < 0 || life->due->events != NULL)
        return;
    life->due->events = event_new(life->base, fd, EV_READ | EV_PERSIST, on_events, life);
    if (!loop_try_add(life->due->events,
                      NULL)) /* each run reads events itself, and the next walk tries again */
        g_clear_pointer(&life->due->events, event_free);
}

static bool is_walk_overdue(Life *life)
{
    return life_now(life)->mono_ms - life->due->walked_ms >= WALK_AT_LEAST_EVERY_MS;
}

/* Does not begin an index anew that is complete and was checked by a walk not long ago. */
void deferred_walk_begins(Life *life)
{
    if (deferred_index_is_complete(life->due->index) && !is_walk_overdue(life))
        return;
    life->due->walked_ms = life_now(life)->mono_ms;
    life->due->walk_missed_some = false;
    (void)deferred_index_begin_walk(life->due->index);
    listen_to_events(life);
}

void deferred_walk_enters(const char *path, unsigned level, void *life)
{
    deferred_index_enter(((Life *)life)->due->index, path, level);
}

void deferred_walk_missed_some(Life *life)
{
    life->due->walk_missed_some = true;
}

/* Logs the loss of the index once, not for each run that has to do without it. */
void deferred_walk_ended(Life *life)
{
    Due *due = life->due;
    DeferredLoss loss;

    deferred_index_end_walk(due->index, !due->walk_missed_some);
    due->wants_sweep = true;
    loss = deferred_index_loss(due->index);
    if (loss != due->told_loss && (loss == DEFERRED_LOST_ROOM || loss == DEFERRED_LOST_WATCHES))
        log_info("no index of deferred mail, each queue run looks at all of it: %s",
                 deferred_loss_str(loss));
    due->told_loss = loss;
}

/* ---- runs ---- */

/* With retry_exact there are many small runs, for which a walk each would be too much. */
static bool is_index_worth_it(const Life *life)
{
    return life->settings.retry_exact ||
           deferred_index_count(life->due->index) >= INDEX_AT_LEAST_FILES;
}

bool deferred_begin_run(Life *life, unsigned flags)
{
    DeferredIndex *index = life->due->index;

    if ((flags & SCAN_ALL) != 0 || !deferred_index_is_complete(index) || is_walk_overdue(life))
        return false;
    for (int i = 0; i < PIECES_BEFORE_RUN && deferred_index_read(index).status == SPOOL_OK; i++)
        ;
    if (!deferred_index_is_complete(index) || !is_index_worth_it(life))
        return false;
    deferred_index_begin_run(index, life_now(life)->wall_s);
    return true;
}

const char *deferred_next(Life *life)
{
    return deferred_index_next(life->due->index);
}

int64_t deferred_earliest_s(const Life *life)
{
    return deferred_index_earliest_s(life->due->index);
}

bool deferred_is_known(const Life *life)
{
    return deferred_index_is_complete(life->due->index);
}

const DeferredIndex *deferred_index(const Life *life)
{
    return life->due->index;
}

DeferredPick *deferred_pick(Life *life, unsigned max, DeferredMatchFn *matches, void *ctx)
{
    return deferred_pick_new(life->due->index, max, matches, ctx);
}

const char *deferred_why_never_known(const Life *life)
{
    DeferredLoss loss = life->due->told_loss; /* of the last walk; before it nothing is known */

    return loss == DEFERRED_LOST_ROOM || loss == DEFERRED_LOST_WATCHES ? deferred_loss_str(loss)
                                                                       : NULL;
}

/* ---- what becomes of a candidate ---- */

static void look_again(Life *life, const char *queue_id)
{
    deferred_index_note(life->due->index, queue_id,
                        life_now(life)->wall_s + life->settings.queue_run_delay_s);
}

void deferred_put_off(Life *life, const char *queue_id)
{
    look_again(life, queue_id);
}

void deferred_kept(Life *life, const char *queue_id, int64_t time_s)
{
    if (time_s > life_now(life)->wall_s)
        deferred_index_note(life->due->index, queue_id, time_s);
    else
        look_again(life, queue_id);
}

void deferred_refused(Life *life, const char *name, SpoolStatus status, const SpoolFile *file)
{
    if (status == SPOOL_NOT_DUE)
        deferred_index_note(life->due->index, name, file->mtime_s);
    else if (status == SPOOL_NOT_REGULAR || status == SPOOL_IO_ERROR)
        look_again(life, name);
    else
        deferred_index_forget(life->due->index, name);
    if (status == SPOOL_GONE) {
        suspended_forget(life, name);
        parked_forget(life, name);
    }
}

void deferred_moved(Life *life, const char *queue_id, SpoolStatus status)
{
    if (status == SPOOL_OK)
        deferred_index_forget(life->due->index, queue_id);
    else
        look_again(life, queue_id);
    suspended_forget(life, queue_id);
    parked_forget(life, queue_id);
}

void deferred_arrived(Life *life, const char *queue_id, int64_t due_s, const DeferredCause *cause)
{
    deferred_index_note(life->due->index, queue_id, due_s);
    if (cause != NULL)
        deferred_index_learn(life->due->index, queue_id, cause);
}

/* ---- pieces of a turn ---- */

static void tell_completeness(Life *life, bool is_complete)
{
    Due *due = life->due;

    due->was_complete = is_complete;
    event_add_change(stats_events(life->settings.stats), life_now(life)->wall_s,
                     is_complete ? EVENT_INDEX_COMPLETE : EVENT_INDEX_LOST, NULL, NULL,
                     is_complete ? NULL : deferred_loss_str(deferred_index_loss(due->index)));
}

static void sweep_suspended(Life *life)
{
    Due *due = life->due;

    for (int i = 0; i < SUSPENDED_PER_TURN && due->is_sweeping; i++) {
        const char *queue_id = suspended_walk_next(life);
        int64_t due_s;

        if (queue_id == NULL)
            due->is_sweeping = false;
        else if (!deferred_index_lookup(due->index, queue_id, &due_s))
            suspended_forget(life, queue_id);
    }
}

/* A walk may have found what no event has told. While the index is lost nothing can be said. */
static void begin_sweep_if_needed(Life *life)
{
    Due *due = life->due;
    uint64_t vanished_count = deferred_index_vanished_count(due->index);

    if (due->is_sweeping || !due->was_complete ||
        (!due->wants_sweep && vanished_count == due->vanished_count))
        return;
    due->vanished_count = vanished_count;
    due->wants_sweep = false;
    due->is_sweeping = true;
    suspended_walk_begin(life);
}

bool deferred_turn(Life *life)
{
    Due *due = life->due;
    bool is_complete = deferred_index_is_complete(due->index);

    if (is_complete != due->was_complete)
        tell_completeness(life, is_complete);
    due->is_sweeping = due->is_sweeping && is_complete;
    begin_sweep_if_needed(life);
    sweep_suspended(life);
    return due->is_sweeping;
}

/* ---- what deferred mail waits for ---- */

const char *deferred_give_unread(Life *life, uint32_t *slot, unsigned patience)
{
    return deferred_index_give_unread(life->due->index, slot, patience);
}

void deferred_learn(Life *life, const char *queue_id, const DeferredCause *cause)
{
    deferred_index_learn(life->due->index, queue_id, cause);
}
