#include <string.h>

#include "src/spool/deferred_index_internal.h"
#include "tests/support/deferred_causes.h"

/*
 * What the index knows of the causes of its files, after random changes, compared with a plain map;
 * and the memory that it takes. EQMGR_SEED repeats a run that failed.
 */

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

static int number_of(const char *name)
{
    return (int)g_ascii_strtoll(name, NULL, 10);
}

static int roll(int sides)
{
    return g_rand_int_range(dice, 0, sides);
}

/* A small index is lost now and then. */
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
    ck_assert(is_unread(&map[number_of(name)]));
    map[number_of(name)].was_given = true;
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

/* How many files of the same destination come before it. */
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
        int number = number_of(deferred_pick_name(pick, i, &due_s));

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
    TCase *memory = cause_tcase("memory"), *random = cause_tcase("random");
    const char *wish = g_getenv("EQMGR_SEED");

    seed = wish != NULL ? (guint32)g_ascii_strtoull(wish, NULL, 10) : g_random_int() >> 8;
    tcase_add_test(memory, a_file_takes_12_bytes_and_a_destination_some_hundred);
    tcase_add_loop_test(random, causes_are_those_of_a_plain_map, 0, ROUNDS);
    return run_suite("spool/deferred_cause_random", memory, random, NULL);
}
