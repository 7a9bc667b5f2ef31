#include "src/spool/deferred_index_internal.h"
#include "tests/support/deferred_causes.h"

/* What the index knows of the causes of its files. */

static void learn(const char *name, const char *destination, const char *status)
{
    deferred_index_learn(deferred.index, name,
                         &(DeferredCause){.transport = destination != NULL ? "smtp" : NULL,
                                          .destination = destination,
                                          .status = status,
                                          .reason = status});
    deferred_index_check(deferred.index);
}

static void put_file(const char *name, int64_t due_s, const char *destination, const char *status)
{
    deferred_index_note(deferred.index, name, due_s);
    learn(name, destination, status);
}

START_TEST(files_are_counted_for_their_destination)
{
    put_file("A", 5, "a.test", "4.4.1");
    put_file("B", 6, "b.test", "4.4.1");
    put_file("C", 7, "a.test", "4.2.0");
    ck_assert_uint_eq(count_of("a.test"), 2);
    ck_assert_uint_eq(count_of("b.test"), 1);
    ck_assert_uint_eq(count_of("c.test"), 0);
    ck_assert_uint_eq(deferred_index_count_of(deferred.index, "lmtp", "a.test"), 0);
    deferred_index_forget(deferred.index, "A");
    deferred_index_forget(deferred.index, "C");
    deferred_index_check(deferred.index);
    ck_assert_uint_eq(count_of("a.test"), 0);
    ck_assert_uint_eq(deferred_index_known_count(deferred.index), 1);
}
END_TEST

START_TEST(a_name_is_counted_in_all_transports)
{
    static const char *const transports[] = {"lmtp", "smtp", "uucp"};

    put_file("X", 5, "a.tes", "4.4.1");
    put_file("Y", 5, "a.testa", "4.4.1");
    for (size_t i = 0; i < G_N_ELEMENTS(transports); i++) {
        deferred_index_note(deferred.index, transports[i], 5);
        deferred_index_learn(deferred.index, transports[i],
                             &(DeferredCause){.transport = transports[i], .destination = "a.test"});
    }
    ck_assert_uint_eq(deferred_index_count_of(deferred.index, NULL, "a.test"), 3);
    ck_assert_uint_eq(deferred_index_count_of(deferred.index, NULL, "b.test"), 0);
}
END_TEST

START_TEST(a_file_that_is_not_in_the_index_is_not_counted)
{
    learn("A", "a.test", "4.4.1");
    ck_assert_uint_eq(deferred_index_known_count(deferred.index), 0);
}
END_TEST

START_TEST(what_is_not_told_stays_as_it_was)
{
    DeferredCause cause;

    put_file("A", 5, "a.test", NULL);
    learn("A", NULL, "4.4.1");
    ck_assert(deferred_index_cause(deferred.index, "A", &cause));
    ck_assert_str_eq(cause.destination, "a.test");
    ck_assert_str_eq(cause.status, "4.4.1");
    learn("A", "b.test", NULL);
    ck_assert(deferred_index_cause(deferred.index, "A", &cause));
    ck_assert_str_eq(cause.destination, "b.test");
    ck_assert_str_eq(cause.status, "4.4.1");
    ck_assert_uint_eq(count_of("a.test"), 0);
}
END_TEST

START_TEST(another_time_changes_nothing_else)
{
    put_file("A", 5, "a.test", "4.4.1");
    deferred_index_note(deferred.index, "A", 900);
    ck_assert_uint_eq(count_of("a.test"), 1);
}
END_TEST

START_TEST(a_candidate_of_a_run_is_forgotten)
{
    put_file("A", 5, "a.test", "4.4.1");
    deferred_index_begin_run(deferred.index, 100);
    ck_assert_str_eq(deferred_index_next(deferred.index), "A");
    deferred_index_check(deferred.index);
    ck_assert_uint_eq(deferred_index_known_count(deferred.index), 0);
}
END_TEST

static void expect_cause(const char *name, const char *destination, const char *status)
{
    DeferredCause cause;

    ck_assert(deferred_index_cause(deferred.index, name, &cause));
    ck_assert_pstr_eq(cause.destination, destination);
    ck_assert_pstr_eq(cause.transport, destination != NULL ? "smtp" : NULL);
    ck_assert_pstr_eq(cause.status, status);
    ck_assert_pstr_eq(cause.reason, status);
}

START_TEST(a_candidate_that_stays_keeps_its_cause)
{
    put_file("A", 5, "a.test", "4.4.1");
    put_file("B", 6, "b.test", NULL);
    put_file("C", 7, NULL, NULL);
    put_file("D", 8, NULL, "4.2.2");
    deferred_index_begin_run(deferred.index, 100);
    for (const char *name; (name = deferred_index_next(deferred.index)) != NULL;) {
        deferred_index_note(deferred.index, name, 900);
        deferred_index_check(deferred.index);
    }
    expect_cause("A", "a.test", "4.4.1");
    expect_cause("B", "b.test", NULL);
    expect_cause("C", NULL, NULL);
    expect_cause("D", NULL, "4.2.2");
}
END_TEST

START_TEST(a_candidate_that_was_gone_is_another_message)
{
    put_file("A", 5, "a.test", "4.4.1");
    put_file("B", 6, "b.test", "4.4.1");
    put_file("C", 7, "c.test", "4.4.1");
    deferred_index_begin_run(deferred.index, 100);
    ck_assert_str_eq(deferred_index_next(deferred.index), "A");
    deferred_index_forget(deferred.index, "A");
    deferred_index_note(deferred.index, "A", 900);
    expect_cause("A", NULL, NULL);
    ck_assert_str_eq(deferred_index_next(deferred.index), "B");
    ck_assert_str_eq(deferred_index_next(deferred.index), "C");
    deferred_index_note(deferred.index, "B", 900); /* it is not the candidate any more */
    expect_cause("B", NULL, NULL);
    ck_assert_ptr_null(deferred_index_next(deferred.index));
    deferred_index_note(deferred.index, "C", 900);
    expect_cause("C", NULL, NULL);
    deferred_index_check(deferred.index);
    ck_assert_uint_eq(deferred_index_known_count(deferred.index), 0);
}
END_TEST

START_TEST(a_lost_index_knows_nothing)
{
    deferred_renew("", 0, 2);
    walk_into(deferred.index);
    put_file("A", 5, "a.test", "4.4.1");
    put_file("B", 5, "a.test", "4.4.1");
    put_file("C", 5, "a.test", "4.4.1");
    ck_assert(!deferred_index_is_complete(deferred.index));
    ck_assert_uint_eq(count_of("a.test"), 0);
    ck_assert_uint_eq(deferred_index_unread_count(deferred.index), 0);
}
END_TEST

static char *give_all(void)
{
    GString *names = g_string_new(NULL);
    uint32_t slot = 0;
    const char *name;

    while ((name = deferred_index_give_unread(deferred.index, &slot, 100)) != NULL)
        g_string_append(names, name);
    return g_string_free(names, FALSE);
}

START_TEST(files_to_be_read_are_given_once)
{
    g_autofree char *given = NULL, *again = NULL;

    deferred_index_note(deferred.index, "A", 5);
    put_file("B", 5, "b.test", NULL);
    put_file("C", 5, NULL, "4.4.1");
    put_file("D", 5, "d.test", "4.4.1");
    ck_assert_uint_eq(deferred_index_unread_count(deferred.index), 3);
    given = give_all();
    ck_assert_str_eq(given, "ABC");
    learn("A", NULL, NULL); /* nothing was found */
    again = give_all();
    ck_assert_str_eq(again, "");
    ck_assert_uint_eq(deferred_index_unread_count(deferred.index), 0);
    deferred_index_forget(deferred.index, "A");
    deferred_index_note(deferred.index, "A", 9); /* another file of that name */
    ck_assert_uint_eq(deferred_index_unread_count(deferred.index), 1);
}
END_TEST

START_TEST(a_candidate_is_not_given_to_be_read_again)
{
    g_autofree char *given = NULL, *again = NULL;

    deferred_index_note(deferred.index, "A", 5);
    given = give_all();
    ck_assert_str_eq(given, "A");
    deferred_index_begin_run(deferred.index, 100);
    ck_assert_str_eq(deferred_index_next(deferred.index), "A");
    deferred_index_note(deferred.index, "A", 900);
    again = give_all();
    ck_assert_str_eq(again, "");
    ck_assert_uint_eq(deferred_index_unread_count(deferred.index), 0);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_not_known)
{
    g_autofree char *longest = g_strnfill(DEFERRED_NAME_MAX_BYTES, 'x');
    g_autofree char *longer = g_strnfill(DEFERRED_NAME_MAX_BYTES + 1, 'x');

    put_file("A", 5, longest, "4.4.1");
    put_file("B", 5, longer, longer);
    ck_assert_uint_eq(count_of(longest), 1);
    ck_assert_uint_eq(deferred_index_known_count(deferred.index), 1);
}
END_TEST

START_TEST(there_is_a_most_of_destinations)
{
    for (unsigned i = 0; i < DEFERRED_DESTINATIONS_MAX + 10; i++) {
        g_autofree char *name = g_strdup_printf("%u", i);

        deferred_index_note(deferred.index, name, i);
        deferred_index_learn(
            deferred.index, name,
            &(DeferredCause){
                .transport = "smtp", .destination = name, .status = "4.4.1", .reason = ""});
    }
    ck_assert_uint_eq(deferred_index_known_count(deferred.index), DEFERRED_DESTINATIONS_MAX);
    ck_assert_uint_eq(deferred_index_count(deferred.index), DEFERRED_DESTINATIONS_MAX + 10);
    deferred_index_forget(deferred.index, "0");
    learn("100001", "100001", NULL);
    ck_assert_uint_eq(count_of("100001"), 1);
}
END_TEST

START_TEST(statuses_that_remote_servers_invent_are_bounded)
{
    for (unsigned i = 0; i < DEFERRED_STATUSES_MAX + 10; i++) {
        g_autofree char *name = g_strdup_printf("4.9.%u", i);

        deferred_index_note(deferred.index, name, i);
        deferred_index_learn(
            deferred.index, name,
            &(DeferredCause){
                .transport = "smtp", .destination = "a.test", .status = name, .reason = ""});
    }
    deferred_index_check(deferred.index);
    ck_assert_uint_eq(count_of("a.test"), DEFERRED_STATUSES_MAX + 10);
    ck_assert_uint_eq(deferred_index_causes(deferred.index)->status_slots.count,
                      DEFERRED_STATUSES_MAX);
}
END_TEST

static void assert_view(DeferredGrouping grouping, const char *want)
{
    g_autofree char *got = view_all(grouping);

    ck_assert_str_eq(got, want);
}

START_TEST(files_are_shown_by_destination_by_status_and_by_both)
{
    put_file("A", 5, "a.test", "4.4.1");
    put_file("B", 5, "a.test", "4.2.0");
    put_file("C", 5, "a.test", "4.2.0");
    put_file("D", 5, "b.test", NULL);
    put_file("E", 5, NULL, "4.4.1");
    assert_view(DEFERRED_BY_DESTINATION, "a.test 4.2.0 3; b.test - 1;");
    assert_view(DEFERRED_BY_STATUS, "- 4.2.0 2; - 4.4.1 2;");
    assert_view(DEFERRED_BY_DESTINATION_AND_STATUS,
                "- 4.4.1 1; a.test 4.2.0 2; a.test 4.4.1 1; b.test - 1;");
}
END_TEST

/* ---- picks ---- */

static char *picked(DeferredPick *pick)
{
    GString *names = g_string_new(NULL);

    for (unsigned i = 0; i < deferred_pick_count(pick); i++) {
        int64_t due_s;

        g_string_append_printf(names, "%s", deferred_pick_name(pick, i, &due_s));
        g_string_append_printf(names, "@%d ", (int)due_s);
    }
    return g_string_free(names, FALSE);
}

START_TEST(a_pick_gives_the_earliest_of_a_destination)
{
    DeferredPick *pick;
    g_autofree char *names = NULL;
    char wanted[] = "a.test";

    put_file("A", 9, "a.test", "4.4.1");
    put_file("B", 1, "b.test", "4.4.1");
    put_file("C", 4, "a.test", "4.2.0");
    put_file("D", 7, "a.test", NULL);
    pick = deferred_pick_new(deferred.index, 2, is_wanted, wanted);
    while (deferred_pick_step(pick, 1))
        ;
    names = picked(pick);
    ck_assert_str_eq(names, "C@4 D@7 ");
    ck_assert_uint_eq(deferred_pick_seen(pick), 3);
    deferred_pick_free(pick);
}
END_TEST

static bool is_c(const char *queue_id, void *ctx)
{
    (void)ctx;
    return g_str_equal(queue_id, "C");
}

START_TEST(a_pick_skips_what_it_is_told_to)
{
    DeferredPick *pick;
    g_autofree char *names = NULL;
    char wanted[] = "a.test";

    put_file("A", 9, wanted, "4.4.1");
    put_file("C", 4, wanted, "4.2.0");
    pick = deferred_pick_new(deferred.index, 1, is_wanted, wanted);
    deferred_pick_skip(pick, is_c);
    while (deferred_pick_step(pick, 1))
        ;
    names = picked(pick);
    ck_assert_str_eq(names, "A@9 ");
    ck_assert_uint_eq(deferred_pick_seen(pick), 1);
    deferred_pick_free(pick);
}
END_TEST

START_TEST(a_pick_goes_on_when_its_file_leaves)
{
    DeferredPick *pick;
    g_autofree char *names = NULL;
    char wanted[] = "a.test";

    put_file("A", 1, wanted, "4.4.1");
    put_file("B", 2, wanted, "4.4.1");
    put_file("C", 3, wanted, "4.4.1");
    pick = deferred_pick_new(deferred.index, 9, is_wanted, wanted);
    ck_assert(deferred_pick_step(pick, 2)); /* the destination, and C, which came last */
    deferred_index_forget(deferred.index, "B");
    ck_assert(deferred_pick_step(pick, 1));
    learn("A", "b.test", NULL);
    while (deferred_pick_step(pick, 1))
        ;
    names = picked(pick);
    ck_assert_str_eq(names, "A@1 C@3 ");
    deferred_pick_free(pick);
}
END_TEST

START_TEST(a_pick_is_lost_with_the_index)
{
    DeferredPick *pick;
    char wanted[] = "a.test";

    deferred_renew("", 0, 2);
    walk_into(deferred.index);
    put_file("A", 1, wanted, "4.4.1");
    put_file("B", 2, wanted, "4.4.1");
    pick = deferred_pick_new(deferred.index, 9, is_wanted, wanted);
    ck_assert(deferred_pick_step(pick, 2));
    deferred_index_note(deferred.index, "C", 3);
    ck_assert(!deferred_pick_step(pick, 1));
    ck_assert(deferred_pick_is_lost(pick));
    ck_assert_uint_eq(deferred_pick_count(pick), 0);
    deferred_pick_free(pick);
}
END_TEST

int main(void)
{
    TCase *tcase = cause_tcase("causes");

    tcase_add_test(tcase, files_are_counted_for_their_destination);
    tcase_add_test(tcase, a_name_is_counted_in_all_transports);
    tcase_add_test(tcase, a_file_that_is_not_in_the_index_is_not_counted);
    tcase_add_test(tcase, what_is_not_told_stays_as_it_was);
    tcase_add_test(tcase, another_time_changes_nothing_else);
    tcase_add_test(tcase, a_candidate_of_a_run_is_forgotten);
    tcase_add_test(tcase, a_candidate_that_stays_keeps_its_cause);
    tcase_add_test(tcase, a_candidate_that_was_gone_is_another_message);
    tcase_add_test(tcase, a_candidate_is_not_given_to_be_read_again);
    tcase_add_test(tcase, a_lost_index_knows_nothing);
    tcase_add_test(tcase, files_to_be_read_are_given_once);
    tcase_add_test(tcase, a_name_that_is_too_long_is_not_known);
    tcase_add_test(tcase, there_is_a_most_of_destinations);
    tcase_add_test(tcase, statuses_that_remote_servers_invent_are_bounded);
    tcase_add_test(tcase, files_are_shown_by_destination_by_status_and_by_both);
    tcase_add_test(tcase, a_pick_gives_the_earliest_of_a_destination);
    tcase_add_test(tcase, a_pick_skips_what_it_is_told_to);
    tcase_add_test(tcase, a_pick_goes_on_when_its_file_leaves);
    tcase_add_test(tcase, a_pick_is_lost_with_the_index);
    return run_suite("spool/deferred_cause", tcase, NULL);
}
