#include "src/ipc/fair_line_internal.h"
#include "tests/support/runner.h"

/* Each letter is a waiter; its case and its neighbours mean nothing. */
typedef struct Waiter {
    LaneLink link; /* first */
    char name;
} Waiter;

#define WAITERS_MAX 8

static FairLine line;
static Waiter waiters[WAITERS_MAX];
static int64_t now_ms;

static void start(guint share)
{
    fair_line_clear(&line);
    fair_line_init(&line, share);
}

static void set_up(void)
{
    now_ms = 1000;
    fair_line_init(&line, WAITERS_MAX);
    for (int i = 0; i < WAITERS_MAX; i++)
        waiters[i] = (Waiter){.name = (char)('a' + i)};
}

static void tear_down(void)
{
    fair_line_clear(&line);
}

static void enter(const char *names, const char *address)
{
    for (; *names != '\0'; names++)
        fair_line_enter(&line, &waiters[*names - 'a'].link, address, now_ms);
}

static LaneLink *who(char name)
{
    return &waiters[name - 'a'].link;
}

/* One is out then. */
static char take_one(void)
{
    Waiter *first = (Waiter *)fair_line_first(&line, now_ms);

    if (first == NULL)
        return '-';
    fair_line_take(&line, &first->link, now_ms);
    return first->name;
}

static void answer(char name)
{
    fair_line_note_answer(who(name), now_ms);
    fair_line_leave(&line, who(name), now_ms);
}

static void lose(const char *names)
{
    for (const char *name = names; *name != '\0'; name++)
        fair_line_rest(&line, who(*name), now_ms);
    for (const char *name = names; *name != '\0'; name++)
        fair_line_return(&line, who(*name), now_ms);
}

static char serve_one(void)
{
    char name = take_one();

    if (name != '-')
        answer(name);
    return name;
}

/* The waiters that are taken, in order; '-': there is none. */
static void expect_taken(const char *names)
{
    for (; *names != '\0'; names++)
        ck_assert_int_eq(take_one(), *names);
}

static const struct {
    const char *addresses[WAITERS_MAX]; /* of waiters a, b, c, … in the order they come */
    const char *served;
} turns[] = {
    {{"u@x"},                                    "a-"     },
    {{"1@x", "2@x", "3@x"},                      "abc-"   }, /* one lane: in order */
    {{"1@x", "2@x", "3@y", "4@z"},               "adcb-"  }, /* oldest, newest, oldest, and the rest in turn */
    {{"1@x", "2@x", "3@x", "4@y", "5@y", "6@z"}, "afdbec-"},
    {{"1@u", "2@v", "3@w", "4@x", "5@y", "6@z"}, "afbecd-"},
    {{"1@X.org", "2@x.ORG", "3@y"},              "acb-"   }, /* case of the domain is ignored */
    {{"nobody", "", "3@"},                       "abc-"   }, /* without a domain: one lane */
    {{"a@b@x", "2@x", "3@b"},                    "acb-"   }, /* the last @ counts */
};

START_TEST(domains_take_turns)
{
    for (int i = 0; i < WAITERS_MAX && turns[_i].addresses[i] != NULL; i++)
        fair_line_enter(&line, &waiters[i].link, turns[_i].addresses[i], now_ms);
    for (const char *want = turns[_i].served; *want != '\0'; want++)
        ck_assert_int_eq(serve_one(), *want);
    ck_assert_uint_eq(line.count, 0);
}
END_TEST

START_TEST(one_in_the_middle_may_leave)
{
    enter("abc", "u@x");
    fair_line_leave(&line, who('b'), now_ms);
    ck_assert_ptr_null(who('b')->lane);
    ck_assert_uint_eq(line.count, 2);
    ck_assert_int_eq(serve_one(), 'a');
    ck_assert_int_eq(serve_one(), 'c');
    ck_assert_int_eq(serve_one(), '-');
}
END_TEST

START_TEST(what_was_lost_takes_turns_with_the_rest)
{
    enter("abcd", "u@x");
    enter("e", "u@y");
    expect_taken("ae");
    fair_line_rest(&line, who('a'), now_ms);
    ck_assert_uint_eq(line.count, 3);
    expect_taken("b");
    fair_line_return(&line, who('a'), now_ms);
    ck_assert_uint_eq(line.count, 3);
    expect_taken("a");
    lose("b");
    expect_taken("cb-");
    answer('c');
    expect_taken("d-");
    ck_assert_uint_eq(line.count, 0);
}
END_TEST

START_TEST(a_slow_domain_gets_its_share_only)
{
    start(2);
    enter("abcd", "u@x");
    expect_taken("ab-");
    enter("e", "u@y");
    expect_taken("e-");
    now_ms += FAIR_LINE_QUICK_MS;
    answer('a');
    expect_taken("c-");
    fair_line_leave(&line, who('b'), now_ms); /* nobody wants to know any more */
    expect_taken("d-");
}
END_TEST

START_TEST(a_quick_domain_gets_all_until_one_is_overdue)
{
    start(2);
    enter("abcdefgh", "u@x");
    expect_taken("ab-");
    now_ms += FAIR_LINE_QUICK_MS - 1;
    answer('b');
    expect_taken("cde");
    now_ms += 1; /* `a` is out for too long */
    expect_taken("-");
    answer('a'); /* late: not quick any more */
    expect_taken("-");
    answer('c');
    expect_taken("fgh-");
}
END_TEST

START_TEST(what_was_lost_gets_its_share_only)
{
    start(2);
    enter("a", "u@x");
    enter("b", "u@y");
    enter("c", "u@z");
    expect_taken("acb-");
    lose("abc");
    expect_taken("ab-");
    enter("d", "u@w");
    expect_taken("d-");
    answer('a');
    expect_taken("c-");
}
END_TEST

START_TEST(after_a_loss_one_new_query_tries_the_domain)
{
    start(3);
    enter("abcdef", "u@x");
    expect_taken("abc-");
    lose("a");
    fair_line_leave(&line, who('b'), now_ms);
    fair_line_leave(&line, who('c'), now_ms);
    expect_taken("ad-");
    answer('d');
    expect_taken("ef-");
}
END_TEST

START_TEST(domain_without_answers_is_mute)
{
    start(2);
    enter("abcde", "u@x");
    enter("f", "u@y");
    expect_taken("afb-");
    answer('f');
    ck_assert(fair_line_is_mute(who('a')));
    ck_assert_ptr_eq(fair_line_neighbour(who('a')), who('c'));
    fair_line_leave(&line, who('c'), now_ms);
    fair_line_leave(&line, who('d'), now_ms);
    fair_line_leave(&line, who('e'), now_ms);
    ck_assert_ptr_null(fair_line_neighbour(who('a')));
    lose("b");
    ck_assert_ptr_eq(fair_line_neighbour(who('a')), who('b'));
    expect_taken("b");
    answer('b');
    ck_assert(!fair_line_is_mute(who('a')));
}
END_TEST

int main(void)
{
    TCase *order = tcase_create("order");

    tcase_add_checked_fixture(order, set_up, tear_down);
    tcase_add_loop_test(order, domains_take_turns, 0, G_N_ELEMENTS(turns));
    tcase_add_test(order, one_in_the_middle_may_leave);
    tcase_add_test(order, what_was_lost_takes_turns_with_the_rest);
    tcase_add_test(order, a_slow_domain_gets_its_share_only);
    tcase_add_test(order, a_quick_domain_gets_all_until_one_is_overdue);
    tcase_add_test(order, what_was_lost_gets_its_share_only);
    tcase_add_test(order, after_a_loss_one_new_query_tries_the_domain);
    tcase_add_test(order, domain_without_answers_is_mute);
    return run_suite("ipc/fair_line", order, NULL);
}
