#include <string.h>

#include "life/reresolve.h"
#include "policy/rules.h"
#include "sched/inspect.h"
#include "src/life/reresolve_internal.h"
#include "src/life/resolve_internal.h"
#include "tests/support/life_fixture.h"

/*
 * Mail that waits in active asks again where it goes. In each test the first delivery to smtp.test
 * does not end, so what comes later for it waits; then the map changes: other addresses lead to
 * lmtp.
 */

static Rules *rules;
static unsigned asked_count; /* whether something is what the job is about */
static uint32_t number;      /* of the job */

static const Route routes_before[] = {
    {"relayed@a.test",  "smtp", "smtp.test", "relayed@a.test",  0},
    {"relayed2@b.test", "smtp", "smtp.test", "relayed2@b.test", 0},
    {NULL,              NULL,   NULL,        NULL,              0}
};

static const Route routes_after[] = {
    {"moved@smtp.test",  "lmtp", "new.test",  "moved@smtp.test",  0},
    {"moved2@smtp.test", "lmtp", "new.test",  "moved2@smtp.test", 0},
    {"relayed@a.test",   "lmtp", "new.test",  "relayed@a.test",   0},
    {"relayed2@b.test",  "smtp", "smtp.test", "relayed2@b.test",  0},
    {NULL,               NULL,   NULL,        NULL,               0}
};

static void setup_with(bool round_robin)
{
    world_setup();
    rules = rules_new();
    world.settings.rules = rules;
    world.settings.round_robin = round_robin;
    world.sched_settings.strategy = round_robin ? SCHED_ROUND_ROBIN : SCHED_PREEMPTIVE;
    world.settings.resolver_cache_s = 60;
    world.params.destination_concurrency_limit = 1;
    world.params.initial_destination_concurrency = 1;
    service_routes = routes_before;
    (void)world_agent("lmtp");
    number = 0;
}

static void setup_preemptive(void)
{
    setup_with(false);
}

static void setup_round_robin(void)
{
    setup_with(true);
}

static void teardown(void)
{
    world_teardown();
    service_routes = NULL;
    rules_free(rules);
}

static bool is_about(const Rule *about, const char *transport, const char *name)
{
    asked_count++;
    return about->object == RULE_ALL || g_str_equal(about->name, name) ||
           (about->object == RULE_TRANSPORT && g_str_equal(about->name, transport));
}

static LifeJobOrder order_about(const Rule *about)
{
    return (LifeJobOrder){.about = about, .matches = is_about, .verb = "reresolve"};
}

static LifeJobView job_now(void)
{
    LifeJobView view;

    ck_assert(life_view_job(world.life, number, &view));
    ck_assert_uint_eq(view.number, number);
    return view;
}

static LifeReresolveCount count_of(const Rule *about)
{
    const LifeJobOrder order = order_about(about);
    LifeReresolveCounting *counting = life_reresolve_counting_new(world.life, &order);
    LifeReresolveCount count;

    while (life_reresolve_count(counting, 1, &count))
        ;
    life_reresolve_counting_free(counting);
    return count;
}

static void start(const Rule *about)
{
    const LifeJobOrder order = order_about(about);
    const LifeReresolveCount count = count_of(about);
    g_autofree char *problem = NULL;

    number = life_reresolve(world.life, &order, &count, &problem);
    ck_assert_msg(number != 0, "%s", problem);
}

static void wait_for_end(void)
{
    while (job_now().state < LIFE_JOB_DONE) {
        world_turn_at_most_ms(20);
        life_check(world.life);
        sched_check(world.sched);
    }
}

static void reresolve(RuleObject object, const char *name)
{
    const Rule about = {.object = object, .name = name};

    start(&about);
    wait_for_end();
    ck_assert_int_eq(job_now().state, LIFE_JOB_DONE);
}

static int64_t waiting_for(const char *transport, const char *name)
{
    SchedDestinationView view;

    return sched_view_destination(world.sched, transport, name, &view) ? view.waiting_count : 0;
}

static int64_t known_waiting(const char *name)
{
    return waiting_for("smtp", name) + waiting_for("lmtp", name);
}

/* One delivery runs and does not end, the other mail waits for it. */
static void begin(const char *const *recipients)
{
    int64_t waiting = 0;

    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "A0"});
    world_start();
    world_run_until("smtp:");
    for (int i = 0; recipients[i] != NULL; i++) {
        g_autofree char *id = g_strdup_printf("A%d", i + 1);

        world_mail(&(Mail){.id = id, .recipients = recipients[i]});
        waiting += strstr(recipients[i], "@lmtp.test") != recipients[i] + 1;
    }
    life_trigger(world.life, "I", 1);
    while (known_waiting("smtp.test") < waiting)
        world_turn_at_most_ms(20);
    world_forget();
    service_routes = routes_after;
}

#define BEGIN(...) begin((const char *const[]){__VA_ARGS__, NULL})

static const struct {
    RuleObject object;
    const char *name;
} names[] = {
    {RULE_ALL,         ""         },
    {RULE_TRANSPORT,   "smtp"     },
    {RULE_DESTINATION, "smtp.test"},
    {RULE_DOMAIN,      "smtp.test"},
};

/* What runs is not touched; what waits goes where the map says now, and is delivered there. */
START_TEST(waiting_mail_goes_where_the_map_says_now)
{
    const Rule about = {.object = names[_i].object, .name = names[_i].name};
    LifeReresolveCount count;

    BEGIN("moved@smtp.test", "stays@smtp.test");
    count = count_of(&about);
    ck_assert_int_eq(count.request_count, 2);
    ck_assert_int_eq(count.recipient_count, 2);
    reresolve(names[_i].object, names[_i].name);
    ck_assert_str_eq(job_now().reason, "2 recipients were asked for, 1 goes elsewhere now");
    ck_assert_uint_eq(job_now().tried_count, 2);
    world_run_until("A1: removed");
    ck_assert(was_told("lmtp: nexthop new.test from <sender@test> flags 3 to moved@smtp.test"));
    ck_assert(!was_told("smtp: nexthop"));
    ck_assert_int_eq(waiting_for("smtp", "smtp.test"), 1);
}
END_TEST

/* The answers are remembered no more, and those that have come since are. */
START_TEST(the_same_again_changes_nothing)
{
    BEGIN("stays@smtp.test", "stays2@smtp.test");
    reresolve(RULE_ALL, "");
    ck_assert_str_eq(job_now().reason, "2 recipients were asked for, 0 go elsewhere now");
    reresolve(RULE_ALL, "");
    ck_assert_str_eq(job_now().reason, "2 recipients were asked for, 0 go elsewhere now");
    ck_assert_int_eq(waiting_for("smtp", "smtp.test"), 2);
}
END_TEST

START_TEST(other_mail_is_left_alone)
{
    BEGIN("moved@smtp.test");
    reresolve(RULE_DESTINATION, "other.test");
    ck_assert_str_eq(job_now().reason, "0 recipients were asked for, 0 go elsewhere now");
    ck_assert_int_eq(waiting_for("smtp", "smtp.test"), 1);
}
END_TEST

/* Behind a relay host the domain is that of the recipients. */
START_TEST(domain_is_found_behind_a_relay_host)
{
    const Rule about = {.object = RULE_DOMAIN, .name = "a.test"};

    BEGIN("relayed@a.test", "relayed2@b.test");
    ck_assert_int_eq(count_of(&about).request_count, 1);
    ck_assert_int_eq(count_of(&about).destination_count, 0);
    reresolve(RULE_DOMAIN, "a.test");
    world_run_until("A1: removed");
    ck_assert(was_told("lmtp: nexthop new.test from <sender@test> flags 3 to relayed@a.test"));
    ck_assert_int_eq(waiting_for("smtp", "smtp.test"), 1);
}
END_TEST

/* A list: what goes elsewhere is a request of its own, the rest stays together. */
START_TEST(recipients_of_a_list_part)
{
    BEGIN("moved@smtp.test stays@smtp.test moved2@smtp.test");
    reresolve(RULE_ALL, "");
    ck_assert_str_eq(job_now().reason, "3 recipients were asked for, 2 go elsewhere now");
    world_run_until("lmtp: nexthop new.test from <sender@test> flags 3 to moved2@smtp.test "
                    "moved@smtp.test");
    ck_assert_int_eq(waiting_for("smtp", "smtp.test"), 1);
}
END_TEST

/* A message with mail for two destinations is met in two passes. */
START_TEST(message_for_two_destinations_is_asked_for_both)
{
    world_find("lmtp")->manner = "s";
    BEGIN("x@lmtp.test", "moved@smtp.test y@lmtp.test");
    ck_assert_int_eq(waiting_for("lmtp", "lmtp.test"), 1);
    reresolve(RULE_ALL, "");
    ck_assert_str_eq(job_now().reason, "2 recipients were asked for, 1 goes elsewhere now");
    ck_assert_uint_eq(job_now().tried_count, 2);
    ck_assert_int_eq(waiting_for("smtp", "smtp.test"), 0);
}
END_TEST

/* Rules that came meanwhile hold for what is asked again. */
START_TEST(rule_holds_what_comes_to_its_destination)
{
    const Rule rule = {.object = RULE_DESTINATION,
                       .name = "new.test",
                       .made_s = 1,
                       .end_s = RULE_FOREVER,
                       .reason = "held"};

    (void)rules_put(rules, &rule);
    BEGIN("moved@smtp.test");
    reresolve(RULE_ALL, "");
    world_run_until("A1: ");
    ck_assert(was_told("retry: nexthop 4.3.2 delivery suspended by administrator (#1): held"));
    ck_assert(!was_told("lmtp:"));
}
END_TEST

/* A content filter is no answer of trivial-rewrite(8). */
START_TEST(mail_with_a_filter_is_left_alone)
{
    const Rule all = {.object = RULE_ALL, .name = ""};

    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "A0", .records = "Lsmtp:smtp.test"});
    world_mail(&(Mail){.id = "A1", .records = "Lsmtp:smtp.test"});
    world_start();
    world_run_until("smtp:");
    while (waiting_for("smtp", "smtp.test") < 1)
        world_turn_at_most_ms(20);
    ck_assert_int_eq(count_of(&all).request_count, 0);
    reresolve(RULE_ALL, "");
    ck_assert_uint_eq(job_now().tried_count, 0);
    ck_assert_int_eq(waiting_for("smtp", "smtp.test"), 1);
}
END_TEST

/* While trivial-rewrite(8) says nothing, the job goes on, and can be cancelled: mail that is being
 * asked for is, and comes back when there is an answer. */
START_TEST(job_is_cancelled)
{
    const Rule all = {.object = RULE_ALL, .name = ""};
    const LifeJobOrder order = order_about(&all);
    const LifeReresolveCount none = {0};
    g_autofree char *problem = NULL;

    BEGIN("moved@smtp.test", "stays@smtp.test");
    world_find("rewrite")->manner = "s";
    service_hang_up(world_find("rewrite"));
    start(&all);
    while (job_now().running_count < 2)
        world_turn_at_most_ms(20);
    ck_assert_uint_eq(life_reresolve(world.life, &order, &none, &problem), 0);
    ck_assert_ptr_nonnull(strstr(problem, "is at it already"));
    ck_assert(life_job_cancel(world.life, number, 7));
    ck_assert_int_eq(job_now().state, LIFE_JOB_CANCELLED);
    world_turn_at_most_ms(1);
    life_check(world.life);
    ck_assert_uint_eq(resolve_again_count(world.life), 2);
    world_find("rewrite")->manner = "a";
    service_hang_up(world_find("rewrite"));
    world_run_until("A1: removed");
    ck_assert_uint_eq(resolve_again_count(world.life), 0);
}
END_TEST

/* What ends the daemon ends the job; nothing is lost. */
START_TEST(restart_in_the_middle_loses_nothing)
{
    const Rule all = {.object = RULE_ALL, .name = ""};

    BEGIN("moved@smtp.test", "stays@smtp.test");
    world_find("rewrite")->manner = "s";
    service_hang_up(world_find("rewrite"));
    start(&all);
    while (job_now().running_count < 2)
        world_turn_at_most_ms(20);
    world_close();
    world_find("rewrite")->manner = "a";
    world_find("smtp")->manner = "a";
    world_forget();
    world_start();
    world_run();
    ck_assert(was_told("A1: removed") && was_told("A2: removed"));
}
END_TEST

/* More messages than are asked for at the same time. */
START_TEST(many_messages_are_asked_for_in_portions)
{
    const int count = RERESOLVE_MAX * 2 + 10;
    g_autofree const char **recipients = g_new0(const char *, (gsize)count + 1);
    unsigned most = 0;
    const Rule all = {.object = RULE_ALL, .name = ""};

    for (int i = 0; i < count; i++)
        recipients[i] = i % 2 == 0 ? "moved@smtp.test" : "stays@smtp.test";
    begin(recipients);
    start(&all);
    while (job_now().state < LIFE_JOB_DONE) {
        world_turn_at_most_ms(20);
        most = MAX(most, resolve_again_count(world.life));
    }
    ck_assert_uint_le(most, RERESOLVE_MAX);
    ck_assert_uint_eq(job_now().tried_count, (unsigned)count);
    ck_assert_uint_eq(job_now().through_count, (unsigned)count);
    ck_assert_int_eq(waiting_for("smtp", "smtp.test"), count / 2);
}
END_TEST

/* Each message is looked at once for the count, and once in each of two passes, in how many
 * portions ever: the work is linear. What is left is counted down. */
START_TEST(portions_go_on_where_the_last_one_ended)
{
    const int count = RERESOLVE_MAX * 8;
    g_autofree const char **recipients = g_new0(const char *, (gsize)count + 1);
    const Rule about = {.object = RULE_DOMAIN, .name = "a.test"};
    uint32_t left, changes = 0;

    for (int i = 0; i < count; i++)
        recipients[i] = i % 2 == 0 ? "relayed@a.test" : "relayed2@b.test";
    begin(recipients);
    world_find("lmtp")->manner = "s";
    asked_count = 0;
    start(&about);
    left = job_now().left_count;
    ck_assert_uint_eq(left, (unsigned)count / 2);
    while (job_now().state < LIFE_JOB_DONE) {
        world_turn_at_most_ms(20);
        ck_assert_uint_le(job_now().left_count, left);
        changes += job_now().left_count < left;
        left = job_now().left_count;
    }
    ck_assert_uint_eq(job_now().left_count, 0);
    ck_assert_uint_ge(changes, 8);
    ck_assert_uint_eq(job_now().tried_count, (unsigned)count / 2);
    ck_assert_uint_le(asked_count, (unsigned)count * 4);
}
END_TEST

static TCase *add_case(const char *name, SFun begin_world)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, begin_world, teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_loop_test(tcase, waiting_mail_goes_where_the_map_says_now, 0, G_N_ELEMENTS(names));
    tcase_add_test(tcase, the_same_again_changes_nothing);
    tcase_add_test(tcase, other_mail_is_left_alone);
    tcase_add_test(tcase, domain_is_found_behind_a_relay_host);
    tcase_add_test(tcase, recipients_of_a_list_part);
    tcase_add_test(tcase, message_for_two_destinations_is_asked_for_both);
    tcase_add_test(tcase, rule_holds_what_comes_to_its_destination);
    tcase_add_test(tcase, mail_with_a_filter_is_left_alone);
    tcase_add_test(tcase, job_is_cancelled);
    tcase_add_test(tcase, restart_in_the_middle_loses_nothing);
    tcase_add_test(tcase, many_messages_are_asked_for_in_portions);
    tcase_add_test(tcase, portions_go_on_where_the_last_one_ended);
    return tcase;
}

int main(void)
{
    return run_suite("life/reresolve", add_case("preemptive", setup_preemptive),
                     add_case("round-robin", setup_round_robin), NULL);
}
