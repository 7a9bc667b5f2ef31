#include <string.h>

#include "tests/support/sched_support.h"

/* Which entry is delivered next: the worked examples of scheduling.md 18. */

static World world;

static void teardown(void)
{
    world_clear(&world);
}

/* 18.5 */
static const struct {
    SchedStrategy strategy;
    const char *want;
} rotations[] = {
    {SCHED_PREEMPTIVE,  "a0a1 b1b2 a2a3 b3 a4 c2 c1 c3"},
    {SCHED_ROUND_ROBIN, "a0a1 b1b2 c2 a2a3 b3 a4 c3 c1"},
};

START_TEST(destinations_take_turns)
{
    world_init(&world, rotations[_i].strategy);
    world.params.destination_recipient_limit = 2;
    mail_add(&world, "x:a0 x:a1 x:a2 x:a3 x:a4 y:b1 y:b2 y:b3");
    mail_add(&world, "x:c1 w:c2 y:c3");
    ck_assert_str_eq(world_deliver_all(&world, " "), rotations[_i].want);
}
END_TEST

/* Mail of one destination that an administrator wants first (operations.md 8); which, and the order
 * in which all is delivered. In round-robin nothing changes. */
static const struct {
    SchedStrategy strategy;
    const char *hurried; /* numbers of mails */
    const char *want;
} hurries[] = {
    {SCHED_PREEMPTIVE,  "",   "a0 a1 b0 b1 c0"},
    {SCHED_PREEMPTIVE,  "2",  "c0 a0 a1 b0 b1"},
    {SCHED_PREEMPTIVE,  "22", "c0 a0 a1 b0 b1"},
    {SCHED_PREEMPTIVE,  "12", "c0 b0 b1 a0 a1"},
    {SCHED_PREEMPTIVE,  "0",  "a0 a1 b0 b1 c0"},
    {SCHED_ROUND_ROBIN, "2",  "a0 a1 b0 b1 c0"},
};

START_TEST(hurried_mail_goes_first)
{
    world_init(&world, hurries[_i].strategy);
    world_set_slots(&world, 0, 0, 0, 0);
    world.params.destination_recipient_limit = 1;
    mail_add_all(&world, (const char *const[]){"x:a0 x:a1", "x:b0 x:b1", "x:c0", NULL});
    for (const char *number = hurries[_i].hurried; *number != '\0'; number++) {
        const Mail *mail = g_ptr_array_index(world.mails, (guint)(*number - '0'));

        sched_message_hurry(mail->message);
        sched_check(world.sched);
    }
    ck_assert_str_eq(world_deliver_all(&world, " "), hurries[_i].want);
}
END_TEST

/* It waited in vain for a full site; the mail that came later had room. */
START_TEST(hurried_mail_that_was_passed_is_looked_at_again)
{
    SchedEntry *entry;

    world_init(&world, SCHED_PREEMPTIVE);
    world.params.initial_destination_concurrency = 1;
    world.params.destination_concurrency_limit = 1;
    mail_add(&world, "x:a0");
    mail_add(&world, "x:b0");
    mail_add(&world, "x:c0");
    entry = world_connect(&world);
    ck_assert_ptr_nonnull(entry);
    ck_assert_ptr_null(world_connect(&world));
    sched_message_hurry(((Mail *)g_ptr_array_index(world.mails, 2))->message);
    sched_check(world.sched);
    world_finish(&world, entry, &delivered);
    ck_assert_str_eq(world_deliver_all(&world, " "), "c0 b0");
}
END_TEST

/*
 * After so many hurries the labels of their order are spread anew, at some number of them; whenever
 * that is, the last ones are delivered first.
 */
START_TEST(mail_may_be_hurried_any_number_of_times)
{
    char want[] = "abcdefg";

    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, 0, 0, 0, 0);
    mail_add_all(&world,
                 (const char *const[]){"A:a", "B:b", "C:c", "D:d", "E:e", "F:f", "G:g", NULL});
    for (int i = 0; i < _i; i++) {
        char first = (char)('a' + i % 7), *place = strchr(want, first);

        sched_message_hurry(((Mail *)g_ptr_array_index(world.mails, (guint)(i % 7)))->message);
        memmove(want + 1, want, (size_t)(place - want));
        want[0] = first;
    }
    sched_check(world.sched);
    ck_assert_str_eq(world_deliver_all(&world, ""), want);
}
END_TEST

/*
 * (7.2) Lookups end in the reverse order, so that each message goes to the same place, between the
 * first and the last one. Their labels are spread anew at some number of them; whenever that is,
 * all come in the order of their arrival.
 */
START_TEST(late_mail_between_two_comes_in_its_order)
{
    g_autoptr(GString) want = g_string_new("a");
    g_autoptr(GPtrArray) late = g_ptr_array_new();

    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, 0, 0, 0, 0);
    (void)mail_add(&world, "A:a");
    world_wait(&world, 1);
    for (int i = 0; i < _i; i++) {
        g_autofree char *text = g_strdup_printf("D%d:(%d)", i, i);

        g_ptr_array_add(late, mail_add_unread(&world, text));
        g_string_append_printf(want, "(%d)", i);
    }
    world_wait(&world, 1);
    (void)mail_add(&world, "Z:z");
    g_string_append_c(want, 'z');
    for (guint i = late->len; i > 0; i--)
        (void)mail_read(&world, late->pdata[i - 1]);
    sched_check(world.sched);
    ck_assert_str_eq(world_deliver_all(&world, ""), want->str);
}
END_TEST

/* (9.6) Mail that preempts or is preempted stays where it is, and all goes on as without. */
START_TEST(mail_on_a_stack_is_not_hurried)
{
    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, 2, 0, 0, 0);
    mail_add_all(&world, (const char *const[]){"1*10", "2*2", "3*2", NULL});
    for (int i = 0; i < 5; i++) {
        SchedEntry *entry = world_connect(&world);

        trace_entry(&world, entry);
        world_finish(&world, entry, &delivered);
    }
    for (guint i = 0; i < 2; i++) {
        sched_message_hurry(((Mail *)g_ptr_array_index(world.mails, i))->message);
        sched_check(world.sched);
    }
    ck_assert_str_eq(world_deliver_all(&world, ""), "11112211113311");
}
END_TEST

/* (7.2) A late one goes after the last earlier one, where hurried ones are, too. */
START_TEST(late_mail_goes_after_earlier_mail_that_was_hurried)
{
    Mail *late;

    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, 0, 0, 0, 0);
    mail_add_all(&world, (const char *const[]){"x:a0", "x:b0", NULL});
    world_wait(&world, 5);
    late = mail_add_unread(&world, "x:d0");
    world_wait(&world, 5);
    mail_add_all(&world, (const char *const[]){"x:e0", "x:f0", NULL});
    sched_message_hurry(((Mail *)g_ptr_array_index(world.mails, 1))->message);
    sched_message_hurry(((Mail *)g_ptr_array_index(world.mails, 0))->message);
    (void)mail_read(&world, late);
    sched_check(world.sched);
    ck_assert_str_eq(world_deliver_all(&world, " "), "a0 b0 d0 e0 f0");
}
END_TEST

/* Also mail whose recipients are read later. */
START_TEST(mail_that_is_hurried_before_it_is_read_goes_first)
{
    Mail *mail;

    world_init(&world, SCHED_PREEMPTIVE);
    world_set_slots(&world, 0, 0, 0, 0);
    mail_add(&world, "x:a0");
    world_wait(&world, 5);
    mail = mail_add_unread(&world, "x:b0 y:b1");
    sched_message_hurry(mail->message);
    (void)mail_read(&world, mail);
    sched_check(world.sched);
    ck_assert_str_eq(world_deliver_all(&world, " "), "b0 b1 a0");
}
END_TEST

START_TEST(verp_means_one_recipient_per_entry)
{
    Mail *mail;

    world_init(&world, _i == 0 ? SCHED_PREEMPTIVE : SCHED_ROUND_ROBIN);
    mail = mail_add_unread(&world, "x:a0 x:a1 y:b1");
    mail->is_verp = true;
    mail_read(&world, mail);
    ck_assert_str_eq(world_deliver_all(&world, " "), "a0 b1 a1");
}
END_TEST

START_TEST(no_recipient_limit_means_one_entry_per_destination)
{
    world_init(&world, _i == 0 ? SCHED_PREEMPTIVE : SCHED_ROUND_ROBIN);
    world.params.destination_recipient_limit = 0;
    mail_add(&world, "x:a0 y:b0 x:a1 x:a2 y:b1");
    ck_assert_str_eq(world_deliver_all(&world, " "), "a0a1a2 b0b1");
}
END_TEST

/* 18.10 */
START_TEST(large_mail_is_read_as_slots_allow)
{
    world_init(&world, SCHED_PREEMPTIVE);
    world.trace_reads = true;
    world_set_slots(&world, 2, 3, 50, 1);
    world.settings.message_active_limit = 4;
    world.settings.message_recipient_limit = 6;
    world.settings.message_recipient_minimum = 2;
    world.params.recipient_limit = 6;
    world.params.extra_recipient_limit = 4;
    world.params.refill_limit = 2;
    mail_add(&world, "a*24");
    mail_add(&world, "b*4");
    mail_add(&world, "c*1");
    ck_assert_str_eq(world.trace->str, "[6/6][2/2][1/2]");
    g_string_truncate(world.trace, 0);
    world_deliver_all(&world, "");
    ck_assert_str_eq(world.trace->str,
                     "[2/2]aca[2/2]a[2/2]bb[0/2]bba[2/2]aa[2/2]aa[2/2]aa[2/2]aa[2/2]aa"
                     "[2/2]aa[2/2]aa[0/2]aaaaaa");
}
END_TEST

/* 18.11 */
START_TEST(round_robin_reads_ahead)
{
    SchedEntry *entry;
    Mail *mail;
    int started = 0;

    world_init(&world, SCHED_ROUND_ROBIN);
    world.trace_reads = true;
    world.settings.message_recipient_limit = 110;
    world.params.destination_recipient_limit = 2;
    mail = mail_add_unread(&world, "x:a x:a x:a x:a x:a x:a x:a x:a x:a x:a");
    for (int i = 0; i < 120; i++)
        mail_add_recipient(mail, "t1", "x", "a");
    mail_read(&world, mail);
    ck_assert_int_eq(sched_recipient_count(world.sched), 110);
    world_finish(&world, world_connect(&world), &delivered);
    mail_add(&world, "x:b");
    ck_assert_int_eq(sched_recipient_count(world.sched), 109);
    for (started = 1; started < 50; started++)
        world_finish(&world, world_connect(&world), &delivered);
    ck_assert_str_eq(world.trace->str, "[110/110][1/110]");
    world_finish(&world, world_connect(&world), &delivered);
    ck_assert_str_eq(world.trace->str, "[110/110][1/110][20/110]");
    g_string_truncate(world.trace, 0);
    while ((entry = world_connect(&world)) != NULL) {
        trace_entry(&world, entry);
        world_finish(&world, entry, &delivered);
    }
    ck_assert_str_eq(world.trace->str, "aaaaaaaabaaaaaaaaaaaaaaaaaaaa");
}
END_TEST

/* (17): a hundred below the limit is not enough, one more is. */
START_TEST(round_robin_reads_on_below_its_margin)
{
    world_init(&world, SCHED_ROUND_ROBIN);
    world.trace_reads = true;
    world.settings.message_recipient_limit = 110;
    world.params.destination_recipient_limit = 1;
    mail_add(&world, "a*150");
    for (int i = 0; i < 100; i++)
        world_finish(&world, world_connect(&world), &delivered);
    ck_assert_int_eq(sched_recipient_count(world.sched), 10);
    ck_assert_str_eq(world.trace->str, "[110/110]");
    world_finish(&world, world_connect(&world), &delivered);
    ck_assert_str_eq(world.trace->str, "[110/110][40/110]");
}
END_TEST

/* (17): the last entry of a batch has room, but the next batch begins its own. */
START_TEST(round_robin_batches_do_not_meet)
{
    Mail *mail;

    world_init(&world, SCHED_ROUND_ROBIN);
    world.settings.message_recipient_limit = 105;
    world.params.destination_recipient_limit = 101;
    mail = mail_add_unread(&world, "x:a");
    for (int i = 1; i < 108; i++)
        mail_add_recipient(mail, "t1", "x", "a");
    mail_read(&world, mail);
    world_finish(&world, world_connect(&world), &delivered);
    ck_assert_str_eq(world_deliver_all(&world, " "), "aaaa aaa");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("order");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, destinations_take_turns, 0, G_N_ELEMENTS(rotations));
    tcase_add_loop_test(tcase, hurried_mail_goes_first, 0, G_N_ELEMENTS(hurries));
    tcase_add_test(tcase, hurried_mail_that_was_passed_is_looked_at_again);
    tcase_add_loop_test(tcase, mail_may_be_hurried_any_number_of_times, 0, 140);
    tcase_add_loop_test(tcase, late_mail_between_two_comes_in_its_order, 0, 100);
    tcase_add_test(tcase, mail_on_a_stack_is_not_hurried);
    tcase_add_test(tcase, late_mail_goes_after_earlier_mail_that_was_hurried);
    tcase_add_test(tcase, mail_that_is_hurried_before_it_is_read_goes_first);
    tcase_add_loop_test(tcase, verp_means_one_recipient_per_entry, 0, 2);
    tcase_add_loop_test(tcase, no_recipient_limit_means_one_entry_per_destination, 0, 2);
    tcase_add_test(tcase, large_mail_is_read_as_slots_allow);
    tcase_add_test(tcase, round_robin_reads_ahead);
    tcase_add_test(tcase, round_robin_reads_on_below_its_margin);
    tcase_add_test(tcase, round_robin_batches_do_not_meet);
    return run_suite("sched/order", tcase, NULL);
}
