#include <string.h>

#include "src/spool/deferred_causes_internal.h"
#include "src/spool/deferred_target_internal.h"

/* The few causes of a destination are a list, and all different statuses are few. */

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

/* ---- causes ---- */

static CauseOfFiles *find_cause(const DeferredTarget *target, const DeferredStatus *status)
{
    CauseOfFiles *cause;

    LIST_FOREACH (cause, &target->causes, in_target)
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
    LIST_INSERT_HEAD(&target->causes, cause, in_target);
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
    LIST_REMOVE(cause, in_target);
    slot_table_remove(&causes->cause_slots, cause->slot);
    free_cause(cause);
    drop_status(causes, status);
    deferred_target_drop(causes, target);
}

static void count_file(const CauseOfFiles *cause, uint32_t change)
{
    g_assert(cause->target != NULL);
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
        target = deferred_target_get(causes, cause);
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
        deferred_target_drop(causes, target);
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

bool deferred_causes_was_given(const DeferredCauses *causes, uint32_t number)
{
    const DeferredLink *link = link_at(causes, number);

    return link != NULL && link->was_given;
}

uint32_t deferred_causes_known_count(const DeferredCauses *causes)
{
    return causes->known_count;
}

uint32_t deferred_causes_next(const DeferredCauses *causes, uint32_t number)
{
    return link_at(causes, number)->next;
}

/* ---- start and end ---- */

void deferred_causes_init(DeferredCauses *causes)
{
    *causes = (DeferredCauses){.chunks = g_ptr_array_new_with_free_func(g_free)};
    causes->nobody = deferred_target_new("");
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
        deferred_target_free(target);
    deferred_target_free(causes->nobody);
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

    LIST_FOREACH (cause, &target->causes, in_target) {
        g_assert(cause->count > 0 && cause->target == target);
        count += cause->count;
    }
    return count;
}

static uint32_t count_with_status(const DeferredCauses *causes)
{
    const CauseOfFiles *cause;
    uint32_t slot = 0, count = 0;

    while ((cause = slot_table_next(&causes->cause_slots, &slot, UINT32_MAX)) != NULL)
        count += cause->status != NULL ? cause->count : 0;
    return count;
}

static void check_statuses(const DeferredCauses *causes)
{
    const DeferredStatus *status;
    uint32_t slot = 0, count = 0;

    while ((status = slot_table_next(&causes->status_slots, &slot, UINT32_MAX)) != NULL) {
        g_assert(status->count > 0);
        count += status->count;
    }
    g_assert(count == count_with_status(causes));
    g_assert(causes->status_slots.count == g_hash_table_size(causes->statuses));
}

static void check_target(const DeferredCauses *causes, const DeferredTarget *target)
{
    g_assert(check_chain(causes, target) == count_of_causes(target));
}

void deferred_causes_check(const DeferredCauses *causes)
{
    const DeferredTarget *target;
    uint32_t slot = 0, known_count = 0;

    while ((target = slot_table_next(&causes->target_slots, &slot, UINT32_MAX)) != NULL) {
        check_target(causes, target);
        known_count += target->count;
    }
    check_target(causes, causes->nobody);
    g_assert(known_count == causes->known_count);
    g_assert(deferred_target_check(causes) == causes->target_slots.count);
    check_statuses(causes);
}
