/* The service, while calls of the system fail. */

#include <fcntl.h>
#include <stdlib.h>

#include "base/log.h"
#include "codec/status.h"
#include "tests/support/faults.h"
#include "tests/support/service_fixture.h"

static GString *logged;

static void keep_line(LogSeverity severity, const char *text, void *ctx)
{
    (void)severity;
    (void)ctx;
    g_string_append_printf(logged, "%s\n", text);
}

static bool is_testing;

/* The service ends the process with status 0, which Check would take for a success. */
static void fail_if_left_early(void)
{
    if (is_testing)
        _exit(EXIT_FAILURE);
}

static void begin(void)
{
    is_testing = true;
    ck_assert_int_eq(atexit(fail_if_left_early), 0);
    set_up();
    logged = g_string_new(NULL);
    log_set_sink(keep_line, NULL);
}

static void end(void)
{
    is_testing = false;
    faults_clear();
    log_set_sink(NULL, NULL);
    g_string_free(logged, TRUE);
    tear_down();
}

static void on_trigger(const char *bytes, size_t count, void *ctx)
{
    (void)ctx;
    stage.trigger_count++;
    g_string_append_len(stage.handled, bytes, (gssize)count);
}

static void start_service(ListenType type)
{
    ServiceSettings settings = {
        .type = type, .generation = GENERATION, .status_fd = stage.status_fd};

    settings.listen_fd = stage.listen_fd = make_listen_fd(type);
    stage.service = service_start(stage.base, &settings, on_trigger, NULL);
}

/* Turns until there was a trigger. A service that is deaf exceeds the time limit of the test. */
static void run_to_trigger(void)
{
    while (stage.trigger_count == 0)
        (void)event_base_loop(stage.base, EVLOOP_ONCE);
}

static void turn(void)
{
    for (int i = 0; i < 20; i++)
        (void)event_base_loop(stage.base, EVLOOP_NONBLOCK);
}

static const int passing[] = {EINTR, EAGAIN};

START_TEST(status_is_written_again)
{
    uint8_t statuses[3 * MASTER_STATUS_BYTES];
    int client;

    start_service(LISTEN_UNIX);
    client = connect_client();
    say(client, "W", 2);
    faults_add("write", "socket:", passing[_i], 2);
    run_to_trigger();
    ck_assert_ptr_null(faults_unmet());
    ck_assert_int_eq(recv(stage.master_fd, statuses, sizeof statuses, MSG_DONTWAIT),
                     2 * MASTER_STATUS_BYTES);
    (void)close(client);
}
END_TEST

static const struct {
    ListenType type;
    const char *call, *part;
    int error;
    const char *want_line;
} failures[] = {
    {LISTEN_UNIX, "accept4", "socket:", EINTR,        ""                                               },
    {LISTEN_UNIX, "accept4", "socket:", ECONNABORTED, ""                                               },
    {LISTEN_UNIX, "accept4", "socket:", EMFILE,       "error: accept connection: Too many open files\n"},
    {LISTEN_UNIX, "accept4", "socket:", ENOBUFS,
     "error: accept connection: No buffer space available\n"                                           },
    {LISTEN_UNIX, "accept4", "socket:", EBADF,        "error: accept connection: Bad file descriptor\n"},
    {LISTEN_FIFO, "read",    "qmgr",    EINTR,        ""                                               },
    {LISTEN_FIFO, "read",    "qmgr",    EIO,          "error: read FIFO: Input/output error\n"         },
};

START_TEST(failure_is_told_and_the_trigger_comes)
{
    int client;

    start_service(failures[_i].type);
    client = failures[_i].type == LISTEN_FIFO ? open(stage.path, O_WRONLY) : connect_client();
    faults_add(failures[_i].call, failures[_i].part, failures[_i].error, 1);
    say(client, "W", 1);
    run_to_trigger();
    ck_assert_ptr_null(faults_unmet());
    ck_assert_str_eq(stage.handled->str, "W");
    ck_assert_str_eq(logged->str, failures[_i].want_line);
    (void)close(client);
}
END_TEST

/* It listens again as soon as there is memory. */
START_TEST(listening_that_fails_is_tried_again)
{
    int client;

    start_service(LISTEN_UNIX);
    client = connect_client();
    say(client, "W", 2);
    faults_add("accept4", "socket:", EMFILE, 1);
    turn();
    faults_add("epoll_ctl", "add", ENOSPC, 1);
    run_to_trigger();
    ck_assert_ptr_null(faults_unmet());
    (void)close(client);
}
END_TEST

int main(void)
{
    TCase *service = tcase_create("service");

    tcase_set_timeout(service, LONG_TEST_S);
    tcase_add_checked_fixture(service, begin, end);
    tcase_add_loop_test(service, status_is_written_again, 0, G_N_ELEMENTS(passing));
    tcase_add_loop_test(service, failure_is_told_and_the_trigger_comes, 0, G_N_ELEMENTS(failures));
    tcase_add_test(service, listening_that_fails_is_tried_again);
    return run_suite("daemon/faults", service, NULL);
}
