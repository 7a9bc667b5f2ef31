#include "tests/life_fixture.h"

/*
 * Deliveries: what agents are asked, and what becomes of a message by what they answer
 * (behaviour.md 9, ipc.md 3.7). The mail is a@smtp.test, b@smtp.test and c@local.test, so there
 * are two deliveries.
 */

#define ACTIVE    "A1: from=<sender@test>, size=23, nrcpt=3 (queue active)\n"
#define TO_SMTP   "smtp: nexthop smtp.test from <sender@test> flags 3 to a@smtp.test b@smtp.test\n"
#define TO_LOCAL  "local: nexthop local.test from <sender@test> flags 3 to c@local.test\n"
#define DOWN      "mail transport unavailable"
#define LOGGED(rcpt, dsn, reason)                                                                  \
    "A1: to=<" rcpt ">, relay=none, delay=D, delays=D, dsn=" dsn ", status=deferred (" reason ")\n"
#define RECORD(rcpt, dsn, reason) "defer: append 0 " rcpt " " dsn " delayed (" reason ")\n"
#define DEFERRED                  "deferred A1 +300 0700\n"

static const struct {
    const char *title;
    const char *manner; /* of smtp */
    int32_t status;     /* of its reply, likewise */
    const char *dsn, *reason;
    const char *told, *places;
} replies[] = {
    {"all done", "a", 0, "", "", ACTIVE TO_LOCAL TO_SMTP "A1: removed\n", ""},
    {"some recipients deferred", "a", -1, "", "", ACTIVE TO_LOCAL TO_SMTP, DEFERRED},
    {"site is down", "a", -1, "4.4.1", "refused", ACTIVE TO_LOCAL TO_SMTP, DEFERRED},
    {"done, with words", "a", 0, "2.0.0", "hello", ACTIVE TO_LOCAL TO_SMTP "A1: removed\n", ""},
    {"agent dies with the request", "q", 0, "", "",
     ACTIVE TO_LOCAL TO_SMTP "warning: private/smtp socket: malformed response\n" RECORD(
         "a@smtp.test", "4.3.0", "unknown mail transport error")
         RECORD("b@smtp.test", "4.3.0", "unknown mail transport error")
             LOGGED("a@smtp.test", "4.3.0", "unknown mail transport error")
                 LOGGED("b@smtp.test", "4.3.0", "unknown mail transport error"),
     DEFERRED},
};

START_TEST(message_follows_the_reply)
{
    Service *smtp = world_find("smtp");

    smtp->manner = replies[_i].manner;
    smtp->status = replies[_i].status;
    smtp->dsn = replies[_i].dsn;
    smtp->reason = replies[_i].reason;
    world_mail(&(Mail){.recipients = "c@local.test b@smtp.test a@smtp.test"});
    world_start();
    world_run();
    world_expect_lines(replies[_i].told);
    world_expect_places(replies[_i].places);
}
END_TEST

int main(void)
{
    TCase *tcase = world_tcase("delivery");

    tcase_add_loop_test(tcase, message_follows_the_reply, 0, G_N_ELEMENTS(replies));
    return run_suite("life/delivery", tcase, NULL);
}
