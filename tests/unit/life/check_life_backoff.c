#include <string.h>

#include "policy/reply_rules.h"
#include "sched/inspect.h"
#include "src/life/backoff_internal.h"
#include "src/life/slowed_internal.h"
#include "tests/support/life_fixture.h"

/*
 * What a site answers slows deliveries to it (traffic.md 6), wherever the answer stands: in the
 * reply of the agent, or only in the record of the deferral.
 */

#define RATE "421 4.7.28 an unusual rate of mail"

static Sites *sites;
static const char *recorded;    /* the answer in the record; NULL: there is no log */
static int64_t recorded_offset; /* of another recipient; 0: of the one that was refused */
static unsigned deliveries;

static ReplyRule *add_reply(const char *name, const char *pattern, const char *action,
                            const char *site)
{
    ReplyRules *replies = sites_replies(sites);
    ReplyRule *rule = reply_rules_add(replies, name, 1);

    ck_assert_pstr_eq(reply_action_parse(action, rule), NULL);
    ck_assert_pstr_eq(reply_rules_add_pattern(replies, pattern), NULL);
    if (site != NULL)
        reply_rules_add_site(replies, site);
    return rule;
}

static void setup(void)
{
    world_setup();
    sites = sites_new();
    (void)sites_add(sites, "google", 1);
    ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, "smtp.test"), NULL);
    world.settings.sites = sites;
    world.params.initial_destination_concurrency = 5;
    recorded = NULL;
    recorded_offset = 0;
    deliveries = 0;
}

static void teardown(void)
{
    world_teardown();
    sites_free(sites);
}

/* Of the recipient: the first "offset" of a request is that of the content. */
static const char *offset_of(const Request *request)
{
    const char *offset = "";

    for (guint i = 0; i < request->words->len; i += 2)
        if (g_str_equal(request->words->pdata[i], "offset"))
            offset = request->words->pdata[i + 1];
    return offset;
}

/* What bounce(8) has written before the agent answers. */
static void record(const Service *service, const Request *request)
{
    g_autofree char *path = NULL, *text = NULL, *offset = NULL;

    (void)service;
    deliveries++;
    if (recorded == NULL)
        return;
    path = g_strconcat("defer/", request_get(request, "queue_id"), NULL);
    offset = recorded_offset != 0 ? g_strdup_printf("%" G_GINT64_FORMAT, recorded_offset)
                                  : g_strdup(offset_of(request));
    text = g_strdup_printf("\n<a@smtp.test>: refused\nrecipient=a@smtp.test\noffset=%s\n"
                           "status=%.6s\naction=delayed\nreason=host said: %s\n\n",
                           offset, recorded + strlen("421 "), recorded);
    world_file(path, text);
}

/* One message to a@smtp.test, until it is deferred or gone. */
static void deliver_one(const char *id)
{
    unsigned before = deliveries;

    world_find("smtp")->effect = record;
    world_mail(&(Mail){.id = id});
    if (world.life == NULL)
        world_start();
    else
        life_trigger(world.life, "I", 1);
    world_run();
    ck_assert_uint_gt(deliveries, before);
}

static SlowedSite *find_slowed(const char *transport_name, const char *name)
{
    SchedTransport *transport = sched_transport_find(world.sched, transport_name);
    SchedDestination *destination = sched_destination_get(world.sched, transport, name, name);

    return slowed_find(world.life, destination);
}

static bool is_slowed(void)
{
    const SlowedSite *slowed = find_slowed("smtp", "smtp.test");

    return slowed != NULL && level_is_active(&slowed->level);
}

/* ---- which answers ---- */

static const struct {
    const char *title;
    int32_t status;
    const char *dsn, *reason, *recorded;
    int64_t recorded_offset;
    const char *manner;
    bool is_slowed;
} answers[] = {
    {"at MAIL FROM: in the record only", 1, "",       "",                             RATE,                   0, "a", true },
    {"at the greeting: in the reply",    1, "4.7.28", "refused to talk to me: " RATE, NULL,                   0, "a",
     true                                                                                                                  },
    {"another answer",                   1, "",       "",                             "450 4.2.1 he is full", 0, "a", false},
    {"another answer in the reply",      1, "4.4.1",  "connect: timed out",           RATE,                   0, "a", false},
    {"the record of another recipient",  1, "",       "",                             RATE,                   7, "a", false},
    {"no record",                        1, "",       "",                             NULL,                   0, "a", false},
    {"delivered, with an old record",    0, "",       "",                             RATE,                   0, "a", false},
    {"the agent ends without an answer", 1, "",       "",                             RATE,                   0, "q", false},
};

START_TEST(an_answer_slows_its_site)
{
    Service *smtp = world_find("smtp");

    add_reply("rate", "4.7.28", "slow 1/2", "google");
    sites_seal(sites);
    smtp->status = answers[_i].status;
    smtp->dsn = answers[_i].dsn;
    smtp->reason = answers[_i].reason;
    smtp->manner = answers[_i].manner;
    recorded = answers[_i].recorded;
    recorded_offset = answers[_i].recorded_offset;
    deliver_one("A1");
    ck_assert_msg(is_slowed() == answers[_i].is_slowed, "%s", answers[_i].title);
    ck_assert_msg(was_told("smtp/smtp.test: slowed to ") == answers[_i].is_slowed, "%s",
                  answers[_i].title);
}
END_TEST

/* Nothing is slowed then, nor is a window made smaller; with an action it does both. */
START_TEST(an_answer_may_say_when_mail_is_tried_again)
{
    ReplyRule *rule = reply_rules_add(sites_replies(sites), "rate", 1);

    ck_assert_pstr_eq(reply_rules_add_pattern(sites_replies(sites), "4.7.28"), NULL);
    ck_assert_pstr_eq(reply_retry_parse("1h 2h", rule), NULL);
    if (_i == 1)
        ck_assert_pstr_eq(reply_action_parse("slow 1/2", rule), NULL);
    sites_seal(sites);
    world_find("smtp")->status = 1;
    recorded = RATE;
    deliver_one("A1");
    ck_assert_int_le(labs((long)world_due_in_s("A1") - 3600), WORLD_SLOW_S);
    ck_assert(is_slowed() == (_i == 1));
    ck_assert(was_told("slowed") == (_i == 1));
    recorded = "450 4.2.1 he is full";
    deliver_one("B1");
    ck_assert_int_le(world_due_in_s("B1"), world.settings.minimal_backoff_s + WORLD_SLOW_S);
    ck_assert((find_slowed("smtp", "smtp.test")->match != NULL) == (_i == 1));
}
END_TEST

START_TEST(the_line_says_by_which_rule_and_answer)
{
    add_reply("everything", "4.", "concurrency 1/2", NULL);
    sites_seal(sites);
    world_find("smtp")->status = 1;
    recorded = RATE;
    deliver_one("A1");
    ck_assert(
        was_told("smtp/smtp.test: slowed to 1 at a time by [reply everything]: host said: " RATE));
}
END_TEST

/* Each such answer makes the level last, but there is nothing new to be told. */
START_TEST(step_at_the_floor_is_not_told_again)
{
    SlowedSite *slowed;
    int64_t first_us;

    add_reply("everything", "4.", "concurrency 1/2", NULL);
    sites_seal(sites);
    world_find("smtp")->status = 1;
    recorded = RATE;
    deliver_one("A1");
    ck_assert_uint_eq(times_told("slowed to 1 at a time"), 1);
    slowed = find_slowed("smtp", "smtp.test");
    slowed->level.stepped_us -= (LEVEL_SETTLE_S + 1) * G_USEC_PER_SEC;
    first_us = slowed->level.stepped_us;
    deliver_one("A2");
    ck_assert_int_gt(slowed->level.stepped_us, first_us);
    ck_assert_uint_eq(times_told("slowed to"), 1);
}
END_TEST

/* ---- whom ---- */

START_TEST(a_site_without_a_rule_is_not_read)
{
    add_reply("rate", "4.7.28", "slow 1/2", "google");
    (void)sites_add(sites, "other", 2);
    ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, "local.test"), NULL);
    sites_seal(sites);
    world_find("local")->status = 1;
    world_find("local")->effect = record;
    recorded = RATE;
    world_mail(&(Mail){.recipients = "a@local.test"});
    world_start();
    world_run();
    ck_assert_uint_eq(deliveries, 1);
    ck_assert_ptr_null(find_slowed("local", "local.test"));
    ck_assert(!was_told("slowed"));
}
END_TEST

START_TEST(retry_is_never_slowed)
{
    add_reply("everything", "4.", "slow 1/2", NULL);
    sites_seal(sites);
    world_find("smtp")->manner = "x";
    world_find("retry")->status = 1;
    world_find("retry")->effect = record;
    recorded = RATE;
    world_mail(&(Mail){0});
    world_start();
    world_run();
    ck_assert_uint_eq(deliveries, 1);
    ck_assert(!was_told("slowed"));
}
END_TEST

START_TEST(without_rules_nothing_is_kept)
{
    sites_seal(sites);
    world_find("smtp")->status = 1;
    recorded = RATE;
    deliver_one("A1");
    ck_assert(!slowed_is_used(world.life));
    ck_assert_int_eq(slowed_next_us(world.life), INT64_MAX);
}
END_TEST

/* ---- what it does ---- */

static int limit_now(void)
{
    SchedDestinationView view;

    ck_assert(sched_view_destination(world.sched, "smtp", "smtp.test", &view));
    return view.limit;
}

START_TEST(the_level_waits_for_the_next_mail_and_ends_by_time)
{
    SlowedSite *slowed;

    add_reply("everything", "4.", "concurrency 1/2", NULL);
    sites_seal(sites);
    world.params.destination_concurrency_limit = 20;
    world_find("smtp")->status = 1;
    recorded = RATE;
    deliver_one("A1");
    ck_assert(!sched_destination_find(sched_transport_find(world.sched, "smtp"), "smtp.test"));

    /* A new destination has the level from the beginning. */
    world_find("smtp")->manner = "sa";
    world_mail(&(Mail){.id = "A2"});
    life_trigger(world.life, "I", 1);
    world_run_until("A2");
    while (deliveries < 2)
        world_turn();
    ck_assert_int_eq(limit_now(), 1);

    /* The next delivery finds that a day has passed. */
    slowed = find_slowed("smtp", "smtp.test");
    slowed->level.stepped_us -= (int64_t)LEVEL_MAX_S * G_USEC_PER_SEC;
    slowed_changed(world.life, slowed, LEVEL_SAME);
    world_find("smtp")->status = 0;
    world_mail(&(Mail){.id = "A3", .recipients = "b@local.test"});
    life_trigger(world.life, "I", 1);
    world_run_until("smtp/smtp.test: not slowed any more");
    ck_assert_int_eq(limit_now(), 20);
}
END_TEST

START_TEST(what_is_not_slowed_is_forgotten_after_two_minutes)
{
    SlowedSite *slowed;

    add_reply("rate", "4.7.28", "slow 1/2", "google");
    sites_seal(sites);
    deliver_one("A1");
    slowed = find_slowed("smtp", "smtp.test");
    ck_assert_ptr_nonnull(slowed);
    ck_assert(!level_is_active(&slowed->level));
    ck_assert_int_eq(slowed_next_us(world.life), slowed->last_us + 120 * G_USEC_PER_SEC);
    slowed->last_us -= 120 * G_USEC_PER_SEC;
    slowed_changed(world.life, slowed, LEVEL_SAME);
    ck_assert_ptr_null(slowed_next_due(world.life));
    ck_assert_int_eq(slowed_next_us(world.life), INT64_MAX);
    ck_assert_ptr_null(find_slowed("smtp", "smtp.test"));
}
END_TEST

/* As if its last delivery had begun two minutes ago. */
static void pass_two_minutes(SlowedSite *slowed)
{
    slowed->last_us -= 120 * G_USEC_PER_SEC;
    slowed_changed(world.life, slowed, LEVEL_SAME);
    ck_assert_ptr_null(slowed_next_due(world.life));
}

/* A message alone is tried again after minutes only. */
START_TEST(answers_count_as_long_as_the_trigger_says)
{
    ReplyRule *rule = add_reply("rate", "4.7.28", "concurrency 1/2", "google");

    ck_assert_pstr_eq(reply_trigger_parse("2 in 1h", &rule->step), NULL);
    rule->is_for_transport = _i == 1;
    sites_seal(sites);
    world_find("smtp")->status = 1;
    recorded = RATE;
    deliver_one("A1");
    ck_assert(!was_told("slowed"));
    pass_two_minutes(rule->is_for_transport
                         ? slowed_find_whole(world.life, sched_transport_find(world.sched, "smtp"))
                         : find_slowed("smtp", "smtp.test"));
    deliver_one("A2");
    ck_assert(was_told("slowed to 1 at a time"));
}
END_TEST

static void record_late(const Service *service, const Request *request)
{
    record(service, request);
    pass_two_minutes(find_slowed("smtp", "smtp.test"));
    ck_assert_ptr_null(find_slowed("smtp", "smtp.test"));
}

START_TEST(answer_after_two_minutes_slows_its_site)
{
    add_reply("rate", "4.7.28", "concurrency 1/2", "google");
    sites_seal(sites);
    world_find("smtp")->status = 1;
    world_find("smtp")->effect = record_late;
    recorded = RATE;
    world_mail(&(Mail){.id = "A1"});
    world_start();
    world_run();
    ck_assert_uint_eq(deliveries, 1);
    ck_assert(was_told("smtp/smtp.test: slowed to 1 at a time"));
}
END_TEST

static unsigned suspension_count;

static RuleObject suspended_object;
static const char *suspended_name;

static void note_suspension(RuleObject object, const char *name, int64_t seconds,
                            const char *reason, void *ctx)
{
    (void)ctx;
    ck_assert_int_eq(object, suspended_object);
    ck_assert_str_eq(name, suspended_name);
    ck_assert_int_eq(seconds, 3600);
    ck_assert_str_eq(g_strrstr(reason, "] host said: "), "] host said: " RATE);
    suspension_count++;
}

/* Three are under way when the site begins to refuse; others begin soon, or 5 s after that. */
START_TEST(what_is_under_way_suspends_a_site_once)
{
    add_reply("rate", "4.7.28", "suspend 1h", "google");
    sites_seal(sites);
    suspended_object = RULE_DESTINATION;
    suspended_name = "smtp.test";
    suspension_count = 0;
    world_find("smtp")->status = 1;
    world_find("smtp")->effect = record;
    recorded = RATE;
    for (int i = 1; i <= 3; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i);

        world_mail(&(Mail){.id = id});
    }
    world_start();
    life_set_suspend(world.life, note_suspension, NULL);
    world_run();
    ck_assert_uint_eq(deliveries, 3);
    ck_assert_uint_eq(suspension_count, 1);
    ck_assert(!is_slowed());
    deliver_one("A4");
    ck_assert_uint_eq(suspension_count, 1);
    find_slowed("smtp", "smtp.test")->suspended_us -= (LEVEL_SETTLE_S + 1) * G_USEC_PER_SEC;
    deliver_one("A5");
    ck_assert_uint_eq(suspension_count, 2);
    find_slowed("smtp", "smtp.test")->suspended_us -= (LEVEL_SETTLE_S + 1) * G_USEC_PER_SEC;
    life_set_suspend(world.life, NULL, NULL);
    deliver_one("A6");
    ck_assert_uint_eq(suspension_count, 2);
}
END_TEST

/* ---- for the transport as a whole ---- */

static void add_reply_for_transport(const char *action)
{
    add_reply("whole", "4.7.28", action, "google")->is_for_transport = true;
    sites_seal(sites);
    world_find("smtp")->status = 1;
    recorded = RATE;
}

static const SlowedSite *whole(const char *transport)
{
    return slowed_find_whole_named(world.life, transport);
}

/* No other destination begins while one runs; other transports go on. */
START_TEST(what_one_site_answers_slows_its_whole_transport)
{
    static const Route routes[] = {
        {"b@other.test", "smtp", "other.test", "b@other.test", 0},
        {NULL,           NULL,   NULL,         NULL,           0},
    };
    SchedTransportView view = {0};

    service_routes = routes;
    add_reply_for_transport("concurrency 1/2");
    deliver_one("A1");
    ck_assert(was_told("smtp/all destinations: slowed to 1 at a time by [reply whole]: host said"));
    ck_assert(!was_told("smtp/smtp.test: slowed"));
    ck_assert_ptr_null(whole("local"));

    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "A2", .recipients = "b@other.test a@smtp.test c@local.test"});
    life_trigger(world.life, "I", 1);
    while (world_find("local")->request_count < 1 || world_find("smtp")->request_count < 2)
        world_turn();
    ck_assert_uint_eq(world_find("smtp")->request_count, 2);
    while (!g_str_equal(view.name != NULL ? view.name : "", "smtp"))
        ck_assert(sched_view_transport(world.sched, view.name, &view));
    ck_assert_int_eq(view.limit, 1);
    ck_assert_int_eq(view.running_count, 1);
    ck_assert(view.is_held_by_limit && !view.is_held_by_rate);
    service_routes = NULL;
}
END_TEST

/* The rate holds for all of it; what delivers anywhere lets it rise, and it ends after a day. */
START_TEST(rate_of_a_whole_transport_rises_and_ends)
{
    SchedTransport *transport;
    SlowedSite *slowed;

    add_reply_for_transport("slow 1/2 floor 6/1m");
    deliver_one("A1");
    transport = sched_transport_find(world.sched, "smtp");
    ck_assert(sched_transport_is_paced(transport));
    slowed = slowed_find_whole(world.life, transport);
    slowed->level.stepped_us -= (LEVEL_SETTLE_S + 1) * G_USEC_PER_SEC;
    ck_assert(!slowed->level.has_success);
    world_find("smtp")->status = 0;
    deliver_one("A2");
    ck_assert(slowed->level.has_success);
    slowed->level.stepped_us -= (int64_t)LEVEL_MAX_S * G_USEC_PER_SEC;
    slowed_changed(world.life, slowed, LEVEL_SAME);
    deliver_one("A3");
    world_run_until("smtp/all destinations: not slowed any more");
    ck_assert(!sched_transport_is_paced(transport));
    ck_assert_uint_eq(life_count_slowed(world.life), 0);
}
END_TEST

START_TEST(a_whole_transport_is_suspended)
{
    add_reply_for_transport("suspend 1h");
    suspended_object = RULE_TRANSPORT;
    suspended_name = "smtp";
    suspension_count = 0;
    world_find("smtp")->effect = record;
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2"});
    world_start();
    life_set_suspend(world.life, note_suspension, NULL);
    world_run();
    ck_assert_uint_eq(deliveries, 2);
    ck_assert_uint_eq(suspension_count, 1);
}
END_TEST

/* ---- how much begins ---- */

static const struct {
    int64_t first_ago_s,
        minutes_ago; /* of the first delivery, and of the minute that was counted */
    unsigned begun[2];
    double least, most; /* a second */
} measures[] = {
    {10,   0, {80, 0},    7.9,      8.1     }, /* since ten seconds: not as if it were a minute */
    {3600, 0, {600, 600}, 10,       20      },
    {3600, 2, {600, 600}, 1.0 / 60, 1.0 / 60},
    {0,    0, {1, 0},     1,        1       },
};

START_TEST(what_begins_is_measured_over_the_last_minute)
{
    SlowedSite slowed = {
        .begun = {measures[_i].begun[0], measures[_i].begun[1]}
    };
    double measured;
    int64_t now_us;

    sites_seal(sites);
    world_start();
    now_us = g_get_monotonic_time();
    slowed.first_us = now_us - measures[_i].first_ago_s * G_USEC_PER_SEC;
    slowed.minute = now_us / (60 * G_USEC_PER_SEC) - measures[_i].minutes_ago;
    measured = slowed_measured(world.life, &slowed);
    ck_assert_double_ge(measured, measures[_i].least);
    ck_assert_double_le(measured, measures[_i].most);
}
END_TEST

int main(void)
{
    TCase *rows = tcase_create("backoff");

    tcase_add_checked_fixture(rows, setup, teardown);
    tcase_add_loop_test(rows, an_answer_may_say_when_mail_is_tried_again, 0, 2);
    tcase_add_loop_test(rows, an_answer_slows_its_site, 0, G_N_ELEMENTS(answers));
    tcase_add_test(rows, the_line_says_by_which_rule_and_answer);
    tcase_add_test(rows, step_at_the_floor_is_not_told_again);
    tcase_add_test(rows, a_site_without_a_rule_is_not_read);
    tcase_add_test(rows, retry_is_never_slowed);
    tcase_add_test(rows, without_rules_nothing_is_kept);
    tcase_add_test(rows, the_level_waits_for_the_next_mail_and_ends_by_time);
    tcase_add_test(rows, what_is_not_slowed_is_forgotten_after_two_minutes);
    tcase_add_loop_test(rows, answers_count_as_long_as_the_trigger_says, 0, 2);
    tcase_add_test(rows, answer_after_two_minutes_slows_its_site);
    tcase_add_test(rows, what_is_under_way_suspends_a_site_once);
    tcase_add_test(rows, what_one_site_answers_slows_its_whole_transport);
    tcase_add_test(rows, rate_of_a_whole_transport_rises_and_ends);
    tcase_add_test(rows, a_whole_transport_is_suspended);
    tcase_add_loop_test(rows, what_begins_is_measured_over_the_last_minute, 0,
                        G_N_ELEMENTS(measures));
    return run_suite("life/backoff", rows, NULL);
}
