#include "base/log.h"
#include "base/loop.h"
#include "src/life/context_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/scan_internal.h"

/*
 * Scan: when incoming and deferred are scanned, and the names that a scan gives. A scan starts by a
 * trigger or by a timer; its names come from the directory, from the index of deferred mail, or
 * from a watch for mail that arrives during a long scan.
 */

/*
 * A scan of incoming that has given so many names has a backlog, for which new mail must not wait.
 * A shorter scan is over before a watch for new mail would be worth its system calls.
 */
#define BACKLOG_NAMES 4

/*
 * With retry_exact a run comes this long after the time stamp of a file at the earliest: the flush
 * service is not done with a file at the moment at which it becomes due (spool.md 10.3), and runs
 * must not follow each other all the time.
 */
#define EXACT_PAUSE_S 1

bool scan_is_running(const Scan *scan)
{
    return scan->handle != NULL || scan->by_index;
}

static void scan_stop_one(Scan *scan)
{
    g_clear_pointer(&scan->handle, spool_scan_close);
    scan->by_index = false;
    scan->names_given = 0;
}

/* ---- incoming again ---- */

static int64_t first_again_s(const ScanTimers *timers)
{
    return g_array_index(timers->again_s, int64_t, 0);
}

static void arm_again(Life *life)
{
    const ScanTimers *timers = &life->scans->timers;
    struct timeval wait = {0, 0};

    if (timers->again_s->len == 0)
        return;
    wait.tv_sec = MAX(first_again_s(timers) - life_now(life)->timer_s, 0);
    loop_add(timers->again, &wait);
}

/* Keeps at most one scan for each second of the next minute. */
void scan_incoming_again(Life *life)
{
    GArray *again_s = life->scans->timers.again_s;
    int64_t when_s = life_now(life)->timer_s + RECHECK_S;

    if (again_s->len > 0 && g_array_index(again_s, int64_t, again_s->len - 1) >= when_s)
        return;
    g_array_append_val(again_s, when_s);
    if (again_s->len == 1)
        arm_again(life);
}

/* ---- the run of a scan ---- */

/*
 * If a directory cannot be opened it is tried again with the next trigger or run, and incoming in a
 * minute at the latest; stock dies.
 */
static void open_directory(Life *life, Scan *scan)
{
    SpoolResult result;

    if (scan->queue == SPOOL_DEFERRED)
        deferred_walk_begins(life);
    result = spool_scan_open(life->spool, scan->queue, &scan->handle);
    if (result.status == SPOOL_OK) {
        if (scan->queue == SPOOL_DEFERRED)
            spool_scan_on_enter(scan->handle, deferred_walk_enters, life);
        return;
    }
    life_warn_spool(result, "scan_dir_push: open directory %s", spool_queue_str(scan->queue));
    scan->handle = NULL;
    if (scan->queue == SPOOL_INCOMING)
        scan_incoming_again(life);
}

/* Makes the recorded flags those of the new scan. */
static void scan_start(Life *life, Scan *scan)
{
    unsigned flags = scan->next_flags & ~(unsigned)SCAN_START;

    scan->by_index = scan->queue == SPOOL_DEFERRED && deferred_begin_run(life, flags);
    if (!scan->by_index)
        open_directory(life, scan);
    if (!scan_is_running(scan)) {
        scan->next_flags &= ~(unsigned)SCAN_START;
        return;
    }
    scan->flags = flags;
    scan->next_flags = 0;
    scan->begun_wall_s = life_now(life)->wall_s;
}

/* Names that the index has given already are not met again, as their files have moved. */
static void go_on_with_directory(Life *life, Scan *scan)
{
    scan->by_index = false;
    open_directory(life, scan);
}

/* The rules are in the order of behaviour.md 3.3. */
void scan_request(Life *life, Scan *scan, unsigned flags)
{
    if (scan_is_running(scan))
        scan->flags |= flags & (SCAN_ALL | SCAN_LIFT);
    if (scan->by_index && (flags & SCAN_ALL) != 0)
        go_on_with_directory(life, scan);
    scan->next_flags |= flags;
    if (!scan_is_running(scan) && (scan->next_flags & SCAN_START) != 0)
        scan_start(life, scan);
}

static void scan_finish(Life *life, Scan *scan)
{
    bool was_walk = scan->handle != NULL;

    scan_stop_one(scan);
    if (scan->queue == SPOOL_INCOMING)
        arrivals_stop(life->scans->arrivals);
    if (was_walk && scan->queue == SPOOL_DEFERRED)
        deferred_walk_ended(life);
    if ((scan->next_flags & SCAN_START) != 0)
        scan_start(life, scan);
}

/* NULL at the end of the directory. */
static const char *next_of_directory(Life *life, const Scan *scan)
{
    const char *name = NULL;
    SpoolResult result;

    while ((result = spool_scan_next(scan->handle, &name)).status != SPOOL_END) {
        if (result.status == SPOOL_OK)
            return name;
        if (result.status == SPOOL_NOT_REGULAR) {
            log_warning("%s/%s: not a regular file", spool_queue_str(scan->queue), name);
        } else if (result.status != SPOOL_GONE) {
            life_warn_spool(result, "scan_dir_push: open directory %s", name);
            if (scan->queue == SPOOL_DEFERRED)
                deferred_walk_missed_some(life);
            else
                scan_incoming_again(life);
        }
    }
    return NULL;
}

const char *scan_next_arrival(Life *life, const Scan *scan)
{
    if (scan->queue != SPOOL_INCOMING || scan->names_given < BACKLOG_NAMES ||
        (scan->next_flags & SCAN_START) == 0)
        return NULL;
    return arrivals_next(life->scans->arrivals);
}

/* Arrivals and backlog take turns. */
static const char *next_name(Life *life, Scan *scan)
{
    Scans *scans = life->scans;
    const char *name;

    scans->arrival_is_next = !scans->arrival_is_next;
    if (scans->arrival_is_next && (name = scan_next_arrival(life, scan)) != NULL)
        return name;
    if (scan->by_index) {
        name = deferred_next(life);
        if (name != NULL || deferred_is_known(life))
            return name;
        go_on_with_directory(life, scan);
    }
    if (scan->handle == NULL)
        return NULL;
    if (scan->queue == SPOOL_INCOMING && ++scan->names_given == BACKLOG_NAMES)
        arrivals_start(scans->arrivals);
    return next_of_directory(life, scan);
}

/*
 * Restarts a scan at most once, if another was asked for meanwhile: so an empty queue ends the
 * turn.
 */
const char *scan_next(Life *life, Scan *scan)
{
    for (int run = 0; run < 2 && scan_is_running(scan); run++) {
        const char *name = next_name(life, scan);

        if (name != NULL)
            return name;
        scan_finish(life, scan);
    }
    return NULL;
}

/* ---- timers ---- */

static void on_run_timer(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;

    (void)fd;
    (void)what;
    scan_request(life, &life->scans->deferred, SCAN_START);
}

static void on_again_timer(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;
    ScanTimers *timers = &life->scans->timers;
    int64_t now_s = life_now(life)->timer_s;

    (void)fd;
    (void)what;
    while (timers->again_s->len > 0 && first_again_s(timers) <= now_s)
        (void)g_array_remove_index(timers->again_s, 0);
    arm_again(life);
    scan_request(life, &life->scans->incoming, SCAN_START);
}

static void on_exact_timer(evutil_socket_t fd, short what, void *arg)
{
    Life *life = arg;

    (void)fd;
    (void)what;
    life->scans->timers.exact_s = INT64_MAX;
    scan_request(life, &life->scans->deferred, SCAN_START);
}

void scan_arm_exact_timer(Life *life)
{
    ScanTimers *timers = &life->scans->timers;
    int64_t first_s;
    struct timeval wait = {0, 0};

    if (!life->settings.retry_exact || scan_is_running(&life->scans->deferred))
        return;
    first_s = deferred_earliest_s(life);
    if (first_s == timers->exact_s)
        return;
    timers->exact_s = first_s;
    if (first_s == INT64_MAX) {
        (void)event_del(timers->exact);
        return;
    }
    wait.tv_sec = MAX(first_s - life_now(life)->wall_s, EXACT_PAUSE_S);
    loop_add(timers->exact, &wait);
}

void scan_begin(Life *life)
{
    const struct timeval run_delay = {life->settings.queue_run_delay_s, 0};

    scan_request(life, &life->scans->incoming, SCAN_START);
    scan_request(life, &life->scans->deferred, SCAN_START);
    loop_add(life->scans->timers.run, &run_delay);
}

void scan_init(Life *life)
{
    life->scans = g_new0(Scans, 1);
    life->scans->incoming = (Scan){.queue = SPOOL_INCOMING};
    life->scans->deferred = (Scan){.queue = SPOOL_DEFERRED};
    life->scans->arrivals = arrivals_new(life->spool);
    life->scans->timers = (ScanTimers){
        .run = event_new(life->base, -1, EV_PERSIST, on_run_timer, life),
        .exact = evtimer_new(life->base, on_exact_timer, life),
        .exact_s = INT64_MAX,
        .again = evtimer_new(life->base, on_again_timer, life),
        .again_s = g_array_new(FALSE, FALSE, sizeof(int64_t)),
    };
}

void scan_stop(Life *life)
{
    ScanTimers *timers = &life->scans->timers;

    scan_stop_one(&life->scans->incoming);
    scan_stop_one(&life->scans->deferred);
    arrivals_free(life->scans->arrivals);
    event_free(timers->run);
    event_free(timers->exact);
    event_free(timers->again);
    g_array_unref(timers->again_s);
    g_free(life->scans);
}

static void check_scan(const Scan *scan)
{
    CHECK(scan->handle == NULL || !scan->by_index);
    CHECK(!scan->by_index || scan->queue == SPOOL_DEFERRED);
    CHECK(scan_is_running(scan) || scan->names_given == 0);
    CHECK((scan->flags & SCAN_START) == 0);
}

void scan_check(const Life *life)
{
    const ScanTimers *timers = &life->scans->timers;
    const GArray *again_s = timers->again_s;

    check_scan(&life->scans->incoming);
    check_scan(&life->scans->deferred);
    for (guint i = 1; i < again_s->len; i++)
        CHECK(g_array_index(again_s, int64_t, i - 1) < g_array_index(again_s, int64_t, i));
    CHECK((again_s->len > 0) == (evtimer_pending(timers->again, NULL) != 0));
    CHECK(timers->exact_s == INT64_MAX || evtimer_pending(timers->exact, NULL));
}
