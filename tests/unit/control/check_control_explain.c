#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "life/inspect.h"
#include "src/life/deferred_internal.h"
#include "tests/support/control_fixture.h"

/*
 * What is said of a message in each state: those that one service or its place brings about are a
 * table, the others have a story.
 */

static void run_until(const char *text)
{
    for (int i = 0; i < TURNS_MAX && !was_told(text); i++)
        turn_control();
    ck_assert_msg(was_told(text), "never: %s", text);
    for (int i = 0; i < 50; i++)
        turn_control();
}

static void expect_explanation(const char *part)
{
    int fd = client_connect();

    expect_answer(fd, "verb explain queue_id A1", part);
    (void)close(fd);
}

START_TEST(incoming_and_locked)
{
    int file;

    world_mail(&(Mail){.due_in_s = 3600});
    file = open("incoming/A1", O_RDWR | O_CLOEXEC);
    ck_assert_int_eq(flock(file, LOCK_EX | LOCK_NB), 0);
    start_control();
    expect_explanation("|place|incoming|text|A delivery agent of a former queue manager still has "
                       "it.|");
    (void)close(file);
    expect_explanation("|text|It is taken in by the next scan of incoming.|");
    end_control();
}
END_TEST

/* One message is all that the active queue may have. */
static void fill_active(const char *queue)
{
    world.settings.message_active_limit = 1;
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "B1"});
    start_control();
    run_until("smtp: nexthop");
    world_mail(&(Mail){.queue = queue});
}

START_TEST(incoming_while_active_is_full)
{
    fill_active("incoming");
    expect_explanation("|place|incoming|text|The active queue is full, so it waits.|");
    end_control();
}
END_TEST

START_TEST(overdue_while_active_is_full)
{
    fill_active("deferred");
    expect_explanation("|place|deferred|text|It is overdue: the active queue is full.|");
    end_control();
}
END_TEST

/* Mail that was tried before has the one place that a reserve leaves it. */
START_TEST(overdue_while_the_rest_is_for_new_mail)
{
    world.settings.message_active_limit = 2;
    world.settings.new_mail_reserve_percent = 50;
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "B1", .queue = "deferred"});
    start_control();
    run_until("smtp: nexthop");
    world_mail(&(Mail){.queue = "deferred"});
    expect_explanation("|place|deferred|text|It is overdue: the rest of the active queue is for "
                       "new mail (eqmgr_new_mail_reserve).|");
    end_control();
}
END_TEST

/* One place for the site, which one message has. */
START_TEST(parked_beyond_the_share_of_its_site)
{
    int fd;

    world.settings.message_active_limit = 20;
    world.settings.destination_share_percent = 5;
    world.settings.destination_horizon_s = 300;
    world.sched_settings.counts_messages = true;
    world_find("smtp")->manner = "s";
    world_mail(&(Mail){.id = "B1"});
    start_control();
    run_until("smtp: nexthop");
    world_mail(&(Mail){0});
    life_trigger(world.life, "I", 1);
    while (life_parked_count(world.life) == 0)
        world_turn();
    expect_explanation("|place|deferred|state|parked|text|It waits for a place in the active "
                       "queue, where mail for smtp/smtp.test has 1 (active_share). It is the 1st "
                       "of 1 that do.|");
    fd = client_connect();
    expect_answer(fd, "verb status", "|parked|1|");
    expect_answer(fd, "verb destinations", "|destination|smtp.test|");
    expect_answer(fd, "verb destinations", "|deferred|1|parked|1|");
    (void)close(fd);
    end_control();
}
END_TEST

START_TEST(finishing)
{
    world_find("defer")->manner = "s";
    world_find("smtp")->status = -1;
    world.settings.maximal_queue_lifetime_s = 1;
    world_mail(&(Mail){.age_s = 1000});
    start_control();
    run_until("status=expired");
    expect_explanation("|place|active|state|finishing|text|Its deliveries are over;");
    end_control();
}
END_TEST

START_TEST(stuck)
{
    world_find("smtp")->status = -1;
    world_mail(&(Mail){0});
    ck_assert_int_eq(rmdir("deferred"), 0);
    start_control();
    run_until("rename A1 from active to deferred");
    expect_explanation("|place|active|state|stuck|text|Its file could not be moved or removed,");
    end_control();
}
END_TEST

/* Each destination says what bounds it, with each strategy. */
START_TEST(waiting_for_several_destinations)
{
    if (_i == 1) {
        world.settings.round_robin = true;
        world.sched_settings.strategy = SCHED_ROUND_ROBIN;
    }
    world_find("smtp")->manner = "n";
    (void)world_agent("lmtp");
    world_find("lmtp")->manner = "n";
    world_mail(&(Mail){.recipients = "a@smtp.test b@lmtp.test"});
    start_control();
    run_until("(queue active)");
    expect_explanation(
        "|object|wait|transport|smtp|destination|smtp.test|bound_by|its turn, or a "
        "free delivery agent|others|0|recipients|1|ahead|0|ahead_recipients|0|ahead_messages|"
        "0|");
    expect_explanation("|ended_in_minute|0|estimate|none: nothing has ended there in the last "
                       "minute||");
    expect_explanation("|object|wait|transport|lmtp|destination|lmtp.test|");
    end_control();
}
END_TEST

/* What fixes the next attempt of deferred mail, and when it is returned. */
START_TEST(deferred_by_a_schedule)
{
    Sites *sites = sites_new();
    Site *site = sites_add(sites, "otp", 1);
    g_autofree char *returns = g_strdup_printf("|returns_at|%" PRId64 "|", world.start_s + 600 - 7);

    ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, "smtp.test"), NULL);
    ck_assert_pstr_eq(retry_plan_parse(&site->retry, RETRY_SCHEDULE, "20m"), NULL);
    ck_assert_pstr_eq(retry_plan_parse(&site->retry, RETRY_LIFETIME, "10m"), NULL);
    sites_seal(sites);
    world.settings.sites = sites;
    world_find("smtp")->status = -1;
    world_mail(&(Mail){.age_s = 7});
    start_control();
    for (int i = 0; i < TURNS_MAX && access("deferred/A1", F_OK) != 0; i++)
        turn_control();
    expect_explanation("|text|It was deferred and waits for its next attempt, which is by [site "
                       "otp] retry.|");
    expect_explanation(returns);
    end_control();
    sites_free(sites);
}
END_TEST

/* What brings message A1 into a state, and what is said of it then. */
static const struct {
    const char *title, *queue;
    mode_t mode; /* 0: as a complete file has */
    int due_in_s;
    const char *id;               /* NULL: A1 */
    const char *service, *manner; /* one that behaves so; or NULL */
    const char *until;            /* what is told when it has come to that; NULL: at once */
    const char *part;
} states[] = {
    {"nowhere",                  "hold",     0,    0,    "B1", NULL,      NULL, NULL,             "|place|nowhere|"                     },
    {"maildrop",                 "maildrop", 0,    0,    NULL, NULL,      NULL, NULL,             "|place|maildrop|"                    },
    {"incoming, being written",  "incoming", 0600, 0,    NULL, NULL,      NULL, NULL,
     "|place|incoming|text|cleanup(8) still writes it.|"                                                                                },
    {"incoming, complete",       "incoming", 0,    3600, NULL, NULL,      NULL, NULL,
     "|text|It is taken in by the next scan of incoming.|"                                                                              },
    {"resolving",                "incoming", 0,    0,    NULL, "rewrite", "s",  "(queue active)",
     "|state|resolving|text|It waits for trivial-rewrite(8): 1 of 1 lookups are out.|"                                                  },
    {"delivering",               "incoming", 0,    0,    NULL, "smtp",    "s",
     "smtp: ",                                                                                    "|place|active|state|delivering|"     },
    {"waiting for an agent",     "incoming", 0,    0,    NULL, "smtp",    "n",  "(queue active)",
     "|object|wait|transport|smtp|destination|smtp.test|"                                                                               },
    {"deferred",                 "deferred", 0,    900,  NULL, NULL,      NULL, NULL,
     "|text|It was deferred and waits for its next attempt.|"                                                                           },
    {"deferred, its recipients", "deferred", 0,    900,  NULL, NULL,      NULL, NULL,
     "|object|recipient|recipient|a@smtp.test|state|pending||"                                                                          },
    {"on hold",                  "hold",     0,    0,    NULL, NULL,      NULL, NULL,             "|advice|postsuper -H A1 releases it|"},
    {"corrupt",                  "corrupt",  0,    0,    NULL, NULL,      NULL, NULL,             "|place|corrupt|"                     },
};

START_TEST(explain_tells_each_state)
{
    int fd;

    (void)mkdir("hold", 0700);
    (void)mkdir("maildrop", 0700);
    (void)mkdir("corrupt", 0700);
    if (states[_i].service != NULL)
        world_find(states[_i].service)->manner = states[_i].manner;
    world_mail(&(Mail){.id = states[_i].id,
                       .queue = states[_i].queue,
                       .mode = states[_i].mode,
                       .due_in_s = states[_i].due_in_s});
    start_control();
    if (states[_i].until != NULL)
        for (int i = 0; i < TURNS_MAX && !was_told(states[_i].until); i++)
            turn_control();
    for (int i = 0; states[_i].until != NULL && i < 100; i++)
        turn_control();
    fd = client_connect();
    expect_answer(fd, "verb explain queue_id A1", states[_i].part);
    (void)close(fd);
    end_control();
}
END_TEST

/* ---- what has deferred it ---- */

/* A1 is in deferred, and this destination has put it there. */
static void start_with_deferred(const char *destination)
{
    const DeferredCause cause = {
        .transport = "smtp", .destination = destination, .status = "4.4.1", .reason = "timed out"};

    world_mail(&(Mail){.queue = "deferred", .due_in_s = 900});
    start_control();
    for (int i = 0; i < 100; i++)
        turn_control();
    deferred_index_note(world.life->due->index, "A1", world.start_s + 900);
    deferred_index_learn(world.life->due->index, "A1", &cause);
}

START_TEST(a_deferred_message_tells_how_its_destination_is_now)
{
    start_with_deferred("smtp.test");
    expect_explanation("|object|wait|transport|smtp|destination|smtp.test|bound_by|nothing now|why|"
                       "timed out||");
    expect_explanation("|advice|nothing to do, it is tried again then; eqmgrctl expedite A1 tries "
                       "it at once|");
    control_kill(control_destination("smtp", "smtp.test"), "4.4.1", "timed out");
    expect_explanation("|object|wait|transport|smtp|destination|smtp.test|bound_by|it is dead|"
                       "until|");
    expect_explanation("|advice|eqmgrctl flush destination smtp.test tries all of its mail now, "
                       "eqmgrctl expedite A1 this message alone|");
    end_control();
}
END_TEST

/* Nobody shall regret that he has copied the command. */
START_TEST(a_name_is_quoted_in_a_command)
{
    start_with_deferred("x;reboot.test");
    control_kill(control_destination("smtp", "x;reboot.test"), "4.4.1", "timed out");
    expect_explanation("|advice|eqmgrctl flush destination 'x;reboot.test' tries all");
    end_control();
}
END_TEST

START_TEST(the_last_attempt_is_when_its_defer_log_was_written)
{
    g_autofree char *part = NULL;
    struct stat file;

    (void)mkdir("defer", 0700);
    world_file("defer/A1", "<a@smtp.test>: timed out\nrecipient=a@smtp.test\nstatus=4.4.1\n"
                           "reason=timed out\n\n");
    ck_assert_int_eq(stat("defer/A1", &file), 0);
    start_with_deferred("smtp.test");
    part = g_strdup_printf("|last_attempt|%ld|", (long)file.st_mtime);
    expect_explanation(part);
    end_control();
}
END_TEST

/* ---- what will hold it the next time ---- */

/* Rules as an administrator makes them after A1 was deferred until 900 s from now; and what of them
 * is told. */
static const struct {
    const char *rule, *part;
    bool is_told;
} prospects[] = {
    {"verb suspend new 1 what smtp.test for 7200 reason ticket",
     "|object|then|bound_by|suspension #1|rule|1|until|",                                                       true },
    {"verb suspend new 1 what smtp.test for 7200 reason ticket",                  "|recipients|1|why|ticket||",
     true                                                                                                            },
    {"verb suspend new 1 what destination name smtp.test forever 1 reason r",
     "|object|then|bound_by|suspension #1|rule|1|why|r||",                                                      true },
    {"verb suspend new 1 what transport name smtp for 7200 reason r",             "|object|then|",              true },
    {"verb suspend new 1 what all for 7200 reason r",                             "|object|then|",              true },
    {"verb suspend new 1 what smtp.test for 600 reason over-before",              "|object|then|",              false},
    {"verb suspend new 1 what other.test for 7200 reason r",                      "|object|then|",              false},
    {"verb suspend new 1 what transport name local for 7200 reason r",            "|object|then|",              false},
    {"verb limit new 1 what smtp.test forever 1 rate 1/1m reason slowly",
     "|object|then|bound_by|limit #1 (rate 1/1m)|rule|1|why|slowly||",                                          true },
    {"verb limit new 1 what transport name smtp for 7200 concurrency 2 reason r",
     "|object|then|bound_by|limit #1 (concurrency 2)|rule|1|until|",                                            true },
    {"verb limit new 1 what smtp.test for 600 rate 1/1m reason over-before",      "|object|then|",
     false                                                                                                           },
};

START_TEST(a_rule_that_will_hold_it_is_told)
{
    int fd;

    start_with_deferred("smtp.test");
    fd = client_connect();
    expect_answer(fd, prospects[_i].rule, "|object|rule|");
    if (prospects[_i].is_told)
        expect_answer(fd, "verb explain queue_id A1", prospects[_i].part);
    else
        expect_answer_without(fd, "verb explain queue_id A1", prospects[_i].part);
    (void)close(fd);
    end_control();
}
END_TEST

/* Of the recipients of a list, the rule about a domain holds some. */
START_TEST(a_rule_tells_how_many_recipients_it_will_hold)
{
    int fd;

    world_mail(&(Mail){.queue = "deferred",
                       .due_in_s = 900,
                       .recipients = "a@smtp.test b@other.test c@sub.other.test d@OTHER.test"});
    start_control();
    fd = client_connect();
    expect_answer(fd, "verb suspend new 1 what other.test for 7200 reason first", "|object|rule|");
    expect_answer(fd, "verb suspend new 1 what .other.test for 7200 reason second",
                  "|object|rule|");
    expect_answer(fd, "verb explain queue_id A1",
                  "|object|then|bound_by|suspension #1|rule|1|until|");
    expect_answer(fd, "verb explain queue_id A1", "|recipients|2|why|first||");
    expect_answer(fd, "verb explain queue_id A1", "|recipients|1|why|second||");
    (void)close(fd);
    end_control();
}
END_TEST

/* Mail that was never tried, too. */
START_TEST(a_rule_that_will_hold_new_mail_is_told)
{
    int fd;

    world_mail(&(Mail){.due_in_s = 3600});
    start_control();
    fd = client_connect();
    expect_answer(fd, "verb suspend new 1 what smtp.test for 7200 reason ticket", "|object|rule|");
    expect_answer(fd, "verb explain queue_id A1", "|place|incoming|");
    expect_answer(fd, "verb explain queue_id A1", "|object|then|bound_by|suspension #1|");
    (void)close(fd);
    end_control();
}
END_TEST

START_TEST(a_rate_of_the_policy_will_hold_it)
{
    Sites *sites = sites_new();
    Site *site = sites_add(sites, "slow", 1);
    int fd;

    ck_assert_pstr_eq(sites_add_word(sites, SITE_DOMAIN, "smtp.test"), NULL);
    site->rate = (MeterLimit){.count = 6, .period_s = 60, .burst = 1};
    site->setting_lines[SITE_RATE] = 2;
    sites_seal(sites);
    world.settings.sites = sites;
    start_with_deferred("smtp.test");
    expect_explanation("|object|then|bound_by|rate 6/1m burst 1 of [site slow]||");
    fd = client_connect();
    expect_answer(fd, "verb limit new 1 what smtp.test forever 1 rate 1/1m reason slowly",
                  "|object|rule|");
    expect_answer_without(fd, "verb explain queue_id A1", "of [site slow]");
    (void)close(fd);
    end_control();
    sites_free(sites);
}
END_TEST

/* ---- what waits for the retry service ---- */

/* A1 is suspended, and the service that is to put it aside does not come to an end. */
static int start_held_at_retry(void)
{
    int fd;

    start_control();
    fd = client_connect();
    expect_answer(fd, "verb suspend new 1 what smtp.test for 7200 reason ticket", "|object|rule|");
    world_mail(&(Mail){0});
    life_trigger(world.life, "I", 1);
    return fd;
}

/* It does not answer a request, or it does not even announce itself. */
START_TEST(held_mail_waits_for_a_slow_retry_service)
{
    const char *manner = _i == 0 ? "s" : "n";
    const char *bound = _i == 0 ? "|bound_by|an agent delivers it now|rule|1|"
                                : "|bound_by|its turn, or a free delivery agent|rule|1|";
    int fd;

    world_find("retry")->manner = manner;
    fd = start_held_at_retry();
    run_until(_i == 0 ? "retry: nexthop" : "(queue active)");
    expect_answer(fd, "verb explain queue_id A1",
                  "|text|Suspension #1 holds it, and it waits for the service that puts it aside "
                  "(retry).|");
    expect_answer(fd, "verb explain queue_id A1", bound);
    expect_answer(fd, "verb explain queue_id A1", "|advice|eqmgrctl transports retry tells ");
    expect_answer(fd, "verb resume what 1", "|object|rule|");
    expect_answer(fd, "verb explain queue_id A1",
                  "|text|Suspension #1 is over; it still waits for the service that puts it aside "
                  "(retry), and is let go after that.|");
    (void)close(fd);
    end_control();
}
END_TEST

int main(void)
{
    TCase *tcase = world_tcase("explain");

    tcase_add_test(tcase, incoming_and_locked);
    tcase_add_test(tcase, incoming_while_active_is_full);
    tcase_add_test(tcase, overdue_while_active_is_full);
    tcase_add_test(tcase, overdue_while_the_rest_is_for_new_mail);
    tcase_add_test(tcase, parked_beyond_the_share_of_its_site);
    tcase_add_test(tcase, finishing);
    tcase_add_test(tcase, stuck);
    tcase_add_test(tcase, deferred_by_a_schedule);
    tcase_add_loop_test(tcase, explain_tells_each_state, 0, G_N_ELEMENTS(states));
    tcase_add_test(tcase, a_deferred_message_tells_how_its_destination_is_now);
    tcase_add_test(tcase, a_name_is_quoted_in_a_command);
    tcase_add_test(tcase, the_last_attempt_is_when_its_defer_log_was_written);
    tcase_add_loop_test(tcase, a_rule_that_will_hold_it_is_told, 0, G_N_ELEMENTS(prospects));
    tcase_add_test(tcase, a_rule_tells_how_many_recipients_it_will_hold);
    tcase_add_test(tcase, a_rule_that_will_hold_new_mail_is_told);
    tcase_add_test(tcase, a_rate_of_the_policy_will_hold_it);
    tcase_add_loop_test(tcase, held_mail_waits_for_a_slow_retry_service, 0, 2);
    tcase_add_loop_test(tcase, waiting_for_several_destinations, 0, 2);
    return run_suite("control/explain", tcase, NULL);
}
