#include <stdbool.h>
#include <stdio.h>

#include <glib.h>

#include "base/slot_table.h"
#include "tests/support/runner.h"

#define OBJECTS 400
#define STEPS   20000

typedef struct Thing {
    uint32_t slot;
    bool is_inside;
    bool was_always_inside; /* during the running walk */
    unsigned met;           /* in the running walk */
} Thing;

static void change_one(SlotTable *table, Thing *thing)
{
    if (thing->is_inside)
        slot_table_remove(table, thing->slot);
    else
        thing->slot = slot_table_add(table, thing);
    thing->is_inside = !thing->is_inside;
    thing->was_always_inside = false;
}

static void begin_walk(Thing *things)
{
    for (unsigned i = 0; i < OBJECTS; i++) {
        things[i].was_always_inside = things[i].is_inside;
        things[i].met = 0;
    }
}

static void end_walk(const Thing *things)
{
    for (unsigned i = 0; i < OBJECTS; i++)
        if (things[i].was_always_inside)
            ck_assert_uint_eq(things[i].met, 1);
}

START_TEST(each_object_that_stays_is_met_once_whatever_else_changes)
{
    guint32 seed = g_random_int();
    GRand *dice = g_rand_new_with_seed(seed);
    g_autofree Thing *things = g_new0(Thing, OBJECTS);
    SlotTable table;
    uint32_t at = 0;
    unsigned walks = 0;

    (void)printf("slot_table: seed %u\n", seed);
    slot_table_init(&table);
    begin_walk(things);
    for (int step = 0; step < STEPS; step++) {
        Thing *found;

        change_one(&table, &things[g_rand_int_range(dice, 0, OBJECTS)]);
        slot_table_check(&table);
        found = slot_table_next(&table, &at, (unsigned)g_rand_int_range(dice, 1, 20));
        if (found != NULL) {
            ck_assert(found->is_inside);
            found->met++;
        }
        if (found == NULL && slot_table_is_end(&table, at)) {
            end_walk(things);
            begin_walk(things);
            at = 0;
            walks++;
        }
    }
    ck_assert_uint_gt(walks, 10);
    slot_table_clear(&table);
    g_rand_free(dice);
}
END_TEST

START_TEST(slots_are_used_again)
{
    Thing things[3];
    SlotTable table;
    uint32_t first;

    slot_table_init(&table);
    first = slot_table_add(&table, &things[0]);
    (void)slot_table_add(&table, &things[1]);
    slot_table_remove(&table, first);
    ck_assert_uint_eq(table.count, 1);
    ck_assert_uint_eq(slot_table_add(&table, &things[2]), first);
    ck_assert_uint_eq(table.used, 2);
    slot_table_clear(&table);
}
END_TEST

START_TEST(patience_ends_a_step_and_not_the_walk)
{
    Thing things[100];
    SlotTable table;
    uint32_t slots[100], at = 0;

    slot_table_init(&table);
    for (unsigned i = 0; i < 100; i++)
        slots[i] = slot_table_add(&table, &things[i]);
    for (unsigned i = 0; i < 99; i++)
        slot_table_remove(&table, slots[i]);
    ck_assert_ptr_null(slot_table_next(&table, &at, 50));
    ck_assert(!slot_table_is_end(&table, at));
    ck_assert_ptr_eq(slot_table_next(&table, &at, 50), &things[99]);
    ck_assert_ptr_null(slot_table_next(&table, &at, 50));
    ck_assert(slot_table_is_end(&table, at));
    slot_table_clear(&table);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("slot_table");

    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_test(tcase, each_object_that_stays_is_met_once_whatever_else_changes);
    tcase_add_test(tcase, slots_are_used_again);
    tcase_add_test(tcase, patience_ends_a_step_and_not_the_walk);
    return run_suite("base/slot_table", tcase, NULL);
}
