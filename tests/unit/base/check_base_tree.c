#include <glib.h>

#include "base/element.h"
#include "base/tree.h"
#include "tests/support/runner.h"

typedef struct Item {
    int key;
    bool is_inside;
    TreeNode node;
    int least; /* summary: the smallest weight of the subtree */
    int weight;
} Item;

static Item *item_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, Item, node) : NULL;
}

static bool is_before(const TreeNode *a, const TreeNode *b)
{
    return item_at(a)->key < item_at(b)->key;
}

static void refresh(TreeNode *node)
{
    Item *item = item_at(node);

    item->least = item->weight;
    if (node->left != NULL)
        item->least = MIN(item->least, item_at(node->left)->least);
    if (node->right != NULL)
        item->least = MIN(item->least, item_at(node->right)->least);
}

static const TreeKind kind = {.is_before = is_before, .refresh = refresh};

static bool is_before_key(const TreeNode *node, const void *key)
{
    return item_at(node)->key < *(const int *)key;
}

#define ITEMS 300
#define STEPS 20000

typedef struct Expected {
    const Item *first, *found;
    size_t count;
    int least;
} Expected;

static Expected expect(const Item *items, int key)
{
    Expected expected = {.least = INT_MAX};

    for (int i = 0; i < ITEMS; i++) {
        if (!items[i].is_inside)
            continue;
        expected.count++;
        expected.least = MIN(expected.least, items[i].weight);
        if (expected.first == NULL)
            expected.first = &items[i];
        if (items[i].key >= key && expected.found == NULL)
            expected.found = &items[i];
    }
    return expected;
}

static void compare_walk(const Tree *tree, const Item *items)
{
    const TreeNode *node = tree_first(tree);

    for (int i = 0; i < ITEMS; i++) {
        if (!items[i].is_inside)
            continue;
        ck_assert_ptr_eq(item_at(node), &items[i]);
        node = tree_next(node);
    }
    ck_assert_ptr_null(node);
}

static void compare(const Tree *tree, const Item *items, int key)
{
    Expected expected = expect(items, key);

    ck_assert_uint_eq(tree_check(tree, &kind), expected.count);
    ck_assert_ptr_eq(item_at(tree_first(tree)), expected.first);
    ck_assert_ptr_eq(item_at(tree_find(tree, is_before_key, &key)), expected.found);
    compare_walk(tree, items);
    if (tree->root != NULL)
        ck_assert_int_eq(item_at(tree->root)->least, expected.least);
}

START_TEST(agrees_with_a_plain_array)
{
    static Item items[ITEMS];
    GRand *dice = g_rand_new_with_seed((guint32)_i);
    Tree tree = {0};

    for (int i = 0; i < ITEMS; i++)
        items[i] = (Item){.key = 2 * i, .weight = g_rand_int_range(dice, 0, 1000)};
    for (int step = 0; step < STEPS; step++) {
        Item *item = &items[g_rand_int_range(dice, 0, ITEMS)];

        if (item->is_inside) {
            tree_remove(&tree, &kind, &item->node);
            item->is_inside = false;
        } else {
            item->weight = g_rand_int_range(dice, 0, 1000);
            tree_insert(&tree, &kind, &item->node);
            item->is_inside = true;
        }
        if (step % 50 == 0)
            compare(&tree, items, g_rand_int_range(dice, -1, 2 * ITEMS + 1));
    }
    g_rand_free(dice);
}
END_TEST

static size_t depth(const TreeNode *node)
{
    size_t left, right;

    if (node == NULL)
        return 0;
    left = depth(node->left);
    right = depth(node->right);
    return 1 + MAX(left, right);
}

START_TEST(depth_stays_small_whatever_the_order)
{
    enum { COUNT = 100000 };
    g_autofree Item *items = g_new0(Item, COUNT);
    Tree tree = {0};

    for (int i = 0; i < COUNT; i++) {
        items[i].key = _i == 0 ? i : -i;
        tree_insert(&tree, &kind, &items[i].node);
    }
    ck_assert_uint_lt(depth(tree.root), 80);
    for (int i = 0; i < COUNT; i++)
        tree_remove(&tree, &kind, tree_first(&tree));
    ck_assert(tree_is_empty(&tree));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("tree");

    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, agrees_with_a_plain_array, 0, 3);
    tcase_add_loop_test(tcase, depth_stays_small_whatever_the_order, 0, 2);
    return run_suite("base/tree", tcase, NULL);
}
