/* What the index says about the causes of its files. */

#include "spool/deferred_cause.h"

#include "src/spool/deferred_index_internal.h"

void deferred_index_learn(DeferredIndex *index, const char *queue_id, const DeferredCause *cause)
{
    const DeferredTable *table = deferred_index_table(index);
    const DeferredFile *file = deferred_table_find(table, queue_id);

    if (file != NULL)
        deferred_causes_learn(deferred_index_causes(index), deferred_table_number(table, file),
                              cause);
}

/* The destination of those that are not known has no transport. */
static void set_destination(DeferredCause *cause, const DeferredTarget *target)
{
    if (target->transport == NULL)
        return;
    cause->transport = target->transport;
    cause->destination = target->name;
    cause->is_user = target->is_user;
}

static DeferredCause as_view(const CauseOfFiles *cause)
{
    DeferredCause view = {.reason = cause->reason};

    set_destination(&view, cause->target);
    if (cause->status != NULL)
        view.status = cause->status->text;
    return view;
}

bool deferred_index_cause(const DeferredIndex *index, const char *queue_id,
                          DeferredCause *ret_cause)
{
    const DeferredTable *table = deferred_index_table(index);
    const DeferredFile *file = deferred_table_find(table, queue_id);
    const CauseOfFiles *cause;

    if (file == NULL)
        return false;
    cause =
        deferred_causes_of(deferred_index_causes_seen(index), deferred_table_number(table, file));
    *ret_cause = cause != NULL ? as_view(cause) : (DeferredCause){.transport = NULL};
    return true;
}

const char *deferred_index_give_unread(DeferredIndex *index, uint32_t *slot, unsigned patience)
{
    const DeferredTable *table = deferred_index_table(index);

    for (; patience > 0 && *slot < table->used; patience--) {
        const DeferredFile *file = deferred_table_next(table, slot, 1);

        if (file != NULL && deferred_causes_give(deferred_index_causes(index), *slot))
            return deferred_file_name(file);
    }
    if (*slot >= table->used)
        *slot = 0;
    return NULL;
}

uint32_t deferred_index_unread_count(const DeferredIndex *index)
{
    return deferred_index_count(index) - deferred_index_causes_seen(index)->settled_count;
}

uint32_t deferred_index_known_count(const DeferredIndex *index)
{
    return deferred_causes_known_count(deferred_index_causes_seen(index));
}

uint32_t deferred_index_count_of(const DeferredIndex *index, const char *transport,
                                 const char *destination)
{
    const DeferredCauses *causes = deferred_index_causes_seen(index);
    const DeferredTarget *target;
    uint32_t count = 0;

    if (transport == NULL) {
        for (transport = ""; (target = deferred_causes_find_next(causes, transport, destination));
             transport = target->transport)
            count += target->count;
        return count;
    }
    target = deferred_causes_find(causes, transport, destination);
    return target != NULL ? target->count : 0;
}

/* ---- what there is ---- */

static const SlotTable *slots_of(const DeferredIndex *index, DeferredGrouping grouping)
{
    const DeferredCauses *causes = deferred_index_causes_seen(index);

    switch (grouping) {
    case DEFERRED_BY_DESTINATION:
        return &causes->target_slots;
    case DEFERRED_BY_STATUS:
        return &causes->status_slots;
    case DEFERRED_BY_DESTINATION_AND_STATUS:
        return &causes->cause_slots;
    }
    g_assert_not_reached();
}

/* The most frequent one, as far as one is known; so a single odd answer does not stand for all. */
static const CauseOfFiles *main_cause(const DeferredTarget *target)
{
    const CauseOfFiles *cause, *found = LIST_FIRST(&target->causes);

    LIST_FOREACH (cause, &target->causes, in_target)
        if (cause->status != NULL && (found->status == NULL || cause->count > found->count))
            found = cause;
    return found;
}

static void view_target(const DeferredTarget *target, DeferredView *ret_view)
{
    *ret_view = (DeferredView){.cause = as_view(main_cause(target)), .count = target->count};
}

static void view_status(const DeferredStatus *status, DeferredView *ret_view)
{
    *ret_view = (DeferredView){
        .cause = {.status = status->text, .reason = status->reason},
          .count = status->count
    };
}

static void view_cause(const CauseOfFiles *cause, DeferredView *ret_view)
{
    *ret_view = (DeferredView){.cause = as_view(cause), .count = cause->count};
}

bool deferred_index_view_next(const DeferredIndex *index, DeferredGrouping grouping, uint32_t *slot,
                              unsigned patience, DeferredView *ret_view)
{
    const void *object = slot_table_next(slots_of(index, grouping), slot, patience);

    if (object == NULL)
        return false;
    switch (grouping) {
    case DEFERRED_BY_DESTINATION:
        view_target(object, ret_view);
        break;
    case DEFERRED_BY_STATUS:
        view_status(object, ret_view);
        break;
    case DEFERRED_BY_DESTINATION_AND_STATUS:
        view_cause(object, ret_view);
        break;
    }
    return true;
}

bool deferred_index_view_is_end(const DeferredIndex *index, DeferredGrouping grouping,
                                uint32_t slot)
{
    return slot_table_is_end(slots_of(index, grouping), slot);
}
