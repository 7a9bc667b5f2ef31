#include "base/clock.h"
#include "base/cpu_clock.h"
#include "tests/support/control_fixture.h"

/*
 * A daemon in a known state, and clients of every sort at its control socket. All are in this
 * process: the clients' ends never block.
 */

#define MANY 3000 /* destinations */

/* ---- who asks for what he may not, or what is not there ---- */

static const struct {
    const char *words, *part;
} refusals[] = {
    {"verb nonsense",                             "row|error|code|usage|text|no such verb: nonsense||"},
    {"no verb",                                   "code|usage|text|no such verb: ||"                  },
    {"verb status level odd",                     "code|usage|text|no such level: odd||"              },
    {"verb messages level summary",               "needs level view, and less was asked for"          },
    {"verb explain level summary queue_id A1",    "code|denied|"                                      },
    {"verb status odd 1",                         "code|usage|text|status: no such argument: odd||"   },
    {"verb destinations limit 1001",              "code|usage|text|limit: "                           },
    {"verb destinations limit -1",                "code|usage|text|limit: "                           },
    {"verb destinations state odd",               "no such state: odd"                                },
    {"verb destinations sort odd",                "cannot sort by odd"                                },
    {"verb messages state odd",                   "no such state: odd"                                },
    {"verb messages older x",                     "older: a number"                                   },
    {"verb connections older -5",                 "older: a number"                                   },
    {"verb due within 1",                         "within: one minute"                                },
    {"verb events after x",                       "after: the number"                                 },
    {"verb explain",                              "not a queue ID: ||"                                },
    {"verb explain queue_id ../../../etc/passwd", "not a queue ID"                                    },
    {"verb destination destination a.test",       "code|not-found|"                                   },
    {"verb transports transport smpt",            "code|not-found|"                                   },
};

START_TEST(what_cannot_be_answered_is_refused_and_the_client_goes_on)
{
    int fd;

    start_control();
    fd = client_connect();
    expect_answer(fd, refusals[_i].words, refusals[_i].part);
    expect_answer(fd, "verb status", "row|end|rows|1|");
    (void)close(fd);
    end_control();
}
END_TEST

/* ---- bytes that are no request ---- */

START_TEST(garbage_ends_the_connection_with_a_word)
{
    static const char garbage[] = "a\0b\0a\0c\0\0";
    g_autofree char *answer = NULL;
    int fd;

    start_control();
    fd = client_connect();
    ck_assert_int_eq(send(fd, garbage, sizeof(garbage) - 1, 0), sizeof(garbage) - 1);
    answer = client_answer(fd);
    ck_assert_msg(g_str_has_prefix(answer, "row|error|code|malformed|"), "%s", answer);
    ck_assert_uint_eq(stats_counter(stats, STATS_CONTROL_REFUSED_MALFORMED), 1);
    (void)close(fd);
    end_control();
}
END_TEST

START_TEST(a_request_without_end_is_refused_at_the_limit)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *answer = NULL;
    int fd;

    g_byte_array_set_size(bytes, CONTROL_REQUEST_MAX_BYTES + 1);
    memset(bytes->data, 'x', bytes->len);
    start_control();
    fd = client_connect();
    ck_assert_int_eq(send(fd, bytes->data, bytes->len, 0), bytes->len);
    answer = client_answer(fd);
    ck_assert_msg(g_str_has_prefix(answer, "row|error|code|malformed|"), "%s", answer);
    (void)close(fd);
    end_control();
}
END_TEST

START_TEST(a_request_may_come_byte_by_byte)
{
    static const char request[] = "verb\0status\0";
    g_autofree char *answer = NULL;
    int fd;

    start_control();
    fd = client_connect();
    for (size_t i = 0; i < sizeof(request); i++) {
        ck_assert_int_eq(send(fd, request + i, 1, 0), 1);
        turn_control();
    }
    answer = client_answer(fd);
    ck_assert_msg(strstr(answer, "row|end|") != NULL, "%s", answer);
    (void)close(fd);
    end_control();
}
END_TEST

START_TEST(requests_that_come_together_are_answered_one_after_the_other)
{
    int fd;
    g_autofree char *first = NULL;

    start_control();
    fd = client_connect();
    client_ask(fd, "verb transports");
    client_ask(fd, "verb nonsense");
    first = client_answer(fd);
    ck_assert_msg(strstr(first, "row|header|") != NULL, "%s", first);
    expect_answer(fd, "verb status", "row|end|");
    (void)close(fd);
    end_control();
}
END_TEST

/* ---- too many ---- */

START_TEST(connections_are_bounded_and_the_next_one_is_told)
{
    int fds[4];
    g_autofree char *answer = NULL;

    start_control();
    for (int i = 0; i < 4; i++)
        fds[i] = client_connect();
    answer = client_answer(fds[3]);
    ck_assert_msg(g_str_has_prefix(answer, "row|error|code|busy|"), "%s", answer);
    ck_assert_uint_eq(stats_counter(stats, STATS_CONTROL_REFUSED_BUSY), 1);
    (void)close(fds[0]);
    for (int i = 0; i < 20; i++)
        turn_control();
    (void)close(fds[3]);
    fds[0] = client_connect();
    expect_answer(fds[0], "verb status", "row|end|");
    for (int i = 0; i < 3; i++)
        (void)close(fds[i]);
    end_control();
}
END_TEST

START_TEST(a_thousand_connections_leave_nothing_behind)
{
    int fd;

    start_control();
    for (int i = 0; i < 1000; i++) {
        (void)close(client_connect());
        if (i % 10 == 0)
            turn_control();
    }
    for (int i = 0; i < 50; i++)
        turn_control();
    fd = client_connect();
    expect_answer(fd, "verb status", "row|end|");
    (void)close(fd);
    end_control();
}
END_TEST

/* ---- long listings ---- */

static int64_t more_ran_us; /* of the next work that is done */

/* In place of that of base: this thread has run as long as a test says. */
int64_t cpu_clock_us(void)
{
    static int64_t ran_us;
    int64_t at_us = ran_us;

    ran_us += more_ran_us;
    more_ran_us = 0;
    return at_us;
}

/* A turn in which the first work that is done takes so long. */
static void turn_with_us_used(int64_t used_us)
{
    more_ran_us = used_us;
    (void)control_turn(control, clock_mono_us() - used_us, 0);
    more_ran_us = 0;
    event_base_loop(world.base, EVLOOP_NONBLOCK);
}

/* Asks, and says whether the answer is whole after one turn whose work takes so long. */
static bool is_answered_in(int fd, const char *words, int64_t used_us)
{
    g_autoptr(GByteArray) answer = g_byte_array_new();

    client_ask(fd, words);
    event_base_loop(world.base, EVLOOP_NONBLOCK); /* the request comes */
    turn_with_us_used(used_us);
    return !client_read(fd, answer) && is_whole(answer);
}

#define DEBT_US 10000000 /* so much more than ever is granted meanwhile */

/* It has used up the allowance of listings. */
static void begin_long_listing(int fd, GByteArray *listing)
{
    client_ask(fd, "verb destinations limit 0");
    while (!client_read(fd, listing) && listing->len == 0)
        turn_with_us_used(0);
    turn_with_us_used(DEBT_US);
}

START_TEST(a_short_question_does_not_wait_for_listings)
{
    static const char *const questions[] = {"verb status", "verb metrics", "verb due"};
    g_autoptr(GByteArray) listing = g_byte_array_new();
    int fd, other;

    start_control();
    control_destinations("many", MANY);
    fd = client_connect();
    other = client_connect();
    begin_long_listing(fd, listing);
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++)
        ck_assert_msg(is_answered_in(other, questions[i], 0), "%s", questions[i]);
    (void)client_read(fd, listing);
    ck_assert(!is_whole(listing));
    (void)close(fd);
    (void)close(other);
    end_control();
}
END_TEST

/* They have an allowance of their own: whoever asks without end takes no more than that. */
START_TEST(short_questions_have_an_end_too)
{
    int fd;

    start_control();
    fd = client_connect();
    ck_assert(is_answered_in(fd, "verb metrics", DEBT_US));
    ck_assert(is_answered_in(fd, "verb metrics", DEBT_US)); /* among the pieces of listings */
    ck_assert(!is_answered_in(fd, "verb metrics", 0));
    (void)close(fd);
    end_control();
}
END_TEST

START_TEST(the_status_waits_for_nobody_and_has_an_end_too)
{
    int fd, other;

    start_control();
    fd = client_connect();
    other = client_connect();
    ck_assert(is_answered_in(fd, "verb metrics", DEBT_US));
    ck_assert(is_answered_in(fd, "verb metrics", DEBT_US));
    ck_assert(is_answered_in(other, "verb status", DEBT_US));
    ck_assert(!is_answered_in(other, "verb status", 0));
    (void)close(fd);
    (void)close(other);
    end_control();
}
END_TEST

/* Whoever changes something does not wait for those who look. */
START_TEST(a_change_does_not_wait_for_listings)
{
    g_autoptr(GByteArray) listing = g_byte_array_new();
    int64_t end_us = clock_mono_us() + WORLD_GUARD_S * INT64_C(1000000);
    int fd, other;

    start_control();
    control_destinations("many", MANY);
    fd = client_connect();
    other = client_connect();
    begin_long_listing(fd, listing);
    client_ask(other, "verb suspend what site1.test for 60 reason r");
    while (!was_told("control: suspend #1") && clock_mono_us() < end_us) /* the disk is slow */
        turn_with_us_used(0);
    ck_assert(was_told("control: suspend #1"));
    (void)client_read(fd, listing);
    ck_assert(!is_whole(listing));
    (void)close(fd);
    (void)close(other);
    end_control();
}
END_TEST

/* While others had the core nobody has used anything. */
START_TEST(time_without_the_core_is_not_charged)
{
    int fd;

    start_control();
    fd = client_connect();
    for (int i = 0; i < 5; i++) {
        client_ask(fd, "verb status");
        event_base_loop(world.base, EVLOOP_NONBLOCK);
        (void)control_turn(control, clock_mono_us() - DEBT_US, 0);
        ck_assert(is_answered_in(fd, "verb metrics", 0));
    }
    (void)close(fd);
    end_control();
}
END_TEST

START_TEST(who_vanishes_ends_his_work)
{
    int fd, other;

    start_control();
    control_destinations("many", MANY);
    other = client_connect();
    for (int i = 0; i < 20; i++) {
        fd = client_connect();
        client_ask(fd, "verb destinations limit 0");
        for (int k = 0; k < i; k++)
            turn_control();
        (void)close(fd);
        turn_control();
    }
    expect_answer(other, "verb status", "row|end|");
    (void)close(other);
    end_control();
}
END_TEST

/* What waits for a client that does not read is bounded; others are served meanwhile. */
START_TEST(who_does_not_read_stops_his_own_answer_only)
{
    const int small = 4096;
    g_autoptr(GByteArray) input = g_byte_array_new();
    int fd, other;

    start_control();
    control_destinations("many", MANY);
    fd = client_connect();
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    client_ask(fd, "verb destinations limit 0");
    for (int i = 0; i < 200; i++)
        turn_control();
    other = client_connect();
    expect_answer(other, "verb status", "row|end|");
    ck_assert(
        !control_turn(control, clock_mono_us(), 0)); /* nothing is done for who does not read */
    for (int i = 0; i < TURNS_MAX && !is_whole(input); i++) {
        (void)client_read(fd, input);
        turn_control();
    }
    ck_assert(is_whole(input));
    (void)close(fd);
    (void)close(other);
    end_control();
}
END_TEST

/* ---- who is silent ---- */

#define IDLE_S        1
#define IDLE_LIMIT_US (10 * INT64_C(1000000))

/* Turns until the connection is closed; what was read before that is dropped unread if `reads` is
 * false. Returns how long it took. */
static int64_t wait_for_close_us(int fd, bool reads)
{
    g_autoptr(GByteArray) input = g_byte_array_new();
    int64_t begun_us = g_get_monotonic_time(), passed_us;
    bool is_closed = false;

    do {
        turn_control();
        passed_us = g_get_monotonic_time() - begun_us;
        if (reads)
            is_closed = client_read(fd, input);
        else
            is_closed = stats_counter(stats, STATS_CONTROL_REFUSED_SLOW) > 0;
    } while (!is_closed && passed_us < IDLE_LIMIT_US);
    ck_assert(is_closed);
    return passed_us;
}

static const char *const silences[] = {"", "ve", "verb"};

START_TEST(who_says_nothing_is_dropped)
{
    int fd;

    control_idle_s = IDLE_S;
    start_control();
    fd = client_connect();
    ck_assert_int_eq(send(fd, silences[_i], strlen(silences[_i]), 0), strlen(silences[_i]));
    ck_assert_int_ge(wait_for_close_us(fd, true), IDLE_S * INT64_C(900000));
    ck_assert_uint_eq(stats_counter(stats, STATS_CONTROL_REFUSED_SLOW), 1);
    (void)close(fd);
    end_control();
}
END_TEST

START_TEST(who_is_silent_after_an_answer_is_dropped)
{
    int fd;

    control_idle_s = IDLE_S;
    start_control();
    fd = client_connect();
    expect_answer(fd, "verb status", "row|end|");
    (void)wait_for_close_us(fd, true);
    (void)close(fd);
    end_control();
}
END_TEST

START_TEST(who_never_reads_is_dropped)
{
    const int small = 4096;
    int fd;

    control_idle_s = IDLE_S;
    start_control();
    control_destinations("many", MANY);
    fd = client_connect();
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    client_ask(fd, "verb destinations limit 0");
    (void)wait_for_close_us(fd, false);
    (void)close(fd);
    end_control();
}
END_TEST

int main(void)
{
    TCase *tcase = world_tcase("socket");

    tcase_add_loop_test(tcase, what_cannot_be_answered_is_refused_and_the_client_goes_on, 0,
                        G_N_ELEMENTS(refusals));
    tcase_add_test(tcase, garbage_ends_the_connection_with_a_word);
    tcase_add_test(tcase, a_request_without_end_is_refused_at_the_limit);
    tcase_add_test(tcase, a_request_may_come_byte_by_byte);
    tcase_add_test(tcase, requests_that_come_together_are_answered_one_after_the_other);
    tcase_add_test(tcase, connections_are_bounded_and_the_next_one_is_told);
    tcase_add_test(tcase, a_thousand_connections_leave_nothing_behind);
    tcase_add_test(tcase, a_short_question_does_not_wait_for_listings);
    tcase_add_test(tcase, short_questions_have_an_end_too);
    tcase_add_test(tcase, the_status_waits_for_nobody_and_has_an_end_too);
    tcase_add_test(tcase, a_change_does_not_wait_for_listings);
    tcase_add_test(tcase, time_without_the_core_is_not_charged);
    tcase_add_test(tcase, who_vanishes_ends_his_work);
    tcase_add_test(tcase, who_does_not_read_stops_his_own_answer_only);
    tcase_add_loop_test(tcase, who_says_nothing_is_dropped, 0, G_N_ELEMENTS(silences));
    tcase_add_test(tcase, who_is_silent_after_an_answer_is_dropped);
    tcase_add_test(tcase, who_never_reads_is_dropped);
    return run_suite("control/socket", tcase, NULL);
}
