#include <string.h>

#include <glib.h>

#include "src/spool/deferred_causes_internal.h"
#include "src/spool/deferred_index_internal.h"

/*
 * The earliest mail of some destinations. The chain of a destination is in no order, so a pick
 * looks at all of it and keeps the earliest; a cursor remembers where it stands while files come
 * and go.
 */

typedef struct PickedFile {
    int64_t due_s;
    const char *name;
    char *own_name; /* the same, once it is picked */
} PickedFile;

struct DeferredPick {
    DeferredIndex *index;
    unsigned max;
    DeferredMatchFn *matches;
    DeferredSkipFn *skips; /* NULL: none is skipped */
    void *ctx;
    uint32_t slot; /* of the next destination */
    DeferredCursor cursor;
    uint32_t seen_count;
    GSequence *picked;
};

static void free_picked(gpointer data)
{
    g_free(((PickedFile *)data)->own_name);
    g_free(data);
}

DeferredPick *deferred_pick_new(DeferredIndex *index, unsigned max, DeferredMatchFn *matches,
                                void *ctx)
{
    DeferredPick *pick = g_new0(DeferredPick, 1);

    *pick = (DeferredPick){.index = index,
                           .max = max,
                           .matches = matches,
                           .ctx = ctx,
                           .picked = g_sequence_new(free_picked)};
    LIST_INSERT_HEAD(&deferred_index_causes(index)->cursors, &pick->cursor, in_causes);
    return pick;
}

void deferred_pick_skip(DeferredPick *pick, DeferredSkipFn *skips)
{
    pick->skips = skips;
}

void deferred_pick_free(DeferredPick *pick)
{
    if (pick == NULL)
        return;
    if (!pick->cursor.is_lost)
        LIST_REMOVE(&pick->cursor, in_causes);
    g_sequence_free(pick->picked);
    g_free(pick);
}

static gint compare_picked(gconstpointer a, gconstpointer b, gpointer ctx)
{
    const PickedFile *left = a, *right = b;

    (void)ctx;
    if (left->due_s != right->due_s)
        return left->due_s < right->due_s ? -1 : 1;
    return strcmp(left->name, right->name);
}

static GSequenceIter *last_picked(const DeferredPick *pick)
{
    return g_sequence_iter_prev(g_sequence_get_end_iter(pick->picked));
}

/* A file that changed its destination meanwhile may be met twice. */
static bool pick_wants(const DeferredPick *pick, PickedFile *file)
{
    if (pick->max == 0 || ((unsigned)g_sequence_get_length(pick->picked) == pick->max &&
                           compare_picked(file, g_sequence_get(last_picked(pick)), NULL) > 0))
        return false;
    return g_sequence_lookup(pick->picked, file, compare_picked, NULL) == NULL;
}

static void pick_look_at(DeferredPick *pick, uint32_t number)
{
    const DeferredFile *known = deferred_table_at(deferred_index_table(pick->index), number);
    PickedFile file = {.due_s = known->due_s, .name = deferred_file_name(known)};
    PickedFile *picked;

    if (pick->skips != NULL && pick->skips(file.name, pick->ctx))
        return;
    pick->seen_count++;
    if (!pick_wants(pick, &file))
        return;
    if ((unsigned)g_sequence_get_length(pick->picked) == pick->max)
        g_sequence_remove(last_picked(pick));
    picked = g_new(PickedFile, 1);
    *picked = file;
    picked->name = picked->own_name = g_strdup(file.name);
    (void)g_sequence_insert_sorted(pick->picked, picked, compare_picked, NULL);
}

/* False: there is none. */
static bool enter_destination(DeferredPick *pick)
{
    const SlotTable *slots = &deferred_index_causes(pick->index)->target_slots;
    const DeferredTarget *target = slot_table_next(slots, &pick->slot, 1);

    if (target != NULL && pick->matches(target->transport, target->name, pick->ctx))
        pick->cursor.number = target->first;
    return target != NULL || !slot_table_is_end(slots, pick->slot);
}

bool deferred_pick_step(DeferredPick *pick, unsigned patience)
{
    for (; patience > 0 && !pick->cursor.is_lost; patience--) {
        uint32_t number = pick->cursor.number;

        if (number != 0) {
            pick->cursor.number = deferred_causes_next(deferred_index_causes(pick->index), number);
            pick_look_at(pick, number);
        } else if (!enter_destination(pick)) {
            return false;
        }
    }
    return !pick->cursor.is_lost;
}

bool deferred_pick_is_lost(const DeferredPick *pick)
{
    return pick->cursor.is_lost;
}

uint32_t deferred_pick_seen(const DeferredPick *pick)
{
    return pick->seen_count;
}

unsigned deferred_pick_count(const DeferredPick *pick)
{
    return pick->cursor.is_lost ? 0 : (unsigned)g_sequence_get_length(pick->picked);
}

const char *deferred_pick_name(const DeferredPick *pick, unsigned i, int64_t *ret_due_s)
{
    const PickedFile *file = g_sequence_get(g_sequence_get_iter_at_pos(pick->picked, (gint)i));

    *ret_due_s = file->due_s;
    return file->name;
}
