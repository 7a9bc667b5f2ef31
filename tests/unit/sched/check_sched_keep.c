#include "tests/support/sched_rates.h"

/* Rates over a restart (policy/meter_book): what waits for its mark on the disk; with both
 * strategies. */

static const MeterBookOwner owner = {"h", "i", NULL};
static const MeterLimit hundred_an_hour = {100, 3600, 5}, one_a_day = {1, 86400, 1};

/* Nothing is known to have been before. */
static MeterBook *begin_with_book(int row)
{
    MeterBook *book = meter_book_new(LONG_AFTER - 86400 * S, true);

    begin_at(row, 10);
    sched_world.settings.meters = book;
    return book;
}

/* True: something had to be written. */
static bool write_book(MeterBook *book)
{
    if (!meter_book_is_due(book))
        return false;
    (void)g_string_free(meter_book_write(book, &owner, sched_world.now.mono_us, 0), TRUE);
    meter_book_written(book, true);
    meter_book_check(book);
    sched_meters_written(sched_world.sched, sched_world.now);
    sched_check(sched_world.sched);
    return true;
}

static void end_with_book(MeterBook *book)
{
    sched_free(sched_world.sched);
    sched_world.sched = NULL;
    meter_book_free(book);
}

/* A burst of five: the first one needs nothing of the disk, each later one its mark. */
START_TEST(unit_beyond_the_mark_waits_for_the_disk)
{
    MeterBook *book = begin_with_book(_i);

    (void)paced_site("a", &hundred_an_hour, NULL);
    ck_assert(!meter_book_is_due(book));
    add_mail("a:x", 9);
    ck_assert_int_eq(deliver_now(), 1);
    ck_assert_int_eq(view_of("a").state, SCHED_STATE_PACED);
    for (int i = 0; i < 4; i++) {
        ck_assert(write_book(book));
        ck_assert_int_eq(deliver_now(), 1);
    }
    ck_assert_int_eq(deliver_now(), 0);
    ck_assert(!write_book(book)); /* each process would be late by what is written too early */
    go_to(34 * S);
    ck_assert(write_book(book));
    ck_assert(!write_book(book));
    ck_assert_int_eq(deliver_now(), 0);
    go_to(36 * S);
    ck_assert_int_eq(deliver_now(), 1);
    end_with_book(book);
}
END_TEST

START_TEST(disk_that_is_given_up_holds_nothing)
{
    MeterBook *book = begin_with_book(_i);

    (void)paced_site("a", &hundred_an_hour, NULL);
    add_mail("a:x", 9);
    ck_assert_int_eq(deliver_now(), 1);
    meter_book_set_volatile(book, true);
    sched_meters_written(sched_world.sched, sched_world.now);
    ck_assert_int_eq(deliver_now(), 4);
    end_with_book(book);
}
END_TEST

/* Else a restart a day after would hold mail for another one. */
START_TEST(no_mark_is_asked_for_without_mail)
{
    MeterBook *book = begin_with_book(_i);

    (void)paced_site("a", &one_a_day, NULL);
    add_mail("a:x", 1);
    ck_assert_int_eq(deliver_now(), 0);
    ck_assert(write_book(book));
    ck_assert_int_eq(deliver_now(), 1);
    ck_assert(!write_book(book));
    for (int i = 0; i < 3000; i++) {
        go_to(i * 60 * S);
        ck_assert(!meter_book_is_due(book));
    }
    ck_assert(!is_known("a"));
    end_with_book(book);
}
END_TEST

/* A mark that is not used in time is asked for again, as long as there is mail. */
START_TEST(mark_goes_stale_while_mail_waits)
{
    MeterBook *book = begin_with_book(_i);

    (void)paced_site("a", &one_a_day, NULL);
    add_mail("a:x", 1);
    ck_assert(write_book(book));
    ck_assert_int_eq(view_of("a").state, SCHED_STATE_READY);
    go_to(60 * S);
    ck_assert_int_eq(view_of("a").state, SCHED_STATE_PACED);
    ck_assert(write_book(book));
    ck_assert_int_eq(deliver_now(), 1);
    end_with_book(book);
}
END_TEST

/* The rate is taken away, and given back. */
START_TEST(rate_that_comes_back_finds_its_debt)
{
    MeterBook *book = begin_with_book(_i);
    SchedDestination *site = paced_site("a", &one_a_minute, NULL);

    add_mail("a:x", 3);
    ck_assert(write_book(book));
    ck_assert_int_eq(deliver_now(), 1);
    sched_destination_pace(site, NULL, NULL, sched_world.now);
    go_to(10 * S);
    sched_destination_pace(site, &one_a_minute, NULL, sched_world.now);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(59 * S);
    (void)write_book(book);
    ck_assert_int_eq(deliver_now(), 0);
    go_to(60 * S);
    ck_assert_int_eq(deliver_now(), 1);
    end_with_book(book);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("keep");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, unit_beyond_the_mark_waits_for_the_disk, 0, 2);
    tcase_add_loop_test(tcase, disk_that_is_given_up_holds_nothing, 0, 2);
    tcase_add_loop_test(tcase, no_mark_is_asked_for_without_mail, 0, 2);
    tcase_add_loop_test(tcase, mark_goes_stale_while_mail_waits, 0, 2);
    tcase_add_loop_test(tcase, rate_that_comes_back_finds_its_debt, 0, 2);
    return run_suite("sched/keep", tcase, NULL);
}
