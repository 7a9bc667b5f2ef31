#include <unistd.h>

#include "policy/rules.h"
#include "src/life/deferred_internal.h"
#include "src/life/learn_internal.h"
#include "src/life/suspended_internal.h"
#include "tests/support/life_fixture.h"

/*
 * What is found out about deferred mail by reading its files, once somebody asks for it: not
 * before, few at a time, and not while mail is resolved.
 */

#define PATIENCE_US (60 * INT64_C(1000000))

static uint32_t unread(void)
{
    return deferred_index_unread_count(deferred_index(world.life));
}

static void give_all(void)
{
    int64_t end_us = g_get_monotonic_time() + PATIENCE_US;

    while (unread() > 0 && g_get_monotonic_time() < end_us)
        world_turn_at_most_ms(1);
    ck_assert_uint_eq(unread(), 0);
}

/* Until all is read that can be, and the last question is answered. */
static void read_all(void)
{
    int64_t end_us;

    give_all();
    end_us = g_get_monotonic_time() + PATIENCE_US;
    while (learn_is_asking(world.life) && g_get_monotonic_time() < end_us)
        world_turn_at_most_ms(1);
}

static char *cause_of(const char *queue_id)
{
    DeferredCause cause = {.transport = NULL};

    if (!deferred_index_cause(deferred_index(world.life), queue_id, &cause))
        return g_strdup("not there");
    return g_strdup_printf("%s %s%s %s %s", cause.transport ?: "-", cause.destination ?: "-",
                           cause.is_user ? " (user)" : "", cause.status ?: "-",
                           cause.reason ?: "-");
}

static void expect_cause(const char *queue_id, const char *want)
{
    g_autofree char *got = cause_of(queue_id);

    ck_assert_msg(g_str_equal(got, want), "%s: %s, not %s", queue_id, got, want);
}

static void start_with(const Mail *mail)
{
    world_mail(mail);
    world_start();
    world_run();
    world_forget();
}

#define A_LOG                                                                                     \
    "\n<b@smtp.test>: refused\nrecipient=b@smtp.test\noffset=100\nstatus=4.2.0\naction=delayed\n" \
    "reason=host said: later\n\n"

/* ---- what is found ---- */

static const struct {
    const char *title;
    const char *log; /* NULL: none */
    Mail mail;
    const char *want;
} files[] = {
    {"a file without a log",      NULL, {.queue = "deferred", .due_in_s = 1000},                                           "smtp smtp.test - -"},
    {"a file and its log",
     A_LOG,                             {.queue = "deferred", .due_in_s = 1000},
     "smtp smtp.test 4.2.0 host said: later"                                                                                                   },
    {"the log's first recipient",
     A_LOG,                             {.queue = "deferred", .due_in_s = 1000, .recipients = "a@local.test b@smtp.test"},
     "smtp smtp.test 4.2.0 host said: later"                                                                                                   },
    {"a log that is broken",
     "recipient=b@x\n",                 {.queue = "deferred", .due_in_s = 1000},
     "smtp smtp.test - -"                                                                                                                      },
    {"a file that is damaged",
     A_LOG,                             {.queue = "deferred", .due_in_s = 1000, .cut_bytes = 40},
     "- - 4.2.0 host said: later"                                                                                                              },
};

START_TEST(a_file_tells_what_it_waits_for)
{
    if (files[_i].log != NULL)
        world_file("defer/A1", files[_i].log);
    start_with(&files[_i].mail);
    expect_cause("A1", "- - - -");
    life_learn_deferred(world.life);
    read_all();
    expect_cause("A1", files[_i].want);
    ck_assert_uint_eq(world.told->len, 0);
}
END_TEST

/* Rules that the answer of trivial-rewrite(8) is not all about. */
static const struct {
    const char *title, *records, *want;
    int recipient_limit;
} routes[] = {
    {"a content filter",             "Lscan:[127.0.0.1]:10025", "scan [127.0.0.1]:10025 - -",  50},
    {"a content filter, no nexthop", "Lscan:",                  "scan smtp.test - -",          50},
    {"a redirection",                ">c@local.test",           "local local.test - -",        50},
    {"a transport for single users", NULL,                      "smtp a@smtp.test (user) - -", 1 },
};

START_TEST(a_message_waits_for_where_it_would_go)
{
    world.params.destination_recipient_limit = routes[_i].recipient_limit;
    world_mail(&(Mail){.id = "B1"}); /* so that the transport is known */
    start_with(&(Mail){.queue = "deferred", .due_in_s = 1000, .records = routes[_i].records});
    life_learn_deferred(world.life);
    read_all();
    expect_cause("A1", routes[_i].want);
}
END_TEST

/* ---- what waits for the end of a suspension ---- */

#define SUSPENDED_RECORD(address)                                                           \
    "\n<" address ">: x\nrecipient=" address "\noffset=100\nstatus=4.3.2\naction=delayed\n" \
    "reason=delivery suspended by administrator (#7): ticket\n\n"

static const struct {
    const char *log;
    bool is_in_force;
    unsigned suspended_count;
    bool comes;
} suspended_logs[] = {
    {SUSPENDED_RECORD("a@smtp.test"),                                 true,  1, false},
    {SUSPENDED_RECORD("a@smtp.test") SUSPENDED_RECORD("b@smtp.test"), true,  1, false},
    {SUSPENDED_RECORD("a@smtp.test") A_LOG,                           true,  0, false},
    {A_LOG,                                                           true,  0, false},
    {SUSPENDED_RECORD("a@smtp.test"),                                 false, 0, true }, /* it has ended */
};

/* As after a restart: the rule is read from its file, other rules are in force. */
START_TEST(a_log_tells_mail_that_only_a_rule_holds)
{
    Rules *rules = rules_new();
    Rule rule = {.number = suspended_logs[_i].is_in_force ? 7 : 8,
                 .kind = RULE_SUSPEND,
                 .object = RULE_DOMAIN,
                 .name = "smtp.test",
                 .end_s = RULE_FOREVER,
                 .reason = "ticket"};
    int64_t end_us = g_get_monotonic_time() + PATIENCE_US;

    ck_assert_ptr_nonnull(rules_put(rules, &rule));
    world.settings.rules = rules;
    world_file("defer/A1", suspended_logs[_i].log);
    start_with(&(Mail){.queue = "deferred", .due_in_s = 3000});
    read_all();
    while (suspended_logs[_i].comes && !was_told("A1: removed") && g_get_monotonic_time() < end_us)
        world_turn_at_most_ms(1);
    ck_assert_uint_eq(suspended_count(world.life), suspended_logs[_i].suspended_count);
    ck_assert_int_eq(access("deferred/A1", F_OK), suspended_logs[_i].comes ? -1 : 0);
    ck_assert_int_eq(was_told("control: resume job=1 rule=7: begun"), suspended_logs[_i].comes);
    world_close();
    rules_free(rules);
}
END_TEST

START_TEST(what_an_attempt_found_out_is_not_replaced)
{
    DeferredIndex *index;

    world_file("defer/A1", A_LOG);
    world_find("rewrite")->manner = "s";
    start_with(&(Mail){.queue = "deferred", .due_in_s = 1000});
    index = world.life->due->index;
    deferred_index_learn(index, "A1", &(DeferredCause){.status = "4.4.1", .reason = "newer"});
    life_learn_deferred(world.life);
    give_all();
    deferred_index_learn(index, "A1",
                         &(DeferredCause){.transport = "lmtp", .destination = "newer.test"});
    service_hang_up(world_find("rewrite"));
    world_find("rewrite")->manner = "a";
    read_all();
    expect_cause("A1", "lmtp newer.test 4.4.1 newer");
}
END_TEST

START_TEST(many_files_are_read_one_after_the_other)
{
    for (int i = 0; i < 30; i++) {
        g_autofree char *id = g_strdup_printf("C%02d", i);

        world_mail(&(Mail){.id = id, .queue = "deferred", .due_in_s = 1000});
    }
    start_with(&(Mail){.queue = "deferred", .due_in_s = 1000});
    life_learn_deferred(world.life);
    read_all();
    ck_assert_uint_eq(deferred_index_known_count(deferred_index(world.life)), 31);
    ck_assert_uint_eq(deferred_index_count_of(deferred_index(world.life), "smtp", "smtp.test"), 31);
}
END_TEST

START_TEST(nothing_is_read_before_somebody_asks)
{
    start_with(&(Mail){.queue = "deferred", .due_in_s = 1000});
    for (int i = 0; i < 50; i++)
        world_turn_at_most_ms(1);
    ck_assert_uint_eq(unread(), 1);
}
END_TEST

START_TEST(a_file_that_goes_meanwhile_is_forgotten)
{
    world_find("rewrite")->manner = "s";
    start_with(&(Mail){.queue = "deferred", .due_in_s = 1000});
    life_learn_deferred(world.life);
    give_all();
    ck_assert_int_eq(unlink("deferred/A1"), 0);
    for (int i = 0; i < 20; i++)
        world_turn_at_most_ms(1);
    expect_cause("A1", "not there");
}
END_TEST

int main(void)
{
    TCase *tcase = world_tcase("learn");

    tcase_add_loop_test(tcase, a_file_tells_what_it_waits_for, 0, G_N_ELEMENTS(files));
    tcase_add_loop_test(tcase, a_message_waits_for_where_it_would_go, 0, G_N_ELEMENTS(routes));
    tcase_add_loop_test(tcase, a_log_tells_mail_that_only_a_rule_holds, 0,
                        G_N_ELEMENTS(suspended_logs));
    tcase_add_test(tcase, what_an_attempt_found_out_is_not_replaced);
    tcase_add_test(tcase, many_files_are_read_one_after_the_other);
    tcase_add_test(tcase, nothing_is_read_before_somebody_asks);
    tcase_add_test(tcase, a_file_that_goes_meanwhile_is_forgotten);
    return run_suite("life/learn", tcase, NULL);
}
