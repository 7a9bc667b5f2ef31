#include "tests/support/deferred_causes.h"

static void cause_set_up(void)
{
    deferred_set_up();
    walk_into(deferred.index);
}

TCase *cause_tcase(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, cause_set_up, deferred_tear_down);
    tcase_set_timeout(tcase, LONG_TEST_S);
    return tcase;
}

unsigned count_of(const char *destination)
{
    return deferred_index_count_of(deferred.index, "smtp", destination);
}

char *view_all(DeferredGrouping grouping)
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

bool is_wanted(const char *transport, const char *destination, void *ctx)
{
    ck_assert_str_eq(transport, "smtp");
    return g_str_equal(destination, ctx);
}
