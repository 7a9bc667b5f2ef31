#include "src/ipc/fair_line_internal.h"
#include "tests/runner.h"

/* One letter is one who waits; its case and the letters around it tell nothing. */
typedef struct Waiter {
    LaneLink link; /* first */
    char name;
} Waiter;

#define WAITERS_MAX 8

static FairLine line;
static Waiter waiters[WAITERS_MAX];

static void set_up(void)
{
    fair_line_init(&line);
    for (int i = 0; i < WAITERS_MAX; i++)
        waiters[i] = (Waiter){.name = (char)('a' + i)};
}

static void tear_down(void)
{
    fair_line_clear(&line);
}

static char serve_one(void)
{
    Waiter *first = (Waiter *)fair_line_first(&line);

    if (first == NULL)
        return '-';
    fair_line_remove(&line, &first->link);
    return first->name;
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
        fair_line_append(&line, &waiters[i].link, turns[_i].addresses[i]);
    for (const char *want = turns[_i].served; *want != '\0'; want++)
        ck_assert_int_eq(serve_one(), *want);
    ck_assert_uint_eq(line.count, 0);
}
END_TEST

START_TEST(one_that_is_put_back_is_next)
{
    fair_line_append(&line, &waiters[0].link, "1@x");
    fair_line_append(&line, &waiters[1].link, "2@x");
    fair_line_append(&line, &waiters[2].link, "3@y");
    ck_assert_int_eq(serve_one(), 'a');
    fair_line_put_back(&line, &waiters[0].link, "1@x");
    ck_assert_uint_eq(line.count, 3);
    ck_assert_int_eq(serve_one(), 'a');
    ck_assert_int_eq(serve_one(), 'c');
    ck_assert_int_eq(serve_one(), 'b');
}
END_TEST

START_TEST(one_in_the_middle_may_leave)
{
    fair_line_append(&line, &waiters[0].link, "1@x");
    fair_line_append(&line, &waiters[1].link, "2@x");
    fair_line_append(&line, &waiters[2].link, "3@x");
    fair_line_remove(&line, &waiters[1].link);
    ck_assert_ptr_null(waiters[1].link.lane);
    ck_assert_int_eq(serve_one(), 'a');
    ck_assert_int_eq(serve_one(), 'c');
    ck_assert_int_eq(serve_one(), '-');
}
END_TEST

int main(void)
{
    TCase *order = tcase_create("order");

    tcase_add_checked_fixture(order, set_up, tear_down);
    tcase_add_loop_test(order, domains_take_turns, 0, G_N_ELEMENTS(turns));
    tcase_add_test(order, one_that_is_put_back_is_next);
    tcase_add_test(order, one_in_the_middle_may_leave);
    return run_suite("ipc/fair_line", order, NULL);
}
