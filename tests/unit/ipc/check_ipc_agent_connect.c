#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/support/agent_fixture.h"

/* Connections to a delivery agent that do not come about, and those that take patience. */

static const struct {
    const char *name;
    bool has_socket; /* without a listener */
    size_t name_bytes;
    int want_error;
} unreachable[] = {
    {"a missing service",               false, 4,   ENOENT      },
    {"a socket that nobody listens at", true,  4,   ECONNREFUSED},
    {"a name too long for a socket",    false, 100, ENAMETOOLONG},
};

START_TEST(missing_agent_is_told_at_once)
{
    g_autofree char *name = g_strnfill(unreachable[_i].name_bytes, 'n');
    g_autofree char *path = g_strconcat("private/", name, NULL);

    if (unreachable[_i].has_socket)
        (void)close(peer_listen(path, 1));
    agent = agent_connect(base, name, AGENT_TIMEOUT_S, on_agent_ready, &seen);
    run_loop();
    ck_assert_int_eq(seen.ready, AGENT_NO_CONNECTION);
    ck_assert_msg(seen.error == unreachable[_i].want_error, "%s: %s", unreachable[_i].name,
                  g_strerror(seen.error));
    if (unreachable[_i].has_socket)
        (void)unlink(path);
}
END_TEST

/* ---- a listen queue without room ---- */

START_TEST(full_listen_queue_is_an_error_in_the_end)
{
    int listener = peer_listen(AGENT_PATH, 1);
    GArray *fds = fill_listen_queue(AGENT_PATH);
    int64_t begin_ms = clock_mono_ms();

    start_agent();
    run_loop();
    ck_assert_int_ge(clock_mono_ms() - begin_ms, 500);
    ck_assert_int_eq(seen.ready, AGENT_NO_CONNECTION);
    ck_assert_int_eq(seen.error, EAGAIN);
    close_all(fds);
    (void)close(listener);
    (void)unlink(AGENT_PATH);
}
END_TEST

static void on_room(evutil_socket_t fd, short what, void *arg)
{
    const int *listener = arg;

    (void)fd;
    (void)what;
    (void)close(accept(*listener, NULL, NULL));
}

START_TEST(room_in_the_listen_queue_is_used)
{
    static const struct timeval soon = {0, 20 * 1000};
    int listener = peer_listen(AGENT_PATH, 1);
    struct event *timer = evtimer_new(base, on_room, &listener);
    GArray *fds = fill_listen_queue(AGENT_PATH);

    event_add(timer, &soon);
    start_agent();
    run_loop(); /* connected, and then nobody announces itself */
    ck_assert_int_eq(seen.ready, AGENT_TIMED_OUT);
    event_free(timer);
    close_all(fds);
    (void)close(listener);
    (void)unlink(AGENT_PATH);
}
END_TEST

/* ---- a descriptor table without room ---- */

START_TEST(full_descriptor_table_is_waited_for_too)
{
    struct rlimit old, none;

    start_agent_peer("AQR");
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = (struct rlimit){0, old.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    start_agent();
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
    run_loop();
    ck_assert_int_eq(seen.reply, AGENT_OK);

    seen.ready_count = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    start_agent();
    run_loop();
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
    ck_assert_int_eq(seen.ready, AGENT_NO_ROOM);
    ck_assert_int_eq(seen.error, EMFILE);
    stop_agent_peer();
}
END_TEST

int main(void)
{
    TCase *tcase = agent_tcase("connect");

    tcase_add_loop_test(tcase, missing_agent_is_told_at_once, 0, G_N_ELEMENTS(unreachable));
    tcase_add_test(tcase, full_listen_queue_is_an_error_in_the_end);
    tcase_add_test(tcase, room_in_the_listen_queue_is_used);
    tcase_add_test(tcase, full_descriptor_table_is_waited_for_too);
    return run_suite("ipc/agent_connect", tcase, NULL);
}
