#include <fcntl.h>

#include "base/clock.h"
#include "base/log.h"
#include "codec/status.h"
#include "src/daemon/trigger_internal.h"
#include "tests/support/service_fixture.h"

static void on_trigger(const char *bytes, size_t count, void *ctx)
{
    (void)ctx;
    stage.trigger_count++;
    g_string_append_c(stage.handled, '[');
    for (size_t i = 0; i < count; i++)
        g_string_append_c(stage.handled, bytes[i] != '\0' ? bytes[i] : '.');
    g_string_append_c(stage.handled, ']');
}

static void start_service(ListenType type, const char *extra_argument)
{
    ServiceSettings settings = {.type = type,
                                .generation = GENERATION,
                                .status_fd = stage.status_fd,
                                .extra_argument = extra_argument};

    settings.listen_fd = stage.listen_fd = make_listen_fd(type);
    stage.service = service_start(stage.base, &settings, on_trigger, NULL);
}

/* Runs the loop until it would have to wait. */
static void turn(void)
{
    enum { MORE_THAN_ANY_TEST_NEEDS = 300 };

    for (int i = 0; i < MORE_THAN_ANY_TEST_NEEDS; i++)
        (void)event_base_loop(stage.base, EVLOOP_NONBLOCK);
}

static bool is_closed(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

/* Reads all status messages, as "TA" for TAKEN, AVAIL. Fails the test if one is not from us. */
static void assert_statuses(const char *want)
{
    g_autoptr(GString) got = g_string_new(NULL);
    struct {
        int32_t pid;
        uint32_t generation;
        int32_t status;
    } message;

    while (recv(stage.master_fd, &message, sizeof message, MSG_DONTWAIT) ==
           (ssize_t)sizeof message) {
        ck_assert_int_eq(message.pid, getpid());
        ck_assert_uint_eq(message.generation, GENERATION);
        g_string_append_c(got, message.status == 0 ? 'T' : message.status == 1 ? 'A' : '?');
    }
    ck_assert_str_eq(got->str, want);
}

static const struct {
    const char *bytes;
    size_t count;
    const char *want;
} trigger_cases[] = {
    {"W",     1, "[W]"    },
    {"W",     2, "[W.]"   },
    {"FADI",  4, "[FADI]" },
    {"FADI",  5, "[FADI.]"},
    {"\xff!", 2, "[\xff!]"},
};

START_TEST(trigger_is_handled_between_taken_and_avail)
{
    int client;

    start_service(LISTEN_UNIX, NULL);
    client = connect_client();
    say(client, trigger_cases[_i].bytes, trigger_cases[_i].count);
    turn();
    ck_assert_str_eq(stage.handled->str, trigger_cases[_i].want);
    assert_statuses("TA");
    while (!is_closed(client)) /* at once, or a little later for want of the NUL */
        (void)event_base_loop(stage.base, EVLOOP_ONCE);
    (void)close(client);
}
END_TEST

static bool is_in_time(int64_t begin_ms)
{
    return clock_mono_ms() - begin_ms < TRIGGER_WAIT_MS / 2;
}

/* False if the machine was so slow that the service may have given up the NUL before it came. */
static bool trigger_in_two_parts(void)
{
    int64_t begin_ms = clock_mono_ms();
    int client = connect_client();
    bool is_open, is_done = false;

    g_string_truncate(stage.handled, 0);
    say(client, "I", 1);
    while (stage.handled->len == 0)
        (void)event_base_loop(stage.base, EVLOOP_ONCE);
    is_open = !is_closed(client);
    ck_assert(is_open || !is_in_time(begin_ms));
    if (is_open)
        say(client, "", 1);
    while (is_in_time(begin_ms) && !(is_done = is_closed(client)))
        (void)event_base_loop(stage.base, EVLOOP_NONBLOCK);
    turn();
    ck_assert_str_eq(stage.handled->str, "[I]");
    assert_statuses("TA");
    (void)close(client);
    return is_done;
}

/* postkick(1) dies of SIGPIPE if its second write meets a closed connection. */
START_TEST(the_nul_that_comes_separately_is_waited_for)
{
    start_service(LISTEN_UNIX, NULL);
    while (!trigger_in_two_parts())
        turn();
}
END_TEST

START_TEST(client_that_says_nothing_is_an_empty_trigger)
{
    start_service(LISTEN_UNIX, NULL);
    (void)close(connect_client());
    turn();
    ck_assert_str_eq(stage.handled->str, "[]");
    assert_statuses("TA");
}
END_TEST

START_TEST(only_the_first_1024_bytes_count)
{
    g_autofree char *flood = g_strnfill(3000, 'W');
    int client;

    start_service(LISTEN_UNIX, NULL);
    client = connect_client();
    say(client, flood, 3000);
    turn();
    ck_assert_int_eq(stage.trigger_count, 1);
    ck_assert_uint_eq(stage.handled->len, strlen("[]") + SERVICE_TRIGGER_MAX_BYTES);
    assert_statuses("TA");
    (void)close(client);
}
END_TEST

START_TEST(silent_client_blocks_nobody)
{
    int silent, talker;

    start_service(LISTEN_UNIX, NULL);
    silent = connect_client();
    talker = connect_client();
    say(talker, "D", 1);
    turn();
    ck_assert_str_eq(stage.handled->str, "[D]");
    assert_statuses("TA");
    ck_assert(!is_closed(silent));
    say(silent, "F", 1);
    turn();
    ck_assert_str_eq(stage.handled->str, "[D][F]");
    assert_statuses("TA");
    (void)close(silent);
    (void)close(talker);
}
END_TEST

/* The oldest silent clients are closed; a client that has spoken is heard, however many there
 * are. */
START_TEST(silent_clients_delay_nobody)
{
    int clients[WAITING_MAX + 3];

    start_service(LISTEN_UNIX, NULL);
    for (size_t i = 0; i < WAITING_MAX; i++)
        clients[i] = connect_client();
    turn();
    ck_assert(!is_closed(clients[0]));
    say(clients[1], "D", 1);
    for (size_t i = WAITING_MAX; i < G_N_ELEMENTS(clients); i++)
        clients[i] = connect_client();
    say(clients[WAITING_MAX + 2], "A", 2);
    turn();
    ck_assert_str_eq(stage.handled->str, "[D][A.]");
    assert_statuses("TATA");
    ck_assert(is_closed(clients[0]));
    ck_assert(!is_closed(clients[WAITING_MAX - 1]));
    for (size_t i = 0; i < G_N_ELEMENTS(clients); i++)
        (void)close(clients[i]);
}
END_TEST

START_TEST(freed_service_closes_its_connections)
{
    int client;

    start_service(LISTEN_UNIX, NULL);
    client = connect_client();
    turn();
    service_free(g_steal_pointer(&stage.service));
    ck_assert(is_closed(client));
    (void)close(client);
    service_free(NULL);
}
END_TEST

START_TEST(fifo_is_read_directly)
{
    int writer;

    start_service(LISTEN_FIFO, NULL);
    turn();
    writer = open(stage.path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    say(writer, "FADI", 4);
    turn();
    say(writer, "W", 1);
    (void)close(writer);
    turn();
    ck_assert_str_eq(stage.handled->str, "[FADI][W]");
    assert_statuses("TATA");
}
END_TEST

static void pass_descriptor(int connection_fd, int fd)
{
    char byte = 0;
    struct iovec part = {&byte, 1};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = ""};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control.bytes};

    control.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    ck_assert_int_eq(sendmsg(connection_fd, &message, 0), 1);
}

START_TEST(passed_descriptor_carries_the_trigger)
{
    int client, request[2];

    start_service(LISTEN_PASS, NULL);
    client = connect_client();
    ck_assert_int_eq(pipe(request), 0);
    pass_descriptor(client, request[0]);
    (void)close(request[0]);
    turn();
    ck_assert_str_eq(stage.handled->str, "");
    say(request[1], "D", 2);
    turn();
    ck_assert_str_eq(stage.handled->str, "[D.]");
    assert_statuses("TA");
    ck_assert(is_closed(client));
    (void)close(request[1]);
    (void)close(client);
}
END_TEST

START_TEST(trigger_without_descriptor_is_nothing)
{
    int client;

    start_service(LISTEN_PASS, NULL);
    client = connect_client();
    say(client, "W", 1);
    turn();
    ck_assert(is_closed(client));
    ck_assert_str_eq(stage.handled->str, "");
    assert_statuses("");
    (void)close(client);
}
END_TEST

/* Such a descriptor cannot be watched, and need not be. */
START_TEST(passed_plain_file_is_read)
{
    g_autofree char *path = g_build_filename(stage.directory, "plain", NULL);
    int client, file;

    ck_assert(g_file_set_contents(path, "W", 1, NULL));
    file = open(path, O_RDONLY | O_CLOEXEC);
    (void)unlink(path);
    start_service(LISTEN_PASS, NULL);
    client = connect_client();
    pass_descriptor(client, file);
    turn();
    ck_assert(is_closed(client));
    ck_assert_str_eq(stage.handled->str, "[W]");
    (void)close(file);
    (void)close(client);
}
END_TEST

static GString *logged;

static void keep_line(LogSeverity severity, const char *text, void *ctx)
{
    (void)severity;
    (void)ctx;
    g_string_append_printf(logged, "%s\n", text);
}

START_TEST(failing_accept_is_logged_once_a_second)
{
    ServiceSettings settings = {.type = LISTEN_UNIX, .status_fd = stage.status_fd};

    logged = g_string_new(NULL);
    log_set_sink(keep_line, NULL);
    stage.listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0); /* does not listen */
    settings.listen_fd = stage.listen_fd;
    stage.service = service_start(stage.base, &settings, on_trigger, NULL);
    turn();
    ck_assert_str_eq(logged->str, "error: accept connection: Invalid argument\n");
    log_set_sink(NULL, NULL);
    g_string_free(logged, TRUE);
}
END_TEST

START_TEST(end_of_master_can_be_asked_for)
{
    ck_assert(!service_master_is_gone(stage.status_fd));
    (void)shutdown(stage.master_fd, SHUT_RDWR);
    ck_assert(service_master_is_gone(stage.status_fd));
}
END_TEST

START_TEST(standard_input_gives_one_trigger)
{
    g_autoptr(GError) error = NULL;
    int input[2];

    ck_assert_int_eq(pipe(input), 0);
    say(input[1], "FADI", 4);
    (void)close(input[1]);
    ck_assert(service_read_stdin(input[0], NULL, on_trigger, NULL, &error));
    ck_assert_str_eq(stage.handled->str, "[FADI]");
    ck_assert(!service_read_stdin(input[0], "extra", on_trigger, NULL, &error));
    ck_assert_str_eq(error->message, "read: Application error");
    g_clear_error(&error);
    (void)close(input[0]);
    ck_assert(!service_read_stdin(input[0], NULL, on_trigger, NULL, &error));
    ck_assert_str_eq(error->message, "read: Bad file descriptor");
}
END_TEST

int main(void)
{
    TCase *trigger = tcase_create("trigger");

    tcase_add_checked_fixture(trigger, set_up, tear_down);
    tcase_add_loop_test(trigger, trigger_is_handled_between_taken_and_avail, 0,
                        G_N_ELEMENTS(trigger_cases));
    tcase_add_test(trigger, the_nul_that_comes_separately_is_waited_for);
    tcase_add_test(trigger, client_that_says_nothing_is_an_empty_trigger);
    tcase_add_test(trigger, only_the_first_1024_bytes_count);
    tcase_add_test(trigger, silent_client_blocks_nobody);
    tcase_add_test(trigger, silent_clients_delay_nobody);
    tcase_add_test(trigger, freed_service_closes_its_connections);
    tcase_add_test(trigger, fifo_is_read_directly);
    tcase_add_test(trigger, passed_descriptor_carries_the_trigger);
    tcase_add_test(trigger, trigger_without_descriptor_is_nothing);
    tcase_add_test(trigger, passed_plain_file_is_read);
    tcase_add_test(trigger, failing_accept_is_logged_once_a_second);
    tcase_add_test(trigger, end_of_master_can_be_asked_for);
    tcase_add_test(trigger, standard_input_gives_one_trigger);
    return run_suite("daemon/service", trigger, NULL);
}
