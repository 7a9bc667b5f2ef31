#include <string.h>

#include "tests/support/sched_support.h"

/*
 * Small mail that goes before large mail (scheduling.md 9): the worked examples, and what only a
 * certain history of preemptions shows.
 *
 * Addresses name the mail. Sites take one delivery at a time where sites_of_one() was called: a
 * mail whose first delivery goes on there is blocked until it ends.
 */

static World world;

static void teardown(void)
{
    world_clear(&world);
}

static const struct {
    int cost, loan, discount_percent, minimum;
    const char *mails[5];
    const char *want;
} preemptions[] = {
  /* 18.1, 18.2 */
    {2, 0, 0,  0, {"1*10", "2*2", "3*2"},        "11112211113311"                       },
    {2, 0, 50, 0, {"1*10", "2*2", "3*2"},        "11221111331111"                       },
 /* 18.3 */
    {5, 3, 50, 3, {"1*30", "2*1", "3*1", "4*5"}, "1211111311111111111111111111111144444"},
 /* 18.4: too small to be preempted, just large enough, and switched off */
    {5, 3, 50, 3, {"1*14", "2*1"},               "111111111111112"                      },
    {5, 3, 50, 3, {"1*15", "2*1"},               "1211111111111111"                     },
    {1, 3, 50, 3, {"1*15", "2*1"},               "1111111111111112"                     },
    {0, 3, 50, 3, {"1*15", "2*1"},               "1111111111111112"                     },
};

START_TEST(small_jobs_preempt_large_ones)
{
    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, preemptions[_i].cost, preemptions[_i].loan,
                    preemptions[_i].discount_percent, preemptions[_i].minimum);
    mail_add_all(&world, preemptions[_i].mails);
    ck_assert_str_eq(world_deliver_all(&world, ""), preemptions[_i].want);
}
END_TEST

/* (9.5): the big one scores best until the small one has waited for long enough. */
static const struct {
    int lead_s; /* of the big one */
    const char *want;
} anew[] = {
    {8, "111 1 3"}, /* in the second after the next */
    {4, "111 3"  }, /* in the next second */
};

START_TEST(candidate_is_chosen_anew_each_second)
{
    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, 2, 0, 0, 0);
    mail_add(&world, "1*40");
    mail_add(&world, "2*4");
    world_wait(&world, anew[_i].lead_s);
    mail_add(&world, "3*1");
    for (const char *step = anew[_i].want; *step != '\0'; step++) {
        if (*step == ' ') {
            world_wait(&world, 1);
            g_string_append_c(world.trace, ' ');
        } else {
            SchedEntry *entry = world_connect(&world);

            trace_entry(&world, entry);
            world_finish(&world, entry, &delivered);
        }
    }
    ck_assert_str_eq(world.trace->str, anew[_i].want);
}
END_TEST

/* The next delivery; it goes on. */
static SchedEntry *start_traced(void)
{
    SchedEntry *entry = world_connect(&world);

    trace_entry(&world, entry);
    return entry;
}

static void deliver_more(int count)
{
    for (int i = 0; i < count; i++)
        world_finish(&world, start_traced(), &delivered);
}

/* What t1 begins to deliver next, whatever waits elsewhere. */
static SchedEntry *start_in_t1(void)
{
    SchedEntry *entry = world_select(&world, world_transport(&world, "t1"));

    if (entry != NULL)
        trace_entry(&world, entry);
    sched_check(world.sched);
    return entry;
}

static void sites_of_one(void)
{
    world.params.initial_destination_concurrency = world.params.destination_concurrency_limit = 1;
    world.params.destination_recipient_limit = 1;
}

static const struct {
    bool preempts_twice;
    const char *want;
} stacks[] = {
    {true,  "q"}, /* p has inherited k from j: who has children does not preempt */
    {false, "p"},
};

/* (9.7): p, preempted by j, which k preempts; j ends first. Then q gets room again. */
START_TEST(children_of_a_retired_job_are_inherited)
{
    SchedEntry *first;

    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, 2, 1000, 0, 0);
    sites_of_one();
    mail_add(&world, "z:q z:q z:q z:q z:q z:q z:q z:q z:q z:q");
    first = start_traced();
    mail_add(&world, "p*120");
    deliver_more(1);
    mail_add(&world, "j*50");
    deliver_more(1);
    if (stacks[_i].preempts_twice) {
        mail_add(&world, "y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k");
        ck_assert_ptr_nonnull(start_traced());
    }
    deliver_more(49);
    deliver_more(116);
    world_finish(&world, first, &delivered);
    g_string_truncate(world.trace, 0);
    ck_assert_ptr_nonnull(start_traced());
    ck_assert_str_eq(world.trace->str, stacks[_i].want);
    sched_check(world.sched);
}
END_TEST

/* (9.5): "none" stays, though half of c is redirected and what is left of it would fit. */
START_TEST(no_candidate_stays_none)
{
    SchedEntry *first;

    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, 2, 1000, 0, 0);
    sites_of_one();
    mail_add(&world, "z:q");
    first = start_traced();
    mail_add(&world, "p*10");
    mail_add(&world, "z:c z:c z:c y:c y:c y:c");
    deliver_more(2);
    world_finish(&world, first, &refused);
    world_wait(&world, 1);
    trace_entry(&world, world_select(&world, sched_transport_find(world.sched, "t1")));
    ck_assert_str_eq(world.trace->str, "qppp");
}
END_TEST

/*
 * (9.7): j preempts p, k preempts j, and j ends first. k, which p has inherited, ends with 13 of
 * its 16 entries redirected: p did not pay for them, so it gets nothing back. It has paid 100 slots
 * for j, and is preempted again when it has earned these by 100 deliveries, and one more.
 */
START_TEST(a_foster_parent_is_not_paid_back)
{
    SchedEntry *of_v, *of_y;

    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, 2, 1000, 0, 0);
    sites_of_one();
    mail_add(&world, "p*120");
    deliver_more(1);
    mail_add(&world, "j*50");
    deliver_more(1);
    mail_add(&world, "v:k v:k y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k y:k");
    of_v = start_traced();
    of_y = start_traced();
    deliver_more(49);
    world_finish(&world, of_y, &refused);
    world_finish(&world, of_v, &delivered);
    world_finish(&world, start_in_t1(), &delivered);
    mail_add(&world, "c*1");
    ck_assert_str_eq(world.trace->str, "pjkk"
                                       "jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj"
                                       "k");
    g_string_truncate(world.trace, 0);
    for (int i = 0; i < 101; i++)
        world_finish(&world, start_in_t1(), &delivered);
    ck_assert_uint_eq(strspn(world.trace->str, "p"), 100);
    ck_assert_str_eq(world.trace->str + 100, "c");
}
END_TEST

/*
 * Mail a is blocked when its first entry is on its way. It may be preempted once, by mail with at
 * most 3 entries left, as it has to pay for that. No batch is read while something of its mail can
 * be delivered.
 */
static void add_mail_that_is_preempted_once(void)
{
    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, 2, 1000, 0, 3);
    world.params.refill_limit = 100000;
    world.slow_reads = true;
    sites_of_one();
    mail_add(&world, "y:a y:a y:a y:a y:a y:a");
}

/* Of its first batch is one recipient. */
static Mail *add_mail_of_two_batches(const char *text)
{
    Mail *mail;

    world.batch_max = 1;
    mail = mail_add(&world, text);
    world.batch_max = 0;
    return mail;
}

/*
 * Small mail d arrives, and the site of a has room again: a is preempted by d if it has not paid
 * for other mail yet.
 */
static const char *deliver_with_d(SchedEntry *of_a)
{
    mail_add(&world, "d*1");
    world_finish(&world, of_a, &delivered);
    while (start_in_t1() != NULL)
        ;
    return world.trace->str;
}

/*
 * (9.5): b is too large to preempt a, until one of its four entries is on its way. a is looked at
 * again when the second batch of c ends, in which nothing is for this transport.
 */
START_TEST(none_is_forgotten_when_another_job_is_selected)
{
    SchedEntry *of_a;
    Mail *mail;

    add_mail_that_is_preempted_once();
    mail = add_mail_of_two_batches("c:c t2/x:c t2/x:c t2/x:c t2/x:c");
    mail_add(&world, "b*4");
    of_a = start_in_t1();
    (void)start_in_t1();
    (void)start_in_t1();
    ck_assert_str_eq(world.trace->str, "acb");
    mail_read(&world, mail);
    (void)start_in_t1();
    ck_assert_str_eq(deliver_with_d(of_a), "acbbbbad");
}
END_TEST

/*
 * (7.3, 9.3): all were passed when the second batch of b ends, with two for this transport: b has
 * its turn again, and may preempt a, which is before it and blocked.
 */
START_TEST(mail_that_has_its_turn_again_may_preempt)
{
    SchedEntry *of_a;
    Mail *mail;

    add_mail_that_is_preempted_once();
    mail = add_mail_of_two_batches("x:b z:b z:b t2/x:b t2/x:b");
    of_a = start_in_t1();
    (void)start_in_t1();
    ck_assert_ptr_null(start_in_t1());
    ck_assert_str_eq(world.trace->str, "ab");
    mail_read(&world, mail);
    (void)start_in_t1();
    ck_assert_str_eq(deliver_with_d(of_a), "abbad");
}
END_TEST

/* The delivery ends, and so many follow it at the same site, one after the other. */
static void deliver_rest_of(SchedEntry *entry, int count)
{
    for (int i = 0; i < count; i++) {
        world_finish(&world, entry, &delivered);
        entry = start_in_t1();
    }
    world_finish(&world, entry, &delivered);
}

/*
 * (7.2) Where late mail goes, after two preemptions whose parents retire one after the other. Mail
 * is named after the time of its arrival: p (80) preempts q (10), and d (50) preempts p. What is
 * late waits for the site k, where q is being delivered to.
 */
START_TEST(late_mail_has_its_place_among_mail_that_was_moved)
{
    SchedEntry *of_k, *of_p, *of_d;
    Mail *d, *n, *x, *l;

    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, 2, 1000, 0, 0);
    sites_of_one();
    world_wait(&world, 10);
    mail_add(&world, "k:q q*11");
    world_wait(&world, 40);
    d = mail_add_unread(&world, "w:d w:d");
    world_wait(&world, 10);
    n = mail_add_unread(&world, "k:n");
    world_wait(&world, 5);
    x = mail_add_unread(&world, "k:x");
    world_wait(&world, 5);
    l = mail_add_unread(&world, "k:l");
    world_wait(&world, 10);
    of_k = start_in_t1();
    mail_add(&world, "y:p y:p y:p y:p");
    of_p = start_in_t1();
    mail_read(&world, d);
    of_d = start_in_t1();
    world_wait(&world, 10);
    mail_add(&world, "z*5");
    for (int i = 0; i < 11; i++)
        (void)start_in_t1();
    mail_read(&world, l); /* d has a parent, p: l is the first */
    deliver_rest_of(of_p, 3);
    mail_read(&world, n); /* d has none any more: n comes after it, and after l */
    deliver_rest_of(of_d, 1);
    mail_read(&world, x); /* after n, though the first one is l */
    sched_check(world.sched);
    world_finish(&world, of_k, &delivered);
    for (int i = 0; i < 3; i++)
        world_finish(&world, start_in_t1(), &delivered);
    ck_assert_str_eq(world.trace->str, "qpdqqqqqqqqqqqpppdlnx");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("preempt");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, small_jobs_preempt_large_ones, 0, G_N_ELEMENTS(preemptions));
    tcase_add_loop_test(tcase, candidate_is_chosen_anew_each_second, 0, G_N_ELEMENTS(anew));
    tcase_add_loop_test(tcase, children_of_a_retired_job_are_inherited, 0, G_N_ELEMENTS(stacks));
    tcase_add_test(tcase, no_candidate_stays_none);
    tcase_add_test(tcase, none_is_forgotten_when_another_job_is_selected);
    tcase_add_test(tcase, a_foster_parent_is_not_paid_back);
    tcase_add_test(tcase, mail_that_has_its_turn_again_may_preempt);
    tcase_add_test(tcase, late_mail_has_its_place_among_mail_that_was_moved);
    return run_suite("sched/preempt", tcase, NULL);
}
