#include "tests/support/life_fixture.h"

/*
 * The end of everything: whatever is under way when a Life is freed, nothing is leaked, nothing is
 * called back, no file is touched.
 */

static const struct {
    const char *title;
    const char *service; /* the one that takes a request and stays silent */
    const char *manner;
    const char *until; /* what is told when it has come to that */
    const char *bounce_log;
    int rate_delay_s;    /* of the transport */
    const char *without; /* a service that is not there, or NULL */
} stages[] = {
    {"asking the resolver",         "rewrite", "s", "(queue active)", "",      0, NULL  },
    {"waiting for an announcement", "smtp",    "n", "(queue active)", "",      0, NULL  },
    {"waiting for a reply",         "smtp",    "s", "smtp: ",         "",      0, NULL  },
    {"waiting in a rate delay",     "smtp",    "s", "(queue active)", "",      9, NULL  },
    {"reporting a deferral",        "defer",   "s", "defer: append",  "",      0, "smtp"},
    {"waiting for a bounce",        "bounce",  "s", "bounce: flush",  "a log", 0, NULL  },
};

START_TEST(life_ends_at_any_time)
{
    world_find(stages[_i].service)->manner = stages[_i].manner;
    if (stages[_i].without != NULL) {
        world_remove_service(stages[_i].without);
        world_remove_service("retry");
    }
    world.params.transport_rate_delay_s = stages[_i].rate_delay_s;
    world.params.destination_concurrency_limit = 1;
    world.params.destination_recipient_limit = 2;
    world_mail(&(Mail){.recipients = "a@smtp.test b@smtp.test c@smtp.test d@smtp.test"});
    world_mail(&(Mail){.id = "A2"});
    if (*stages[_i].bounce_log != '\0')
        world_file("bounce/A1", stages[_i].bounce_log);
    world_start();
    world_run_until(stages[_i].until);
    for (int i = 0; i < 5; i++)
        world_turn_at_most_ms(20);
    world_close();
    ck_assert_msg(!was_told("removed\nA1"), "%s", world.told->str);
}
END_TEST

START_TEST(life_that_never_started_ends)
{
    world_open();
}
END_TEST

int main(void)
{
    TCase *tcase = world_tcase("end");

    tcase_add_loop_test(tcase, life_ends_at_any_time, 0, G_N_ELEMENTS(stages));
    tcase_add_test(tcase, life_that_never_started_ends);
    return run_suite("life/life", tcase, NULL);
}
