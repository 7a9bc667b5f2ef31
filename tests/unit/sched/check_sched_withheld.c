#include <limits.h>

#include "tests/support/sched_support.h"

/* Mail that the caller does not want delivered now goes the way of that for a dead site. */

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

static SchedDestination *destination(const char *name)
{
    return sched_destination_get(world.sched, sched_transport_find(world.sched, "t1"), name, name);
}

#define HELD      "4.3.2", "held"
#define HELD_TEXT "4.3.2 held"

static const char *transport_of(const SchedEntry *entry)
{
    return sched_transport_name(sched_destination_transport(sched_entry_destination(entry)));
}

/* What waits goes, what runs goes on, and the site lives. */
START_TEST(waiting_mail_of_a_living_destination_is_redirected)
{
    SchedEntry *running;
    int redirected = 0;

    mail_add(&world, "x:a y:d");
    mail_add(&world, "x:b");
    mail_add(&world, "x:c");
    running = world_connect(&world);
    sched_destination_redirect(world.sched, destination("x"), UINT_MAX, HELD, world.now);
    sched_check(world.sched);
    ck_assert(!sched_destination_is_dead(destination("x"), NULL, NULL));
    world_finish(&world, running, &delivered);
    for (int i = 0; i < 3; i++) {
        SchedEntry *entry = world_connect(&world);

        redirected += g_str_equal(transport_of(entry), "retry");
        world_finish(&world, entry, &delivered);
    }
    ck_assert_int_eq(redirected, 2);
    ck_assert_int_eq((int)sched_message_count(world.sched), 0);
}
END_TEST

/* Some at a time, those that the caller was shown; the order in each message is kept. */
START_TEST(waiting_mail_is_redirected_in_pieces)
{
    unsigned pieces = 0, left = 7, redirected = 0;
    SchedEntry *running;
    bool is_more;

    world.params.destination_recipient_limit = 2; /* so that a message has several entries */
    mail_add(&world, "x:a");
    running = world_connect(&world);
    for (int i = 0; i < 3; i++)
        mail_add(&world, "x:b x:c x:d x:e");
    mail_add(&world, "x:f");
    do {
        g_autoptr(GPtrArray) shown = sched_destination_waiting(destination("x"), 3);

        ck_assert_uint_eq(shown->len, MIN(left, 3));
        is_more = sched_destination_redirect(world.sched, destination("x"), 3, HELD, world.now);
        sched_check(world.sched);
        left -= MIN(left, 3);
        pieces++;
    } while (is_more);
    ck_assert_uint_eq(left, 0);
    ck_assert_uint_eq(pieces, 3);
    world_finish(&world, running, &delivered);
    while (sched_message_count(world.sched) > 0) {
        SchedEntry *entry = world_connect(&world);

        redirected += g_str_equal(transport_of(entry), "retry");
        world_finish(&world, entry, &delivered);
    }
    ck_assert_uint_eq(redirected, 7);
}
END_TEST

START_TEST(redirecting_what_does_not_wait_changes_nothing)
{
    SchedEntry *running;

    mail_add(&world, "x:a");
    running = world_connect(&world);
    sched_destination_redirect(world.sched, destination("x"), UINT_MAX, HELD, world.now);
    sched_check(world.sched);
    world_finish(&world, running, &delivered);
    ck_assert_int_eq((int)sched_message_count(world.sched), 0);
}
END_TEST

/* The list of an entry, and which of its recipients are redirected. */
static const struct {
    const char *mail;
    bool marked[3];
    unsigned marked_count, left_count;
} parts[] = {
    {"x:a x:b x:c", {true, false, false}, 1, 2},
    {"x:a x:b x:c", {false, true, false}, 1, 2},
    {"x:a x:b x:c", {true, false, true},  2, 1},
    {"x:a x:b x:c", {true, true, true},   3, 0},
    {"x:a",         {true, false, false}, 1, 0},
};

START_TEST(recipients_of_a_selected_entry_are_redirected)
{
    SchedEntry *entry;
    SchedTransport *transport;
    const char *name;
    bool goes_on;

    mail_add(&world, parts[_i].mail);
    entry = world_connect(&world);
    goes_on = sched_entry_redirect(world.sched, entry, parts[_i].marked, HELD, world.now);
    sched_check(world.sched);
    ck_assert_int_eq(goes_on, parts[_i].left_count > 0);
    if (goes_on) {
        ck_assert_uint_eq(sched_entry_recipient_count(entry), parts[_i].left_count);
        world_finish(&world, entry, &refused); /* which says nothing about those that went */
        sched_check(world.sched);
    }
    entry = world_connect(&world);
    ck_assert(sched_message_origin(sched_entry_message(entry), &transport, &name));
    ck_assert_str_eq(name, "x");
    ck_assert_str_eq(transport_of(entry), "retry");
    ck_assert_str_eq(sched_destination_name(sched_entry_destination(entry)), HELD_TEXT);
    ck_assert_uint_eq(sched_entry_recipient_count(entry), parts[_i].marked_count);
    world_finish(&world, entry, &delivered);
    ck_assert_int_eq((int)sched_message_count(world.sched), 0);
    ck_assert_int_eq((int)sched_recipient_count(world.sched), 0);
}
END_TEST

static void end_retry(void)
{
    mail_add(&world, "retry/4.0.0:r");
    sched_connection_failed(world.sched, sched_next_connection(world.sched), "4.3.0", "down",
                            world.now);
    world_record_undeliverable(&world);
    g_string_truncate(world.trace, 0);
}

/* Those that are marked, and nobody else. */
START_TEST(recipients_are_undeliverable_without_retry)
{
    g_autoptr(GString) expected = g_string_new(NULL);
    SchedEntry *entry;
    bool goes_on;

    end_retry();
    mail_add(&world, parts[_i].mail);
    entry = world_connect(&world);
    for (unsigned i = 0; i < sched_entry_recipient_count(entry); i++)
        if (parts[_i].marked[i])
            g_string_append_c(expected, (char)('a' + i));
    g_string_append(expected, "=" HELD_TEXT ";");
    goes_on = sched_entry_redirect(world.sched, entry, parts[_i].marked, HELD, world.now);
    sched_check(world.sched);
    ck_assert_int_eq(goes_on, parts[_i].left_count > 0);
    world_record_undeliverable(&world);
    ck_assert_str_eq(world.trace->str, expected->str);
    ck_assert_int_eq((int)sched_recipient_count(world.sched), (int)parts[_i].left_count);
    if (goes_on) {
        ck_assert_uint_eq(sched_entry_recipient_count(entry), parts[_i].left_count);
        ck_assert_str_eq(transport_of(entry), "t1");
        world_finish(&world, entry, &delivered);
        sched_check(world.sched);
    }
    ck_assert_int_eq((int)sched_message_count(world.sched), 0);
    ck_assert_int_eq((int)sched_recipient_count(world.sched), 0);
}
END_TEST

/* ---- what is to be bound anew ---- */

static SchedMessage *message_of(const char *name, guint place)
{
    g_autoptr(GPtrArray) waiting = sched_destination_waiting(destination(name), UINT_MAX);

    ck_assert_uint_lt(place, waiting->len);
    return sched_entry_message(waiting->pdata[place]);
}

static void withdraw(const char *name, SchedMessage *message, Chain *recipients)
{
    g_autoptr(GPtrArray) waiting = sched_destination_waiting(destination(name), UINT_MAX);

    for (guint i = 0; i < waiting->len; i++) {
        Chain more;

        if (sched_entry_message(waiting->pdata[i]) != message)
            continue;
        more = sched_batch_withdraw(world.sched, waiting->pdata[i], world.now);
        chain_join(recipients, &more);
        sched_check(world.sched);
    }
}

/* Mail a, b and c for x, which has room for one. */
static SchedEntry *run_one_of_three(void)
{
    mail_add(&world, "x:a");
    mail_add(&world, "x:b");
    mail_add(&world, "x:c");
    return world_connect(&world);
}

static void bind_to(const char *name, SchedMessage *message, Chain *recipients)
{
    Link *link;

    while ((link = chain_pop_first(recipients)) != NULL)
        sched_batch_assign(world.sched, message, destination(name), link, world.now);
    sched_batch_end(world.sched, message, world.now);
    sched_check(world.sched);
}

/* One runs, which goes on; of the other two one finds another way, while the first one waits. */
START_TEST(withdrawn_mail_waits_elsewhere)
{
    SchedEntry *running, *moved;
    SchedMessage *message;
    Chain recipients = {NULL};

    running = run_one_of_three();
    message = message_of("x", 1);
    sched_batch_reopen(message);
    withdraw("x", message, &recipients);
    ck_assert_uint_eq(sched_message_outstanding(message), 0);
    ck_assert_int_eq((int)sched_recipient_count(world.sched), 3);
    ck_assert_ptr_null(world_connect(&world)); /* the window of x is full, c waits for nothing */
    bind_to("y", message, &recipients);
    moved = world_connect(&world);
    ck_assert_ptr_eq(sched_entry_message(moved), message);
    ck_assert_str_eq(sched_destination_name(sched_entry_destination(moved)), "y");
    world_finish(&world, moved, &delivered);
    world_finish(&world, running, &delivered);
    ck_assert_str_eq(world_deliver_all(&world, " "), "b");
    ck_assert_int_eq((int)sched_message_count(world.sched), 0);
    ck_assert_int_eq((int)sched_recipient_count(world.sched), 0);
}
END_TEST

/* In preemptive scheduling the job keeps its place; in round-robin it has become the last. */
START_TEST(withdrawn_mail_that_comes_back_keeps_the_place_of_its_job)
{
    bool is_preemptive = world.settings.strategy == SCHED_PREEMPTIVE;
    SchedEntry *running;
    SchedMessage *message;
    Chain recipients = {NULL};

    running = run_one_of_three();
    message = message_of("x", 0);
    sched_batch_reopen(message);
    withdraw("x", message, &recipients);
    bind_to("x", message, &recipients);
    world_finish(&world, running, &delivered);
    ck_assert_str_eq(world_deliver_all(&world, " "), is_preemptive ? "b c" : "c b");
}
END_TEST

/* Any entry can be taken out of those that wait for the same destination. */
START_TEST(one_of_several_entries_is_withdrawn)
{
    SchedMessage *message;
    g_autoptr(GPtrArray) waiting = NULL;
    Chain recipients;

    world.params.destination_recipient_limit = 1;
    mail_add(&world, "x:a x:b x:c");
    waiting = sched_destination_waiting(destination("x"), UINT_MAX);
    ck_assert_uint_eq(waiting->len, 3);
    message = sched_entry_message(waiting->pdata[_i]);
    sched_batch_reopen(message);
    recipients = sched_batch_withdraw(world.sched, waiting->pdata[_i], world.now);
    sched_check(world.sched);
    bind_to("y", message, &recipients);
    (void)world_deliver_all(&world, " ");
    ck_assert_int_eq((int)sched_message_count(world.sched), 0);
}
END_TEST

/* Neither what runs, nor what waits for retry, nor what is of another message. */
START_TEST(what_waits_of_a_message_is_found)
{
    SchedEntry *running;
    SchedMessage *message;

    world.params.destination_recipient_limit = 1;
    mail_add(&world, "x:a x:b y:c z:d");
    running = world_connect(&world);
    message = sched_entry_message(running);
    mail_add(&world, "x:e y:f");
    for (unsigned left = 3; left > 0; left--) {
        g_autoptr(GPtrArray) waiting = sched_message_waiting(world.sched, message);

        ck_assert_uint_eq(waiting->len, left);
        for (guint i = 0; i < waiting->len; i++)
            ck_assert_ptr_eq(sched_entry_message(waiting->pdata[i]), message);
        sched_waiting_redirect(world.sched, waiting->pdata[left / 2], HELD, world.now);
        sched_check(world.sched);
    }
    world_finish(&world, running, &delivered);
    (void)world_deliver_all(&world, " ");
    ck_assert_int_eq((int)sched_message_count(world.sched), 0);
}
END_TEST

static TCase *add_case(const char *name, SFun setup)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, waiting_mail_of_a_living_destination_is_redirected);
    tcase_add_test(tcase, waiting_mail_is_redirected_in_pieces);
    tcase_add_test(tcase, redirecting_what_does_not_wait_changes_nothing);
    tcase_add_loop_test(tcase, recipients_of_a_selected_entry_are_redirected, 0,
                        G_N_ELEMENTS(parts));
    tcase_add_loop_test(tcase, recipients_are_undeliverable_without_retry, 0, G_N_ELEMENTS(parts));
    tcase_add_test(tcase, withdrawn_mail_waits_elsewhere);
    tcase_add_test(tcase, withdrawn_mail_that_comes_back_keeps_the_place_of_its_job);
    tcase_add_loop_test(tcase, one_of_several_entries_is_withdrawn, 0, 3);
    tcase_add_test(tcase, what_waits_of_a_message_is_found);
    return tcase;
}

int main(void)
{
    return run_suite("sched/withheld", add_case("preemptive", setup_preemptive),
                     add_case("round-robin", setup_round_robin), NULL);
}
