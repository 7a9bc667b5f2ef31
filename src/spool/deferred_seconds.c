#include <glib.h>

#include "base/check.h"
#include "base/element.h"
#include "src/spool/deferred_seconds_internal.h"

/* A tree of seconds in which each one knows how many files its subtree has. */

typedef struct Second {
    TreeNode in_tree;
    int64_t due_s;
    uint32_t count; /* of files; never 0 */
    uint32_t sum;   /* of counts in its subtree */
} Second;

static Second *second_of(const TreeNode *node)
{
    return ELEMENT(node, Second, in_tree);
}

static bool second_is_before(const TreeNode *a, const TreeNode *b)
{
    return second_of(a)->due_s < second_of(b)->due_s;
}

static bool second_is_before_key(const TreeNode *node, const void *due_s)
{
    return second_of(node)->due_s < *(const int64_t *)due_s;
}

static uint32_t second_sum(const TreeNode *node)
{
    return node != NULL ? second_of(node)->sum : 0;
}

static void sum_up(TreeNode *node)
{
    second_of(node)->sum =
        second_of(node)->count + second_sum(node->left) + second_sum(node->right);
}

static const TreeKind seconds_kind = {second_is_before, sum_up};

void deferred_seconds_init(DeferredSeconds *seconds)
{
    *seconds = (DeferredSeconds){
        .tree = {NULL, NULL, NULL}
    };
    slab_init(&seconds->memory, sizeof(Second));
}

void deferred_seconds_clear(DeferredSeconds *seconds)
{
    slab_clear(&seconds->memory);
    deferred_seconds_init(seconds);
}

/* NULL: no file is due then. */
static Second *find_second(const DeferredSeconds *seconds, int64_t due_s)
{
    TreeNode *node = tree_find(&seconds->tree, second_is_before_key, &due_s);

    return node != NULL && second_of(node)->due_s == due_s ? second_of(node) : NULL;
}

static void recount(Second *second, uint32_t count)
{
    second->count = count;
    for (TreeNode *node = &second->in_tree; node != NULL; node = node->parent)
        sum_up(node);
}

void deferred_seconds_add(DeferredSeconds *seconds, int64_t due_s)
{
    Second *second = find_second(seconds, due_s);

    if (second != NULL) {
        recount(second, second->count + 1);
        return;
    }
    second = slab_alloc(&seconds->memory);
    second->due_s = due_s;
    second->count = 1;
    tree_insert(&seconds->tree, &seconds_kind, &second->in_tree);
}

void deferred_seconds_remove(DeferredSeconds *seconds, int64_t due_s)
{
    Second *second = find_second(seconds, due_s);

    g_assert(second != NULL);
    if (second->count > 1) {
        recount(second, second->count - 1);
        return;
    }
    tree_remove(&seconds->tree, &seconds_kind, &second->in_tree);
    slab_free(&seconds->memory, second);
}

uint32_t deferred_seconds_count(const DeferredSeconds *seconds, int64_t until_s)
{
    const TreeNode *node = seconds->tree.root;
    uint32_t count = 0;

    while (node != NULL) {
        const Second *second = second_of(node);

        if (second->due_s <= until_s)
            count += second->count + second_sum(node->left);
        node = second->due_s <= until_s ? node->right : node->left;
    }
    return count;
}

size_t deferred_seconds_check(const DeferredSeconds *seconds)
{
    uint32_t count = 0;

    for (const TreeNode *node = tree_first(&seconds->tree); node != NULL; node = tree_next(node)) {
        const Second *second = second_of(node);

        CHECK(second->count > 0);
        CHECK(second->sum == second->count + second_sum(node->left) + second_sum(node->right));
        count += second->count;
        CHECK(deferred_seconds_count(seconds, second->due_s) == count);
    }
    return tree_check(&seconds->tree, &seconds_kind);
}
