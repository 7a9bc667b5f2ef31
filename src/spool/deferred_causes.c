#include <string.h>

#include "base/element.h"
#include "src/spool/deferred_causes_internal.h"

/*
 * Destinations are found in a tree, so that no call has to hash all of them anew; the few statuses
 * of a destination are a list, and all different statuses are few.
 */

#define CHUNK_LINKS 4096

G_STATIC_ASSERT(sizeof(DeferredLink) == 12);

/* ---- links ---- */

static DeferredLink *link_at(const DeferredCauses *causes, uint32_t number)
{
    guint chunk = (number - 1) / CHUNK_LINKS;
    DeferredLink *links = chunk < causes->chunks->len ? causes->chunks->pdata[chunk] : NULL;

    return links != NULL ? &links[(number - 1) % CHUNK_LINKS] : NULL;
}

static DeferredLink *make_link(DeferredCauses *causes, uint32_t number)
{
    guint chunk = (number - 1) / CHUNK_LINKS;

    if (chunk >= causes->chunks->len)
        g_ptr_array_set_size(causes->chunks, (gint)chunk + 1);
    if (causes->chunks->pdata[chunk] == NULL)
        causes->chunks->pdata[chunk] = g_new0(DeferredLink, CHUNK_LINKS);
    return link_at(causes, number);
}

static CauseOfFiles *cause_of_link(const DeferredCauses *causes, const DeferredLink *link)
{
    uint32_t slot = link->cause - 1;

    return link->cause != 0 ? slot_table_next(&causes->cause_slots, &slot, 1) : NULL;
}

static bool is_settled(const DeferredCauses *causes, const DeferredLink *link)
{
    const CauseOfFiles *cause = cause_of_link(causes, link);

    return link->was_given ||
           (cause != NULL && cause->target != causes->nobody && cause->status != NULL);
}

static void join_chain(DeferredCauses *causes, uint32_t number, DeferredTarget *target)
{
    DeferredLink *link = link_at(causes, number);

    link->previous = 0;
    link->next = target->first;
    if (target->first != 0)
        link_at(causes, target->first)->previous = number;
    target->first = number;
    causes->known_count += target != causes->nobody;
}

static void leave_chain(DeferredCauses *causes, uint32_t number, DeferredTarget *target)
{
    DeferredLink *link = link_at(causes, number);
    DeferredCursor *cursor;

    LIST_FOREACH (cursor, &causes->cursors, in_causes)
        if (cursor->number == number)
            cursor->number = link->next;
    if (link->previous != 0)
        link_at(causes, link->previous)->next = link->next;
    else
        target->first = link->next;
    if (link->next != 0)
        link_at(causes, link->next)->previous = link->previous;
    causes->known_count -= target != causes->nobody;
}

/* ---- statuses ---- */

static void set_reason(char **reason, const char *text)
{
    if (text == NULL || (*reason != NULL && strncmp(*reason, text, DEFERRED_REASON_BYTES) == 0))
        return;
    g_free(*reason);
    *reason = g_strndup(text, DEFERRED_REASON_BYTES);
}

static void free_status(gpointer data)
{
    g_free(((DeferredStatus *)data)->reason);
    g_free(data);
}

/* NULL: not known, or one more than there may be. */
static DeferredStatus *get_status(DeferredCauses *causes, const char *text)
{
    DeferredStatus *status = text != NULL ? g_hash_table_lookup(causes->statuses, text) : NULL;
    size_t size;

    if (status != NULL || text == NULL || *text == '\0' ||
        g_hash_table_size(causes->statuses) >= DEFERRED_STATUSES_MAX)
        return status;
    size = strnlen(text, DEFERRED_NAME_MAX_BYTES) + 1;
    if (size > DEFERRED_NAME_MAX_BYTES)
        return NULL;
    status = g_malloc0(sizeof(*status) + size);
    memcpy(status->text, text, size);
    status->slot = slot_table_add(&causes->status_slots, status);
    (void)g_hash_table_insert(causes->statuses, status->text, status);
    return status;
}

/* ---- destinations ---- */

typedef struct TargetKey {
    const char *transport, *name;
} TargetKey;

static int compare_target(const DeferredTarget *target, const TargetKey *key)
{
    int order = strcmp(target->name, key->name);

    return order != 0 ? order : strcmp(target->transport, key->transport);
}

static DeferredTarget *target_at(const TreeNode *node)
{
    return ELEMENT(node, DeferredTarget, in_targets);
}

static bool target_is_before(const TreeNode *a, const TreeNode *b)
{
    const DeferredTarget *target = target_at(b);

    return compare_target(target_at(a), &(TargetKey){target->transport, target->name}) < 0;
}

static bool target_is_before_key(const TreeNode *node, const void *key)
{
    return compare_target(target_at(node), key) < 0;
}

static const TreeKind targets_kind = {.is_before = target_is_before};

static DeferredTarget *find_target(const DeferredCauses *causes, const TargetKey *key)
{
    TreeNode *node = tree_find(&causes->targets, target_is_before_key, key);

    return node != NULL && compare_target(target_at(node), key) == 0 ? target_at(node) : NULL;
}

static DeferredTarget *new_target(const char *name)
{
    size_t size = strlen(name) + 1;
    DeferredTarget *target = g_malloc0(sizeof(*target) + size);

    memcpy(target->name, name, size);
    SLIST_INIT(&target->causes);
    return target;
}

static bool is_too_long(const char *name)
{
    return strnlen(name, DEFERRED_NAME_MAX_BYTES + 1) > DEFERRED_NAME_MAX_BYTES;
}

/* The one of those that are not known, if there is no room for one more. */
static DeferredTarget *get_target(DeferredCauses *causes, const DeferredCause *cause)
{
    const TargetKey key = {cause->transport, cause->destination};
    DeferredTarget *target;

    if (is_too_long(key.name) || is_too_long(key.transport))
        return causes->nobody;
    target = find_target(causes, &key);
    if (target != NULL)
        return target;
    if (causes->target_slots.count >= DEFERRED_DESTINATIONS_MAX)
        return causes->nobody;
    target = new_target(cause->destination);
    target->transport = g_ref_string_new_intern(cause->transport);
    target->is_user = cause->is_user;
    target->slot = slot_table_add(&causes->target_slots, target);
    tree_insert(&causes->targets, &targets_kind, &target->in_targets);
    return target;
}

static void free_target(DeferredTarget *target)
{
    g_clear_pointer(&target->transport, g_ref_string_release);
    g_free(target);
}

static void drop_target(DeferredCauses *causes, DeferredTarget *target)
{
    if (target == causes->nobody || target->count > 0)
        return;
    g_assert(SLIST_EMPTY(&target->causes));
    slot_table_remove(&causes->target_slots, target->slot);
    tree_remove(&causes->targets, &targets_kind, &target->in_targets);
    free_target(target);
}

/* ---- causes ---- */

static CauseOfFiles *find_cause(const DeferredTarget *target, const DeferredStatus *status)
{
    CauseOfFiles *cause;

    SLIST_FOREACH(cause, &target->causes, in_target)
    if (cause->status == status)
        return cause;
    return NULL;
}

static CauseOfFiles *add_cause(DeferredCauses *causes, DeferredTarget *target,
                               DeferredStatus *status)
{
    CauseOfFiles *cause = g_new0(CauseOfFiles, 1);

    cause->target = target;
    cause->status = status;
    cause->slot = slot_table_add(&causes->cause_slots, cause);
    SLIST_INSERT_HEAD(&target->causes, cause, in_target);
    return cause;
}

static void free_cause(CauseOfFiles *cause)
{
    g_free(cause->reason);
    g_free(cause);
}

/* One that is used by a file already, or a new one. NULL: there is no room for one more. */
static CauseOfFiles *get_cause(DeferredCauses *causes, DeferredTarget *target,
                               DeferredStatus *status)
{
    CauseOfFiles *cause = find_cause(target, status);

    if (cause == NULL && causes->cause_slots.count < DEFERRED_REASONS_MAX)
        cause = add_cause(causes, target, status);
    return cause;
}

/* ---- what the index calls ---- */

/* Nothing stays to which no file refers. */
static void drop_status(DeferredCauses *causes, DeferredStatus *status)
{
    if (status == NULL || status->count > 0)
        return;
    slot_table_remove(&causes->status_slots, status->slot);
    (void)g_hash_table_remove(causes->statuses, status->text);
}

static void drop_cause(DeferredCauses *causes, CauseOfFiles *cause)
{
    DeferredTarget *target = cause->target;
    DeferredStatus *status = cause->status;

    if (cause->count > 0)
        return;
    SLIST_REMOVE(&target->causes, cause, CauseOfFiles, in_target);
    slot_table_remove(&causes->cause_slots, cause->slot);
    free_cause(cause);
    drop_status(causes, status);
    drop_target(causes, target);
}

static void count_file(const CauseOfFiles *cause, uint32_t change)
{
    cause->target->count += change;
    if (cause->status != NULL)
        cause->status->count += change;
}

/* NULL: nothing is known before, or any more. */
static void change_cause(DeferredCauses *causes, uint32_t number, CauseOfFiles *before,
                         CauseOfFiles *after)
{
    const DeferredTarget *from = before != NULL ? before->target : NULL;
    DeferredTarget *to = after != NULL ? after->target : NULL;

    if (before == after)
        return;
    if (from != to && before != NULL)
        leave_chain(causes, number, before->target);
    if (from != to && to != NULL)
        join_chain(causes, number, to);
    link_at(causes, number)->cause = after != NULL ? after->slot + 1 : 0;
    if (after != NULL) {
        after->count++;
        count_file(after, 1);
    }
    if (before != NULL) {
        before->count--;
        count_file(before, (uint32_t)-1);
        drop_cause(causes, before);
    }
}

void deferred_causes_learn(DeferredCauses *causes, uint32_t number, const DeferredCause *cause)
{
    DeferredLink *link = make_link(causes, number);
    CauseOfFiles *before = cause_of_link(causes, link), *after;
    DeferredTarget *target = before != NULL ? before->target : causes->nobody;
    DeferredStatus *status = before != NULL ? before->status : NULL;

    causes->settled_count -= is_settled(causes, link);
    if (cause->destination != NULL)
        target = get_target(causes, cause);
    if (cause->status != NULL)
        status = get_status(causes, cause->status);
    after = get_cause(causes, target, status);
    if (after != NULL) {
        set_reason(&after->reason, cause->reason);
        if (after->reason == NULL && before != NULL && before->status == status)
            set_reason(&after->reason, before->reason); /* another destination, the same text */
        if (status != NULL)
            set_reason(&status->reason, cause->reason);
        change_cause(causes, number, before, after);
    } else {
        drop_status(causes, status);
        drop_target(causes, target);
    }
    causes->settled_count += is_settled(causes, link_at(causes, number));
}

void deferred_causes_forget(DeferredCauses *causes, uint32_t number)
{
    DeferredLink *link = link_at(causes, number);
    CauseOfFiles *cause;

    if (link == NULL)
        return;
    causes->settled_count -= is_settled(causes, link);
    cause = cause_of_link(causes, link);
    if (cause != NULL)
        change_cause(causes, number, cause, NULL);
    *link = (DeferredLink){.cause = 0};
}

const CauseOfFiles *deferred_causes_of(const DeferredCauses *causes, uint32_t number)
{
    const DeferredLink *link = link_at(causes, number);

    return link != NULL ? cause_of_link(causes, link) : NULL;
}

bool deferred_causes_give(DeferredCauses *causes, uint32_t number)
{
    DeferredLink *link = make_link(causes, number);

    if (is_settled(causes, link))
        return false;
    link->was_given = true;
    causes->settled_count++;
    return true;
}

uint32_t deferred_causes_known_count(const DeferredCauses *causes)
{
    return causes->known_count;
}

const DeferredTarget *deferred_causes_find(const DeferredCauses *causes, const char *transport,
                                           const char *name)
{
    return find_target(causes, &(TargetKey){transport, name});
}

static bool target_is_not_after_key(const TreeNode *node, const void *key)
{
    return compare_target(target_at(node), key) <= 0;
}

const DeferredTarget *deferred_causes_find_next(const DeferredCauses *causes,
                                                const char *after_transport, const char *name)
{
    const TargetKey key = {after_transport, name};
    TreeNode *node = tree_find(&causes->targets, target_is_not_after_key, &key);

    return node != NULL && strcmp(target_at(node)->name, name) == 0 ? target_at(node) : NULL;
}

uint32_t deferred_causes_next(const DeferredCauses *causes, uint32_t number)
{
    return link_at(causes, number)->next;
}

/* ---- start and end ---- */

void deferred_causes_init(DeferredCauses *causes)
{
    *causes = (DeferredCauses){.chunks = g_ptr_array_new_with_free_func(g_free)};
    causes->nobody = new_target("");
    causes->statuses = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_status);
    slot_table_init(&causes->target_slots);
    slot_table_init(&causes->cause_slots);
    slot_table_init(&causes->status_slots);
    LIST_INIT(&causes->cursors);
}

static void free_causes(DeferredCauses *causes)
{
    CauseOfFiles *cause;
    DeferredTarget *target;
    uint32_t slot = 0;

    while ((cause = slot_table_next(&causes->cause_slots, &slot, UINT32_MAX)) != NULL)
        free_cause(cause);
    slot = 0;
    while ((target = slot_table_next(&causes->target_slots, &slot, UINT32_MAX)) != NULL)
        free_target(target);
    free_target(causes->nobody);
    g_hash_table_destroy(causes->statuses);
    slot_table_clear(&causes->target_slots);
    slot_table_clear(&causes->cause_slots);
    slot_table_clear(&causes->status_slots);
    g_ptr_array_unref(causes->chunks);
}

/* This takes some milliseconds for each 100,000 destinations; an index is lost very rarely. */
void deferred_causes_clear(DeferredCauses *causes)
{
    DeferredCursor *cursor;

    while ((cursor = LIST_FIRST(&causes->cursors)) != NULL) {
        LIST_REMOVE(cursor, in_causes);
        cursor->is_lost = true;
        cursor->number = 0;
    }
    free_causes(causes);
    deferred_causes_init(causes);
}

void deferred_causes_stop(DeferredCauses *causes)
{
    g_assert(LIST_EMPTY(&causes->cursors));
    free_causes(causes);
}

/* ---- invariants ---- */

static uint32_t check_chain(const DeferredCauses *causes, const DeferredTarget *target)
{
    uint32_t count = 0, previous = 0;

    for (uint32_t number = target->first; number != 0;
         number = link_at(causes, number)->next, count++) {
        const DeferredLink *link = link_at(causes, number);

        g_assert(link->previous == previous && cause_of_link(causes, link)->target == target);
        previous = number;
    }
    g_assert(count == target->count);
    return count;
}

static uint32_t count_of_causes(const DeferredTarget *target)
{
    const CauseOfFiles *cause;
    uint32_t count = 0;

    SLIST_FOREACH(cause, &target->causes, in_target)
    {
        g_assert(cause->count > 0 && cause->target == target);
        count += cause->count;
    }
    return count;
}

static void check_statuses(const DeferredCauses *causes)
{
    const CauseOfFiles *cause;
    const DeferredStatus *status;
    uint32_t slot = 0, with_status = 0;

    while ((cause = slot_table_next(&causes->cause_slots, &slot, UINT32_MAX)) != NULL)
        with_status += cause->status != NULL ? cause->count : 0;
    slot = 0;
    while ((status = slot_table_next(&causes->status_slots, &slot, UINT32_MAX)) != NULL) {
        g_assert(status->count > 0 && status->count <= with_status);
        with_status -= status->count;
    }
    g_assert(with_status == 0);
    g_assert(causes->status_slots.count == g_hash_table_size(causes->statuses));
}

void deferred_causes_check(const DeferredCauses *causes)
{
    const DeferredTarget *target;
    uint32_t slot = 0, known_count = 0;

    while ((target = slot_table_next(&causes->target_slots, &slot, UINT32_MAX)) != NULL) {
        g_assert(target->count > 0 && count_of_causes(target) == target->count);
        known_count += check_chain(causes, target);
    }
    g_assert(known_count == causes->known_count);
    (void)check_chain(causes, causes->nobody);
    g_assert(count_of_causes(causes->nobody) == causes->nobody->count);
    g_assert(tree_check(&causes->targets, &targets_kind) == causes->target_slots.count);
    check_statuses(causes);
}
