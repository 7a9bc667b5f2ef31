#include "base/second_counts.h"

#include <glib.h>

#include "base/check.h"
#include "base/element.h"

/* A tree of seconds in which each one knows how many things its subtree has. */

typedef struct Second {
    TreeNode in_tree;
    int64_t at_s;
    uint32_t count; /* never 0 */
    uint32_t sum;   /* of counts in its subtree */
} Second;

static Second *second_of(const TreeNode *node)
{
    return ELEMENT(node, Second, in_tree);
}

static bool second_is_before(const TreeNode *a, const TreeNode *b)
{
    return second_of(a)->at_s < second_of(b)->at_s;
}

static bool second_is_before_key(const TreeNode *node, const void *at_s)
{
    return second_of(node)->at_s < *(const int64_t *)at_s;
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

void second_counts_init_memory(Slab *memory)
{
    slab_init(memory, sizeof(Second));
}

void second_counts_init(SecondCounts *counts, Slab *memory)
{
    *counts = (SecondCounts){
        .tree = {NULL, NULL, NULL},
          .memory = memory
    };
}

/* NULL: there is nothing then. */
static Second *find_second(const SecondCounts *counts, int64_t at_s)
{
    TreeNode *node = tree_find(&counts->tree, second_is_before_key, &at_s);

    return node != NULL && second_of(node)->at_s == at_s ? second_of(node) : NULL;
}

static void recount(Second *second, uint32_t count)
{
    second->count = count;
    for (TreeNode *node = &second->in_tree; node != NULL; node = node->parent)
        sum_up(node);
}

void second_counts_add(SecondCounts *counts, int64_t at_s)
{
    Second *second = find_second(counts, at_s);

    if (second != NULL) {
        recount(second, second->count + 1);
        return;
    }
    second = slab_alloc(counts->memory);
    second->at_s = at_s;
    second->count = 1;
    tree_insert(&counts->tree, &seconds_kind, &second->in_tree);
}

void second_counts_remove(SecondCounts *counts, int64_t at_s)
{
    Second *second = find_second(counts, at_s);

    g_assert(second != NULL);
    if (second->count > 1) {
        recount(second, second->count - 1);
        return;
    }
    tree_remove(&counts->tree, &seconds_kind, &second->in_tree);
    slab_free(counts->memory, second);
}

uint32_t second_counts_until(const SecondCounts *counts, int64_t until_s)
{
    const TreeNode *node = counts->tree.root;
    uint32_t count = 0;

    while (node != NULL) {
        const Second *second = second_of(node);

        if (second->at_s <= until_s)
            count += second->count + second_sum(node->left);
        node = second->at_s <= until_s ? node->right : node->left;
    }
    return count;
}

uint32_t second_counts_total(const SecondCounts *counts)
{
    return second_sum(counts->tree.root);
}

size_t second_counts_check(const SecondCounts *counts)
{
    uint32_t count = 0;

    for (const TreeNode *node = tree_first(&counts->tree); node != NULL; node = tree_next(node)) {
        const Second *second = second_of(node);

        CHECK(second->count > 0);
        CHECK(second->sum == second->count + second_sum(node->left) + second_sum(node->right));
        count += second->count;
        CHECK(second_counts_until(counts, second->at_s) == count);
    }
    return tree_check(&counts->tree, &seconds_kind);
}
