#include "base/tree.h"

#include <stdint.h>

#include <glib.h>

#include "base/check.h"

/*
 * Tree: a treap. The priority of a node is a hash of its address, so it takes no memory, and the
 * shape of the tree does not depend on the order in which elements come.
 */

/* The mixing function of MurmurHash3 makes priorities that are as good as random and all differ. */
static uint64_t priority(const TreeNode *node)
{
    uint64_t bits = (uint64_t)(uintptr_t)node;

    bits ^= bits >> 33;
    bits *= UINT64_C(0xff51afd7ed558ccd);
    bits ^= bits >> 33;
    bits *= UINT64_C(0xc4ceb9fe1a85ec53);
    return bits ^ bits >> 33;
}

/* The pointer that points to `node`. */
static TreeNode **link_of(Tree *tree, const TreeNode *node)
{
    TreeNode *parent = node->parent;

    if (parent == NULL)
        return &tree->root;
    return parent->left == node ? &parent->left : &parent->right;
}

static void tree_adopt(TreeNode *child, TreeNode *parent)
{
    if (child != NULL)
        child->parent = parent;
}

static void refresh(const TreeKind *kind, TreeNode *node)
{
    if (kind->refresh != NULL)
        kind->refresh(node);
}

static void refresh_upward(const TreeKind *kind, TreeNode *node)
{
    if (kind->refresh == NULL)
        return;
    for (; node != NULL; node = node->parent)
        kind->refresh(node);
}

/* `node` takes the place of its parent, which becomes its child. The order stays. */
static void rotate_up(Tree *tree, const TreeKind *kind, TreeNode *node)
{
    TreeNode *parent = node->parent;

    *link_of(tree, parent) = node;
    node->parent = parent->parent;
    parent->parent = node;
    if (parent->left == node) {
        parent->left = node->right;
        tree_adopt(parent->left, parent);
        node->right = parent;
    } else {
        parent->right = node->left;
        tree_adopt(parent->right, parent);
        node->left = parent;
    }
    refresh(kind, parent);
}

static void hang_before(Tree *tree, TreeNode *parent, TreeNode *node)
{
    node->parent = parent;
    parent->left = node;
    if (tree->first == parent)
        tree->first = node;
}

static void hang_behind(Tree *tree, TreeNode *parent, TreeNode *node)
{
    node->parent = parent;
    parent->right = node;
    if (tree->last == parent)
        tree->last = node;
}

static void hang_in_between(Tree *tree, const TreeKind *kind, TreeNode *node)
{
    TreeNode *below = tree->root, *parent = NULL;
    bool is_before = false;

    while (below != NULL) {
        parent = below;
        is_before = kind->is_before(node, parent);
        below = is_before ? parent->left : parent->right;
    }
    if (is_before)
        hang_before(tree, parent, node);
    else
        hang_behind(tree, parent, node);
}

/* Inserts as a leaf. Both ends are tried first, since most elements come last. */
static void hang(Tree *tree, const TreeKind *kind, TreeNode *node)
{
    *node = (TreeNode){0};
    if (tree->root == NULL)
        tree->root = tree->first = tree->last = node;
    else if (kind->is_before(tree->last, node))
        hang_behind(tree, tree->last, node);
    else if (kind->is_before(node, tree->first))
        hang_before(tree, tree->first, node);
    else
        hang_in_between(tree, kind, node);
}

void tree_insert(Tree *tree, const TreeKind *kind, TreeNode *node)
{
    uint64_t own = priority(node);

    hang(tree, kind, node);
    while (node->parent != NULL && priority(node->parent) < own)
        rotate_up(tree, kind, node);
    refresh_upward(kind, node);
}

static TreeNode *leftmost(TreeNode *node)
{
    while (node->left != NULL)
        node = node->left;
    return node;
}

static TreeNode *rightmost(TreeNode *node)
{
    while (node->right != NULL)
        node = node->right;
    return node;
}

void tree_remove(Tree *tree, const TreeKind *kind, TreeNode *node)
{
    TreeNode *child;

    /* An end has only one child. */
    if (tree->first == node)
        tree->first = node->right != NULL ? leftmost(node->right) : node->parent;
    if (tree->last == node)
        tree->last = node->left != NULL ? rightmost(node->left) : node->parent;
    while (node->left != NULL && node->right != NULL)
        rotate_up(tree, kind,
                  priority(node->left) > priority(node->right) ? node->left : node->right);
    child = node->left != NULL ? node->left : node->right;
    *link_of(tree, node) = child;
    tree_adopt(child, node->parent);
    refresh_upward(kind, node->parent);
}

TreeNode *tree_next(const TreeNode *node)
{
    if (node->right != NULL)
        return leftmost(node->right);
    while (node->parent != NULL && node->parent->right == node)
        node = node->parent;
    return node->parent;
}

TreeNode *tree_find(const Tree *tree, bool (*is_before_key)(const TreeNode *, const void *),
                    const void *key)
{
    TreeNode *node = tree->root, *found = NULL;

    while (node != NULL) {
        if (is_before_key(node, key)) {
            node = node->right;
        } else {
            found = node;
            node = node->left;
        }
    }
    return found;
}

static void check_child(const TreeNode *node, const TreeNode *child)
{
    CHECK(child == NULL || (child->parent == node && priority(child) < priority(node)));
}

size_t tree_check(const Tree *tree, const TreeKind *kind)
{
    const TreeNode *previous = NULL;
    size_t count = 0;

    CHECK(tree->root == NULL || tree->root->parent == NULL);
    CHECK(tree->first == (tree->root != NULL ? leftmost(tree->root) : NULL));
    for (const TreeNode *node = tree->first; node != NULL; node = tree_next(node)) {
        CHECK(previous == NULL || kind->is_before(previous, node));
        check_child(node, node->left);
        check_child(node, node->right);
        previous = node;
        count++;
    }
    CHECK(tree->last == previous);
    return count;
}
