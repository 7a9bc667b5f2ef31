#include "tests/support/deferred_fixture.h"

/* Runs that take their names from the index: what is due, earliest first, each name once. */

/* All candidates of a run at that time. */
static char *run_at(int now_s)
{
    GString *names = g_string_new(NULL);
    const char *name;

    deferred_index_begin_run(deferred.index, deferred.start_s + now_s);
    while ((name = deferred_index_next(deferred.index)) != NULL)
        g_string_append_printf(names, "%s ", name);
    deferred_index_check(deferred.index);
    return g_string_free(names, FALSE);
}

static void assert_run(int now_s, const char *want)
{
    g_autofree char *got = run_at(now_s);

    ck_assert_str_eq(got, want);
}

START_TEST(a_run_takes_what_is_due_earliest_first)
{
    act_all("make deferred/1; put deferred/1/1A 50; put deferred/1/1B -7; put deferred/1/1C 11; "
            "put deferred/1/1D 12; put deferred/1/1E -7");
    walk_into(deferred.index);
    ck_assert_int_eq(deferred_index_earliest_s(deferred.index), deferred.start_s - 7);
    assert_run(10, "1B 1E 1C ");
    assert_known("1A@50 1D@12", "the rest");
    assert_run(11, "1D ");
    assert_run(48, "");
    assert_run(49, "1A ");
}
END_TEST

START_TEST(in_a_run_no_file_is_given_twice)
{
    act_all("make deferred/1; put deferred/1/1A 0; put deferred/1/1B 0");
    walk_into(deferred.index);
    deferred_index_begin_run(deferred.index, deferred.start_s);
    ck_assert_str_eq(deferred_index_next(deferred.index), "1A");
    deferred_index_note(deferred.index, "1A", deferred.start_s);
    act("time deferred/1/1A -5");
    take_events();
    ck_assert_str_eq(deferred_index_next(deferred.index), "1B");
    deferred_index_note(deferred.index, "1B", deferred.start_s + 1);
    ck_assert_ptr_null(deferred_index_next(deferred.index));
    assert_run(0, "1A 1B "); /* in the same second */
}
END_TEST

START_TEST(runs_in_quick_succession_do_not_look_ahead)
{
    act_all("make deferred/1; put deferred/1/1A 0; put deferred/1/1B 5");
    walk_into(deferred.index);
    assert_run(0, "1A ");
    for (int i = 0; i < 10; i++)
        assert_run(0, "");
}
END_TEST

START_TEST(an_event_does_not_put_off_what_a_run_has_still_ahead)
{
    act_all("make deferred/1; put deferred/1/1A 0; put deferred/1/1B 0");
    walk_into(deferred.index);
    deferred_index_begin_run(deferred.index, deferred.start_s);
    act("mode deferred/1/1B 710");
    take_events();
    ck_assert_str_eq(deferred_index_next(deferred.index), "1A");
    ck_assert_str_eq(deferred_index_next(deferred.index), "1B");
    ck_assert_ptr_null(deferred_index_next(deferred.index));
}
END_TEST

static void assert_due(const char *name, int now_s, bool want)
{
    ck_assert_int_eq(deferred_index_is_due(deferred.index, name, deferred.start_s + now_s), want);
}

/* Whether the present run, or the one after it, gives a file. */
START_TEST(what_a_run_has_passed_is_due_for_the_next_one)
{
    act_all("make deferred/1; put deferred/1/1A 0; put deferred/1/1B 0; put deferred/1/1C 9");
    walk_into(deferred.index);
    assert_due("1A", 0, true);
    assert_due("1C", 0, false);
    assert_due("1C", 8, true);
    assert_due("1D", 100, false);
    deferred_index_begin_run(deferred.index, deferred.start_s);
    ck_assert_str_eq(deferred_index_next(deferred.index), "1A");
    assert_due("1A", 0, false);
    deferred_index_note(deferred.index, "1A", deferred.start_s);
    deferred_index_note(deferred.index, "1C", deferred.start_s);
    assert_due("1A", 0, true);
    assert_due("1B", 0, true);
    assert_due("1C", 0, true);
    deferred_index_note(deferred.index, "1C", deferred.start_s + 3);
    assert_due("1C", 0, false);
}
END_TEST

START_TEST(after_a_step_back_of_the_clock_all_is_still_found)
{
    act_all("make deferred/1; put deferred/1/1A 1000; put deferred/1/1B 5");
    walk_into(deferred.index);
    assert_run(2000, "1B 1A ");
    deferred_index_note(deferred.index, "1A", deferred.start_s + 1000);
    deferred_index_note(deferred.index, "1B", deferred.start_s + 5);
    assert_run(5, "1B 1A ");
}
END_TEST

START_TEST(a_run_ends_when_the_index_is_lost)
{
    deferred_renew("deferred", 1, 2);
    act_all("make deferred/1; put deferred/1/1A 0; put deferred/1/1B 0");
    walk_into(deferred.index);
    deferred_index_begin_run(deferred.index, deferred.start_s);
    ck_assert_str_eq(deferred_index_next(deferred.index), "1A");
    act_all("put deferred/1/1C 0; put deferred/1/1D 0");
    take_events();
    ck_assert_ptr_null(deferred_index_next(deferred.index));
    assert_lost(DEFERRED_LOST_ROOM, "in a run");
}
END_TEST

int main(void)
{
    TCase *runs = deferred_tcase("runs");

    tcase_add_test(runs, a_run_takes_what_is_due_earliest_first);
    tcase_add_test(runs, in_a_run_no_file_is_given_twice);
    tcase_add_test(runs, runs_in_quick_succession_do_not_look_ahead);
    tcase_add_test(runs, what_a_run_has_passed_is_due_for_the_next_one);
    tcase_add_test(runs, an_event_does_not_put_off_what_a_run_has_still_ahead);
    tcase_add_test(runs, after_a_step_back_of_the_clock_all_is_still_found);
    tcase_add_test(runs, a_run_ends_when_the_index_is_lost);
    return run_suite("spool/deferred_run", runs, NULL);
}
