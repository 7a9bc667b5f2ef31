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

typedef struct Run {
    ServiceTriggerFn *handler;
    const char *extra_argument;
} Run;

static void run_service(void *ctx)
{
    const Run *run = ctx;
    ServiceSettings settings = {.type = LISTEN_UNIX,
                                .status_fd = stage.status_fd,
                                .listen_fd = stage.listen_fd,
                                .extra_argument = run->extra_argument};
    struct event_base *base = event_base_new();

    (void)signal(SIGPIPE, SIG_IGN);
    log_set_sink(NULL, NULL);
    g_assert(event_base_priority_init(base, 3) == 0);
    stage.service = service_start(base, &settings, run->handler, NULL);
    (void)event_base_dispatch(base);
}

static ChildEnd run_with_waiting_trigger(ServiceTriggerFn *handler, const char *extra_argument)
{
    Run run = {handler, extra_argument};
    ChildEnd end;
    int client;

    stage.listen_fd = make_listen_fd(LISTEN_UNIX);
    client = connect_client();
    say(client, "W", 1);
    end = run_child(run_service, &run, STDERR_FILENO);
    (void)close(client);
    return end;
}

START_TEST(loss_of_master_ends_the_process_before_the_next_trigger)
{
    ChildEnd end;

    (void)shutdown(stage.master_fd, SHUT_RDWR);
    end = run_with_waiting_trigger(print_trigger, NULL);
    ck_assert_int_eq(end.exit_status, 0);
    ck_assert_str_eq(end.output, "");
}
END_TEST

START_TEST(failing_avail_ends_the_process)
{
    ChildEnd end = run_with_waiting_trigger(lose_master, NULL);

    ck_assert_int_eq(end.exit_status, 0);
    ck_assert_str_eq(end.output, "handled W\n");
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
    tcase_add_test(tcase, extra_argument_is_fatal_at_the_first_trigger);
    return run_suite("daemon/service_end", tcase, NULL);
}
