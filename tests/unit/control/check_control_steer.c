#include <dlfcn.h>
#include <unistd.h>

#include "life/inspect.h"
#include "policy/reply_rules.h"
#include "tests/support/control_fixture.h"

/*
 * Changes of rules, and their ends. unlinkat(), the first call by which the file is written, is
 * replaced in this program: it may hang as a disk does.
 */

static gint is_hanging; /* atomic */

int unlinkat(int fd, const char *path, int flags)
{
    while (g_atomic_int_get(&is_hanging))
        g_usleep(1000);
    return ((__typeof__(&unlinkat))dlsym(RTLD_NEXT, "unlinkat"))(fd, path, flags);
}

static bool is_told;

static void on_told(const Rule *rule, const char *problem, void *ctx)
{
    (void)ctx;
    ck_assert_msg(rule != NULL, "%s", problem);
    is_told = true;
}

static void setup(void)
{
    world_setup();
    start_control();
    g_atomic_int_set(&is_hanging, 0);
    is_told = false;
}

static void teardown(void)
{
    g_atomic_int_set(&is_hanging, 0);
    end_control();
    world_teardown();
}

static void put(const Rule *rule)
{
    is_told = false;
    steer_put(steer, rule, on_told, NULL);
    while (!is_told)
        turn_control();
}

static void expect_in_force(const char *a, const char *b)
{
    ck_assert_uint_eq(rules_count(rules), b != NULL ? 2 : 1);
    ck_assert_str_eq(rules_at(rules, 0)->name, a);
    if (b != NULL)
        ck_assert_str_eq(rules_at(rules, 1)->name, b);
}

/* Changes that come together are made one after the other. */
START_TEST(changes_wait_in_a_line)
{
    Rule rule = {.kind = RULE_SUSPEND, .object = RULE_DOMAIN, .end_s = RULE_FOREVER, .reason = "r"};

    rule.name = "a.test";
    steer_put(steer, &rule, on_told, NULL);
    rule.name = "b.test";
    steer_put(steer, &rule, on_told, &rule);
    steer_forget(steer, &rule);
    steer_remove(steer, 1, 0, LIFE_RELEASE_NOW, NULL, NULL);
    rule.name = "c.test";
    is_told = false;
    steer_put(steer, &rule, on_told, NULL);
    while (rules_count(rules) < 2 || rules_find(rules, 1) != NULL)
        turn_control();
    expect_in_force("b.test", "c.test");
    while (!is_told)
        turn_control();
}
END_TEST

START_TEST(rule_ends_at_its_time_and_says_so)
{
    Rule rule = {.kind = RULE_SUSPEND,
                 .object = RULE_ALL,
                 .name = "",
                 .end_s = g_get_real_time() / G_USEC_PER_SEC + 2,
                 .uid = 7,
                 .reason = "r"};

    put(&rule);
    ck_assert(was_told("control: suspend #1 all until="));
    while (!was_told("control: end of suspend #1 all: r"))
        turn_control();
    ck_assert_uint_eq(rules_count(rules), 0);
    ck_assert_uint_eq(stats_counter(stats, STATS_CONTROL_CHANGES), 2);
}
END_TEST

static void on_moment_over(evutil_socket_t event_fd, short what, void *arg)
{
    (void)event_fd;
    (void)what;
    *(bool *)arg = true;
}

/* How often the loop wakes in a fifth of a second. */
static int turns_in_a_moment(void)
{
    const struct timeval moment = {0, 200000};
    bool is_over = false;
    struct event *timer = evtimer_new(world.base, on_moment_over, &is_over);
    int count = 0;

    ck_assert_int_eq(evtimer_add(timer, &moment), 0);
    for (; !is_over; count++)
        event_base_loop(world.base, EVLOOP_ONCE);
    event_free(timer);
    return count;
}

/* The loop sleeps, and the end is noticed afterwards. */
static char *text_of_end(int number)
{
    return g_strdup_printf("control: end of suspend #%d domain=a.test: r", number);
}

static void wait_for_end(int number)
{
    g_autofree char *ended = text_of_end(number);

    while (!was_told(ended))
        turn_control();
}

/* The disk hangs before the rule, which is on it, ends. Returns the rule's number. */
static int put_rule_and_hang(Rule *rule)
{
    for (int number = 1;; number++) {
        rule->end_s = g_get_real_time() / G_USEC_PER_SEC + number;
        put(rule);
        g_atomic_int_set(&is_hanging, 1);
        if (g_get_real_time() / G_USEC_PER_SEC < rule->end_s)
            return number;
        g_atomic_int_set(&is_hanging, 0);
        wait_for_end(number);
    }
}

START_TEST(rule_that_ends_while_the_disk_hangs_waits_for_it)
{
    Rule rule = {.kind = RULE_SUSPEND, .object = RULE_DOMAIN, .name = "a.test", .reason = "r"};
    g_autofree char *ended = text_of_end(put_rule_and_hang(&rule));
    int64_t end_s = rule.end_s;

    rule.name = "b.test";
    rule.end_s = RULE_FOREVER;
    is_told = false;
    steer_put(steer, &rule, on_told, NULL);
    while (life_clock(world.life)->wall_s <= end_s)
        turn_control();
    ck_assert_int_lt(turns_in_a_moment(), 20);
    ck_assert(!is_told && !was_told(ended));
    g_atomic_int_set(&is_hanging, 0);
    while (!is_told)
        turn_control();
    ck_assert(was_told(ended));
    expect_in_force("b.test", NULL);
    ck_assert_int_lt(turns_in_a_moment(), 20);
}
END_TEST

/* ---- sites that ask for it ---- */

static Sites *sites;

/* The site answers the greeting with that, and a [reply] suspends it for an hour. */
static void setup_site(void)
{
    ReplyRule *rule;

    world_setup();
    sites = sites_new();
    rule = reply_rules_add(sites_replies(sites), "auth", 1);
    ck_assert_pstr_eq(reply_action_parse("suspend 1h", rule), NULL);
    ck_assert_pstr_eq(reply_rules_add_pattern(sites_replies(sites), "4.7.26"), NULL);
    sites_seal(sites);
    world.settings.sites = sites;
    world.params.failed_cohort_limit = 0;
    world_find("smtp")->status = 1;
    world_find("smtp")->dsn = "4.7.26";
    world_find("smtp")->reason = "421 not \033[1m authenticated";
    start_control();
}

static void teardown_site(void)
{
    end_control();
    world_teardown();
    sites_free(sites);
}

static void deliver(const char *id)
{
    world_mail(&(Mail){.id = id});
    life_trigger(world.life, "I", 1);
    while (!was_told(id))
        turn_control();
}

START_TEST(a_site_that_asks_for_it_is_suspended)
{
    const Rule *rule;

    deliver("A1");
    while (rules_count(rules) == 0)
        turn_control();
    rule = rules_at(rules, 0);
    ck_assert_int_eq(rule->kind, RULE_SUSPEND);
    ck_assert_int_eq(rule->object, RULE_DESTINATION);
    ck_assert_str_eq(rule->name, "smtp.test");
    ck_assert_int_eq(rule->end_s - rule->made_s, 3600);
    ck_assert_str_eq(rule->reason, "[reply auth] 421 not ?[1m authenticated");
    ck_assert(was_told("control: suspend #1 destination=smtp.test until="));
}
END_TEST

START_TEST(a_suspension_that_is_there_is_not_replaced)
{
    Rule rule = {.kind = RULE_SUSPEND,
                 .object = RULE_DESTINATION,
                 .name = "a.test",
                 .end_s = RULE_FOREVER,
                 .reason = "r"};

    put(&rule);
    steer_suspend_by_answer(steer, RULE_DESTINATION, "a.test", 3600, "busy");
    steer_suspend_by_answer(steer, RULE_DESTINATION, "b.test", 3600, "busy");
    rule.name = "c.test";
    put(&rule);
    ck_assert_uint_eq(rules_count(rules), 3);
    ck_assert_int_eq(rules_at(rules, 0)->end_s, RULE_FOREVER);
    ck_assert_str_eq(rules_at(rules, 0)->reason, "r");
    ck_assert_str_eq(rules_at(rules, 1)->name, "b.test");
}
END_TEST

/* The administrator's rule is being written when the site asks. */
START_TEST(a_suspension_that_is_on_its_way_is_not_replaced)
{
    Rule rule = {.kind = RULE_SUSPEND,
                 .object = RULE_DESTINATION,
                 .name = "a.test",
                 .end_s = RULE_FOREVER,
                 .reason = "r"};

    steer_put(steer, &rule, NULL, NULL);
    steer_suspend_by_answer(steer, RULE_DESTINATION, "a.test", 3600, "busy");
    rule.name = "c.test";
    put(&rule);
    ck_assert_uint_eq(rules_count(rules), 2);
    ck_assert_int_eq(rules_at(rules, 0)->end_s, RULE_FOREVER);
    ck_assert_str_eq(rules_at(rules, 0)->reason, "r");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("steer"), *site = tcase_create("site");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_test(tcase, changes_wait_in_a_line);
    tcase_add_test(tcase, rule_ends_at_its_time_and_says_so);
    tcase_add_test(tcase, rule_that_ends_while_the_disk_hangs_waits_for_it);
    tcase_add_test(tcase, a_suspension_that_is_there_is_not_replaced);
    tcase_add_test(tcase, a_suspension_that_is_on_its_way_is_not_replaced);
    tcase_add_checked_fixture(site, setup_site, teardown_site);
    tcase_set_timeout(site, LONG_TEST_S);
    tcase_add_test(site, a_site_that_asks_for_it_is_suspended);
    return run_suite("control/steer", tcase, site, NULL);
}
