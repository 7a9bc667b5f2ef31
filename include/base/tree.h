#ifndef EQMGR_BASE_TREE_H
#define EQMGR_BASE_TREE_H

/*
 * base/tree: an ordered set of elements that embed a TreeNode (a treap: 24 bytes per element, as
 * priorities are hashes of addresses).
 *
 * remove is O(1) and does not compare; insert is O(1) at both ends and O(log n) elsewhere; first is
 * O(1). With summaries insert and remove are O(log n). Keys live in the elements, must differ, and
 * must not change their order while inside. The tree owns nothing and allocates nothing. The owner
 * of an element has to know whether it is inside.
 *
 * Elements may keep a summary of their subtree: `refresh` computes it from the node itself and the
 * summaries of its two children. Callers search with it from the root downwards.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct TreeNode {
    struct TreeNode *left, *right, *parent;
} TreeNode;

typedef struct Tree {
    TreeNode *root, *first, *last;
} Tree;

/* The order of a tree; the same kind for all calls on it. */
typedef struct TreeKind {
    bool (*is_before)(const TreeNode *a, const TreeNode *b);
    void (*refresh)(TreeNode *node); /* NULL: no summaries */
} TreeKind;

void tree_insert(Tree *tree, const TreeKind *kind, TreeNode *node);
void tree_remove(Tree *tree, const TreeKind *kind, TreeNode *node);

static inline bool tree_is_empty(const Tree *tree)
{
    return tree->root == NULL;
}

/* The first element in order, or NULL. */
static inline TreeNode *tree_first(const Tree *tree)
{
    return tree->first;
}

/* The element after the node, or NULL at the end. */
TreeNode *tree_next(const TreeNode *node);

/*
 * The first element that is not before the key, or NULL. `is_before_key` must hold for the elements
 * up to some place, and for none after it.
 */
TreeNode *tree_find(const Tree *tree, bool (*is_before_key)(const TreeNode *node, const void *key),
                    const void *key);

/* Asserts order, heap property and the first element; returns the count. For tests. */
size_t tree_check(const Tree *tree, const TreeKind *kind);

#endif
