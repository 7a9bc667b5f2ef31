#include <limits.h>

#include "sched/walk.h"
#include "tests/support/sched_support.h"

/* A walk over what waits for a destination, while mail comes and goes. */

static World world;

static void setup_preemptive(void)
{
    world_init(&world, SCHED_PREEMPTIVE);
    world.params.initial_destination_concurrency = 1;
    world.params.destination_recipient_limit = 2;
}

static void setup_round_robin(void)
{
    world_init(&world, SCHED_ROUND_ROBIN);
    world.params.initial_destination_concurrency = 1;
    world.params.destination_recipient_limit = 2;
}

static void teardown(void)
{
    world_clear(&world);
}

static SchedDestination *destination(const char *name)
{
    return sched_destination_get(world.sched, sched_transport_find(world.sched, "t1"), name, name);
}

static SchedWalk *walk_over(const char *name)
{
    return sched_walk_new(world.sched, destination(name));
}

/* The names of the recipients found next, "" at the end. */
static const char *next_of(SchedWalk *walk)
{
    static char text[100];
    g_autoptr(GPtrArray) entries = g_ptr_array_new();
    bool is_found = sched_walk_next(walk, entries);

    text[0] = '\0';
    ck_assert_int_eq(is_found, entries->len > 0);
    for (guint i = 0; i < entries->len; i++) {
        const Chain *recipients = sched_entry_recipients(entries->pdata[i]);

        for (Link *link = chain_first(recipients); link != NULL;
             link = chain_next(recipients, link))
            (void)g_strlcat(text, ((const Recipient *)link)->address, sizeof(text));
    }
    return text;
}

START_TEST(each_message_comes_once_with_all_it_has_waiting)
{
    SchedWalk *walk;

    mail_add(&world, "x:a x:b x:c y:d");
    mail_add(&world, "y:e");
    mail_add(&world, "x:f");
    walk = walk_over("x");
    ck_assert_str_eq(next_of(walk), "abc");
    ck_assert_str_eq(next_of(walk), "f");
    ck_assert_str_eq(next_of(walk), "");
    ck_assert_str_eq(next_of(walk), "");
    sched_walk_free(walk);
    (void)world_deliver_all(&world, " ");
}
END_TEST

/* What is delivered before it was met is not met. */
START_TEST(walk_goes_on_behind_what_has_gone)
{
    SchedWalk *walk, *other;

    mail_add(&world, "x:a");
    mail_add(&world, "x:b");
    mail_add(&world, "x:c");
    walk = walk_over("x");
    other = walk_over("x");
    ck_assert_str_eq(next_of(other), "a");
    world_finish(&world, world_connect(&world), &delivered); /* a */
    ck_assert_str_eq(next_of(walk), "b");
    ck_assert_str_eq(next_of(other), "b");
    world_finish(&world, world_connect(&world), &delivered); /* b, which was met */
    ck_assert_str_eq(next_of(walk), "c");
    sched_walk_free(walk);
    world_finish(&world, world_connect(&world), &delivered); /* c, which is next */
    ck_assert_str_eq(next_of(other), "");
    sched_walk_free(other);
    ck_assert_int_eq((int)sched_message_count(world.sched), 0);
}
END_TEST

START_TEST(what_comes_behind_is_met)
{
    SchedWalk *walk;

    mail_add(&world, "x:a");
    walk = walk_over("x");
    mail_add(&world, "x:b");
    ck_assert_str_eq(next_of(walk), "a");
    ck_assert_str_eq(next_of(walk), "b");
    mail_add(&world, "x:c");
    ck_assert_str_eq(next_of(walk), "");
    sched_walk_free(walk);
    (void)world_deliver_all(&world, " ");
}
END_TEST

/* It is forgotten with the last of its mail. */
START_TEST(destination_may_go)
{
    SchedWalk *walk;

    mail_add(&world, "x:a");
    mail_add(&world, "x:b");
    walk = walk_over("x");
    ck_assert_str_eq(next_of(walk), "a");
    sched_destination_redirect(world.sched, destination("x"), UINT_MAX, "4.3.2", "held", world.now);
    (void)world_deliver_all(&world, " ");
    sched_flush(world.sched);
    ck_assert_str_eq(next_of(walk), "");
    sched_walk_free(walk);
}
END_TEST

static TCase *add_case(const char *name, SFun setup)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, each_message_comes_once_with_all_it_has_waiting);
    tcase_add_test(tcase, walk_goes_on_behind_what_has_gone);
    tcase_add_test(tcase, what_comes_behind_is_met);
    tcase_add_test(tcase, destination_may_go);
    return tcase;
}

int main(void)
{
    return run_suite("sched/walk", add_case("preemptive", setup_preemptive),
                     add_case("round-robin", setup_round_robin), NULL);
}
