#include "tests/support/sched_support.h"

/* Dead destinations and transports, and where their mail goes (scheduling.md 12). */

#define UNAVAILABLE "4.3.0", "mail transport unavailable"
#define SUSPENDED   "4.4.1 delivery temporarily suspended: no route"

static World world;

static void setup_preemptive(void)
{
    world_init(&world, SCHED_PREEMPTIVE);
    world.params.initial_destination_concurrency = 1;
}

static void setup_round_robin(void)
{
    world_init(&world, SCHED_ROUND_ROBIN);
    world.params.initial_destination_concurrency = 1;
}

static void teardown(void)
{
    world_clear(&world);
}

/* The destination of the next entry dies of its delivery. */
static void kill_next(const SchedResult *result)
{
    world_finish(&world, world_connect(&world), result);
    sched_check(world.sched);
}

static void fail_next_connection(const char *status, const char *reason)
{
    SchedTransport *transport = sched_next_connection(world.sched);

    ck_assert_ptr_nonnull(transport);
    sched_connection_failed(world.sched, transport, status, reason, world.now);
    sched_check(world.sched);
}

static SchedTransport *find(const char *name)
{
    return sched_transport_find(world.sched, name);
}

static SchedDestination *destination(const char *transport, const char *name)
{
    return sched_destination_get(world.sched, find(transport), name, name);
}

static bool is_dead(const char *transport, const char *name)
{
    return sched_destination_is_dead(destination(transport, name), NULL, NULL);
}

static const struct {
    const char *status, *reason, *want;
} reasons[] = {
    {"4.4.1",     "connect to x.t1: Connection refused",
     "4.4.1 delivery temporarily suspended: connect to x.t1: Connection refused"                                  },
    {"5.7.1",     "No",                                  "5.7.1 delivery temporarily suspended: No"               },
    {"4.111.222", "",                                    "4.111.222 delivery temporarily suspended: unknown error"},
};

START_TEST(reason_of_death_becomes_the_destination)
{
    SchedResult result = {
        .deferred = true, .status = reasons[_i].status, .reason = reasons[_i].reason};
    SchedEntry *entry;

    mail_add(&world, "x:a");
    mail_add(&world, "x:b");
    kill_next(&result);
    entry = world_connect(&world);
    ck_assert_str_eq(
        sched_transport_name(sched_destination_transport(sched_entry_destination(entry))), "retry");
    ck_assert_str_eq(sched_destination_name(sched_entry_destination(entry)), reasons[_i].want);
    ck_assert_str_eq(sched_destination_nexthop(sched_entry_destination(entry)), reasons[_i].want);
}
END_TEST

/* Order of creation over all messages, or the opposite; the entries stay as they were grouped. */
START_TEST(preemptive_redirects_oldest_first_and_round_robin_newest_first)
{
    world.params.destination_recipient_limit = 2;
    mail_add(&world, "x:a x:a x:b x:b x:c");
    mail_add(&world, "x:d");
    kill_next(&refused);
    ck_assert_str_eq(world_deliver_all(&world, " "),
                     world.settings.strategy == SCHED_PREEMPTIVE ? "bb c d" : "d c bb");
    ck_assert_int_eq((int)sched_message_count(world.sched), 0);
}
END_TEST

/* 12.3: destination by destination in list order */
START_TEST(transport_dies_with_all_that_waits)
{
    const char *status, *reason;

    mail_add(&world, "x:a y:b");
    mail_add(&world, "x:c");
    fail_next_connection(UNAVAILABLE);
    ck_assert(sched_transport_is_dead(find("t1"), &status, &reason));
    ck_assert_str_eq(status, "4.3.0");
    ck_assert_str_eq(reason, "mail transport unavailable");
    world_deliver_all(&world, " ");
    ck_assert_str_eq(world.trace->str,
                     world.settings.strategy == SCHED_PREEMPTIVE ? "a b c" : "c a b");
}
END_TEST

START_TEST(dead_transport_gets_no_connection_until_its_time_has_come)
{
    mail_add(&world, "x:a");
    fail_next_connection(UNAVAILABLE);
    world_deliver_all(&world, " ");
    ck_assert_int_eq(sched_next_timer_s(world.sched), world.now.timer_s + 60);
    world_wait(&world, 59);
    ck_assert(sched_transport_is_dead(find("t1"), NULL, NULL));
    world_wait(&world, 1);
    ck_assert(!sched_transport_is_dead(find("t1"), NULL, NULL));
    ck_assert_int_eq(sched_next_timer_s(world.sched), INT64_MAX);
}
END_TEST

START_TEST(first_failure_of_a_transport_counts)
{
    const char *status, *reason;
    SchedTransport *first;

    world.params.initial_destination_concurrency = 2;
    mail_add(&world, "x:a");
    mail_add(&world, "x:b");
    first = sched_next_connection(world.sched);
    ck_assert_ptr_eq(sched_next_connection(world.sched), first);
    sched_connection_failed(world.sched, first, "4.3.0", "first", world.now);
    world_wait(&world, 30);
    sched_connection_failed(world.sched, first, "4.3.0", "second", world.now);
    ck_assert(sched_transport_is_dead(first, &status, &reason));
    ck_assert_str_eq(reason, "first");
    world_wait(&world, 30);
    ck_assert(!sched_transport_is_dead(first, NULL, NULL));
}
END_TEST

START_TEST(reply_of_a_running_delivery_revives_its_transport)
{
    const SchedResult *results[] = {&delivered, &crashed};
    SchedEntry *entry;

    world.params.initial_destination_concurrency = 2;
    mail_add(&world, "x:a");
    mail_add(&world, "x:b");
    entry = world_connect(&world);
    fail_next_connection(UNAVAILABLE);
    world_finish(&world, entry, results[_i]);
    ck_assert_int_eq(sched_transport_is_dead(find("t1"), NULL, NULL), results[_i]->crashed);
}
END_TEST

/* 6.3: back to the waiting ones, and with them to retry */
START_TEST(entry_that_cannot_be_sent_is_redirected)
{
    SchedEntry *entry;

    mail_add(&world, "x:a");
    mail_add(&world, "x:b");
    mail_add(&world, "x:c");
    entry = world_connect(&world);
    sched_entry_give_back(world.sched, entry, UNAVAILABLE, world.now);
    sched_check(world.sched);
    ck_assert(sched_transport_is_dead(find("t1"), NULL, NULL));
    ck_assert_str_eq(world_deliver_all(&world, " "),
                     world.settings.strategy == SCHED_PREEMPTIVE ? "b c a" : "a c b");
}
END_TEST

START_TEST(mail_is_undeliverable_without_retry)
{
    mail_add(&world, "retry/4.0.0:r");
    fail_next_connection(UNAVAILABLE);
    world_record_undeliverable(&world);
    ck_assert_str_eq(world.trace->str, "r=4.3.0 mail transport unavailable;");
    g_string_truncate(world.trace, 0);

    mail_add(&world, "x:a");
    mail_add(&world, "x:b");
    mail_add(&world, "x:c");
    kill_next(&refused);
    ck_assert_int_eq((int)sched_message_count(world.sched), 2);
    ck_assert_int_eq(sched_recipient_count(world.sched), 0);
    world_record_undeliverable(&world);
    ck_assert_str_eq(world.trace->str, world.settings.strategy == SCHED_PREEMPTIVE
                                           ? "b=" SUSPENDED ";c=" SUSPENDED ";"
                                           : "c=" SUSPENDED ";b=" SUSPENDED ";");
    ck_assert_int_eq((int)sched_message_count(world.sched), 0);
}
END_TEST

/* 12.3: the text of the later failure is recorded */
START_TEST(redirected_mail_may_become_undeliverable)
{
    mail_add(&world, "x:a");
    mail_add(&world, "x:b");
    kill_next(&refused);
    fail_next_connection(UNAVAILABLE);
    world_record_undeliverable(&world);
    ck_assert_str_eq(world.trace->str, "b=4.3.0 mail transport unavailable;");
    ck_assert_int_eq((int)sched_message_count(world.sched), 0);
    sched_check(world.sched);
}
END_TEST

START_TEST(dead_retry_destination_makes_mail_undeliverable)
{
    Mail *mail = mail_add_unread(&world, "retry/other:r");

    mail_add_recipient(mail, "retry", SUSPENDED, "s");
    mail_read(&world, mail);
    mail_add(&world, "x:a");
    mail_add(&world, "x:b");
    while (!is_dead("retry", SUSPENDED))
        kill_next(&refused);
    world_record_undeliverable(&world);
    ck_assert_str_eq(world.trace->str, "b=" SUSPENDED ";");
}
END_TEST

START_TEST(untaken_undeliverable_mail_is_freed)
{
    const char *status, *reason;

    mail_add(&world, "retry/4.0.0:r");
    mail_add(&world, "retry/4.0.0:s");
    fail_next_connection(UNAVAILABLE);
    ck_assert_ptr_nonnull(sched_pop_undeliverable(world.sched, &status, &reason));
}
END_TEST

/* It remembers the first destination that it was taken from, whatever follows; mail that was only
 * delivered has none. */
START_TEST(redirected_mail_remembers_where_it_was_to_go)
{
    Mail *second, *third;
    SchedTransport *transport = NULL;
    const char *name = NULL;

    mail_add(&world, "x:a");
    second = mail_add(&world, "x:b y:c");
    third = mail_add(&world, "z:d");
    kill_next(&refused);
    ck_assert(!sched_message_origin(third->message, &transport, &name));
    ck_assert(sched_message_origin(second->message, &transport, &name));
    ck_assert_ptr_eq(transport, find("t1"));
    ck_assert_str_eq(name, "x");
    fail_next_connection(UNAVAILABLE);
    ck_assert(sched_message_origin(second->message, &transport, &name));
    ck_assert_str_eq(name, "x");
}
END_TEST

START_TEST(mail_that_is_given_up_remembers_where_it_was_to_go)
{
    Mail *mail;
    SchedTransport *transport = NULL;
    const char *name = NULL;

    mail_add(&world, "retry/4.0.0:r");
    fail_next_connection(UNAVAILABLE);
    mail_add(&world, "x:a");
    mail = mail_add(&world, "x:b");
    kill_next(&refused);
    ck_assert(sched_message_origin(mail->message, &transport, &name));
    ck_assert_str_eq(name, "x");
    world_record_undeliverable(&world);
}
END_TEST

/* ---- how long a destination stays dead ---- */

START_TEST(destination_lives_again_when_its_time_has_come)
{
    mail_add(&world, "x:a");
    kill_next(&refused);
    world_wait(&world, 299);
    ck_assert(is_dead("t1", "x"));
    world_wait(&world, 1);
    ck_assert(!is_dead("t1", "x"));
}
END_TEST

START_TEST(flush_revives_everything)
{
    mail_add(&world, "x:a");
    kill_next(&refused);
    mail_add(&world, "y:a");
    fail_next_connection(UNAVAILABLE);
    sched_flush(world.sched);
    sched_check(world.sched);
    ck_assert(!sched_transport_is_dead(find("t1"), NULL, NULL));
    ck_assert(!is_dead("t1", "x"));
}
END_TEST

START_TEST(single_sites_can_be_revived)
{
    mail_add(&world, "x:a");
    kill_next(&refused);
    mail_add(&world, "y:a");
    fail_next_connection(UNAVAILABLE);
    sched_transport_revive(world.sched, find("t1"));
    ck_assert(!sched_transport_is_dead(find("t1"), NULL, NULL));
    sched_destination_revive(world.sched, destination("t1", "x"));
    ck_assert(!is_dead("t1", "x"));
    ck_assert_int_eq(sched_next_timer_s(world.sched), INT64_MAX);
}
END_TEST

/* 12.4 */
START_TEST(memory_of_dead_destinations_is_bounded)
{
    world.settings.message_recipient_limit = 2;
    for (int i = 0; i < 7; i++) {
        g_autofree char *text = g_strdup_printf("x%d:a", i);

        mail_add(&world, text);
        kill_next(&refused);
    }
    for (int i = 0; i < 7; i++) {
        g_autofree char *name = g_strdup_printf("x%d", i);

        ck_assert_int_eq(is_dead("t1", name), i < 3);
    }
}
END_TEST

static TCase *common(const char *name, SFun setup)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, reason_of_death_becomes_the_destination, 0, G_N_ELEMENTS(reasons));
    tcase_add_test(tcase, preemptive_redirects_oldest_first_and_round_robin_newest_first);
    tcase_add_test(tcase, transport_dies_with_all_that_waits);
    tcase_add_test(tcase, dead_transport_gets_no_connection_until_its_time_has_come);
    tcase_add_test(tcase, first_failure_of_a_transport_counts);
    tcase_add_loop_test(tcase, reply_of_a_running_delivery_revives_its_transport, 0, 2);
    tcase_add_test(tcase, entry_that_cannot_be_sent_is_redirected);
    tcase_add_test(tcase, mail_is_undeliverable_without_retry);
    tcase_add_test(tcase, redirected_mail_may_become_undeliverable);
    tcase_add_test(tcase, dead_retry_destination_makes_mail_undeliverable);
    tcase_add_test(tcase, untaken_undeliverable_mail_is_freed);
    tcase_add_test(tcase, redirected_mail_remembers_where_it_was_to_go);
    tcase_add_test(tcase, mail_that_is_given_up_remembers_where_it_was_to_go);
    tcase_add_test(tcase, destination_lives_again_when_its_time_has_come);
    tcase_add_test(tcase, flush_revives_everything);
    tcase_add_test(tcase, single_sites_can_be_revived);
    tcase_add_test(tcase, memory_of_dead_destinations_is_bounded);
    return tcase;
}

int main(void)
{
    TCase *preemptive = common("preemptive", setup_preemptive);
    TCase *round_robin = common("round-robin", setup_round_robin);

    return run_suite("sched/redirect", preemptive, round_robin, NULL);
}
