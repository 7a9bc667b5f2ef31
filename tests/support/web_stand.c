#include "tests/support/web_stand.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>

#include "base/clock.h"
#include "base/loop.h"
#include "codec/control.h"
#include "src/ctl/web/server_internal.h"
#include "src/ctl/web/visitors_internal.h"

#define HEADER "row\0header\0format\0001\0host\0mx.example\0time\0001\0\0"
#define STATUS "row\0data\0object\0status\0active\0007\0\0"
#define END    "row\0end\0rows\0001\0matched\0001\0truncated\0000\0\0"

/* ---- a daemon ---- */

WebStandDaemon web_stand_daemon;

bool web_stand_says(int fd, const void *bytes, size_t count)
{
    return send(fd, bytes, count, MSG_NOSIGNAL) == (ssize_t)count;
}

/* In large pieces: a slow machine must come to the end of what is taken, too. */
static void talk_for_ever(int fd)
{
    static const char row[] = STATUS;
    g_autoptr(GByteArray) rows = g_byte_array_new();

    for (int i = 0; i < 1000; i++)
        g_byte_array_append(rows, (const guint8 *)row, sizeof(row) - 1);
    (void)web_stand_says(fd, HEADER, sizeof(HEADER) - 1);
    while (web_stand_says(fd, rows->data, rows->len))
        ;
}

static void answer_as_told(int fd)
{
    static const char answer[] = HEADER STATUS END;

    switch (web_stand_daemon.manner) {
    case ANSWERS:
        (void)web_stand_says(fd, answer, sizeof(answer) - 1);
        break;
    case SAYS_NONSENSE:
        (void)web_stand_says(fd, "HTTP/1.1 200 OK\r\n\r\n\0\0\0\0", 23);
        break;
    case CUTS_OFF:
        (void)web_stand_says(fd, answer, sizeof(HEADER) + 5);
        (void)shutdown(fd, SHUT_RDWR);
        break;
    case HANGS_UP:
        (void)shutdown(fd, SHUT_RDWR);
        break;
    case TALKS_FOR_EVER:
        talk_for_ever(fd);
        break;
    case STAYS_SILENT:
        break;
    }
}

/* One client at a time: the asker has one connection. */
static void serve_client(int fd)
{
    struct pollfd both[] = {
        {fd,                       POLLIN, 0},
        {web_stand_daemon.stop[1], POLLIN, 0}
    };
    uint8_t bytes[CONTROL_REQUEST_MAX_BYTES];

    while (poll(both, 2, -1) > 0 && both[1].revents == 0) {
        ssize_t count = recv(fd, bytes, sizeof(bytes), 0);

        if (count <= 0)
            break;
        g_byte_array_set_size(web_stand_daemon.last_request, 0);
        g_byte_array_append(web_stand_daemon.last_request, bytes, (guint)count);
        g_atomic_int_inc(&web_stand_daemon.request_count);
        answer_as_told(fd);
    }
    (void)close(fd);
}

static void *run_daemon(void *ctx)
{
    struct pollfd both[] = {
        {web_stand_daemon.listener, POLLIN, 0},
        {web_stand_daemon.stop[1],  POLLIN, 0}
    };

    (void)ctx;
    while (poll(both, 2, -1) > 0 && both[1].revents == 0) {
        int fd = accept(web_stand_daemon.listener, NULL, NULL);

        g_atomic_int_inc(&web_stand_daemon.connection_count);
        serve_client(fd);
    }
    return NULL;
}

void web_stand_daemon_start(Manner manner)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    web_stand_daemon.manner = manner;
    web_stand_daemon.connection_count = web_stand_daemon.request_count = 0;
    web_stand_daemon.last_request = g_byte_array_new();
    (void)g_strlcpy(address.sun_path, web_stand_daemon.path, sizeof(address.sun_path));
    web_stand_daemon.listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(web_stand_daemon.listener, (struct sockaddr *)&address, sizeof(address)),
                     0);
    ck_assert_int_eq(listen(web_stand_daemon.listener, 5), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, web_stand_daemon.stop), 0);
    web_stand_daemon.thread = g_thread_new("daemon", run_daemon, NULL);
}

void web_stand_daemon_stop(void)
{
    if (web_stand_daemon.thread == NULL)
        return;
    (void)close(web_stand_daemon.stop[0]);
    (void)g_thread_join(web_stand_daemon.thread);
    web_stand_daemon.thread = NULL;
    (void)close(web_stand_daemon.stop[1]);
    (void)close(web_stand_daemon.listener);
    (void)unlink(web_stand_daemon.path);
    (void)g_byte_array_free(web_stand_daemon.last_request, TRUE);
}

/* ---- the server, in a thread of its own ---- */

static struct {
    int life_s; /* of a connection */
    int port;
    int stop[2];
    GThread *thread;
    GMutex mutex;
    GCond is_listening;
} web_side;

static void on_stop(evutil_socket_t fd, short what, void *base)
{
    (void)fd;
    (void)what;
    (void)event_base_loopbreak(base);
}

static void *run_web(void *ctx)
{
    struct event_base *base = event_base_new();
    struct event *stop = event_new(base, web_side.stop[1], EV_READ, on_stop, base);
    Asker *asker = asker_new(base, web_stand_daemon.directory);
    Kept *kept = kept_new(asker);
    struct sockaddr_storage address;
    int length;
    char *problem = NULL;
    Server *server;

    (void)ctx;
    loop_add(stop, NULL);
    ck_assert(server_parse_address("127.0.0.1:0", &address, &length));
    server = server_new(base, &address, length, web_side.life_s, kept, &problem);
    ck_assert_msg(server != NULL, "%s", problem);
    g_mutex_lock(&web_side.mutex);
    web_side.port = server_port(server);
    g_cond_signal(&web_side.is_listening);
    g_mutex_unlock(&web_side.mutex);
    (void)event_base_dispatch(base);
    server_free(server);
    asker_free(asker);
    kept_free(kept);
    event_free(stop);
    event_base_free(base);
    return NULL;
}

static void set_up_for(int life_s)
{
    g_autofree char *public = NULL;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)g_strlcpy(web_stand_daemon.directory, "/tmp/eqmgr-web-XXXXXX",
                    sizeof(web_stand_daemon.directory));
    ck_assert_ptr_nonnull(mkdtemp(web_stand_daemon.directory));
    public = g_build_filename(web_stand_daemon.directory, "public", NULL);
    ck_assert_int_eq(mkdir(public, 0700), 0);
    web_stand_daemon.path = g_build_filename(web_stand_daemon.directory, CONTROL_SOCKET, NULL);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, web_side.stop), 0);
    web_side.life_s = life_s;
    web_side.port = 0;
    web_side.thread = g_thread_new("web", run_web, NULL);
    g_mutex_lock(&web_side.mutex);
    while (web_side.port == 0)
        g_cond_wait(&web_side.is_listening, &web_side.mutex);
    g_mutex_unlock(&web_side.mutex);
}

void web_stand_set_up(void)
{
    set_up_for(VISITORS_LIFE_S);
}

void web_stand_set_up_impatient(void)
{
    set_up_for(1);
}

void web_stand_tear_down(void)
{
    g_autofree char *public = g_path_get_dirname(web_stand_daemon.path);

    (void)close(web_side.stop[0]);
    (void)g_thread_join(web_side.thread);
    (void)close(web_side.stop[1]);
    web_stand_daemon_stop();
    (void)rmdir(public);
    (void)rmdir(web_stand_daemon.directory);
    g_free(web_stand_daemon.path);
}

/* ---- clients ---- */

int web_stand_connect(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)web_side.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* What comes until the server closes; a text. */
char *web_stand_read_all(int fd)
{
    GString *all = g_string_new(NULL);
    int64_t limit_ms = clock_mono_ms() + WEB_STAND_PATIENCE_MS;
    struct pollfd readable = {fd, POLLIN, 0};
    char bytes[4096];
    ssize_t count;

    while (poll(&readable, 1, (int)MAX(limit_ms - clock_mono_ms(), 0)) > 0 &&
           (count = recv(fd, bytes, sizeof(bytes), 0)) > 0)
        g_string_append_len(all, bytes, count);
    ck_assert_msg(clock_mono_ms() < limit_ms, "the server does not close: %s", all->str);
    (void)close(fd);
    return g_string_free(all, FALSE);
}

char *web_stand_exchange(const char *request, size_t length)
{
    int fd = web_stand_connect();

    (void)web_stand_says(fd, request, length);
    return web_stand_read_all(fd);
}

char *web_stand_get(const char *path)
{
    g_autofree char *request =
        g_strdup_printf("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);

    return web_stand_exchange(request, strlen(request));
}

int web_stand_status(const char *response)
{
    return g_str_has_prefix(response, "HTTP/1.") ? atoi(response + strlen("HTTP/1.1 ")) : 0;
}
