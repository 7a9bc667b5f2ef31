#include "life/inspect.h"
#include "tests/support/life_fixture.h"

/* What comes before a message in the line of a destination, with both strategies. */

static void setup(void)
{
    world_setup();
    world.params.destination_recipient_limit = 2;
    world_find("smtp")->manner = "n"; /* so all mail waits */
}

static void use_strategy(int strategy)
{
    if (strategy == 0)
        return;
    world.settings.round_robin = true;
    world.sched_settings.strategy = SCHED_ROUND_ROBIN;
}

/* In this order: one recipient, a list of five, one elsewhere, and so on. */
static void start_with_mail(void)
{
    world_mail(&(Mail){.id = "A1", .age_s = 60});
    world_start();
    world_run_until("A1: from");
    world_mail(&(Mail){.id = "L1",
                       .age_s = 50,
                       .recipients = "a@smtp.test b@smtp.test c@smtp.test d@smtp.test e@smtp.test "
                                     "f@smtp.other.test"});
    life_trigger(world.life, "I", 1);
    world_run_until("L1: from");
    world_mail(&(Mail){.id = "B1", .age_s = 40});
    life_trigger(world.life, "I", 1);
    world_run_until("B1: from");
    for (int i = 0; i < 50; i++)
        world_turn_at_most_ms(1);
}

static bool view_line(const char *queue_id, const char *destination, unsigned max, LifeLine *line)
{
    LifeMessageView message;
    SchedDestinationView view;

    ck_assert(life_view_message(world.life, queue_id, &message));
    ck_assert(sched_view_destination(world.sched, "smtp", destination, &view));
    return life_view_line(world.life, message.sched, &view, max, line);
}

static LifeLine line_of(const char *queue_id, unsigned max)
{
    LifeLine line;

    ck_assert(view_line(queue_id, "smtp.test", max, &line));
    return line;
}

START_TEST(all_that_comes_before_is_counted)
{
    LifeLine line;

    use_strategy(_i);
    start_with_mail();
    line = line_of("A1", 100);
    ck_assert_uint_eq(line.delivery_count + line.recipient_count + line.message_count, 0);
    ck_assert_ptr_null(line.longest_id);
    line = line_of("L1", 100);
    ck_assert_uint_eq(line.delivery_count, 1);
    ck_assert_str_eq(line.longest_id, "A1");
    line = line_of("B1", 100);
    ck_assert_uint_eq(line.delivery_count, 4);
    ck_assert_uint_eq(line.recipient_count, 6);
    ck_assert_uint_eq(line.message_count, 2);
    ck_assert_str_eq(line.longest_id, "L1");
    ck_assert_uint_eq(line.longest_recipient_count, 5);
    ck_assert(!line.is_cut && !line.is_transport_cut);
    ck_assert_int_eq(line.transport_delivery_count, _i == 0 ? 5 : -1);
    world_close();
}
END_TEST

START_TEST(a_count_ends_when_there_is_no_patience_left)
{
    LifeLine line;

    use_strategy(_i);
    start_with_mail();
    line = line_of("B1", 1);
    ck_assert_uint_eq(line.delivery_count, 1);
    ck_assert(line.is_cut);
    ck_assert_int_eq(line.transport_delivery_count, _i == 0 ? 4 : -1);
    ck_assert_int_eq(line.is_transport_cut, _i == 0);
    line = line_of("L1", 1); /* it is just met */
    ck_assert(!line.is_cut);
    world_close();
}
END_TEST

START_TEST(who_has_nothing_there_is_in_no_line)
{
    LifeLine line;

    use_strategy(_i);
    world_mail(&(Mail){.id = "O1", .recipients = "o@smtp.test"});
    start_with_mail();
    world_mail(&(Mail){.id = "P1", .recipients = "p@lmtp.test"});
    (void)world_agent("lmtp");
    world_find("lmtp")->manner = "n";
    life_trigger(world.life, "I", 1);
    world_run_until("P1: from");
    ck_assert(view_line("O1", "smtp.test", 100, &line));
    ck_assert(!view_line("P1", "smtp.test", 100, &line));
    world_close();
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("line");

    tcase_add_checked_fixture(tcase, setup, world_teardown);
    tcase_add_loop_test(tcase, all_that_comes_before_is_counted, 0, 2);
    tcase_add_loop_test(tcase, a_count_ends_when_there_is_no_patience_left, 0, 2);
    tcase_add_loop_test(tcase, who_has_nothing_there_is_in_no_line, 0, 2);
    return run_suite("life/line", tcase, NULL);
}
