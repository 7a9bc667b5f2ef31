#include "base/log.h"
#include "base/loop.h"
#include "src/life/context_internal.h"
#include "src/life/message_internal.h"
#include "src/life/scan_internal.h"
#include "src/life/takeover_internal.h"

/*
 * Takeover: files that are in active at start belong to a process that is gone, and go back to
 * incoming. Their names are noted at once, before any message of ours is there. The files move a
 * few in each turn, so that new mail and first deliveries need not wait for a large number of them.
 * A crash in between leaves the rest in active, where the next process finds them.
 *
 * If something cannot be read or moved (full disk, say) we look again after a while; stock dies.
 * Each file in active must be known to us. By then active has messages of ours, too.
 */

#define MOVES_PER_TURN 64
#define LOOK_AGAIN_S   60

static void move_to_incoming(Life *life, const char *queue_id)
{
    SpoolResult result =
        spool_set_time(life->spool, SPOOL_ACTIVE, queue_id, life_now(life)->wall_s);

    if (result.status != SPOOL_OK) {
        g_autofree char *path = spool_path(life->spool, SPOOL_ACTIVE, queue_id);

        life_warn_spool(result, "qmgr_move: update %s time stamps", path);
    }
    result = spool_move(life->spool, queue_id, SPOOL_ACTIVE, SPOOL_INCOMING);
    if (result.status == SPOOL_OK)
        return;
    life_warn_spool(result, "qmgr_move: rename %s from active to incoming", queue_id);
    life->takeover->missed_some = true;
}

static void note_names(Life *life, SpoolScan *scan)
{
    const char *name = NULL;
    SpoolResult result;

    while ((result = spool_scan_next(scan, &name)).status != SPOOL_END) {
        if (result.status != SPOOL_OK && result.status != SPOOL_NOT_REGULAR) {
            life_warn_spool(result, "scan_dir_push: open directory %s", name);
            life->takeover->missed_some = true;
        } else if (!queue_id_is_valid(name)) {
            log_warning("qmgr_move: ignored: queue active id %s", name);
        } else if (result.status == SPOOL_OK && message_find(life, name) == NULL) {
            g_ptr_array_add(life->takeover->names, g_strdup(name));
        }
    }
}

static void takeover_end(Life *life)
{
    const struct timeval pause = {LOOK_AGAIN_S, 0};

    g_clear_pointer(&life->takeover->names, g_ptr_array_unref);
    if (life->takeover->missed_some)
        loop_add(life->takeover->timer, &pause);
}

static bool move_some(Life *life)
{
    GPtrArray *names = life->takeover->names;

    for (int i = 0; i < MOVES_PER_TURN && names->len > 0; i++) {
        g_autofree char *queue_id = g_ptr_array_steal_index_fast(names, names->len - 1);

        move_to_incoming(life, queue_id);
    }
    if (names->len > 0)
        return true;
    takeover_end(life);
    return false;
}

void takeover_begin(Life *life)
{
    SpoolScan *scan = NULL;
    SpoolResult result = spool_scan_open(life->spool, SPOOL_ACTIVE, &scan);

    life->takeover->missed_some = false;
    if (result.status != SPOOL_OK) {
        life_warn_spool(result, "scan_dir_push: open directory active");
        life->takeover->missed_some = true;
        takeover_end(life);
        return;
    }
    life->takeover->names = g_ptr_array_new_with_free_func(g_free);
    note_names(life, scan);
    spool_scan_close(scan);
    (void)move_some(life);
}

bool takeover_turn(Life *life)
{
    bool more;

    if (life->takeover->names == NULL)
        return false;
    more = move_some(life);
    scan_request(life, &life->scans->incoming, SCAN_START);
    return more;
}

static void on_takeover_timer(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;

    (void)fd;
    (void)what;
    takeover_begin(life);
    scan_request(life, &life->scans->incoming, SCAN_START);
}

void takeover_init(Life *life)
{
    life->takeover = g_new0(Takeover, 1);
    life->takeover->timer = evtimer_new(life->base, on_takeover_timer, life);
}

void takeover_stop(Life *life)
{
    event_free(life->takeover->timer);
    g_clear_pointer(&life->takeover->names, g_ptr_array_unref);
    g_free(life->takeover);
}

void takeover_check(const Life *life)
{
    const Takeover *takeover = life->takeover;

    CHECK(takeover->names == NULL || takeover->names->len > 0);
    CHECK(!evtimer_pending(takeover->timer, NULL) || takeover->missed_some);
}
