#include <sys/stat.h>

#include "src/life/deferred_internal.h"
#include "src/life/scan_internal.h"
#include "tests/support/life_story.h"

/* Much deferred mail: which runs use the index, and what happens without one. */

#define PILE    1000
#define NOT_DUE 5000
#define NO_INDEX                                                                           \
    "no index of deferred mail, each queue run looks at all of it: directories cannot be " \
    "watched\n"
#define ONE_TRY                                                 \
    "A1: from=<sender@test>, size=23, nrcpt=1 (queue active)\n" \
    "smtp: nexthop smtp.test from <sender@test> flags 3 to a@smtp.test\n"

static void write_pile(int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("deferred/P%d", i);

        world_file(path, "");
        ck_assert_int_eq(chmod(path, 0700), 0);
        world_set_due(path, world.start_s + NOT_DUE);
    }
}

static void walk_once(void)
{
    world_start();
    world_run();
    world_forget();
}

/* Whether the run that the trigger begins takes its names from the index. */
static bool run_by_index(const char *trigger)
{
    bool by_index;

    life_trigger(world.life, trigger, strlen(trigger));
    by_index = world.life->scans->deferred.by_index;
    world_run();
    return by_index;
}

START_TEST(large_piles_are_gone_through_by_index)
{
    write_pile(PILE);
    walk_once();
    ck_assert(run_by_index("D"));
    world_mail(&(Mail){.queue = "deferred"});
    ck_assert(run_by_index("D"));
    ck_assert(was_told("A1: removed"));
}
END_TEST

START_TEST(small_piles_are_walked_through)
{
    write_pile(PILE - 1);
    walk_once();
    ck_assert(!run_by_index("D"));
    world_mail(&(Mail){.queue = "deferred"});
    ck_assert(run_by_index("D"));
}
END_TEST

START_TEST(after_an_hour_a_run_is_a_walk)
{
    write_pile(PILE);
    walk_once();
    ck_assert(run_by_index("D"));
    world.life->due->walked_ms -= 3600 * 1000;
    ck_assert(!run_by_index("D"));
    ck_assert(run_by_index("D"));
}
END_TEST

START_TEST(all_mail_at_once_is_a_walk_and_leaves_the_index_complete)
{
    write_pile(PILE);
    walk_once();
    world_mail(&(Mail){.id = "A9", .queue = "deferred", .due_in_s = NOT_DUE});
    /* The files of the pile are empty, and so corrupt. */
    ck_assert(!run_by_index("DA"));
    ck_assert(was_told("A9: removed"));
    ck_assert(deferred_index_is_complete(world.life->due->index));
    ck_assert_uint_eq(deferred_index_count(world.life->due->index), 0);
}
END_TEST

START_TEST(mail_that_we_defer_while_going_by_the_index_waits_for_the_next_run)
{
    world.settings.minimal_backoff_s = world.sched_settings.minimal_backoff_s = 0;
    world.settings.maximal_backoff_s = 0;
    world_find("smtp")->status = -1;
    write_pile(PILE);
    walk_once();
    world_mail(&(Mail){.queue = "deferred"});
    for (int run = 0; run < 3; run++) {
        world_forget();
        ck_assert(run_by_index("D"));
        world_expect(ONE_TRY);
    }
}
END_TEST

/* More directories than can be watched. */
static void hash_too_deep(void)
{
    static const char names[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

    world.spool_settings.hash_queue_names = "deferred";
    world.spool_settings.hash_queue_depth = 3;
    for (int i = 0; i < 5 * 32 * 32; i++) {
        g_autofree char *path = g_strdup_printf("deferred/%c/%c/%c", names[i / 1024],
                                                names[i / 32 % 32], names[i % 32]);

        ck_assert_int_eq(g_mkdir_with_parents(path, 0700), 0);
    }
}

START_TEST(without_an_index_all_runs_are_walks_and_this_is_said_once)
{
    hash_too_deep();
    world_start();
    world_run();
    world_expect(NO_INDEX);
    world_mail(&(Mail){.id = "123A", .queue = "corrupt"});
    ck_assert_int_eq(rename("corrupt/123A", "deferred/1/2/3/123A"), 0);
    world_forget();
    ck_assert(!run_by_index("D"));
    ck_assert(was_told("123A: removed"));
    ck_assert(!was_told("no index"));
}
END_TEST

int main(void)
{
    TCase *tcase = world_tcase("large");

    tcase_add_test(tcase, large_piles_are_gone_through_by_index);
    tcase_add_test(tcase, small_piles_are_walked_through);
    tcase_add_test(tcase, after_an_hour_a_run_is_a_walk);
    tcase_add_test(tcase, all_mail_at_once_is_a_walk_and_leaves_the_index_complete);
    tcase_add_test(tcase, mail_that_we_defer_while_going_by_the_index_waits_for_the_next_run);
    tcase_add_test(tcase, without_an_index_all_runs_are_walks_and_this_is_said_once);
    return run_suite("life/deferred_large", tcase, NULL);
}
