/* The server as its clients see it: real sockets, a daemon that is a thread of the test. */

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "codec/control.h"
#include "src/ctl/web/server_internal.h"
#include "src/ctl/web/visitors_internal.h"
#include "tests/support/runner.h"

#define PATIENCE_MS 8000

#define HEADER "row\0header\0format\0001\0host\0mx.example\0time\0001\0\0"
#define STATUS "row\0data\0object\0status\0active\0007\0\0"
#define END    "row\0end\0rows\0001\0matched\0001\0truncated\0000\0\0"

/* ---- a daemon ---- */

typedef enum Manner {
    ANSWERS,
    STAYS_SILENT,
    SAYS_NONSENSE,
    HANGS_UP,
    CUTS_OFF,
    TALKS_FOR_EVER,
} Manner;

static struct {
    char directory[32];
    char *path;
    int listener;
    Manner manner;
    gint connection_count, request_count;
    GByteArray *last_request;
    int stop[2]; /* closing the first ends the thread */
    GThread *thread;
} daemon_side;

static bool says(int fd, const void *bytes, size_t count)
{
    return send(fd, bytes, count, MSG_NOSIGNAL) == (ssize_t)count;
}

static void answer_as_told(int fd)
{
    static const char answer[] = HEADER STATUS END, row[] = STATUS;

    switch (daemon_side.manner) {
    case ANSWERS:
        (void)says(fd, answer, sizeof(answer) - 1);
        break;
    case SAYS_NONSENSE:
        (void)says(fd, "HTTP/1.1 200 OK\r\n\r\n\0\0\0\0", 23);
        break;
    case CUTS_OFF:
        (void)says(fd, answer, sizeof(HEADER) + 5);
        (void)shutdown(fd, SHUT_RDWR);
        break;
    case HANGS_UP:
        (void)shutdown(fd, SHUT_RDWR);
        break;
    case TALKS_FOR_EVER:
        (void)says(fd, HEADER, sizeof(HEADER) - 1);
        while (says(fd, row, sizeof(row) - 1))
            ;
        break;
    case STAYS_SILENT:
        break;
    }
}

/* One client at a time: the asker has one connection. */
static void serve_client(int fd)
{
    struct pollfd both[] = {
        {fd,                  POLLIN, 0},
        {daemon_side.stop[1], POLLIN, 0}
    };
    uint8_t bytes[CONTROL_REQUEST_MAX_BYTES];

    while (poll(both, 2, -1) > 0 && both[1].revents == 0) {
        ssize_t count = recv(fd, bytes, sizeof(bytes), 0);

        if (count <= 0)
            break;
        g_byte_array_set_size(daemon_side.last_request, 0);
        g_byte_array_append(daemon_side.last_request, bytes, (guint)count);
        g_atomic_int_inc(&daemon_side.request_count);
        answer_as_told(fd);
    }
    (void)close(fd);
}

static void *run_daemon(void *ctx)
{
    struct pollfd both[] = {
        {daemon_side.listener, POLLIN, 0},
        {daemon_side.stop[1],  POLLIN, 0}
    };

    (void)ctx;
    while (poll(both, 2, -1) > 0 && both[1].revents == 0) {
        int fd = accept(daemon_side.listener, NULL, NULL);

        g_atomic_int_inc(&daemon_side.connection_count);
        serve_client(fd);
    }
    return NULL;
}

static void start_daemon(Manner manner)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    daemon_side.manner = manner;
    daemon_side.connection_count = daemon_side.request_count = 0;
    daemon_side.last_request = g_byte_array_new();
    (void)g_strlcpy(address.sun_path, daemon_side.path, sizeof(address.sun_path));
    daemon_side.listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(daemon_side.listener, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(daemon_side.listener, 5), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, daemon_side.stop), 0);
    daemon_side.thread = g_thread_new("daemon", run_daemon, NULL);
}

static void stop_daemon(void)
{
    if (daemon_side.thread == NULL)
        return;
    (void)close(daemon_side.stop[0]);
    (void)g_thread_join(daemon_side.thread);
    daemon_side.thread = NULL;
    (void)close(daemon_side.stop[1]);
    (void)close(daemon_side.listener);
    (void)unlink(daemon_side.path);
    (void)g_byte_array_free(daemon_side.last_request, TRUE);
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
    Asker *asker = asker_new(base, daemon_side.directory);
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
    (void)g_strlcpy(daemon_side.directory, "/tmp/eqmgr-web-XXXXXX", sizeof(daemon_side.directory));
    ck_assert_ptr_nonnull(mkdtemp(daemon_side.directory));
    public = g_build_filename(daemon_side.directory, "public", NULL);
    ck_assert_int_eq(mkdir(public, 0700), 0);
    daemon_side.path = g_build_filename(daemon_side.directory, CONTROL_SOCKET, NULL);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, web_side.stop), 0);
    web_side.life_s = life_s;
    web_side.port = 0;
    web_side.thread = g_thread_new("web", run_web, NULL);
    g_mutex_lock(&web_side.mutex);
    while (web_side.port == 0)
        g_cond_wait(&web_side.is_listening, &web_side.mutex);
    g_mutex_unlock(&web_side.mutex);
}

static void set_up(void)
{
    set_up_for(VISITORS_LIFE_S);
}

static void set_up_impatient(void)
{
    set_up_for(1);
}

static void tear_down(void)
{
    g_autofree char *public = g_path_get_dirname(daemon_side.path);

    (void)close(web_side.stop[0]);
    (void)g_thread_join(web_side.thread);
    (void)close(web_side.stop[1]);
    stop_daemon();
    (void)rmdir(public);
    (void)rmdir(daemon_side.directory);
    g_free(daemon_side.path);
}

/* ---- clients ---- */

static int connect_to_web(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)web_side.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* What comes until the server closes; a text. */
static char *read_all(int fd)
{
    GString *all = g_string_new(NULL);
    int64_t limit_ms = clock_mono_ms() + PATIENCE_MS;
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

static char *exchange(const char *request, size_t length)
{
    int fd = connect_to_web();

    (void)says(fd, request, length);
    return read_all(fd);
}

static char *get(const char *path)
{
    g_autofree char *request =
        g_strdup_printf("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);

    return exchange(request, strlen(request));
}

static int status_of_response(const char *response)
{
    return g_str_has_prefix(response, "HTTP/1.") ? atoi(response + strlen("HTTP/1.1 ")) : 0;
}

/* ---- what is taken and what is not ---- */

#define HOST "Host: localhost\r\n"

static const struct {
    const char *request; /* up to its empty line */
    int status;          /* 0: it is closed without an answer */
    const char *has;     /* in the response; or NULL */
} requests[] = {
    {"GET /healthy HTTP/1.1\r\n" HOST,                          200, "\r\n\r\nhealthy\n"                     },
    {"GET /healthy HTTP/1.0\r\n",                               200, "\r\n\r\nhealthy\n"                     },
    {"HEAD /healthy HTTP/1.1\r\n" HOST,                         200, "Content-Length: 8\r\n"                 },
    {"GET / HTTP/1.1\r\n" HOST,                                 200, "Refresh: 10\r\n"                       },
    {"GET /metrics HTTP/1.1\r\n" HOST,                          200, "version=0.0.4"                         },
    {"GET /ready HTTP/1.1\r\n" HOST,                            200, "\r\n\r\nready\n"                       },
    {"GET /api/1/status HTTP/1.1\r\n" HOST,                     200, "{\"object\":\"status\",\"active\":7}\n"},
    {"GET /api/1/status HTTP/1.1\r\n" HOST,                     200, "Eqmgr-Matched: 1\r\n"                  },
    {"GET /ready HTTP/1.1\r\nHost: 127.0.0.1:9155\r\n",         200, NULL                                    },
    {"GET /ready HTTP/1.1\r\nHost: [::1]:9155\r\n",             200, NULL                                    },
    {"GET /ready HTTP/1.1\r\nHost: LocalHost:9155\r\n",         200, NULL                                    },
    {"GET /ready HTTP/1.1\r\nHost: localhost.evil.example\r\n", 421, NULL                                    },
    {"GET /ready HTTP/1.1\r\nHost: evil.example:9155\r\n",      421, NULL                                    },
    {"GET /ready HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n", 421, NULL                                    },
    {"GET http://evil.example/ready HTTP/1.1\r\n" HOST,         400, NULL                                    },
    {"GET /nothing HTTP/1.1\r\n" HOST,                          404, NULL                                    },
    {"GET /favicon.ico HTTP/1.1\r\n" HOST,                      404, NULL                                    },
    {"GET /ready?a=%00 HTTP/1.1\r\n" HOST,                      400, NULL                                    },
    {"GET /api/1/messages HTTP/1.1\r\n" HOST,                   403, NULL                                    },
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n",        405, "Allow: GET, HEAD\r\n"                  },
    {"PUT /metrics HTTP/1.1\r\n" HOST "Content-Length: 0\r\n",  405, "Allow: GET, HEAD\r\n"                  },
    {"DELETE /api/1/status HTTP/1.1\r\n" HOST,                  405, "Allow: GET, HEAD\r\n"                  },
    {"OPTIONS / HTTP/1.1\r\n" HOST,                             405, "Allow: GET, HEAD\r\n"                  },
    {"TRACE / HTTP/1.1\r\n" HOST,                               405, "Allow: GET, HEAD\r\n"                  },
    {"BREW / HTTP/1.1\r\n" HOST,                                405, "Allow: GET, HEAD\r\n"                  },
    {"GET / HTTP/9.9.9\r\n" HOST,                               400, NULL                                    },
    {"GET\r\n",                                                 400, NULL                                    },
    {"\x16\x03\x01\x02\r\n",                                    400, NULL                                    },
    {"EHLO there\r\n",                                          400, NULL                                    },
    {"GET / HTTP/1.1\r\nno colon\r\n",                          400, NULL                                    },
};

START_TEST(requests_are_answered_by_the_book)
{
    g_autofree char *response = NULL;
    g_autofree char *request = NULL;

    start_daemon(ANSWERS);
    request = g_strconcat(requests[_i].request, "Connection: close\r\n\r\n", NULL);
    response = exchange(request, strlen(request));
    ck_assert_msg(status_of_response(response) == requests[_i].status, "%s: %s",
                  requests[_i].request, response);
    ck_assert_msg(requests[_i].has == NULL || strstr(response, requests[_i].has) != NULL,
                  "%s: no %s in %s", requests[_i].request, requests[_i].has, response);
    ck_assert(!g_str_has_prefix(request, "HEAD") || g_str_has_suffix(response, "\r\n\r\n"));
}
END_TEST

START_TEST(every_response_says_how_little_it_may)
{
    static const char *const paths[] = {"/", "/metrics", "/api/1/status", "/nothing"};
    static const char *const headers[] = {
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
        "X-Content-Type-Options: nosniff",
        "X-Frame-Options: DENY",
        "Referrer-Policy: no-referrer",
        "Cross-Origin-Resource-Policy: same-origin",
        "Cache-Control: no-store",
    };

    start_daemon(ANSWERS);
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *response = get(paths[i]);

        for (size_t k = 0; k < G_N_ELEMENTS(headers); k++)
            ck_assert_msg(strstr(response, headers[k]) != NULL, "%s: %s", headers[k], response);
    }
}
END_TEST

START_TEST(long_headers_are_refused)
{
    g_autofree char *filling = g_strnfill(SERVER_HEADERS_MAX_BYTES, 'x');
    g_autofree char *request =
        g_strdup_printf("GET /ready HTTP/1.1\r\n" HOST "X: %s\r\n\r\n", filling);
    g_autofree char *response = exchange(request, strlen(request));

    ck_assert_int_eq(status_of_response(response), 400);
}
END_TEST

START_TEST(bodies_are_refused)
{
    const char *request = "POST / HTTP/1.1\r\n" HOST "Content-Length: 1000000000\r\n\r\n";
    g_autofree char *response = exchange(request, strlen(request));

    ck_assert_int_ne(status_of_response(response), 200);
}
END_TEST

/* ---- the daemon ---- */

static const struct {
    Manner manner;
    int status;
    const char *says;
} manners[] = {
    {STAYS_SILENT,   503, "no answer within 3 s"      },
    {SAYS_NONSENSE,  502, "what came is not an answer"},
    {HANGS_UP,       503, "the answer was cut off"    },
    {CUTS_OFF,       503, "the answer was cut off"    },
    {TALKS_FOR_EVER, 503, "the answer is too long"    },
};

START_TEST(no_daemon_can_hold_up_a_page)
{
    int64_t begin_ms = clock_mono_ms();
    g_autofree char *text = NULL, *page = NULL;

    start_daemon(manners[_i].manner);
    text = get("/ready");
    ck_assert_int_eq(status_of_response(text), manners[_i].status);
    ck_assert_msg(strstr(text, manners[_i].says) != NULL, "%s", text);
    page = get("/"); /* eight questions: they wait together */
    ck_assert_int_eq(status_of_response(page), manners[_i].status);
    ck_assert_ptr_nonnull(strstr(page, "no answer from eqmgr since "));
    ck_assert_int_lt(clock_mono_ms() - begin_ms, 2 * ASKER_LIMIT_MS + 1000);
}
END_TEST

START_TEST(a_daemon_may_come_and_go)
{
    g_autofree char *before = get("/ready"), *with = NULL, *after = NULL;
    int64_t limit_ms = clock_mono_ms() + PATIENCE_MS;

    ck_assert_int_eq(status_of_response(before), 503);
    ck_assert_ptr_nonnull(strstr(before, "no eqmgr listens at "));
    start_daemon(ANSWERS);
    do { /* the failure is kept for a second, too */
        g_free(with);
        with = get("/ready");
    } while (status_of_response(with) != 200 && clock_mono_ms() < limit_ms);
    ck_assert_int_eq(status_of_response(with), 200);
    stop_daemon();
    do {
        g_free(after);
        after = get("/ready");
    } while (status_of_response(after) != 503 && clock_mono_ms() < limit_ms);
    ck_assert_int_eq(status_of_response(after), 503);
}
END_TEST

START_TEST(ten_browsers_cost_one_listing)
{
    int fds[10];
    const char *request = "GET /api/1/status HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";

    start_daemon(ANSWERS);
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        fds[i] = connect_to_web();
        ck_assert(says(fds[i], request, strlen(request)));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        g_autofree char *response = read_all(fds[i]);

        ck_assert_int_eq(status_of_response(response), 200);
    }
    ck_assert_int_eq(g_atomic_int_get(&daemon_side.request_count), 1);
}
END_TEST

START_TEST(only_summaries_are_asked_for)
{
    static const char wanted[] = "verb\0status\0level\0summary\0";
    g_autofree char *response = NULL;

    start_daemon(ANSWERS);
    response = get("/api/1/status");
    ck_assert_int_eq(status_of_response(response), 200);
    ck_assert_uint_eq(daemon_side.last_request->len, sizeof(wanted));
    ck_assert_mem_eq(daemon_side.last_request->data, wanted, sizeof(wanted));
}
END_TEST

START_TEST(the_connection_to_the_daemon_is_not_kept)
{
    struct pollfd nobody;
    g_autofree char *response = NULL;

    start_daemon(ANSWERS);
    response = get("/");
    ck_assert_int_eq(status_of_response(response), 200);
    ck_assert_int_eq(g_atomic_int_get(&daemon_side.connection_count), 1);
    ck_assert_int_eq(g_atomic_int_get(&daemon_side.request_count), 8);
    nobody = (struct pollfd){daemon_side.listener, POLLIN, 0};
    ck_assert_int_eq(poll(&nobody, 1, 0), 0);
}
END_TEST

START_TEST(too_many_different_questions_are_refused)
{
    int busy = 0, good = 0;

    start_daemon(ANSWERS);
    for (int i = 0; i < KEPT_COUNT_MAX + 8; i++) {
        g_autofree char *path = g_strdup_printf("/api/1/destinations/%d*", i);
        g_autofree char *response = get(path);

        good += status_of_response(response) == 200 ? 1 : 0;
        busy += strstr(response, "too many different questions") != NULL ? 1 : 0;
    }
    ck_assert_int_ge(good, KEPT_COUNT_MAX);
    ck_assert_int_eq(good + busy, KEPT_COUNT_MAX + 8);
}
END_TEST

/* ---- clients that are ill ---- */

START_TEST(a_client_may_vanish_while_it_waits)
{
    const char *request = "GET / HTTP/1.1\r\n" HOST "\r\n";
    g_autofree char *response = NULL;

    start_daemon(STAYS_SILENT);
    for (int i = 0; i < 20; i++) {
        int fd = connect_to_web();

        ck_assert(says(fd, request, i % 2 == 0 ? strlen(request) : 10));
        if (i % 4 < 2)
            (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0},
                             sizeof(struct linger));
        (void)close(fd);
    }
    response = get("/ready");
    ck_assert_int_eq(status_of_response(response), 503);
    g_free(response);
    response = get("/healthy");
    ck_assert_int_eq(status_of_response(response), 200);
}
END_TEST

START_TEST(clients_that_say_nothing_leave_room_again)
{
    int fds[VISITORS_MAX + 8];
    g_autofree char *response = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = connect_to_web();
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
        (void)close(fds[i]);
    response = get("/healthy");
    ck_assert_int_eq(status_of_response(response), 200);
}
END_TEST

/* A connection that is reused would be cut off by its age one day, in the middle of a request. */
START_TEST(each_connection_has_one_request)
{
    const char *twice = "GET /healthy HTTP/1.1\r\n" HOST "\r\n"
                        "GET /ready HTTP/1.1\r\n" HOST "\r\n";
    g_autofree char *response = NULL;

    start_daemon(ANSWERS);
    response = exchange(twice, strlen(twice));
    ck_assert_int_eq(status_of_response(response), 200);
    ck_assert_ptr_nonnull(strstr(response, "Connection: close\r\n"));
    ck_assert(g_str_has_suffix(response, "\r\n\r\nhealthy\n"));
}
END_TEST

/* Both would go on for ever: each byte begins evhttp's own time limit anew. */
START_TEST(a_client_that_drips_bytes_is_closed_in_time)
{
    struct pollfd end = {connect_to_web(), POLLIN, 0};
    int64_t begin_ms = clock_mono_ms();

    while (poll(&end, 1, 50) == 0) {
        ck_assert_int_lt(clock_mono_ms() - begin_ms, PATIENCE_MS);
        (void)says(end.fd, "G", 1);
    }
    ck_assert_int_ge(clock_mono_ms() - begin_ms, 1000);
    (void)close(end.fd);
}
END_TEST

START_TEST(places_that_are_all_taken_come_free)
{
    int fds[VISITORS_MAX + 1];
    const char *request = "GET /healthy HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
    g_autofree char *response = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = connect_to_web();
    ck_assert(says(fds[VISITORS_MAX], request, strlen(request)));
    ck_assert_int_eq(poll(&(struct pollfd){fds[VISITORS_MAX], POLLIN, 0}, 1, 300), 0);
    response = read_all(fds[VISITORS_MAX]); /* it waits until the others are closed */
    ck_assert_int_eq(status_of_response(response), 200);
    for (size_t i = 0; i < VISITORS_MAX; i++)
        (void)close(fds[i]);
}
END_TEST

/* ---- addresses ---- */

static const struct {
    const char *text;
    bool is_address, is_loopback;
} addresses[] = {
    {"127.0.0.1:9155",   true,  true },
    {"127.1.2.3:1",      true,  true },
    {"[::1]:9155",       true,  true },
    {"[::]:9155",        true,  false},
    {"0.0.0.0:9155",     true,  false},
    {"192.0.2.1:80",     true,  false},
    {"[2001:db8::1]:80", true,  false},
    {"::1",              false, false},
    {"127.0.0.1",        false, false},
    {"9155",             false, false},
    {"localhost:9155",   false, false},
    {"127.0.0.1:65536",  false, false},
    {"127.0.0.1:",       false, false},
    {":9155",            false, false},
    {"",                 false, false},
};

START_TEST(addresses_are_numbers_with_a_port)
{
    struct sockaddr_storage address;
    int length;

    ck_assert_int_eq(server_parse_address(addresses[_i].text, &address, &length),
                     addresses[_i].is_address);
    if (addresses[_i].is_address)
        ck_assert_int_eq(server_is_loopback(&address), addresses[_i].is_loopback);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("web"), *parts = tcase_create("parts");
    TCase *impatient = tcase_create("impatient");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 40);
    tcase_add_loop_test(tcase, requests_are_answered_by_the_book, 0, G_N_ELEMENTS(requests));
    tcase_add_test(tcase, every_response_says_how_little_it_may);
    tcase_add_test(tcase, long_headers_are_refused);
    tcase_add_test(tcase, bodies_are_refused);
    tcase_add_loop_test(tcase, no_daemon_can_hold_up_a_page, 0, G_N_ELEMENTS(manners));
    tcase_add_test(tcase, a_daemon_may_come_and_go);
    tcase_add_test(tcase, ten_browsers_cost_one_listing);
    tcase_add_test(tcase, only_summaries_are_asked_for);
    tcase_add_test(tcase, the_connection_to_the_daemon_is_not_kept);
    tcase_add_test(tcase, too_many_different_questions_are_refused);
    tcase_add_test(tcase, a_client_may_vanish_while_it_waits);
    tcase_add_test(tcase, clients_that_say_nothing_leave_room_again);
    tcase_add_test(tcase, each_connection_has_one_request);
    tcase_add_checked_fixture(impatient, set_up_impatient, tear_down);
    tcase_set_timeout(impatient, 40);
    tcase_add_test(impatient, a_client_that_drips_bytes_is_closed_in_time);
    tcase_add_test(impatient, places_that_are_all_taken_come_free);
    tcase_add_loop_test(parts, addresses_are_numbers_with_a_port, 0, G_N_ELEMENTS(addresses));
    return run_suite("ctl/web/server", tcase, impatient, parts, NULL);
}
