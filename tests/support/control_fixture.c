#include "tests/support/control_fixture.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "codec/attr.h"
#include "src/life/context_internal.h"
#include "src/life/settle_internal.h"
#include "src/sched/sched_internal.h"

#define SOCKET_PATH "control"

Control *control;
Stats *stats;
int control_idle_s;
Rules *rules;
Steer *steer;
int client;
static int data_fd;

/* What the administrator of these tests has set. */
static char *find_origin(const char *transport, const char *suffix, void *ctx)
{
    (void)ctx;
    if (strcmp(suffix, "_destination_concurrency_limit") == 0)
        return g_strconcat(transport, suffix, NULL);
    return strcmp(suffix, "_recipient_limit") == 0 ? g_strdup("default_recipient_limit") : NULL;
}

static void open_control(void)
{
    g_autoptr(GError) error = NULL;
    const ControlSettings settings = {.path = SOCKET_PATH,
                                      .owner = geteuid(),
                                      .host = "host.test",
                                      .queue_directory = "/queue",
                                      .release = "3.7.11",
                                      .strategy = "preemptive",
                                      .started_wall_s = 1,
                                      .origin = find_origin,
                                      .idle_s = control_idle_s};
    const ControlSubject subject = {world.life, world.sched, world.spool, stats, steer};

    control = control_new(world.base, &settings, &subject, &error);
    ck_assert_msg(control != NULL, "%s", error != NULL ? error->message : "");
}

void start_control(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* as the daemon does */
    stats = stats_new(0);
    world.settings.stats = stats;
    world.settings.rules = rules = rules_new();
    data_fd = data_file_open_directory(".");
    world_start();
    steer = steer_new(world.base, &(SteerSubject){.life = world.life,
                                                  .stats = stats,
                                                  .rules = rules,
                                                  .directory = ".",
                                                  .directory_fd = data_fd});
    open_control();
}

void end_control(void)
{
    control_free(control);
    steer_free(steer);
    world_close();
    rules_free(rules);
    (void)close(data_fd);
    stats_free(stats);
}

/* ---- clients ---- */

SchedDestination *control_destination(const char *transport, const char *name)
{
    SchedTransport *made = sched_transport_find(world.sched, transport);
    SchedTransportParams params = world.params;

    if (made == NULL)
        made = sched_transport_add(world.sched, transport, &params);
    return sched_destination_get(world.sched, made, name, name);
}

void control_kill(SchedDestination *destination, const char *status, const char *reason)
{
    Cause *cause = cause_new(status, reason);

    destination_die(destination, cause, life_sched_now(world.life));
    cause_unref(cause);
    settle_sched(world.life);
}

void control_destinations(const char *transport, int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("site%d.test", i);

        (void)control_destination(transport, name);
    }
}

int client_connect(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET_PATH};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

void client_ask(int fd, const char *words)
{
    g_autoptr(GByteArray) request = g_byte_array_new();
    g_auto(GStrv) word = g_strsplit(words, " ", -1);

    for (unsigned i = 0; word[i] != NULL; i += 2)
        attr_put_str(request, word[i], word[i + 1]);
    attr_put_end(request);
    ck_assert_int_eq(send(fd, request->data, request->len, MSG_NOSIGNAL), request->len);
}

void turn_control(void)
{
    bool more = life_turn(world.life);

    more = control_turn(control, clock_mono_us(), 0) || more;
    life_before_wait(world.life);
    life_check(world.life);
    sched_check(world.sched);
    event_base_loop(world.base, EVLOOP_NONBLOCK);
    if (!more)
        g_usleep(200);
}

bool client_read(int fd, GByteArray *input)
{
    uint8_t bytes[4096];
    ssize_t count;

    while ((count = recv(fd, bytes, sizeof(bytes), 0)) > 0)
        g_byte_array_append(input, bytes, (guint)count);
    return count == 0 || (count < 0 && errno != EAGAIN);
}

bool is_whole(const GByteArray *input)
{
    static const char end_row[] = "row\0end", error_row[] = "row\0error";

    return input->len > 2 && input->data[input->len - 1] == 0 && input->data[input->len - 2] == 0 &&
           (memmem(input->data, input->len, end_row, sizeof(end_row)) != NULL ||
            memmem(input->data, input->len, error_row, sizeof(error_row)) != NULL);
}

char *client_answer(int fd)
{
    g_autoptr(GByteArray) input = g_byte_array_new();
    bool is_closed = false;

    for (int i = 0; i < TURNS_MAX && !is_closed && !is_whole(input); i++) {
        turn_control();
        is_closed = client_read(fd, input);
    }
    for (guint i = 0; i < input->len; i++)
        if (input->data[i] == '\0')
            input->data[i] = '|';
    g_byte_array_append(input, (const guint8 *)"(closed)", is_closed ? 8 : 0);
    g_byte_array_append(input, (const guint8 *)"", 1);
    return g_strdup((char *)input->data);
}

void expect_answer(int fd, const char *words, const char *part)
{
    g_autofree char *answer = NULL;

    client_ask(fd, words);
    answer = client_answer(fd);
    ck_assert_msg(strstr(answer, part) != NULL, "%s: no %s in\n%s", words, part, answer);
}

void expect_answer_without(int fd, const char *words, const char *part)
{
    g_autofree char *answer = NULL;

    client_ask(fd, words);
    answer = client_answer(fd);
    ck_assert_msg(strstr(answer, part) == NULL, "%s: %s in\n%s", words, part, answer);
}

void control_setup(void)
{
    world_setup();
    start_control();
    client = client_connect();
}

void control_teardown(void)
{
    (void)close(client);
    end_control();
    world_teardown();
}

/* ---- mail ---- */

void control_run_until_quiet(void)
{
    for (int quiet = 0; quiet < 200; quiet++) {
        turn_control();
        if (sched_message_count(world.sched) > 0)
            quiet = 0;
    }
}

void control_make_dead_site(void)
{
    Service *smtp = world_find("smtp");

    smtp->status = -1;
    smtp->dsn = "4.4.1";
    smtp->reason = "refused";
    world_find("retry")->status = -1;
    world.params.initial_destination_concurrency = 1;
    world_mail(&(Mail){.id = "A1"});
    world_mail(&(Mail){.id = "A2"});
    world_mail(&(Mail){.id = "B1", .recipients = "b@local.test"});
    world_find("local")->status = -1;
    life_trigger(world.life, "W", 1);
    control_run_until_quiet();
    smtp->status = 0;
    smtp->dsn = smtp->reason = "";
}
