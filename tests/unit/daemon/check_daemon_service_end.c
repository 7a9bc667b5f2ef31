#include <signal.h>

#include "base/log.h"
#include "tests/support/daemon_child.h"
#include "tests/support/service_fixture.h"

/* How the process ends, in a child; what its handler saw goes to standard error. */

static void print_trigger(const char *bytes, size_t count, void *ctx)
{
    (void)ctx;
    (void)fprintf(stderr, "handled %.*s\n", (int)count, bytes);
}

static void lose_master(const char *bytes, size_t count, void *ctx)
{
    print_trigger(bytes, count, ctx);
    (void)shutdown(stage.master_fd, SHUT_RDWR); /* as seen from the other end: closed */
}

static void on_loss(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    (void)ctx;
    (void)shutdown(stage.master_fd, SHUT_RDWR);
}

/* After AVAIL. */
static void lose_master_later(const char *bytes, size_t count, void *ctx)
{
    static const struct timeval soon = {.tv_usec = 1000};

    print_trigger(bytes, count, ctx);
    g_assert(event_base_once(stage.base, -1, EV_TIMEOUT, on_loss, NULL, &soon) == 0);
}

static void remove_socket_and_lose_master(const char *bytes, size_t count, void *ctx)
{
    (void)unlink(stage.path);
    lose_master(bytes, count, ctx);
}

typedef struct Run {
    ServiceTriggerFn *handler;
    const char *extra_argument;
    ListenType type;
} Run;

static void run_service(void *ctx)
{
    const Run *run = ctx;
    ServiceSettings settings = {.type = run->type,
                                .status_fd = stage.status_fd,
                                .listen_fd = stage.listen_fd,
                                .extra_argument = run->extra_argument};

    (void)signal(SIGPIPE, SIG_IGN);
    log_set_sink(NULL, NULL);
    g_assert(event_reinit(stage.base) == 0); /* this is a child: the parent's epoll is its own */
    stage.service = service_start(stage.base, &settings, run->handler, NULL);
    (void)event_base_dispatch(stage.base);
}

static ChildEnd run_with_waiting_trigger(ServiceTriggerFn *handler, const char *extra_argument)
{
    Run run = {handler, extra_argument, LISTEN_UNIX};
    ChildEnd end;
    int client;

    stage.listen_fd = make_listen_fd(LISTEN_UNIX);
    client = connect_client();
    say(client, "W", 1);
    end = run_child(run_service, &run, STDERR_FILENO);
    (void)close(client);
    return end;
}

/* What the next process finds, one trigger after the other: "W." for W and NUL. */
static char *waiting_triggers(void)
{
    GString *found = g_string_new(NULL);
    char bytes[8];
    int fd;

    while ((fd = accept4(stage.listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        ssize_t count = read(fd, bytes, sizeof bytes);

        for (ssize_t i = 0; i < count; i++)
            g_string_append_c(found, bytes[i] != '\0' ? bytes[i] : '.');
        g_string_append_c(found, ' ');
        (void)close(fd);
    }
    return g_string_free(found, FALSE);
}

static void assert_waiting(const char *want)
{
    g_autofree char *found = waiting_triggers();

    ck_assert_str_eq(found, want);
}

START_TEST(loss_of_master_ends_the_process_before_the_next_trigger)
{
    ChildEnd end;

    (void)shutdown(stage.master_fd, SHUT_RDWR);
    end = run_with_waiting_trigger(print_trigger, NULL);
    ck_assert_int_eq(end.exit_status, 0);
    ck_assert_str_eq(end.output, "");
    assert_waiting("W ");
}
END_TEST

START_TEST(failing_avail_ends_the_process)
{
    ChildEnd end = run_with_waiting_trigger(lose_master, NULL);

    ck_assert_int_eq(end.exit_status, 0);
    ck_assert_str_eq(end.output, "handled W\n");
    assert_waiting("W. ");
}
END_TEST

/* The end of the channel is seen after the wakeup was taken: a process that was just being started
 * held it open. Otherwise nobody would start the next process. */
START_TEST(taken_wakeup_is_left_for_the_next_process)
{
    ChildEnd end = run_with_waiting_trigger(lose_master_later, NULL);

    ck_assert_int_eq(end.exit_status, 0);
    ck_assert_str_eq(end.output, "handled W\n");
    assert_waiting("W. ");
}
END_TEST

START_TEST(wakeup_of_a_fifo_is_left_in_it)
{
    Run run = {lose_master, NULL, LISTEN_FIFO};
    char bytes[8];
    ChildEnd end;

    stage.listen_fd = make_listen_fd(LISTEN_FIFO);
    say(stage.listen_fd, "FADI", 4);
    end = run_child(run_service, &run, STDERR_FILENO);
    ck_assert_int_eq(end.exit_status, 0);
    ck_assert_str_eq(end.output, "handled FADI\n");
    ck_assert_int_eq(read(stage.listen_fd, bytes, sizeof bytes), 1);
    ck_assert_int_eq(bytes[0], 'W');
}
END_TEST

/* The socket of an instance that has ended may be gone, or be that of another. */
START_TEST(socket_that_is_gone_is_no_obstacle)
{
    ChildEnd end = run_with_waiting_trigger(remove_socket_and_lose_master, NULL);

    ck_assert_int_eq(end.exit_status, 0);
    assert_waiting("");
}
END_TEST

START_TEST(extra_argument_is_fatal_at_the_first_trigger)
{
    ChildEnd end = run_with_waiting_trigger(print_trigger, "extra");

    ck_assert_int_eq(end.exit_status, 1);
    ck_assert_ptr_nonnull(strstr(end.output, "fatal: unexpected command-line argument: extra\n"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("end");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, loss_of_master_ends_the_process_before_the_next_trigger);
    tcase_add_test(tcase, failing_avail_ends_the_process);
    tcase_add_test(tcase, taken_wakeup_is_left_for_the_next_process);
    tcase_add_test(tcase, wakeup_of_a_fifo_is_left_in_it);
    tcase_add_test(tcase, socket_that_is_gone_is_no_obstacle);
    tcase_add_test(tcase, extra_argument_is_fatal_at_the_first_trigger);
    return run_suite("daemon/service_end", tcase, NULL);
}
