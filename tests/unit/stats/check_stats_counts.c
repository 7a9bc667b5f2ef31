#include <string.h>

#include "stats/stats.h"
#include "tests/support/runner.h"

static const HistogramBounds bounds = {
    3, {10, 100, 1000}
};

/* A duration, and the bucket that counts it. */
static const struct {
    int64_t duration_us;
    uint64_t up_to[3];
} durations[] = {
    {-5,        {1, 1, 1}},
    {0,         {1, 1, 1}},
    {10,        {1, 1, 1}},
    {11,        {0, 1, 1}},
    {100,       {0, 1, 1}},
    {101,       {0, 0, 1}},
    {1000,      {0, 0, 1}},
    {1001,      {0, 0, 0}},
    {INT64_MAX, {0, 0, 0}},
};

START_TEST(durations_count_below_the_first_bound_that_is_not_smaller)
{
    Histogram histogram;

    histogram_init(&histogram, &bounds);
    histogram_add(&histogram, durations[_i].duration_us);
    for (unsigned i = 0; i < bounds.count; i++)
        ck_assert_uint_eq(histogram_up_to(&histogram, i), durations[_i].up_to[i]);
    ck_assert_uint_eq(histogram.total_count, 1);
    ck_assert_uint_eq(histogram.sum_us, (uint64_t)MAX(durations[_i].duration_us, 0));
}
END_TEST

START_TEST(quantiles_are_bounds)
{
    Histogram histogram;

    histogram_init(&histogram, &bounds);
    ck_assert_int_eq(histogram_quantile_us(&histogram, 0.5), 0);
    for (int i = 0; i < 98; i++)
        histogram_add(&histogram, 5);
    histogram_add(&histogram, 50);
    histogram_add(&histogram, 5000);
    ck_assert_int_eq(histogram_quantile_us(&histogram, 0.5), 10);
    ck_assert_int_eq(histogram_quantile_us(&histogram, 0.99), 100);
    ck_assert_int_eq(histogram_quantile_us(&histogram, 1), INT64_MAX);
}
END_TEST

/* Counts at these seconds, and what the last minute and the last hour are at another second. */
static const struct {
    int64_t counts_s[5]; /* 0: no more */
    int64_t asked_s;
    uint64_t minute, hour;
} rates[] = {
    {{1000, 1000, 1001}, 1001,   3, 3},
    {{1000, 1059},       1059,   2, 2},
    {{1000, 1060},       1060,   1, 2},
    {{1000},             1059,   1, 1},
    {{1000},             1060,   0, 1},
    {{1020},             4559,   0, 1}, /* the 60th minute is not over yet */
    {{1020},             4620,   0, 0},
    {{1000, 900},        1000,   2, 2}, /* a clock that runs backward stays where it was */
    {{1000, 100000},     100000, 1, 1},
};

START_TEST(rates_forget_what_is_too_long_ago)
{
    Rate rate;
    uint32_t minutes[RATE_SLOTS];
    uint64_t sum = 0;

    rate_init(&rate, 990);
    for (unsigned i = 0; rates[_i].counts_s[i] != 0; i++)
        rate_count(&rate, rates[_i].counts_s[i]);
    ck_assert_uint_eq(rate_last_minute(&rate, rates[_i].asked_s), rates[_i].minute);
    ck_assert_uint_eq(rate_last_hour(&rate, rates[_i].asked_s), rates[_i].hour);
    rate_minutes(&rate, rates[_i].asked_s, minutes);
    for (unsigned i = 0; i < RATE_SLOTS; i++)
        sum += minutes[i];
    ck_assert_uint_eq(sum, rates[_i].hour);
}
END_TEST

START_TEST(minutes_come_oldest_first)
{
    Rate rate;
    uint32_t minutes[RATE_SLOTS];

    rate_init(&rate, 60000);
    rate_count(&rate, 60000);
    rate_count(&rate, 60000 + 59 * 60);
    rate_count(&rate, 60000 + 59 * 60);
    rate_minutes(&rate, 60000 + 59 * 60, minutes);
    ck_assert_uint_eq(minutes[0], 1);
    ck_assert_uint_eq(minutes[RATE_SLOTS - 1], 2);
}
END_TEST

START_TEST(nobody_counts_without_stats)
{
    stats_count(NULL, STATS_EXPIRED);
    stats_rate_count(NULL, STATS_RATE_IN, 5);
    stats_observe(NULL, STATS_LOOP_BUSY, 5);
    ck_assert_ptr_null(stats_transport(NULL, "smtp"));
    stats_delivery(NULL, STATS_DONE, 1, 5);
    stats_death(NULL, true);
    failure_add(stats_failures(NULL), 1, "smtp", "a.test", "4.4.1", "no");
    event_add_change(stats_events(NULL), 1, EVENT_STARTED, NULL, NULL, NULL);
}
END_TEST

START_TEST(transports_beyond_the_limit_share_one)
{
    Stats *stats = stats_new(0);
    StatsTransport *first = stats_transport(stats, "transport0"), *other;

    for (unsigned i = 1; i < STATS_TRANSPORTS_MAX; i++) {
        g_autofree char *name = g_strdup_printf("transport%u", i);

        ck_assert_str_eq(stats_transport(stats, name)->name, name);
    }
    other = stats_transport(stats, "one more");
    ck_assert_str_eq(other->name, STATS_OTHER_TRANSPORT);
    ck_assert_ptr_eq(stats_transport(stats, "and another"), other);
    ck_assert_ptr_eq(stats_transport(stats, "transport0"), first);
    stats_delivery(first, STATS_DEFERRED, 7, 20000);
    stats_death(first, false);
    ck_assert_uint_eq(stats_transport_at(stats, 0)->recipients[STATS_DEFERRED], 7);
    ck_assert_uint_eq(stats_transport_at(stats, 0)->deaths, 1);
    ck_assert_uint_eq(histogram_up_to(&stats_transport_at(stats, 0)->duration, 1), 1);
    ck_assert_ptr_eq(stats_transport_at(stats, STATS_TRANSPORTS_MAX), other);
    ck_assert_ptr_null(stats_transport_at(stats, STATS_TRANSPORTS_MAX + 1));
    stats_free(stats);
}
END_TEST

START_TEST(the_last_troubles_of_a_destination_are_found)
{
    FailureRing *ring = failure_ring_new();
    const Failure *found;

    ck_assert_ptr_null(failure_find(ring, "smtp", "a.test", UINT64_MAX));
    for (int i = 0; i < FAILURE_MAX + 10; i++)
        failure_add(ring, i, "smtp", i % 2 == 0 ? "a.test" : "b.test", "4.4.1", "no");
    failure_add(ring, 1, "lmtp", "a.test", "", NULL);
    found = failure_find(ring, "smtp", "a.test", UINT64_MAX);
    ck_assert_int_eq(found->wall_s, FAILURE_MAX + 8);
    found = failure_find(ring, "smtp", "a.test", found->serial);
    ck_assert_int_eq(found->wall_s, FAILURE_MAX + 6);
    found = failure_find(ring, "lmtp", "a.test", UINT64_MAX);
    ck_assert_str_eq(found->reason, "");
    ck_assert_ptr_null(failure_find(ring, "lmtp", "a.test", found->serial));
    ck_assert_ptr_null(failure_find(ring, "smtp", "a.tes", UINT64_MAX));
    failure_ring_free(ring);
}
END_TEST

START_TEST(long_texts_are_cut_between_characters)
{
    FailureRing *ring = failure_ring_new();
    g_autoptr(GString) name = g_string_new(NULL), reason = g_string_new("x");
    const Failure *found;

    for (int i = 0; i < 100; i++) {
        g_string_append(name, "host.");
        g_string_append(reason, "\xc3\xa4");
    }
    failure_add(ring, 1, "smtp", name->str, "4.4.1", reason->str);
    found = failure_find(ring, "smtp", name->str, UINT64_MAX);
    ck_assert_ptr_nonnull(found);
    ck_assert(g_utf8_validate(found->reason, -1, NULL));
    ck_assert_uint_eq(strlen(found->reason), sizeof(found->reason) - 1);
    g_string_append_c(name, 'x');
    ck_assert_ptr_null(failure_find(ring, "smtp", name->str, UINT64_MAX));
    failure_ring_free(ring);
}
END_TEST

START_TEST(events_are_read_on_from_a_serial)
{
    EventRing *ring = event_ring_new();
    const Event *event;

    ck_assert_ptr_null(event_next(ring, 0));
    for (int i = 1; i <= EVENT_MAX + 5; i++)
        event_add_change(ring, i, EVENT_TRANSPORT_DIED, "smtp", NULL, "why");
    event = event_next(ring, 0);
    ck_assert_uint_eq(event->serial, 6); /* the first five are gone */
    ck_assert_str_eq(event->destination, "");
    ck_assert_uint_eq(event_next(ring, event->serial)->serial, 7);
    ck_assert_uint_eq(event_last_serial(ring), EVENT_MAX + 5);
    ck_assert_ptr_null(event_next(ring, EVENT_MAX + 5));
    ck_assert_ptr_null(event_next(ring, UINT64_MAX));
    event_ring_free(ring);
}
END_TEST

START_TEST(kinds_of_events_have_names)
{
    for (EventKind kind = 0; kind < EVENT_KIND_COUNT; kind++)
        ck_assert_ptr_nonnull(event_kind_str(kind));
}
END_TEST

/* ---- watched destinations ---- */

START_TEST(few_destinations_are_watched_whatever_is_named)
{
    Stats *stats = stats_new(0);

    for (int i = 0; i < STATS_WATCHED_MAX; i++) {
        g_autofree char *name = g_strdup_printf("Site%d.test", i);

        ck_assert(stats_watch(stats, name));
    }
    ck_assert(stats_watch(stats, "SITE7.test"));
    ck_assert(!stats_watch(stats, "more.test"));
    ck_assert_str_eq(stats_watched_at(stats, 7)->name, "site7.test");
    stats_watched_death(stats, "site7.test");
    stats_watched_death(stats, "more.test");
    stats_watched_death(NULL, "site7.test");
    ck_assert_uint_eq(stats_watched_at(stats, 7)->deaths, 1);
    ck_assert_ptr_null(stats_watched_at(stats, STATS_WATCHED_MAX));
    stats_free(stats);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("counts");

    tcase_add_loop_test(tcase, durations_count_below_the_first_bound_that_is_not_smaller, 0,
                        G_N_ELEMENTS(durations));
    tcase_add_test(tcase, quantiles_are_bounds);
    tcase_add_loop_test(tcase, rates_forget_what_is_too_long_ago, 0, G_N_ELEMENTS(rates));
    tcase_add_test(tcase, minutes_come_oldest_first);
    tcase_add_test(tcase, nobody_counts_without_stats);
    tcase_add_test(tcase, transports_beyond_the_limit_share_one);
    tcase_add_test(tcase, the_last_troubles_of_a_destination_are_found);
    tcase_add_test(tcase, long_texts_are_cut_between_characters);
    tcase_add_test(tcase, events_are_read_on_from_a_serial);
    tcase_add_test(tcase, kinds_of_events_have_names);
    tcase_add_test(tcase, few_destinations_are_watched_whatever_is_named);
    return run_suite("stats/counts", tcase, NULL);
}
