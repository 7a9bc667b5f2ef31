#include "sched/inspect.h"
#include "tests/support/sched_support.h"

/* What somebody sees who only looks. */

static World world;

static void setup(void)
{
    world_init(&world, SCHED_PREEMPTIVE);
}

static void teardown(void)
{
    world_clear(&world);
}

/* The names of all transports as a walk meets them. */
static char *walk_transports(const char *after)
{
    GString *names = g_string_new(NULL);
    SchedTransportView view;

    for (; sched_view_transport(world.sched, after, &view); after = view.name)
        g_string_append_printf(names, "%s ", view.name);
    return g_string_free(names, FALSE);
}

static void expect_transports(const char *after, const char *want)
{
    g_autofree char *got = walk_transports(after);

    ck_assert_str_eq(got, want);
}

START_TEST(transports_come_by_name_whoever_has_the_turn)
{
    (void)world_sched(&world);
    expect_transports(NULL, "");
    mail_add(&world, "smtp/x:a lmtp/x:a relay/x:a Local/x:a");
    expect_transports(NULL, "Local lmtp relay smtp ");
    (void)sched_next_connection(world.sched); /* the ring turns */
    expect_transports(NULL, "Local lmtp relay smtp ");
    mail_add(&world, "maildrop/x:a");
    expect_transports("lmtp", "maildrop relay smtp ");
    expect_transports("m", "maildrop relay smtp "); /* there need not be one of that name */
    expect_transports("smtp", "");
    sched_check(world.sched);
}
END_TEST

static void expect_destination(const char *transport, const char *name, const char *want)
{
    SchedDestinationView view;
    bool is_there = sched_view_destination(world.sched, transport, name, &view);

    ck_assert_str_eq(is_there ? view.transport : "none", want);
}

START_TEST(a_destination_is_found_in_its_transport_or_in_any_but_our_own)
{
    mail_add(&world, "smtp/x:a lmtp/y:a retry/z:a");
    expect_destination("smtp", "x", "smtp");
    expect_destination("lmtp", "x", "none");
    expect_destination("uucp", "x", "none");
    expect_destination(NULL, "y", "lmtp");
    expect_destination(NULL, "w", "none");
    expect_destination("retry", "z", "retry");
    expect_destination(NULL, "z", "none");
}
END_TEST

START_TEST(a_summary_counts_dead_transports)
{
    SchedSummary summary;

    mail_add(&world, "smtp/x:a lmtp/x:a");
    sched_summarize(world.sched, &summary);
    ck_assert_uint_eq(summary.transport_count, 2);
    ck_assert_uint_eq(summary.dead_transport_count, 0);
    ck_assert_uint_eq(summary.destination_count, 2);
    ck_assert_uint_eq(summary.recipient_count, 2);
    sched_connection_failed(world.sched, sched_next_connection(world.sched), "4.3.0", "down",
                            world.now);
    sched_summarize(world.sched, &summary);
    ck_assert_uint_eq(summary.transport_count, 3); /* and "retry", which has its mail now */
    ck_assert_uint_eq(summary.dead_transport_count, 1);
}
END_TEST

/* Whatever came of it; what does not run does not end. */
START_TEST(deliveries_of_the_last_minute_are_counted)
{
    SchedDestinationView view;
    SchedEntry *entry;

    world.now.mono_us = 1;
    mail_add(&world, "smtp/x:a");
    mail_add(&world, "smtp/x:b");
    entry = world_connect(&world);
    ck_assert(sched_view_destination(world.sched, "smtp", "x", &view));
    ck_assert_uint_eq(allowance_ended(view.measure, world.now.mono_us), 0);
    world_finish(&world, entry,
                 &(SchedResult){.deferred = true, .status = "4.4.1", .reason = "no"});
    ck_assert(sched_view_destination(world.sched, "smtp", "x", &view));
    ck_assert_uint_eq(allowance_ended(view.measure, world.now.mono_us), 1);
    ck_assert_uint_eq(allowance_ended(view.measure, world.now.mono_us + 120000000), 0);
}
END_TEST

static int64_t before(const Mail *mail, unsigned max, bool *ret_is_cut)
{
    return sched_view_before(mail->message, "smtp", max, ret_is_cut);
}

START_TEST(requests_before_a_message_are_counted_in_its_transport)
{
    const Mail *first, *last, *other;
    bool is_cut;

    first = mail_add(&world, "smtp/x:a smtp/y:b lmtp/x:c");
    mail_add(&world, "smtp/x:d");
    other = mail_add(&world, "lmtp/x:e");
    last = mail_add(&world, "smtp/x:f");
    ck_assert_int_eq(before(first, 9, &is_cut), 0);
    ck_assert_int_eq(before(last, 9, &is_cut), 3);
    ck_assert(!is_cut);
    ck_assert_int_eq(before(last, 1, &is_cut), 1); /* the nearest ones */
    ck_assert(is_cut);
    ck_assert_int_eq(before(other, 9, &is_cut), -1);
    ck_assert(!is_cut);
    (void)world_connect(&world); /* of the first message, or elsewhere */
    (void)world_connect(&world);
    (void)world_connect(&world);
    ck_assert_int_lt(before(last, 9, &is_cut), 3);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("inspect");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, transports_come_by_name_whoever_has_the_turn);
    tcase_add_test(tcase, a_destination_is_found_in_its_transport_or_in_any_but_our_own);
    tcase_add_test(tcase, a_summary_counts_dead_transports);
    tcase_add_test(tcase, deliveries_of_the_last_minute_are_counted);
    tcase_add_test(tcase, requests_before_a_message_are_counted_in_its_transport);
    return run_suite("sched/inspect", tcase, NULL);
}
