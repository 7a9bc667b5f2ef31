#include "tests/life_story.h"

/* Deliveries: tests/data/life/delivery.stories, and what takes time. */

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

int main(void)
{
    TCase *time = world_tcase("time");

    tcase_add_test(time, rate_delay_comes_before_the_delivery);
    tcase_add_test(time, dead_transport_revives);
    return run_suite("life/delivery", stories_tcase("delivery"), time, NULL);
}
