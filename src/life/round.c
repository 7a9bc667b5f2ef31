#include <string.h>

#include "src/life/context_internal.h"
#include "src/life/deferred_internal.h"
#include "src/life/parked_internal.h"
#include "src/life/round_internal.h"
#include "src/life/suspend_internal.h"
#include "src/life/suspended_internal.h"

/* Round: see the header. */

/* In one turn: messages looked at, files whose time is set, messages forgotten. */
#define SETTLED_PER_TURN   200
#define FILES_PER_TURN     50
#define FORGOTTEN_PER_TURN 500

typedef struct Tried {
    TAILQ_ENTRY(Tried) in_list;
    Round *round;
    Target *target;
    int64_t had_s, due_s; /* its time before, and as we set it */
    bool was_taken;       /* into active */
    bool came_through;
    char queue_id[];
} Tried;

static void free_target(gpointer data)
{
    Target *target = data;

    g_free(target->transport);
    g_free(target->name);
    g_free(target);
}

/* The Tried belong to the lists of their rounds. */
GHashTable *round_new_table(void)
{
    return g_hash_table_new(g_str_hash, g_str_equal);
}

void round_init(Round *round, Life *life, GHashTable *tried)
{
    *round =
        (Round){.life = life,
                .tried = tried,
                .targets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_target)};
    TAILQ_INIT(&round->running);
    TAILQ_INIT(&round->back);
}

static void drop_tried(TriedList *list, Tried *tried)
{
    TAILQ_REMOVE(list, tried, in_list);
    (void)g_hash_table_remove(tried->round->tried, tried->queue_id);
    g_free(tried);
}

static void move_to_back(Round *round, Tried *tried)
{
    TAILQ_REMOVE(&round->running, tried, in_list);
    TAILQ_INSERT_TAIL(&round->back, tried, in_list);
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
    round->running_count = 0;
    round->at = NULL;
    g_clear_pointer(&round->targets, g_hash_table_unref);
    g_clear_pointer(&round->reason, g_free);
}

/* The analyzer does not see that TAILQ_REMOVE() changes what is first in a list. */
bool round_forget_piece(Round *round)
{
    Tried *tried;

    for (int i = 0; i < FORGOTTEN_PER_TURN; i++) {
        if ((tried = TAILQ_FIRST(&round->back)) != NULL) {
            drop_tried(&round->back, tried); // NOLINT(clang-analyzer-unix.Malloc)
        } else if ((tried = TAILQ_FIRST(&round->running)) != NULL) {
            drop_tried(&round->running, tried); // NOLINT(clang-analyzer-unix.Malloc)
            round->running_count--;
        } else {
            return false;
        }
    }
    return true;
}

/* ---- destinations ---- */

static char *target_key(const char *transport, const char *name)
{
    return g_strconcat(transport, "\n", name, NULL);
}

static Target *find_target(const Round *round, const char *transport, const char *name)
{
    g_autofree char *key = target_key(transport, name);

    return g_hash_table_lookup(round->targets, key);
}

static Target *ensure_target(Round *round, const char *transport, const char *name)
{
    Target *target = find_target(round, transport, name);

    if (target != NULL)
        return target;
    target = g_new0(Target, 1);
    target->transport = g_strdup(transport);
    target->name = g_strdup(name);
    g_hash_table_insert(round->targets, target_key(transport, name), target);
    return target;
}

static Target *target_of(Round *round, const char *queue_id)
{
    DeferredCause cause = {.transport = NULL};

    (void)deferred_index_cause(deferred_index(round->life), queue_id, &cause);
    return ensure_target(round, cause.transport != NULL ? cause.transport : "",
                         cause.destination != NULL ? cause.destination : "");
}

bool round_is_over(const Round *round, const char *transport, const char *name)
{
    const Target *target = find_target(round, transport, name);

    return target != NULL && target->is_over;
}

bool round_has_over(const Round *round)
{
    GHashTableIter iter;
    gpointer target;

    g_hash_table_iter_init(&iter, round->targets);
    while (g_hash_table_iter_next(&iter, NULL, &target))
        if (((Target *)target)->is_over)
            return true;
    return false;
}

static uint32_t untried_of(const Round *round, const Target *target)
{
    uint32_t known =
        deferred_index_count_of(deferred_index(round->life), target->transport, target->name);
    uint32_t not_left = target->all_back_count + target->held_count;

    return known > not_left ? known - not_left : 0;
}

/* Those that are over are not met any more. */
void round_begin_walk(Round *round)
{
    GHashTableIter iter;
    gpointer target;

    g_hash_table_iter_init(&iter, round->targets);
    while (g_hash_table_iter_next(&iter, NULL, &target))
        if (!((Target *)target)->is_over)
            ((Target *)target)->held_count = 0;
}

void round_note_held(Round *round, const char *queue_id)
{
    target_of(round, queue_id)->held_count++;
}

uint32_t round_left_count(const Round *round)
{
    GHashTableIter iter;
    gpointer value;
    uint32_t count = 0;

    g_hash_table_iter_init(&iter, round->targets);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Target *target = value;

        if (target->is_over)
            count += untried_of(round, target);
    }
    return count;
}

void round_judge(Round *round)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, round->targets);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Target *target = value;

        if (target->back_count > 0 && target->through_count == 0)
            target->is_over = true;
        target->back_count = target->through_count = 0;
    }
}

/* ---- messages ---- */

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

bool round_add(Round *round, const char *queue_id)
{
    size_t id_bytes = strlen(queue_id) + 1;
    int64_t had_s;
    Tried *tried;

    if (g_hash_table_contains(round->tried, queue_id) ||
        !deferred_index_lookup(deferred_index(round->life), queue_id, &had_s))
        return false;
    tried = g_malloc0(sizeof(*tried) + id_bytes);
    tried->round = round;
    tried->had_s = had_s;
    memcpy(tried->queue_id, queue_id, id_bytes);
    tried->target = target_of(round, queue_id);
    g_hash_table_insert(round->tried, tried->queue_id, tried);
    if (tried->target->is_over || !make_tried_due(round, tried)) {
        TAILQ_INSERT_TAIL(&round->back, tried, in_list);
        round->skipped_count++;
        return false;
    }
    TAILQ_INSERT_TAIL(&round->running, tried, in_list);
    round->running_count++;
    round->tried_count++;
    return true;
}

void round_leave_message(Life *life, const char *queue_id, int64_t due_s)
{
    const LifeSettings *settings = &life->settings;
    int64_t soonest_s = life_now(life)->wall_s + settings->minimal_backoff_s;
    int64_t room_s = MAX(settings->maximal_backoff_s - settings->minimal_backoff_s, 0);

    if (due_s >= soonest_s)
        return;
    due_s = soonest_s + suspend_spread_s(queue_id, room_s);
    if (spool_set_time(life->spool, SPOOL_DEFERRED, queue_id, due_s).status == SPOOL_OK)
        deferred_arrived(life, queue_id, due_s, NULL);
}

/* A run that has passed its time leaves it to the next one. */
static bool is_waiting_to_be_taken(const Life *life, const Tried *tried)
{
    return !tried->was_taken && message_find(life, tried->queue_id) == NULL &&
           deferred_index_is_due(deferred_index(life), tried->queue_id, life_now(life)->wall_s);
}

static void note_reason(Round *round, const char *status, const char *reason)
{
    g_free(round->reason);
    round->reason = g_strconcat(status, *status != '\0' ? " " : "", reason, NULL);
}

/* Others have given its file a later time, or it cannot be taken now. */
static void end_untried(Round *round, Tried *tried)
{
    move_to_back(round, tried);
    round->running_count--;
    round->tried_count--;
    round->returned_count++;
}

/*
 * It has left active, or its file is gone. That it waits for its turn in the active queue says
 * nothing of the site, and nobody leaves it behind.
 */
static void end_tried(Round *round, Tried *tried)
{
    DeferredCause cause = {.transport = NULL};
    bool is_back = deferred_index_cause(deferred_index(round->life), tried->queue_id, &cause);

    if (is_back && !tried->was_taken) {
        end_untried(round, tried);
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

void round_note_taken(GHashTable *table, const char *queue_id)
{
    Tried *tried = g_hash_table_lookup(table, queue_id);

    if (tried != NULL)
        tried->was_taken = true;
}

void round_note_success(GHashTable *table, const char *queue_id, const char *transport,
                        const char *name, const char *nexthop)
{
    Tried *tried = g_hash_table_lookup(table, queue_id);

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

void round_check(const Round *round)
{
    const Tried *tried;
    uint32_t count = 0;

    TAILQ_FOREACH (tried, &round->running, in_list) {
        CHECK(g_hash_table_lookup(round->tried, tried->queue_id) == tried);
        CHECK(tried->round == round);
        count++;
    }
    CHECK(count == round->running_count);
}
