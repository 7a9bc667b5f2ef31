#include "src/life/context_internal.h"
#include "src/life/settle_internal.h"
#include "tests/support/control_fixture.h"
#include "tests/support/control_steps.h"

/* What a listing has: each object once, the first ones of an order, users as one row. */

#define MANY 3000 /* destinations */

START_TEST(a_listing_has_each_object_once)
{
    g_autofree char *answer = NULL;

    control_destinations("many", MANY);
    client_ask(client, "verb destinations limit 0");
    answer = client_answer(client);
    for (int i = 0; i < MANY; i++) {
        g_autofree char *part = g_strdup_printf("|destination|site%d.test|", i);
        const char *found = strstr(answer, part);

        ck_assert_msg(found != NULL && strstr(found + 1, part) == NULL, "%s", part);
    }
    ck_assert_ptr_nonnull(strstr(answer, "row|end|rows|3000|matched|3000|truncated|0|"));
}
END_TEST

START_TEST(a_sorted_listing_has_the_first_ones)
{
    control_destinations("many", MANY);
    expect_answer(client, "verb destinations limit 2 sort name",
                  "row|end|rows|2|matched|3000|truncated|1|");
    expect_answer(client, "verb destinations limit 2 sort name", "|destination|site0.test|");
    expect_answer(client, "verb destinations limit 5 pattern *99.test",
                  "row|end|rows|5|matched|30|truncated|1|");
}
END_TEST

START_TEST(settings_of_a_transport_tell_where_they_come_from)
{
    static const char *const parts[] = {
        "|name|many_destination_concurrency_limit|value|20|from|many_destination_concurrency_"
        "limit|",
        "|name|many_recipient_limit|value|20000|from|default_recipient_limit|",
        "|name|many_delivery_slot_cost|value|5|from|built-in default|",
    };

    (void)sched_transport_add(world.sched, "many", &world.params);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        expect_answer(client, "verb transports transport many", parts[i]);
}
END_TEST

/* ---- what a piece costs ---- */

#define PIECE 50

/* An answer that had looked at more than a piece in some step would have needed fewer of them. */
static const struct {
    const char *words;
    unsigned least, most; /* steps */
} pieces[] = {
    {"verb destinations limit 0",                         MANY / PIECE, MANY / PIECE + 2},
    {"verb destinations limit 10",                        MANY / PIECE, MANY / PIECE + 2},
    {"verb destinations limit 1000 sort name",            MANY / PIECE, MANY / PIECE + 2},
    {"verb destinations limit 10 sort deferred",          MANY / PIECE, MANY / PIECE + 2},
    {"verb destinations limit 10 state idle",             MANY / PIECE, MANY / PIECE + 2},
 /* of so many, 70 are dead: nothing else is looked at */
    {"verb destinations limit 10 state throttled",        2,            3               },
    {"verb destinations limit 0 state throttled",         2,            3               },
    {"verb destinations limit 10 state paced sort until", 2,            3               },
    {"verb throttled limit 50",                           3,            5               },
    {"verb throttled limit 0",                            3,            5               },
    {"verb status",                                       1,            1               },
    {"verb metrics",                                      1,            1               },
};

START_TEST(a_piece_of_a_listing_is_small_and_few_that_stand_still_are_found_at_once)
{
    const ControlSubject subject = {world.life, world.sched, world.spool, stats, steer};
    unsigned count;

    control_destinations("many", MANY);
    for (int i = 0; i < 70; i++) {
        g_autofree char *name = g_strdup_printf("site%d.test", i * 40);

        control_kill(control_destination("many", name), "4.4.1", "timed out");
    }
    count = control_count_steps(&subject, pieces[_i].words, PIECE);
    ck_assert_msg(count >= pieces[_i].least && count <= pieces[_i].most, "%s: %u steps",
                  pieces[_i].words, count);
}
END_TEST

/* Whatever the way, the rows are the same: a suspension makes it look at all. */
START_TEST(what_stands_still_is_the_same_with_and_without_a_suspension)
{
    static const char *const words[] = {"verb throttled limit 9",
                                        "verb destinations limit 9 state throttled"};

    control_destinations("many", MANY);
    control_kill(control_destination("many", "site7.test"), "4.4.1", "timed out");
    control_kill(control_destination("many", "site2999.test"), "4.4.1", "timed out");
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        expect_answer(client, words[i], "|destination|site7.test|state|throttled|");
        expect_answer(client, words[i], "|destination|site2999.test|state|throttled|");
        expect_answer(client, words[i], "row|end|rows|2|matched|2|");
    }
    expect_answer(client, "verb suspend what site5.test forever 1 reason r", "row|end|");
    expect_answer(client, words[0], "|destination|site5.test|state|suspended,idle|");
    expect_answer(client, words[0], "row|end|rows|4|"); /* the rule, too */
    expect_answer(client, words[1], "row|end|rows|2|matched|2|");
    sched_destination_revive(world.sched, control_destination("many", "site7.test"));
    settle_sched(world.life);
    expect_answer(client, words[1], "row|end|rows|1|matched|1|");
}
END_TEST

/* Members that only the rate of their site holds are not in the table of what stands still. */
START_TEST(what_its_site_holds_stands_still_too)
{
    static const MeterLimit one_an_hour = {.count = 1, .period_s = 3600, .burst = 1};
    static const SchedShared shared = {.name = "site x", .deliveries = &one_an_hour};

    world_find("smtp")->manner = "s";
    sched_destination_share(control_destination("smtp", "smtp.test"), &shared,
                            life_sched_now(world.life));
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "B1"});
    life_trigger(world.life, "I", 1);
    for (int i = 0; i < TURNS_MAX && !was_told("smtp: nexthop"); i++)
        turn_control();
    for (int i = 0; i < 50; i++)
        turn_control();
    expect_answer(client, "verb throttled limit 9", "|destination|smtp.test|state|paced|");
    expect_answer(client, "verb destinations state paced", "|destination|smtp.test|state|paced|");
}
END_TEST

/* Its delivery goes on; what has none is suspended, and not draining. */
START_TEST(a_suspended_destination_that_delivers_is_draining)
{
    world_find("smtp")->manner = "s";
    (void)control_destination("smtp", "other.test");
    world_mail(&(Mail){.id = "A1"});
    life_trigger(world.life, "I", 1);
    for (int i = 0; i < TURNS_MAX && !was_told("smtp: nexthop"); i++)
        turn_control();
    expect_answer(client, "verb destinations state draining", "row|end|rows|0|");
    expect_answer(client, "verb suspend what all forever 1 reason r", "row|end|");
    expect_answer(client, "verb destinations state draining",
                  "|destination|smtp.test|state|suspended,draining,");
    expect_answer(client, "verb destinations state draining", "row|end|rows|1|");
    expect_answer(client, "verb destinations state suspended", "row|end|rows|2|");
}
END_TEST

/* ---- users ---- */

/* Destinations of two transports, with one recipient a request in "box" and "lmtp". */
static void make_users(void)
{
    static const struct {
        const char *transport, *name;
    } users[] = {
        {"box",  "u@box.test"  },
        {"box",  "v@box.test"  },
        {"box",  "w@other.test"},
        {"box",  "box.test"    },
        {"lmtp", "u@box.test"  },
        {"smtp", "a.test"      },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(users); i++) {
        world.params.destination_recipient_limit = g_str_equal(users[i].transport, "smtp") ? 50 : 1;
        (void)control_destination(users[i].transport, users[i].name);
    }
}

#define USERS(transport, count, of_what)                                             \
    "|object|destination|transport|" transport "|destination|*@nexthop|users|" count \
    "|state|" of_what

static const struct {
    const char *words, *parts[4];
} of_users[] = {
    {"verb destinations limit 9 sort name level summary",
     {USERS("box", "3",
            "idle|running|0|waiting|0|deferred|0|deliveries_done|0|"
            "deliveries_deferred|0|why|3 users: 3 idle||"),
      USERS("lmtp", "1", "idle|"), "|destination|box.test|state|", "|end|rows|4|matched|4|"}                                                },
    {"verb destinations limit 0 level summary",
     {USERS("box", "3", "idle|"), USERS("lmtp", "1", "idle|"), "|end|rows|4|matched|4|"}                                                    },
    {"verb destinations limit 9 pattern *box.test level summary",
     {USERS("box", "2", "idle|"), USERS("lmtp", "1", "idle|"), "|end|rows|3|"}                                                              },
    {"verb destinations limit 9 pattern u@* level summary",                     {"|end|rows|0|"}                                            },
    {"verb destinations limit 9 pattern *@nexthop transport box level summary",
     {USERS("box", "3", "idle|"), "|end|rows|1|"}                                                                                           },
    {"verb destinations limit 9 state full level summary",                      {"|end|rows|0|"}                                            },
    {"verb destinations limit 1 sort name level summary",
     {"|destination|*@nexthop|", "|end|rows|1|matched|4|truncated|1|"}                                                                      },
    {"verb destinations limit 9",                                               {"|destination|u@box.test|state|", "|end|rows|6|matched|6|"}},
};

START_TEST(users_are_one_row_of_their_transport_below_level_view)
{
    g_autofree char *answer = NULL;

    make_users();
    client_ask(client, of_users[_i].words);
    answer = client_answer(client);
    for (size_t i = 0; i < G_N_ELEMENTS(of_users[_i].parts) && of_users[_i].parts[i] != NULL; i++)
        ck_assert_msg(strstr(answer, of_users[_i].parts[i]) != NULL, "%s: no %s in\n%s",
                      of_users[_i].words, of_users[_i].parts[i], answer);
    if (strstr(of_users[_i].words, "summary") != NULL)
        ck_assert_msg(strstr(answer, "u@") == NULL, "%s", answer);
}
END_TEST

/* A rule about one user, and one that is dead: both stand still, and neither is named. */
START_TEST(users_that_stand_still_are_one_row_with_the_soonest_end)
{
    static const char *const words[] = {"verb throttled limit 9 level summary",
                                        "verb destinations limit 9 sort until level summary"};

    make_users();
    control_kill(control_destination("box", "v@box.test"), "4.4.1", "timed out for v@box.test");
    expect_answer(client, "verb suspend what destination name u@box.test forever 1 reason r",
                  "row|end|");
    expect_answer(client, words[0], USERS("box", "2", "suspended,throttled,idle|"));
    expect_answer(client, words[0], "|why|2 users: 1 suspended, 1 throttled, 1 idle||");
    expect_answer(client, words[0], "|until|");
    expect_answer(client, words[1], USERS("box", "3", "suspended,throttled,idle|"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("listings");

    tcase_add_checked_fixture(tcase, control_setup, control_teardown);
    tcase_set_timeout(tcase, LONG_TEST_S);
    tcase_add_test(tcase, a_listing_has_each_object_once);
    tcase_add_test(tcase, a_sorted_listing_has_the_first_ones);
    tcase_add_loop_test(tcase,
                        a_piece_of_a_listing_is_small_and_few_that_stand_still_are_found_at_once, 0,
                        G_N_ELEMENTS(pieces));
    tcase_add_test(tcase, what_stands_still_is_the_same_with_and_without_a_suspension);
    tcase_add_test(tcase, what_its_site_holds_stands_still_too);
    tcase_add_test(tcase, a_suspended_destination_that_delivers_is_draining);
    tcase_add_loop_test(tcase, users_are_one_row_of_their_transport_below_level_view, 0,
                        G_N_ELEMENTS(of_users));
    tcase_add_test(tcase, users_that_stand_still_are_one_row_with_the_soonest_end);
    tcase_add_test(tcase, settings_of_a_transport_tell_where_they_come_from);
    return run_suite("control/listings", tcase, NULL);
}
