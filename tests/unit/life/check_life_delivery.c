#include <sys/resource.h>

#include "tests/support/life_story.h"

/* Deliveries: tests/data/life/delivery.stories, and what takes time or many recipients. */

START_TEST(rate_delay_comes_before_the_delivery)
{
    gint64 start_us = g_get_monotonic_time();

    world.params.transport_rate_delay_s = 1;
    world_mail(&(Mail){0});
    world_start();
    world_run();
    ck_assert(was_told("A1: removed"));
    ck_assert_int_ge(g_get_monotonic_time() - start_us, G_USEC_PER_SEC);
}
END_TEST

START_TEST(dead_transport_revives)
{
    world_remove_service("smtp");
    world.sched_settings.transport_retry_s = 1;
    world_mail(&(Mail){0});
    world_start();
    world_run();
    ck_assert(was_told("retry: "));
    world_agent("smtp");
    world_forget();
    while (sched_next_timer_s(world.sched) != INT64_MAX)
        world_turn();
    world_mail(&(Mail){0});
    life_trigger(world.life, "W", 1);
    world_run();
    ck_assert(was_told("smtp: ") && was_told("A1: removed"));
}
END_TEST

/* Round-robin reads when an entry ends and few enough recipients are in memory. */
START_TEST(round_robin_reads_while_others_wait)
{
    GString *recipients = g_string_new("a000@smtp.test");

    for (int i = 1; i <= 102; i++)
        g_string_append_printf(recipients, " a%03d@smtp.test", i);
    story_set("round_robin", "yes");
    world.sched_settings.message_recipient_limit = 102;
    world.params.destination_recipient_limit = 101;
    world.params.destination_concurrency_limit = 1;
    world_mail(&(Mail){.recipients = recipients->str});
    world_start();
    world_run();
    g_string_free(recipients, TRUE);
    ck_assert(was_told("to a101@smtp.test\n") && was_told("to a102@smtp.test\n"));
    ck_assert(was_told("A1: removed"));
}
END_TEST

/* ---- no descriptors ---- */

static rlim_t limit_before;

static void set_descriptor_limit(rlim_t limit)
{
    struct rlimit rlimit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &rlimit), 0);
    limit_before = rlimit.rlim_cur;
    rlimit.rlim_cur = limit;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &rlimit), 0);
}

static void use_up_descriptors(const Service *service, const Request *request)
{
    (void)service;
    (void)request;
    set_descriptor_limit(0);
}

/* The message is neither lost nor corrupt: its other recipients wait for the next attempt. */
START_TEST(without_descriptors_the_rest_of_a_message_is_deferred)
{
    world.sched_settings.message_recipient_limit = 1;
    world.sched_settings.message_recipient_minimum = 1;
    world.params.recipient_limit = world.params.extra_recipient_limit = 0;
    world_find("smtp")->effect = use_up_descriptors;
    world_mail(&(Mail){.recipients = "a@smtp.test b@smtp.test"});
    world_start();
    world_run_until("open active A1: Too many open files");
    set_descriptor_limit(limit_before);
    world_run();
    world_expect_places("deferred A1 +300 0700\n");
}
END_TEST

int main(void)
{
    TCase *time = world_tcase("time"), *limits = world_tcase("limits");

    tcase_add_test(time, rate_delay_comes_before_the_delivery);
    tcase_add_test(time, dead_transport_revives);
    tcase_add_test(limits, round_robin_reads_while_others_wait);
    tcase_add_test(limits, without_descriptors_the_rest_of_a_message_is_deferred);
    return run_suite("life/delivery", stories_tcase("delivery"), time, limits, NULL);
}
