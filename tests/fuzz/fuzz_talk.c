/*
 * A peer on a socket: the first byte of the input says who it plays (bit 0: an agent, else a
 * service) and whether it closes at the end (bit 1); the rest is what it sends, in pieces that end
 * at 0xff.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <glib/gstdio.h>

#include "codec/report.h"
#include "ipc/agent.h"
#include "ipc/report_client.h"

#define SOCKET_PATH  "private/fuzz"
#define PIECE_END    0xff
#define TIMEOUT_S    3600
#define TURNS        4 /* more than anything takes that happens at once */
#define BYTES_MAX    4096
#define AGENT        1
#define CLOSES       2
#define ANNOUNCEMENT "protocol\0delivery_request_protocol\0"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Meeting {
    struct event_base *base;
    Agent *agent;
    int fd; /* the peer's end */
    size_t sent_bytes, sent_before_request;
    int ready_count, end_count;
} Meeting;

static char *start_directory, *directory;
static int listener = -1;

static void leave(void)
{
    (void)close(listener);
    (void)g_unlink(SOCKET_PATH);
    (void)g_rmdir("private");
    (void)!chdir(start_directory);
    (void)g_rmdir(directory);
    g_free(start_directory);
    g_free(directory);
}

static void settle_down(void)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET_PATH};

    if (listener >= 0)
        return;
    start_directory = g_get_current_dir();
    directory = g_dir_make_tmp("eqmgr-fuzz-XXXXXX", NULL);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert(directory != NULL && chdir(directory) == 0 && mkdir("private", 0700) == 0);
    g_assert(bind(listener, (const struct sockaddr *)&address, sizeof(address)) == 0);
    g_assert(listen(listener, 8) == 0);
    (void)atexit(leave);
}

/* Only bytes after the request can be its answer. */
static void on_reply(Agent *agent, AgentOutcome outcome, const DeliveryReply *reply, void *ctx)
{
    Meeting *meeting = ctx;

    (void)agent;
    meeting->end_count++;
    g_assert((outcome == AGENT_OK) == (reply != NULL));
    g_assert((guint)outcome <= AGENT_TIMED_OUT);
    if (reply != NULL) {
        g_assert(meeting->sent_before_request == sizeof(ANNOUNCEMENT));
        g_assert(strlen(reply->reason) < BYTES_MAX * 2);
    }
}

static void on_ready(Agent *agent, AgentOutcome outcome, void *ctx)
{
    static guint8 bytes[] = "request";
    const GByteArray request = {bytes, sizeof(bytes)};
    Meeting *meeting = ctx;

    meeting->ready_count++;
    if (outcome != AGENT_OK) {
        meeting->end_count++;
        g_assert(outcome != AGENT_BAD_PEER || agent_problem(agent) != NULL);
        return;
    }
    meeting->sent_before_request = meeting->sent_bytes;
    agent_send(agent, &request, on_reply, meeting);
}

static void on_done(int32_t status, const char *warning, void *ctx)
{
    Meeting *meeting = ctx;

    (void)status;
    g_assert(warning == NULL || *warning != '\0');
    meeting->end_count++;
}

static void let_act(Meeting *meeting)
{
    for (int turn = 0; turn < TURNS; turn++)
        (void)event_base_loop(meeting->base, EVLOOP_NONBLOCK);
}

static void send_pieces(Meeting *meeting, const uint8_t *data, size_t size)
{
    const uint8_t *end = data + size;

    while (data < end) {
        const uint8_t *stop = memchr(data, PIECE_END, (size_t)(end - data));
        size_t count = (size_t)((stop != NULL ? stop : end) - data);

        meeting->sent_bytes += count;
        (void)!send(meeting->fd, data, count, MSG_NOSIGNAL | MSG_DONTWAIT);
        let_act(meeting);
        data += count + 1;
    }
}

static void play(Meeting *meeting, const uint8_t *data, size_t size)
{
    meeting->fd = accept(listener, NULL, NULL);
    g_assert(meeting->fd >= 0);
    send_pieces(meeting, data + 1, size - 1);
    if ((data[0] & CLOSES) != 0) {
        (void)close(meeting->fd);
        let_act(meeting);
        g_assert(meeting->end_count == 1);
    }
}

static void meet_agent(Meeting *meeting, const uint8_t *data, size_t size)
{
    Agent *agent = agent_connect(meeting->base, "fuzz", TIMEOUT_S, on_ready, meeting);

    play(meeting, data, size);
    g_assert(meeting->ready_count <= 1);
    agent_close(agent);
}

static void meet_service(Meeting *meeting, const uint8_t *data, size_t size)
{
    const ReportClientSettings settings = {.service = SOCKET_PATH,
                                           .protocol = STATUS_PROTOCOL,
                                           .concurrency = 1,
                                           .timeout_s = TIMEOUT_S,
                                           .voice = size % 2 == 0 ? REPORT_ALOUD : REPORT_QUIETLY};
    ReportClient *client = report_client_new(meeting->base, &settings);
    g_autoptr(GByteArray) request = g_byte_array_new();

    flush_add_encode(request, "site", "ID");
    report_send(client, request, on_done, meeting);
    play(meeting, data, size);
    report_client_free(client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Meeting meeting = {.fd = -1};

    if (size == 0 || size > BYTES_MAX)
        return 0;
    settle_down();
    meeting.base = event_base_new();
    if ((data[0] & AGENT) != 0)
        meet_agent(&meeting, data, size);
    else
        meet_service(&meeting, data, size);
    g_assert(meeting.end_count <= 1);
    if ((data[0] & CLOSES) == 0)
        (void)close(meeting.fd);
    event_base_free(meeting.base);
    return 0;
}
