#include "tests/support/sched_support.h"

/* Reading on while deliveries run (scheduling.md 8, 10), at once or later. */

static World world;

static void setup(void)
{
    world_init(&world, SCHED_PREEMPTIVE);
    world.settings.message_recipient_limit = 4;
    world.settings.message_recipient_minimum = 2;
    world.params.recipient_limit = 0;
    world.params.extra_recipient_limit = 0;
    world.params.refill_limit = 2;
    world.params.slot_cost = 0;
}

static void teardown(void)
{
    world_clear(&world);
}

static SchedTransport *t1(void)
{
    return sched_transport_find(world.sched, "t1");
}

/* One more agent of t1 is there: the entry it gets, which goes on running. */
static SchedEntry *start(void)
{
    SchedEntry *entry = world_select(&world, t1());

    sched_check(world.sched);
    if (entry != NULL)
        trace_entry(&world, entry);
    else
        g_string_append_c(world.trace, '-');
    return entry;
}

static void start_many(int count)
{
    while (count-- > 0)
        start();
}

static void read_late(Mail *mail)
{
    mail_read(&world, mail);
    sched_check(world.sched);
}

/* ---- how much ---- */

static const struct {
    SchedStrategy strategy;
    int recipient_limit, minimum, fudge_percent, in_memory;
    int want_first, want_next; /* the next one while half of the minimum is delivered */
} limits[] = {
    {SCHED_PREEMPTIVE,  20,      4, 100, 0,  20,      1      },
    {SCHED_PREEMPTIVE,  20,      4, 100, 18, 4,       2      },
    {SCHED_PREEMPTIVE,  20,      4, 100, 15, 5,       1      },
    {SCHED_PREEMPTIVE,  20000,   4, 100, 0,  5000,    1      },
    {SCHED_PREEMPTIVE,  1000,    9, 100, 0,  1000,    1      },
    {SCHED_ROUND_ROBIN, 20,      4, 100, 18, 20,      20     },
    {SCHED_ROUND_ROBIN, 200,     4, 55,  18, 110,     110    },
    {SCHED_ROUND_ROBIN, 1000000, 4, 100, 0,  1000000, 1000000},
    {SCHED_ROUND_ROBIN, 1,       1, 10,  0,  1,       1      },
};

START_TEST(batches_are_limited)
{
    Mail *mail;

    world_clear(&world);
    world_init(&world, limits[_i].strategy);
    world.settings.message_recipient_limit = limits[_i].recipient_limit;
    world.settings.message_recipient_minimum = limits[_i].minimum;
    world.settings.fudge_percent = limits[_i].fudge_percent;
    world.params.recipient_limit = 0;
    world_transport(&world, "t1");
    if (limits[_i].in_memory > 0) {
        g_autofree char *text = g_strdup_printf("other*%d", limits[_i].in_memory);

        mail_add(&world, text);
    }
    mail = mail_add_unread(&world, "x*30");
    ck_assert_int_eq(sched_batch_limit(world.sched, mail->message), limits[_i].want_first);
    read_late(mail);
    while (limits[_i].strategy == SCHED_PREEMPTIVE &&
           sched_batch_limit(world.sched, mail->message) < limits[_i].want_next)
        world_finish(&world, world_connect(&world), &delivered);
    ck_assert_int_eq(sched_batch_limit(world.sched, mail->message), limits[_i].want_next);
}
END_TEST

/* ---- when ---- */

START_TEST(refill_comes_when_enough_is_missing)
{
    SchedEntry *entries[3];

    world.trace_reads = true;
    mail_add(&world, "a*10");
    for (int i = 0; i < 3; i++)
        entries[i] = start();
    ck_assert_str_eq(world.trace->str, "[4/4]aaa");
    world_finish(&world, entries[0], &delivered);
    world_finish(&world, entries[1], &delivered);
    start(); /* two in memory are the limit */
    ck_assert_str_eq(world.trace->str, "[4/4]aaaa");
    world_finish(&world, entries[2], &delivered);
    world_wait(&world, 4);
    start(); /* one missing, the job starves */
    ck_assert_str_eq(world.trace->str, "[4/4]aaaa[1/1]a");
}
END_TEST

START_TEST(refill_comes_when_the_last_was_long_ago)
{
    SchedEntry *entries[3];

    world.trace_reads = true;
    mail_add(&world, "a*10");
    for (int i = 0; i < 3; i++)
        entries[i] = start();
    for (int i = 0; i < 3; i++)
        world_finish(&world, entries[i], &delivered);
    world_wait(&world, _i == 0 ? 4 : 5);
    start();
    ck_assert_str_eq(world.trace->str, _i == 0 ? "[4/4]aaaa" : "[4/4]aaa[1/1]a");
}
END_TEST

START_TEST(failed_refill_starts_the_delay_anew)
{
    SchedEntry *entry = NULL;
    SchedMessage *message = NULL;
    Mail *mail = mail_add(&world, "a*10");

    for (int i = 0; i < 4; i++)
        entry = start();
    world_finish(&world, entry, &delivered);
    for (int i = 0; i < 2; i++)
        sched_batch_failed(world.sched, mail->message, world.now);
    mail_add(&world, "b:b");
    ck_assert_int_eq(sched_select(world.sched, t1(), world.now, &entry, &message), SCHED_SELECTED);
    trace_entry(&world, entry);
    ck_assert_str_eq(world.trace->str, "aaaab");
}
END_TEST

START_TEST(message_without_deliveries_is_left_to_its_completion)
{
    SchedEntry *entries[4];
    Mail *mail = mail_add(&world, "a*10");

    for (int i = 0; i < 4; i++)
        entries[i] = start();
    for (int i = 0; i < 4; i++)
        sched_entry_finish(world.sched, entries[i], &delivered, world.now);
    ck_assert_int_eq((int)sched_message_outstanding(mail->message), 0);
    ck_assert_ptr_null(start());
    mail_complete(&world, mail);
    start_many(3);
    ck_assert_str_eq(world.trace->str, "aaaa-aa-");
}
END_TEST

/* ---- batches that take their time ---- */

/* Both read on: the first one at once (want), the second one later (the same order). */
START_TEST(late_batch_finds_its_place)
{
    SchedEntry *first;
    Mail *mail;

    world.slow_reads = true;
    world.settings.message_recipient_limit = 2;
    mail = mail_add(&world, "a*6");
    mail_add(&world, "b*2");
    first = start();
    world_finish(&world, first, &delivered);
    start();         /* a again */
    start();         /* a has to read: b meanwhile */
    read_late(mail); /* the job is where it was */
    start_many(3);
    ck_assert_str_eq(world.trace->str, "aabab-");
}
END_TEST

START_TEST(late_batch_with_nothing_for_the_job_lets_it_retire)
{
    SchedEntry *first;
    Mail *mail;

    world.slow_reads = true;
    world.failing_reads = _i == 1;
    world.settings.message_recipient_limit = 2;
    mail = mail_add(&world, "t1/x:a t1/y:a t2/z:c");
    mail_add(&world, "b*1");
    first = start();
    world_finish(&world, first, &delivered);
    start_many(2);
    if (_i == 0)
        read_late(mail);
    sched_check(world.sched);
    mail_add(&world, "d*1");
    world.slow_reads = false;
    start_many(2);
    ck_assert_str_eq(world.trace->str, "aabd-");
}
END_TEST

START_TEST(nothing_is_read_twice_at_a_time)
{
    SchedEntry *first;
    SchedEntry *entry;
    SchedMessage *message;
    Mail *mail = mail_add(&world, "a*8");

    first = start();
    for (int i = 0; i < 3; i++)
        world_finish(&world, i == 0 ? first : start(), &delivered);
    start();
    ck_assert(sched_message_outstanding(mail->message) == 1);
    ck_assert_int_eq(sched_select(world.sched, t1(), world.now, &entry, &message), SCHED_REFILL);
    ck_assert_ptr_eq(message, mail->message);
    mail_begin(&world, mail);
    ck_assert_int_eq(sched_select(world.sched, t1(), world.now, &entry, &message), SCHED_NOTHING);
    world_wait(&world, 60);
    ck_assert_int_eq(sched_select(world.sched, t1(), world.now, &entry, &message), SCHED_NOTHING);
    read_late(mail);
    ck_assert_int_eq(sched_select(world.sched, t1(), world.now, &entry, &message), SCHED_SELECTED);
    sched_check(world.sched);
}
END_TEST

/* Lookups may end in any order; mail is delivered in the order of its arrival. */
START_TEST(first_batches_count_in_the_order_of_adding)
{
    Mail *first = mail_add_unread(&world, "a*1"), *second = mail_add_unread(&world, "b*1");
    Mail *third = mail_add_unread(&world, "c*1");

    read_late(third);
    read_late(first);
    read_late(second);
    start_many(3);
    ck_assert_str_eq(world.trace->str, "abc");
}
END_TEST

START_TEST(open_batch_keeps_its_job_going)
{
    Mail *mail = mail_add_unread(&world, "x:a y:b z:c");
    SchedBatch batch = {.read_count = 3, .fully_read = true};

    sched_batch_begin(world.sched, mail->message, &batch);
    assign(&world, mail, mail->recipients->pdata[0]);
    start_many(2);
    assign(&world, mail, mail->recipients->pdata[1]);
    sched_check(world.sched);
    start_many(2);
    sched_batch_drop(world.sched, mail->message);
    sched_batch_end(world.sched, mail->message, world.now);
    start();
    ck_assert_str_eq(world.trace->str, "a-b--");
    ck_assert_int_eq(sched_recipient_count(world.sched), 2);
}
END_TEST

/* Recipients that are not bound yet count, so a large message is not taken for a small one. */
START_TEST(open_batch_does_not_look_small)
{
    Mail *large;
    SchedBatch batch = {.read_count = 20, .fully_read = true};

    world.settings.message_recipient_limit = 1000;
    world.params.slot_cost = 2;
    world.params.minimum_slots = 1;
    mail_add(&world, "a*20");
    large = mail_add_unread(&world, "b*20");
    sched_batch_begin(world.sched, large->message, &batch);
    assign(&world, large, large->recipients->pdata[0]);
    start_many(4);
    ck_assert_str_eq(world.trace->str, "aaaa");
}
END_TEST

/* 18.10 in numbers: who has the pool */
START_TEST(oldest_unread_job_has_the_pool)
{
    SchedEntry *entry = NULL;
    Mail *first, *second;

    world.params.recipient_limit = 6;
    world.params.refill_limit = 100;
    first = mail_add(&world, "a*4");
    second = mail_add(&world, "b*20");
    ck_assert_int_eq(sched_batch_limit(world.sched, first->message), 2 + 6 - 4);
    for (int i = 0; i < 4; i++)
        entry = start();
    ck_assert_int_eq(sched_batch_limit(world.sched, second->message), 1);
    world_finish(&world, entry, &delivered);
    start(); /* a reads the end of its file and retires */
    sched_check(world.sched);
    ck_assert_str_eq(world.trace->str, "aaaab");
    ck_assert_int_eq(sched_batch_limit(world.sched, second->message), 2 + 6 - 3 - 2);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("refill");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, batches_are_limited, 0, G_N_ELEMENTS(limits));
    tcase_add_test(tcase, refill_comes_when_enough_is_missing);
    tcase_add_loop_test(tcase, refill_comes_when_the_last_was_long_ago, 0, 2);
    tcase_add_test(tcase, failed_refill_starts_the_delay_anew);
    tcase_add_test(tcase, message_without_deliveries_is_left_to_its_completion);
    tcase_add_test(tcase, late_batch_finds_its_place);
    tcase_add_loop_test(tcase, late_batch_with_nothing_for_the_job_lets_it_retire, 0, 2);
    tcase_add_test(tcase, nothing_is_read_twice_at_a_time);
    tcase_add_test(tcase, first_batches_count_in_the_order_of_adding);
    tcase_add_test(tcase, open_batch_keeps_its_job_going);
    tcase_add_test(tcase, open_batch_does_not_look_small);
    tcase_add_test(tcase, oldest_unread_job_has_the_pool);
    return run_suite("sched/refill", tcase, NULL);
}
