#include "src/spool/deferred_index_internal.h"
#include "tests/support/deferred_fixture.h"

/*
 * What the index knows of the causes of its files: single rules, then random changes that are
 * compared with a plain map. EQMGR_SEED repeats a run that failed.
 */

static void cause_set_up(void)
{
    deferred_set_up();
    walk_into(deferred.index);
}

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

static unsigned count_of(const char *destination)
{
    return deferred_index_count_of(deferred.index, "smtp", destination);
}

/* ---- rules ---- */

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

/* "smtp a.test 4.4.1 2": each row, in no order. */
static char *view_all(DeferredGrouping grouping)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    uint32_t slot = 0;
    DeferredView view;

    while (deferred_index_view_next(deferred.index, grouping, &slot, 1000, &view))
        g_ptr_array_add(rows, g_strdup_printf("%s %s %u;", view.cause.destination ?: "-",
                                              view.cause.status ?: "-", view.count));
    ck_assert(deferred_index_view_is_end(deferred.index, grouping, slot));
    return join_sorted(rows);
}

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

static bool is_wanted(const char *transport, const char *destination, void *ctx)
{
    ck_assert_str_eq(transport, "smtp");
    return g_str_equal(destination, ctx);
}

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

/* ---- random changes ---- */

#define ROUNDS          30
#define STEPS_PER_ROUND 3000
#define NAMES           200

typedef struct Known {
    bool is_there, was_given;
    int64_t due_s;
    const char *destination, *status; /* or NULL */
} Known;

static Known map[NAMES];
static GRand *dice;
static guint32 seed;

static const char *const destinations[] = {"a.test", "b.test", "c.test", "d.test", "e.test"};
static const char *const statuses[] = {"4.4.1", "4.2.0", "4.7.1"};

static int roll(int sides)
{
    return g_rand_int_range(dice, 0, sides);
}

/* In the round in which the index is small it is lost now and then. */
static void is_lost_as_well(void)
{
    memset(map, 0, sizeof(map));
    walk_into(deferred.index); /* not in the directory: so what is full has room again */
    walk_into(deferred.index);
}

static void random_learn(Known *known, const char *name)
{
    const char *destination = roll(4) > 0 ? destinations[roll(G_N_ELEMENTS(destinations))] : NULL;
    const char *status = roll(4) > 0 ? statuses[roll(G_N_ELEMENTS(statuses))] : NULL;

    deferred_index_learn(deferred.index, name,
                         &(DeferredCause){.transport = destination != NULL ? "smtp" : NULL,
                                          .destination = destination,
                                          .status = status,
                                          .reason = status != NULL ? name : NULL});
    if (known->is_there && destination != NULL)
        known->destination = destination;
    if (known->is_there && status != NULL)
        known->status = status;
}

static bool is_unread(const Known *known)
{
    return known->is_there && !known->was_given &&
           (known->destination == NULL || known->status == NULL);
}

static void random_give(void)
{
    uint32_t slot = 0;
    const char *name = deferred_index_give_unread(deferred.index, &slot, UINT32_MAX);

    if (name == NULL) {
        for (int i = 0; i < NAMES; i++)
            ck_assert(!is_unread(&map[i]));
        return;
    }
    ck_assert(is_unread(&map[atoi(name)]));
    map[atoi(name)].was_given = true;
}

static void cause_random_step(void)
{
    int number = roll(NAMES);
    Known *known = &map[number];
    g_autofree char *name = g_strdup_printf("%d", number);

    switch (roll(8)) {
    case 0:
    case 1:
    case 2:
        known->due_s = roll(1000);
        deferred_index_note(deferred.index, name, known->due_s);
        known->is_there = true;
        if (!deferred_index_is_complete(deferred.index))
            is_lost_as_well();
        break;
    case 3:
        deferred_index_forget(deferred.index, name);
        *known = (Known){.is_there = false};
        break;
    case 4:
        random_give();
        break;
    default:
        random_learn(known, name);
    }
}

static void compare_counts(const char *title)
{
    unsigned known_count = 0, unread_count = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(destinations); i++) {
        unsigned want = 0;

        for (int k = 0; k < NAMES; k++)
            want += map[k].destination == destinations[i];
        ck_assert_msg(count_of(destinations[i]) == want, "%s: %s: %u, not %u", title,
                      destinations[i], count_of(destinations[i]), want);
        known_count += want;
    }
    for (int k = 0; k < NAMES; k++)
        unread_count += is_unread(&map[k]);
    ck_assert_msg(deferred_index_known_count(deferred.index) == known_count, "%s", title);
    ck_assert_msg(deferred_index_unread_count(deferred.index) == unread_count, "%s", title);
}

static unsigned status_count(const char *status)
{
    unsigned count = 0;

    for (int k = 0; k < NAMES; k++)
        count += map[k].status == status;
    return count;
}

static void compare_statuses(const char *title)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *got = view_all(DEFERRED_BY_STATUS), *want = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++)
        if (status_count(statuses[i]) > 0)
            g_ptr_array_add(rows,
                            g_strdup_printf("- %s %u;", statuses[i], status_count(statuses[i])));
    want = join_sorted(rows);
    ck_assert_msg(g_str_equal(got, want), "%s: %s, not %s", title, got, want);
}

static bool is_earlier(int number, int other)
{
    g_autofree char *name = g_strdup_printf("%d", number), *name_of_other = NULL;

    name_of_other = g_strdup_printf("%d", other);
    return map[number].due_s != map[other].due_s ? map[number].due_s < map[other].due_s
                                                 : strcmp(name, name_of_other) < 0;
}

/* How many of its destination come before it. */
static unsigned rank_of(int number)
{
    unsigned rank = 0;

    for (int k = 0; k < NAMES; k++)
        rank += map[k].is_there && map[k].destination == map[number].destination &&
                is_earlier(k, number);
    return rank;
}

static void compare_pick(const char *title)
{
    unsigned max = (unsigned)roll(40);
    const char *destination = destinations[roll(G_N_ELEMENTS(destinations))];
    g_autofree char *wanted = g_strdup(destination);
    DeferredPick *pick = deferred_pick_new(deferred.index, max, is_wanted, wanted);

    while (deferred_pick_step(pick, (unsigned)roll(20)))
        ;
    ck_assert_msg(deferred_pick_count(pick) == MIN(max, count_of(destination)), "%s", title);
    for (unsigned i = 0; i < deferred_pick_count(pick); i++) {
        int64_t due_s;
        int number = atoi(deferred_pick_name(pick, i, &due_s));

        ck_assert_msg(map[number].destination == destination && map[number].due_s == due_s &&
                          rank_of(number) == i,
                      "%s: %d is not the %u. of %s", title, number, i, destination);
    }
    deferred_pick_free(pick);
}

START_TEST(causes_are_those_of_a_plain_map)
{
    g_autofree char *title = g_strdup_printf("EQMGR_SEED=%u, round %d", seed, _i);

    dice = g_rand_new_with_seed(seed + (guint32)_i);
    memset(map, 0, sizeof(map));
    deferred_renew("", 0, _i % 3 == 0 ? NAMES / 3 : 10000);
    walk_into(deferred.index);
    for (int step = 0; step < STEPS_PER_ROUND; step++) {
        cause_random_step();
        if (roll(50) != 0)
            continue;
        deferred_index_check(deferred.index);
        compare_counts(title);
        compare_statuses(title);
        compare_pick(title);
    }
    g_rand_free(dice);
}
END_TEST

/* ---- memory ---- */

#define MANY_FILES      400000
#define BYTES_OF_A_LINK 12

START_TEST(a_file_takes_12_bytes_and_a_destination_some_hundred)
{
    DeferredCauses *causes = deferred_index_causes(deferred.index);
    size_t link_bytes = 0;

    for (unsigned i = 0; i < MANY_FILES; i++) {
        char name[16];

        (void)g_snprintf(name, sizeof(name), "%X", i);
        deferred_index_note(deferred.index, name, i);
        deferred_index_learn(deferred.index, name,
                             &(DeferredCause){.transport = "smtp",
                                              .destination = destinations[i % 5],
                                              .status = statuses[i % 3],
                                              .reason = "no answer"});
    }
    for (guint i = 0; i < causes->chunks->len; i++)
        link_bytes += causes->chunks->pdata[i] != NULL ? 4096 * sizeof(DeferredLink) : 0;
    ck_assert_uint_eq(sizeof(DeferredLink), BYTES_OF_A_LINK);
    ck_assert_uint_le(link_bytes, (MANY_FILES + 4096) * BYTES_OF_A_LINK);
    ck_assert_uint_eq(causes->target_slots.count, G_N_ELEMENTS(destinations));
    ck_assert_uint_eq(causes->cause_slots.count,
                      G_N_ELEMENTS(destinations) * G_N_ELEMENTS(statuses));
    ck_assert_uint_le(sizeof(DeferredTarget) + sizeof(CauseOfFiles) + DEFERRED_REASON_BYTES, 400);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("causes"), *random = tcase_create("random");
    const char *wish = g_getenv("EQMGR_SEED");

    seed = wish != NULL ? (guint32)g_ascii_strtoull(wish, NULL, 10) : g_random_int() >> 8;
    tcase_add_checked_fixture(tcase, cause_set_up, deferred_tear_down);
    tcase_add_checked_fixture(random, cause_set_up, deferred_tear_down);
    tcase_add_test(tcase, files_are_counted_for_their_destination);
    tcase_add_test(tcase, a_name_is_counted_in_all_transports);
    tcase_add_test(tcase, a_file_that_is_not_in_the_index_is_not_counted);
    tcase_add_test(tcase, what_is_not_told_stays_as_it_was);
    tcase_add_test(tcase, another_time_changes_nothing_else);
    tcase_add_test(tcase, a_candidate_of_a_run_is_forgotten);
    tcase_add_test(tcase, a_lost_index_knows_nothing);
    tcase_add_test(tcase, files_to_be_read_are_given_once);
    tcase_add_test(tcase, a_name_that_is_too_long_is_not_known);
    tcase_add_test(tcase, there_is_a_most_of_destinations);
    tcase_add_test(tcase, statuses_that_remote_servers_invent_are_bounded);
    tcase_add_test(tcase, files_are_shown_by_destination_by_status_and_by_both);
    tcase_add_test(tcase, a_pick_gives_the_earliest_of_a_destination);
    tcase_add_test(tcase, a_pick_goes_on_when_its_file_leaves);
    tcase_add_test(tcase, a_pick_is_lost_with_the_index);
    tcase_add_test(tcase, a_file_takes_12_bytes_and_a_destination_some_hundred);
    tcase_add_loop_test(random, causes_are_those_of_a_plain_map, 0, ROUNDS);
    tcase_set_timeout(tcase, 60);
    tcase_set_timeout(random, 60);
    return run_suite("spool/deferred_cause", tcase, random, NULL);
}
