#include "life/inspect.h"
#include "src/life/context_internal.h"
#include "src/life/deferred_internal.h"
#include "tests/support/life_fixture.h"

/* What is counted and remembered for those who look, beyond what is seen from outside. */

static Stats *stats;

static void start(void)
{
    stats = stats_new(0);
    world.settings.stats = stats;
    world_start();
    world_run();
}

static void end(void)
{
    world_close();
    stats_free(stats);
}

/* The kinds of all events so far, with reasons in brackets. */
static char *events(void)
{
    GString *text = g_string_new(NULL);
    const Event *event;

    for (uint64_t after = 0; (event = event_next(stats_events(stats), after)) != NULL;
         after = event->serial)
        g_string_append_printf(text, "%s(%s) ", event_kind_str(event->kind), event->reason);
    return g_string_free(text, FALSE);
}

static void expect_events(const char *want)
{
    g_autofree char *got = events();

    ck_assert_msg(g_str_equal(got, want), "%s, not %s", got, want);
}

START_TEST(answers_that_are_remembered_are_no_lookups)
{
    world.settings.resolver_cache_s = 100;
    world_mail(&(Mail){0});
    start();
    ck_assert_uint_eq(stats_histogram(stats, STATS_RESOLVE)->total_count, 1);
    world_mail(&(Mail){.id = "A2"});
    life_trigger(world.life, "W", 1);
    world_run();
    ck_assert(was_told("A2: removed"));
    ck_assert_uint_eq(stats_histogram(stats, STATS_RESOLVE)->total_count, 1);
    end();
}
END_TEST

START_TEST(an_index_that_is_complete_or_lost_is_an_event)
{
    start();
    expect_events("index-complete() ");
    ck_assert_int_eq(rename("deferred", "elsewhere"), 0);
    for (int i = 0; i < 100 && deferred_is_known(world.life); i++)
        world_turn_at_most_ms(10);
    world_turn_at_most_ms(1);
    expect_events("index-complete() index-lost(a directory moved or cannot be read) ");
    ck_assert_int_eq(rename("elsewhere", "deferred"), 0);
    life_trigger(world.life, "D", 1);
    world_run();
    expect_events("index-complete() index-lost(a directory moved or cannot be read) "
                  "index-complete() ");
    end();
}
END_TEST

START_TEST(a_jump_of_the_clock_is_an_event)
{
    start();
    expect_events("index-complete() ");
    world.life->clock->clock.last_wall_s += 1000;
    world.life->clock->clock.now.steady_s += 1000;
    world_turn_at_most_ms(1);
    life_trigger(world.life, "W", 1); /* somebody who wants to know the time */
    world_run();
    expect_events("index-complete() clock-jumped(backward time jump detected -- slewing clock) ");
    end();
}
END_TEST

/* ---- the oldest message ---- */

/* How long ago the oldest message in memory arrived; -1: there is none. */
static int64_t oldest_age_s(void)
{
    LifeSummary summary;

    life_summarize(world.life, &summary);
    return summary.oldest_arrival_s != 0 ? world.start_s - summary.oldest_arrival_s : -1;
}

static void run_until_silent(const char *name)
{
    for (int i = 0; i < 1000 && world_find(name)->request_count == 0; i++)
        world_turn_at_most_ms(10);
    ck_assert_uint_gt(world_find(name)->request_count, 0);
}

static void end_delivery(const char *name, int64_t expected_s)
{
    service_hang_up(world_find(name));
    for (int i = 0; i < 1000 && oldest_age_s() != expected_s; i++)
        world_turn_at_most_ms(10);
    ck_assert_int_eq(oldest_age_s(), expected_s);
}

START_TEST(the_oldest_message_is_the_one_that_arrived_first_of_those_in_memory)
{
    static const char *const agents[] = {"smtp", "local", "relay"};

    for (size_t i = 0; i < G_N_ELEMENTS(agents); i++)
        (world_find(agents[i]) ?: world_agent(agents[i]))->manner = "s";
    world_mail(&(Mail){.id = "A1", .recipients = "a@smtp.test", .age_s = 100});
    world_mail(&(Mail){.id = "A2", .recipients = "a@local.test", .age_s = 5000});
    world_mail(&(Mail){.id = "A3", .recipients = "a@relay.test", .age_s = 700});
    stats = stats_new(0);
    world.settings.stats = stats;
    world_open();
    ck_assert_int_eq(oldest_age_s(), -1);
    life_start(world.life);
    for (size_t i = 0; i < G_N_ELEMENTS(agents); i++)
        run_until_silent(agents[i]);
    ck_assert_int_eq(oldest_age_s(), 5000);
    end_delivery("local", 700);
    end_delivery("smtp", 700);
    end_delivery("relay", -1);
    end();
}
END_TEST

int main(void)
{
    TCase *tcase = world_tcase("stats");

    tcase_add_test(tcase, answers_that_are_remembered_are_no_lookups);
    tcase_add_test(tcase, an_index_that_is_complete_or_lost_is_an_event);
    tcase_add_test(tcase, a_jump_of_the_clock_is_an_event);
    tcase_add_test(tcase, the_oldest_message_is_the_one_that_arrived_first_of_those_in_memory);
    return run_suite("life/stats", tcase, NULL);
}
