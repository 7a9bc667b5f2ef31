#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "src/daemon/trigger_internal.h"
#include "tests/support/runner.h"

static TriggerOwner owner;
static int done_calls;
static ssize_t got_count;

static void on_done(const char *bytes, ssize_t count, void *ctx)
{
    (void)bytes;
    (void)ctx;
    done_calls++;
    got_count = count;
}

static void set_up(void)
{
    owner = (TriggerOwner){
        .base = event_base_new(), .wait_limit = {.tv_usec = 20 * 1000}, .done = on_done};
    TAILQ_INIT(&owner.waiting);
    done_calls = 0;
}

static void tear_down(void)
{
    event_base_free(owner.base);
}

static const struct {
    ListenType type;
    const char *sent;
    bool closed;
    ssize_t want;
} cases[] = {
    {LISTEN_UNIX, "FADI", false, 4              },
    {LISTEN_UNIX, "W",    true,  1              },
    {LISTEN_UNIX, "",     true,  0              },
    {LISTEN_UNIX, "",     false, TRIGGER_NOTHING},
    {LISTEN_PASS, "",     false, TRIGGER_NOTHING},
    {LISTEN_PASS, "W",    false, TRIGGER_NOTHING},
    {LISTEN_PASS, "",     true,  TRIGGER_NOTHING},
};

START_TEST(trigger_ends_as_its_client_behaves)
{
    size_t sent_count = strlen(cases[_i].sent);
    int pair[2];
    char byte;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    ck_assert_int_eq(write(pair[1], cases[_i].sent, sent_count), (ssize_t)sent_count);
    if (cases[_i].closed)
        (void)shutdown(pair[1], SHUT_WR);
    owner.type = cases[_i].type;
    trigger_start(&owner, pair[0]);
    ck_assert_int_eq(done_calls, 0);
    (void)event_base_dispatch(owner.base);

    ck_assert_int_eq(done_calls, 1);
    ck_assert_int_eq(got_count, cases[_i].want);
    ck_assert(TAILQ_EMPTY(&owner.waiting));
    ck_assert_int_eq(read(pair[1], &byte, 1), 0);
    (void)close(pair[1]);
}
END_TEST

START_TEST(reset_connection_is_unreadable)
{
    int pair[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    ck_assert_int_eq(write(pair[0], "x", 1), 1); /* unread when the peer closes: a reset */
    (void)close(pair[1]);
    trigger_start(&owner, pair[0]);
    (void)event_base_dispatch(owner.base);
    ck_assert_int_eq(got_count, TRIGGER_UNREADABLE);
}
END_TEST

START_TEST(cancelled_trigger_says_nothing)
{
    int pair[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    trigger_start(&owner, pair[0]);
    trigger_cancel(TAILQ_FIRST(&owner.waiting));
    (void)event_base_dispatch(owner.base);
    ck_assert_int_eq(done_calls, 0);
    (void)close(pair[1]);
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table"), *single = tcase_create("single");

    tcase_add_checked_fixture(table, set_up, tear_down);
    tcase_add_loop_test(table, trigger_ends_as_its_client_behaves, 0, G_N_ELEMENTS(cases));
    tcase_add_checked_fixture(single, set_up, tear_down);
    tcase_add_test(single, reset_connection_is_unreadable);
    tcase_add_test(single, cancelled_trigger_says_nothing);
    return run_suite("daemon/trigger", table, single, NULL);
}
