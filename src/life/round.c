#include <inttypes.h>
#include <string.h>

#include "policy/rules.h"
#include "spool/defer_log.h"
#include "src/life/context_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/parked_internal.h"
#include "src/life/round_internal.h"
#include "src/life/round_tried_internal.h"
#include "src/life/suspended_internal.h"

/* Round: see the header. */

/* In one turn: messages looked at, files whose time is set, messages forgotten. */
#define SETTLED_PER_TURN   200
#define FILES_PER_TURN     50
#define FORGOTTEN_PER_TURN 500

void round_init(Round *round, Life *life, TriedTable *tried)
{
    *round = (Round){.life = life, .tried = tried, .targets = targets_new()};
    TAILQ_INIT(&round->running);
    TAILQ_INIT(&round->back);
    TAILQ_INIT(&round->later);
}

static void drop_tried(TriedList *list, Tried *tried)
{
    TAILQ_REMOVE(list, tried, in_list);
    round_leave_table(tried->round->tried, tried);
    g_free(tried);
}

static void enter_back(Round *round, Tried *tried)
{
    TAILQ_INSERT_TAIL(&round->back, tried, in_list);
    tried->is_back = true;
}

static void move_to_back(Round *round, Tried *tried)
{
    TAILQ_REMOVE(&round->running, tried, in_list);
    enter_back(round, tried);
}

static void enter_running(Round *round, Tried *tried)
{
    TAILQ_INSERT_TAIL(&round->running, tried, in_list);
    round->running_count++;
    round->tried_count++;
}

/* Until its turn comes it is none of those that were tried. */
static void enter_later(Round *round, Tried *tried)
{
    TAILQ_INSERT_TAIL(&round->later, tried, in_list);
    round->later_count++;
    tried->target->later_count++;
    tried->is_later = true;
}

static void leave_later(Round *round, Tried *tried)
{
    TAILQ_REMOVE(&round->later, tried, in_list);
    round->later_count--;
    tried->target->later_count--;
    tried->is_later = false;
}

static void drop_all(TriedList *list)
{
    Tried *next;

    for (Tried *tried = TAILQ_FIRST(list); tried != NULL; tried = next) {
        next = TAILQ_NEXT(tried, in_list);
        drop_tried(list, tried);
    }
}

void round_clear(Round *round)
{
    if (round->targets == NULL)
        return;
    drop_all(&round->running);
    drop_all(&round->back);
    drop_all(&round->later);
    round->running_count = round->later_count = 0;
    round->at = round->last_tried = NULL;
    g_clear_pointer(&round->targets, g_hash_table_unref);
    g_clear_pointer(&round->reason, g_free);
}

/* The analyzer does not see that TAILQ_REMOVE() changes what is first in a list. */
bool round_forget_piece(Round *round)
{
    Tried *tried;

    round->last_tried = NULL;
    for (int i = 0; i < FORGOTTEN_PER_TURN; i++) {
        if ((tried = TAILQ_FIRST(&round->back)) != NULL) {
            drop_tried(&round->back, tried); // NOLINT(clang-analyzer-unix.Malloc)
        } else if ((tried = TAILQ_FIRST(&round->running)) != NULL) {
            drop_tried(&round->running, tried); // NOLINT(clang-analyzer-unix.Malloc)
            round->running_count--;
        } else if ((tried = TAILQ_FIRST(&round->later)) != NULL) {
            tried->target->later_count--;
            round->later_count--;
            drop_tried(&round->later, tried); // NOLINT(clang-analyzer-unix.Malloc)
        } else {
            return false;
        }
    }
    return true;
}

/* ---- messages ---- */

static Target *target_of(Round *round, const char *queue_id)
{
    DeferredCause cause = {.transport = NULL};

    (void)deferred_index_cause(deferred_index(round->life), queue_id, &cause);
    return targets_ensure(round->targets, cause.transport != NULL ? cause.transport : "",
                          cause.destination != NULL ? cause.destination : "");
}

void round_note_held(Round *round, const char *queue_id)
{
    target_of(round, queue_id)->held_count++;
}

static bool make_tried_due(Round *round, Tried *tried)
{
    Life *life = round->life;

    if (suspended_is_waiting(life, tried->queue_id))
        return false;
    tried->due_s = MIN(tried->had_s, life_now(life)->wall_s);
    if (tried->had_s == tried->due_s)
        return true;
    if (spool_set_time(life->spool, SPOOL_DEFERRED, tried->queue_id, tried->due_s).status !=
        SPOOL_OK)
        return false;
    deferred_arrived(life, tried->queue_id, tried->due_s, NULL);
    return true;
}

/* NULL: it is gone, or not to be tried. The caller enters it into a list. */
static Tried *new_tried(Round *round, const char *queue_id)
{
    size_t id_bytes = strlen(queue_id) + 1;
    int64_t had_s;
    Tried *tried;

    if (round_is_done_with(round, queue_id) ||
        !deferred_index_lookup(deferred_index(round->life), queue_id, &had_s))
        return NULL;
    tried = g_malloc0(sizeof(*tried) + id_bytes);
    tried->round = round;
    tried->had_s = had_s;
    memcpy(tried->queue_id, queue_id, id_bytes);
    tried->target = target_of(round, queue_id);
    round_enter_table(round->tried, tried);
    return tried;
}

bool round_add(Round *round, const char *queue_id)
{
    Tried *tried = new_tried(round, queue_id);

    if (tried == NULL)
        return false;
    if (tried->target->is_over || !make_tried_due(round, tried)) {
        enter_back(round, tried);
        round->skipped_count++;
        return false;
    }
    enter_running(round, tried);
    return true;
}

bool round_waits_for_turn(Round *round, const char *queue_id)
{
    Tried *tried = parked_is_kept(round->life, queue_id) ? new_tried(round, queue_id) : NULL;

    if (tried != NULL)
        enter_later(round, tried);
    return tried != NULL;
}

/* A run that has passed its time leaves it to the next one. */
static bool is_waiting_to_be_taken(const Life *life, const Tried *tried)
{
    return !tried->was_taken && message_find(life, tried->queue_id) == NULL &&
           deferred_index_is_due(deferred_index(life), tried->queue_id, life_now(life)->wall_s);
}

static char *join_reason(const char *status, const char *reason)
{
    return g_strconcat(status, *status != '\0' ? " " : "", reason, NULL);
}

static void note_reason(Round *round, const char *status, const char *reason)
{
    g_free(round->reason);
    round->reason = join_reason(status, reason);
}

/* Others have given its file a later time, or it cannot be taken now. */
static void end_untried(Round *round, Tried *tried)
{
    move_to_back(round, tried);
    round->running_count--;
    round->tried_count--;
    round->returned_count++;
}

/* It says nothing of the site that the message has no place in the active queue yet. */
static bool is_to_wait_for_turn(const Round *round, const Tried *tried)
{
    return !tried->came_through && parked_is_kept(round->life, tried->queue_id);
}

static void put_later(Round *round, Tried *tried)
{
    TAILQ_REMOVE(&round->running, tried, in_list);
    round->running_count--;
    round->tried_count--;
    tried->was_taken = false;
    enter_later(round, tried);
}

/* It has left active, or its file is gone. */
static void end_tried(Round *round, Tried *tried)
{
    DeferredCause cause = {.transport = NULL};
    bool is_back = deferred_index_cause(deferred_index(round->life), tried->queue_id, &cause);

    if (is_back && !tried->was_taken) {
        end_untried(round, tried);
        return;
    }
    if (is_back && is_to_wait_for_turn(round, tried)) {
        put_later(round, tried);
        return;
    }
    round->running_count--;
    round->through_count += tried->came_through;
    if (!is_back) {
        drop_tried(&round->running, tried);
        return;
    }
    move_to_back(round, tried);
    tried->target->all_back_count++;
    if (parked_is_kept(round->life, tried->queue_id))
        return;
    round->back_count++;
    round->last_tried = tried;
    tried->target->back_count++;
    if (cause.reason != NULL && !tried->target->is_over)
        note_reason(round, cause.status != NULL ? cause.status : "", cause.reason);
}

RoundPiece round_settle(Round *round)
{
    Tried *tried;

    for (int i = 0; i < SETTLED_PER_TURN; i++) {
        tried = TAILQ_FIRST(&round->running);
        if (tried == NULL)
            return ROUND_DONE;
        if (message_find(round->life, tried->queue_id) != NULL ||
            is_waiting_to_be_taken(round->life, tried)) // NOLINT(clang-analyzer-unix.Malloc)
            return ROUND_WAITS;
        end_tried(round, tried);
    }
    return ROUND_GOES_ON;
}

/* It was not taken yet: its file has the time again that it had, unless others have changed that.
 */
static void give_back(Round *round, Tried *tried)
{
    Life *life = round->life;

    if (tried->had_s > tried->due_s &&
        spool_set_time(life->spool, SPOOL_DEFERRED, tried->queue_id, tried->had_s).status ==
            SPOOL_OK)
        deferred_arrived(life, tried->queue_id, tried->had_s, NULL);
    end_untried(round, tried);
}

void round_give_back_begin(Round *round)
{
    round->at = TAILQ_FIRST(&round->running);
}

bool round_give_back_piece(Round *round, bool only_over)
{
    int files = 0;

    for (int i = 0; i < SETTLED_PER_TURN && files < FILES_PER_TURN && round->at != NULL; i++) {
        Tried *tried = round->at;

        round->at = TAILQ_NEXT(tried, in_list);
        if ((only_over && !tried->target->is_over) || !is_waiting_to_be_taken(round->life, tried))
            continue;
        give_back(round, tried);
        files++;
    }
    return round->at != NULL;
}

/* ---- what others say ---- */

/* Where the destination was not known, any success counts. */
static bool is_of_target(const Target *target, const char *transport, const char *name,
                         const char *nexthop)
{
    return *target->transport == '\0' ||
           (g_str_equal(target->transport, transport) &&
            (*target->name == '\0' || g_ascii_strcasecmp(target->name, name) == 0 ||
             g_ascii_strcasecmp(target->name, nexthop) == 0));
}

void round_note_taken(TriedTable *table, const char *queue_id)
{
    Tried *tried = round_last_tried(table, queue_id);

    if (tried == NULL)
        return;
    tried->was_taken = true;
    if (tried->is_later && !tried->round->is_closed) { /* its turn has come */
        leave_later(tried->round, tried);
        enter_running(tried->round, tried);
    }
}

void round_note_success(TriedTable *table, const char *queue_id, const char *transport,
                        const char *name, const char *nexthop)
{
    Tried *tried = round_last_tried(table, queue_id);

    if (tried == NULL || tried->came_through ||
        !is_of_target(tried->target, transport, name, nexthop))
        return;
    tried->came_through = true;
    tried->target->through_count++;
}

void round_note_death(Round *round, const char *transport, const char *destination,
                      const char *reason)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, round->targets);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Target *target = value;

        if (target->is_over || !g_str_equal(target->transport, transport) ||
            (destination != NULL && g_ascii_strcasecmp(target->name, destination) != 0))
            continue;
        target->is_over = true;
        note_reason(round, "", reason != NULL ? reason : "it is dead");
    }
}

/* An agent does not tell with which words a site has refused a message; the log does. */
static char *reason_in_log(const Round *round)
{
    const Tried *last = round->last_tried;
    g_autoptr(GPtrArray) records = NULL;
    const DeferRecord *record;

    if (last == NULL ||
        defer_log_read(round->life->spool, last->queue_id, 1, &records).status != SPOOL_OK ||
        records->len == 0)
        return g_strdup("no reason known");
    record = records->pdata[0];
    return join_reason(record->status, record->reason);
}

/* What a rule holds has met no dead site. */
char *round_why_stopped(const Round *round)
{
    g_autofree char *reason =
        round->reason != NULL ? g_strdup(round->reason) : reason_in_log(round);
    const char *what = rule_number_in_text(reason) != 0 ? "held by a rule"
                       : round->through_count > 0       ? "died again"
                                                        : "none came through";

    return g_strdup_printf("%s: %s", what, reason);
}

/* That goes on without the job. */
char *round_why_incomplete(const Round *round)
{
    return round->later_count > 0
               ? g_strdup_printf("%" PRIu32 " wait for their turn in the active queue",
                                 round->later_count)
               : NULL;
}

void round_check(const Round *round)
{
    const Tried *tried;
    uint32_t count = 0;

    TAILQ_FOREACH (tried, &round->running, in_list) {
        CHECK(round_last_tried(round->tried, tried->queue_id) == tried);
        CHECK(tried->round == round && !tried->is_back);
        count++;
    }
    CHECK(count == round->running_count);
    count = 0;
    TAILQ_FOREACH (tried, &round->later, in_list) {
        CHECK(round_last_tried(round->tried, tried->queue_id) == tried);
        CHECK(tried->is_later && !tried->was_taken);
        count++;
    }
    CHECK(count == round->later_count);
}
