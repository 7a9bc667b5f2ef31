#include "base/tree.h"

#include <stdint.h>

#include <glib.h>

/* Expected is 3 ln n, so no tree that fits into memory comes near. */
#define DEPTH_MAX 256

/* The nodes from the root down to what was changed, to be summed up again from below. */
typedef struct Path {
    TreeNode *nodes[DEPTH_MAX];
    size_t depth;
} Path;

/* The mixing function of MurmurHash3: priorities are as good as random, and differ. */
static uint64_t priority(const TreeNode *node)
{
    uint64_t bits = (uint64_t)(uintptr_t)node;

    bits ^= bits >> 33;
    bits *= UINT64_C(0xff51afd7ed558ccd);
    bits ^= bits >> 33;
    bits *= UINT64_C(0xc4ceb9fe1a85ec53);
    return bits ^ bits >> 33;
}

/* Not an initializer, which would clear the whole array. */
static void path_init(Path *path)
{
    path->depth = 0;
}

static void path_add(Path *path, TreeNode *node)
{
    g_assert(path->depth < DEPTH_MAX);
    path->nodes[path->depth++] = node;
}

static void path_refresh(Path *path, const TreeKind *kind)
{
    if (kind->refresh != NULL)
        while (path->depth > 0)
            kind->refresh(path->nodes[--path->depth]);
}

/* Distributes the subtree `old` over the two sides of `node`. */
static void split(TreeNode *node, TreeNode *old, const TreeKind *kind, Path *path)
{
    TreeNode **left = &node->left, **right = &node->right;

    while (old != NULL) {
        path_add(path, old);
        if (kind->is_before(node, old)) {
            *right = old;
            right = &old->left;
            old = old->left;
        } else {
            *left = old;
            left = &old->right;
            old = old->right;
        }
    }
    *left = *right = NULL;
}

void tree_insert(Tree *tree, const TreeKind *kind, TreeNode *node)
{
    Path path;
    TreeNode **link = &tree->root;
    TreeNode *old;
    uint64_t own = priority(node);

    path_init(&path);
    while (*link != NULL && priority(*link) > own) {
        path_add(&path, *link);
        link = kind->is_before(node, *link) ? &(*link)->left : &(*link)->right;
    }
    old = *link;
    *link = node;
    path_add(&path, node);
    split(node, old, kind, &path);
    path_refresh(&path, kind);
    if (tree->first == NULL || (node->left == NULL && kind->is_before(node, tree->first)))
        tree->first = node;
}

/* The place of the pointer to `node`; the nodes above it are added to the path. */
static TreeNode **find_link(Tree *tree, const TreeKind *kind, const TreeNode *node, Path *path)
{
    TreeNode **link = &tree->root;

    while (*link != node) {
        g_assert(*link != NULL);
        path_add(path, *link);
        link = kind->is_before(node, *link) ? &(*link)->left : &(*link)->right;
    }
    return link;
}

static void merge(TreeNode **link, TreeNode *left, TreeNode *right, Path *path)
{
    while (left != NULL && right != NULL) {
        if (priority(left) > priority(right)) {
            *link = left;
            link = &left->right;
            path_add(path, left);
            left = *link;
        } else {
            *link = right;
            link = &right->left;
            path_add(path, right);
            right = *link;
        }
    }
    *link = left != NULL ? left : right;
}

static TreeNode *leftmost(TreeNode *node)
{
    while (node != NULL && node->left != NULL)
        node = node->left;
    return node;
}

void tree_remove(Tree *tree, const TreeKind *kind, TreeNode *node)
{
    Path path;
    TreeNode **link, *above;

    path_init(&path);
    link = find_link(tree, kind, node, &path);
    above = path.depth > 0 ? path.nodes[path.depth - 1] : NULL;
    if (tree->first == node)
        tree->first = node->right != NULL ? leftmost(node->right) : above;
    merge(link, node->left, node->right, &path);
    path_refresh(&path, kind);
}

void tree_refresh(Tree *tree, const TreeKind *kind, TreeNode *node)
{
    Path path;

    path_init(&path);
    (void)find_link(tree, kind, node, &path);
    path_add(&path, node);
    path_refresh(&path, kind);
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

TreeNode *tree_find_last(const Tree *tree, bool (*is_before_key)(const TreeNode *, const void *),
                         const void *key)
{
    TreeNode *node = tree->root, *found = NULL;

    while (node != NULL) {
        if (is_before_key(node, key)) {
            found = node;
            node = node->right;
        } else {
            node = node->left;
        }
    }
    return found;
}

/* Depth is bounded (see above), so recursion is, too. */
static void visit_all(TreeNode *node, void (*visit)(TreeNode *, void *), void *ctx)
{
    if (node == NULL)
        return;
    visit_all(node->left, visit, ctx);
    visit(node, ctx);
    visit_all(node->right, visit, ctx);
}

void tree_foreach(const Tree *tree, void (*visit)(TreeNode *, void *), void *ctx)
{
    visit_all(tree->root, visit, ctx);
}

typedef struct Checking {
    const TreeKind *kind;
    const TreeNode *previous, *first;
    size_t count;
} Checking;

static void check_node(TreeNode *node, void *ctx)
{
    Checking *checking = ctx;

    if (checking->previous == NULL)
        checking->first = node;
    else
        g_assert(checking->kind->is_before(checking->previous, node));
    g_assert(node->left == NULL || priority(node->left) < priority(node));
    g_assert(node->right == NULL || priority(node->right) < priority(node));
    checking->previous = node;
    checking->count++;
}

size_t tree_check(const Tree *tree, const TreeKind *kind)
{
    Checking checking = {.kind = kind};

    tree_foreach(tree, check_node, &checking);
    g_assert(tree->first == checking.first);
    return checking.count;
}
