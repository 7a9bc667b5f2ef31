#include "base/chain.h"
#include "tests/support/runner.h"

#define LINKS 5

static void assert_is(const Chain *chain, Link *const *want, size_t count)
{
    Link *link = chain_first(chain);

    for (size_t i = 0; i < count; i++, link = chain_next(chain, link))
        ck_assert_ptr_eq(link, want[i]);
    ck_assert_ptr_null(link);
    ck_assert(chain_is_empty(chain) == (count == 0));
}

START_TEST(first_in_is_first_out)
{
    Chain chain = {0};
    Link links[LINKS];

    ck_assert_ptr_null(chain_pop_first(&chain));
    for (size_t i = 0; i < LINKS; i++)
        chain_append(&chain, &links[i]);
    for (size_t i = 0; i < LINKS; i++)
        ck_assert_ptr_eq(chain_pop_first(&chain), &links[i]);
    assert_is(&chain, NULL, 0);
}
END_TEST

START_TEST(joining_keeps_both_orders_and_empties_the_source)
{
    Chain a = {0}, b = {0};
    Link links[LINKS];
    Link *const all[] = {&links[0], &links[1], &links[2], &links[3], &links[4]};

    for (size_t i = 0; i < 2; i++)
        chain_append(&a, &links[i]);
    for (size_t i = 2; i < LINKS; i++)
        chain_append(&b, &links[i]);
    chain_join(&a, &b);
    assert_is(&a, all, LINKS);
    assert_is(&b, NULL, 0);
    chain_join(&a, &b); /* nothing to join */
    assert_is(&a, all, LINKS);
    chain_join(&b, &a); /* into an empty one */
    assert_is(&b, all, LINKS);
    assert_is(&a, NULL, 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("chain");

    tcase_add_test(tc, first_in_is_first_out);
    tcase_add_test(tc, joining_keeps_both_orders_and_empties_the_source);
    return run_suite("base/chain", tc, NULL);
}
