#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "tests/support/resolver_fixture.h"

/* Servers with processes of their own, that serve many connections but one question at a time. */

#define SERVERS    3
#define SERVED_MAX 64
#define LOOKUP_MS  10
#define LATE_MS    60 /* until then the first server takes all connections */

static pid_t servers[SERVERS];

static void say(int fd, const GByteArray *bytes)
{
    (void)!send(fd, bytes->data, bytes->len, MSG_NOSIGNAL);
}

static void greet(int fd)
{
    GByteArray *bytes = g_byte_array_new();

    attr_put_str(bytes, "protocol", REWRITE_PROTOCOL);
    attr_put_end(bytes);
    say(fd, bytes);
    g_byte_array_unref(bytes);
}

/* False: closed. */
static bool serve_one(int fd)
{
    uint8_t bytes[4096];
    ssize_t size = recv(fd, bytes, sizeof bytes, 0);
    GByteArray *received = g_byte_array_new(), *reply = g_byte_array_new();

    if (size > 0) {
        g_byte_array_append(received, bytes, (guint)size);
        (void)answer(received, reply);
        g_usleep(LOOKUP_MS * 1000);
        say(fd, reply);
    }
    g_byte_array_unref(received);
    g_byte_array_unref(reply);
    return size > 0;
}

static void serve(struct pollfd *fds, nfds_t *count)
{
    nfds_t before = *count;

    for (nfds_t i = 1; i < before; i++)
        if (fds[i].revents != 0 && !serve_one(fds[i].fd)) {
            close(fds[i].fd);
            fds[i].fd = -1; /* poll() passes over it */
        }
    if (fds[0].revents != 0 && *count < SERVED_MAX) {
        int fd = accept(fds[0].fd, NULL, NULL);

        if (fd < 0)
            return;
        greet(fd);
        fds[(*count)++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
}

static void be_server(int listener, int index)
{
    struct pollfd fds[SERVED_MAX] = {
        {.fd = listener, .events = POLLIN}
    };
    nfds_t count = 1;

    if (index > 0)
        g_usleep(LATE_MS * 1000);
    for (;;) {
        (void)poll(fds, count, -1);
        serve(fds, &count);
    }
}

static int start_servers(void)
{
    int listener = peer_listen(PATH, 100);

    for (int i = 0; i < SERVERS; i++) {
        servers[i] = fork();
        ck_assert_int_ge(servers[i], 0);
        if (servers[i] == 0)
            be_server(listener, i);
    }
    return listener;
}

static void stop_servers(int listener)
{
    for (int i = 0; i < SERVERS; i++) {
        kill(servers[i], SIGKILL);
        waitpid(servers[i], NULL, 0);
    }
    close(listener);
    unlink(PATH);
}

/* Addresses that were not asked for before. */
static void ask_many(int count)
{
    wanted_count = done_count + count;
    for (int i = done_count; i < wanted_count; i++) {
        g_autofree char *address = g_strdup_printf("u%d@x%d", i, i % 7);

        ask(address);
    }
    run_loop();
}

static int connections_to(pid_t server)
{
    const ResolverConnection *each;
    int count = 0;

    for (int state = 0; state < CONNECTION_STATE_COUNT; state++)
        TAILQ_FOREACH (each, &resolver->connections[state], link)
            count += each->talk.peer == server;
    return count;
}

static bool each_has_one(void)
{
    for (int i = 0; i < SERVERS; i++)
        if (connections_to(servers[i]) != 1)
            return false;
    return true;
}

START_TEST(each_connection_gets_a_process_of_its_own)
{
    int listener = start_servers();

    start_resolver(SERVERS, 5, 1000);
    resolver->moved_ms = 0;
    while (!each_has_one()) /* if not, the test is ended */
        ask_many(60);
    ck_assert_str_eq(trouble->str, "");
    stop_servers(listener);
}
END_TEST

/* This process is the only server, and slow. */
START_TEST(attempts_in_vain_become_rare)
{
    static const char *const slow[] = {"AQtR*", NULL};
    int64_t begin_ms = clock_mono_ms();

    start_peer(slow);
    start_resolver(2, 5, 1000);
    resolver->moved_ms = 0;
    ask_many(60);
    ck_assert_int_gt(peer.accepted_count, 2);
    ck_assert_int_lt(peer.accepted_count, 12 + (clock_mono_ms() - begin_ms) / 1000);
    ck_assert_int_eq(connections_to(getpid()), 2);
    stop_peer();
}
END_TEST

START_TEST(without_a_queue_connections_stay)
{
    static const char *const slow[] = {"AQtR*", NULL};

    start_peer(slow);
    start_resolver(2, 5, 1000);
    resolver->moved_ms = 0;
    for (int i = 0; i < 5; i++) {
        g_autofree char *address = g_strdup_printf("%d@a", i);

        wanted_count = done_count + 2;
        ask(address);
        address[strlen(address) - 1] = 'b';
        ask(address);
        run_loop();
    }
    ck_assert_int_eq(peer.accepted_count, 2);
    stop_peer();
}
END_TEST

/* Two clones that are there, one that is not. */
static const struct {
    const char *services[4];
    int want_first, want_second;
    const char *want_trouble;
} clones[] = {
    {{PATH, PATH "2"},           2, 2, ""                            },
    {{PATH, PATH "2", PATH "3"},
     2,                             2,
     "connect #1 to subsystem " PATH "3: No such file or directory\n"},
    {{PATH "3", PATH, PATH "2"},
     2,                             2,
     "connect #1 to subsystem " PATH "3: No such file or directory\n"},
};

START_TEST(clones_share_the_connections)
{
    static const char *const slow[] = {"AQtR*", NULL};
    const ResolverSettings settings = {
        .services = clones[_i].services, .connection_limit = 4, .timeout_s = 1};
    const ResolverPace pace = {.retry_ms = 20, .reconnect_ms = 60000};
    Peer second;

    start_peer(slow);
    peer_start(&second, PATH "2", REWRITE_PROTOCOL, slow, answer, g_byte_array_new());
    resolver = resolver_new_paced(base, &settings, &pace, on_trouble, &trouble);
    ask_many(60);
    ck_assert_int_eq(peer.accepted_count, clones[_i].want_first);
    ck_assert_int_eq(second.accepted_count, clones[_i].want_second);
    ck_assert_str_eq(trouble->str, clones[_i].want_trouble);
    stop_peer();
    peer_stop(&second, PATH "2");
}
END_TEST

START_TEST(all_are_tried_again_when_none_is_left)
{
    static const char *const services[] = {PATH, PATH "2", NULL};
    const ResolverSettings settings = {.services = services, .connection_limit = 2, .timeout_s = 1};

    resolver = resolver_new_paced(base, &settings, &hurried, on_trouble, &trouble);
    ask("1@a");
    ask("1@b");
    run_for_ms(8);
    start_peer(lasting);
    wanted_count = 2;
    run_loop();
    ck_assert_int_eq(done_count, 2);
    stop_peer();
}
END_TEST

int main(void)
{
    TCase *spread = resolver_tcase("spread");

    tcase_add_test(spread, each_connection_gets_a_process_of_its_own);
    tcase_add_test(spread, attempts_in_vain_become_rare);
    tcase_add_loop_test(spread, clones_share_the_connections, 0, G_N_ELEMENTS(clones));
    tcase_add_test(spread, all_are_tried_again_when_none_is_left);
    tcase_add_test(spread, without_a_queue_connections_stay);
    return run_suite("ipc/resolver_spread", spread, NULL);
}
