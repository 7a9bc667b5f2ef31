#include "src/life/deferred_internal.h"
#include "src/life/targets_internal.h"

/* Targets: see the header. */

static void free_target(gpointer data)
{
    Target *target = data;

    g_free(target->transport);
    g_free(target->name);
    g_free(target);
}

GHashTable *targets_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_target);
}

static char *target_key(const char *transport, const char *name)
{
    return g_strconcat(transport, "\n", name, NULL);
}

static Target *find_target(GHashTable *targets, const char *transport, const char *name)
{
    g_autofree char *key = target_key(transport, name);

    return g_hash_table_lookup(targets, key);
}

Target *targets_ensure(GHashTable *targets, const char *transport, const char *name)
{
    Target *target = find_target(targets, transport, name);

    if (target != NULL)
        return target;
    target = g_new0(Target, 1);
    target->transport = g_strdup(transport);
    target->name = g_strdup(name);
    g_hash_table_insert(targets, target_key(transport, name), target);
    return target;
}

bool targets_is_over(GHashTable *targets, const char *transport, const char *name)
{
    const Target *target = find_target(targets, transport, name);

    return target != NULL && target->is_over;
}

bool targets_has_over(GHashTable *targets)
{
    GHashTableIter iter;
    gpointer target;

    g_hash_table_iter_init(&iter, targets);
    while (g_hash_table_iter_next(&iter, NULL, &target))
        if (((Target *)target)->is_over)
            return true;
    return false;
}

void targets_judge(GHashTable *targets)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, targets);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Target *target = value;

        if (target->back_count > 0 && target->through_count == 0)
            target->is_over = true;
        target->back_count = target->through_count = 0;
    }
}

/* Those that are over are not met any more. */
void targets_begin_walk(GHashTable *targets)
{
    GHashTableIter iter;
    gpointer target;

    g_hash_table_iter_init(&iter, targets);
    while (g_hash_table_iter_next(&iter, NULL, &target))
        if (!((Target *)target)->is_over)
            ((Target *)target)->held_count = 0;
}

static uint32_t untried_of(const Life *life, const Target *target)
{
    uint32_t known = deferred_index_count_of(deferred_index(life), target->transport, target->name);
    uint32_t not_left = target->all_back_count + target->held_count + target->later_count;

    return known > not_left ? known - not_left : 0;
}

uint32_t targets_left_count(GHashTable *targets, const Life *life)
{
    GHashTableIter iter;
    gpointer value;
    uint32_t count = 0;

    g_hash_table_iter_init(&iter, targets);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Target *target = value;

        if (target->is_over)
            count += untried_of(life, target);
    }
    return count;
}
