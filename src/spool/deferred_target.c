#include <string.h>

#include "base/element.h"
#include "src/spool/deferred_target_internal.h"

/* Destinations are found in a tree, so that no call has to hash all of them anew. */

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

DeferredTarget *deferred_target_find(const DeferredCauses *causes, const TargetKey *key)
{
    TreeNode *node = tree_find(&causes->targets, target_is_before_key, key);

    return node != NULL && compare_target(target_at(node), key) == 0 ? target_at(node) : NULL;
}

DeferredTarget *deferred_target_new(const char *name)
{
    size_t size = strlen(name) + 1;
    DeferredTarget *target = g_malloc0(sizeof(*target) + size);

    memcpy(target->name, name, size);
    LIST_INIT(&target->causes);
    return target;
}

static bool is_too_long(const char *name)
{
    return strnlen(name, DEFERRED_NAME_MAX_BYTES + 1) > DEFERRED_NAME_MAX_BYTES;
}

/* The one of those that are not known, if there is no room for one more. */
DeferredTarget *deferred_target_get(DeferredCauses *causes, const DeferredCause *cause)
{
    const TargetKey key = {cause->transport, cause->destination};
    DeferredTarget *target;

    if (is_too_long(key.name) || is_too_long(key.transport))
        return causes->nobody;
    target = deferred_target_find(causes, &key);
    if (target != NULL)
        return target;
    if (causes->target_slots.count >= DEFERRED_DESTINATIONS_MAX)
        return causes->nobody;
    target = deferred_target_new(cause->destination);
    target->transport = g_ref_string_new_intern(cause->transport);
    target->is_user = cause->is_user;
    target->slot = slot_table_add(&causes->target_slots, target);
    tree_insert(&causes->targets, &targets_kind, &target->in_targets);
    return target;
}

void deferred_target_free(DeferredTarget *target)
{
    g_clear_pointer(&target->transport, g_ref_string_release);
    g_free(target);
}

void deferred_target_drop(DeferredCauses *causes, DeferredTarget *target)
{
    if (target == causes->nobody || target->count > 0)
        return;
    g_assert(LIST_EMPTY(&target->causes));
    slot_table_remove(&causes->target_slots, target->slot);
    tree_remove(&causes->targets, &targets_kind, &target->in_targets);
    deferred_target_free(target);
}

const DeferredTarget *deferred_causes_find(const DeferredCauses *causes, const char *transport,
                                           const char *name)
{
    return deferred_target_find(causes, &(TargetKey){transport, name});
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

size_t deferred_target_check(const DeferredCauses *causes)
{
    return tree_check(&causes->targets, &targets_kind);
}
