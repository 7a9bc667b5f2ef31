/* The server as its clients see it: real sockets, a daemon that is a thread of the test. */

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "src/ctl/web/server_internal.h"
#include "src/ctl/web/visitors_internal.h"
#include "tests/support/runner.h"
#include "tests/support/web_stand.h"

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

    web_stand_daemon_start(ANSWERS);
    request = g_strconcat(requests[_i].request, "Connection: close\r\n\r\n", NULL);
    response = web_stand_exchange(request, strlen(request));
    ck_assert_msg(web_stand_status(response) == requests[_i].status, "%s: %s", requests[_i].request,
                  response);
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

    web_stand_daemon_start(ANSWERS);
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *response = web_stand_get(paths[i]);

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
    g_autofree char *response = web_stand_exchange(request, strlen(request));

    ck_assert_int_eq(web_stand_status(response), 400);
}
END_TEST

START_TEST(bodies_are_refused)
{
    const char *request = "POST / HTTP/1.1\r\n" HOST "Content-Length: 1000000000\r\n\r\n";
    g_autofree char *response = web_stand_exchange(request, strlen(request));

    ck_assert_int_ne(web_stand_status(response), 200);
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

    web_stand_daemon_start(manners[_i].manner);
    text = web_stand_get("/ready");
    ck_assert_int_eq(web_stand_status(text), manners[_i].status);
    ck_assert_msg(strstr(text, manners[_i].says) != NULL, "%s", text);
    page = web_stand_get("/"); /* eight questions or more: they wait together */
    ck_assert_int_eq(web_stand_status(page), manners[_i].status);
    ck_assert_ptr_nonnull(strstr(page, "no answer from eqmgr since "));
    ck_assert_int_lt(clock_mono_ms() - begin_ms, (1 + 8) * ASKER_LIMIT_MS - 1000);
}
END_TEST

START_TEST(a_daemon_may_come_and_go)
{
    g_autofree char *before = web_stand_get("/ready"), *with = NULL, *after = NULL;
    int64_t limit_ms = clock_mono_ms() + WEB_STAND_PATIENCE_MS;

    ck_assert_int_eq(web_stand_status(before), 503);
    ck_assert_ptr_nonnull(strstr(before, "no eqmgr listens at "));
    web_stand_daemon_start(ANSWERS);
    do { /* the failure is kept for a second, too */
        g_free(with);
        with = web_stand_get("/ready");
    } while (web_stand_status(with) != 200 && clock_mono_ms() < limit_ms);
    ck_assert_int_eq(web_stand_status(with), 200);
    web_stand_daemon_stop();
    do {
        g_free(after);
        after = web_stand_get("/ready");
    } while (web_stand_status(after) != 503 && clock_mono_ms() < limit_ms);
    ck_assert_int_eq(web_stand_status(after), 503);
}
END_TEST

static void come_with_ten_browsers(void)
{
    int fds[10];
    const char *request = "GET /api/1/status HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        fds[i] = web_stand_connect();
        ck_assert(web_stand_says(fds[i], request, strlen(request)));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        g_autofree char *response = web_stand_read_all(fds[i]);

        ck_assert_int_eq(web_stand_status(response), 200);
    }
}

START_TEST(ten_browsers_cost_one_listing)
{
    int64_t begin_ms;
    int before, count;

    web_stand_daemon_start(ANSWERS);
    do { /* within the second for which an answer is kept */
        before = g_atomic_int_get(&web_stand_daemon.request_count);
        begin_ms = clock_mono_ms();
        come_with_ten_browsers();
        count = g_atomic_int_get(&web_stand_daemon.request_count);
    } while (clock_mono_ms() - begin_ms >= 1000);
    ck_assert_int_ge(count, 1);
    ck_assert_int_le(count - before, 1);
}
END_TEST

START_TEST(only_summaries_are_asked_for)
{
    static const char wanted[] = "verb\0status\0level\0summary\0";
    g_autofree char *response = NULL;

    web_stand_daemon_start(ANSWERS);
    response = web_stand_get("/api/1/status");
    ck_assert_int_eq(web_stand_status(response), 200);
    ck_assert_uint_eq(web_stand_daemon.last_request->len, sizeof(wanted));
    ck_assert_mem_eq(web_stand_daemon.last_request->data, wanted, sizeof(wanted));
}
END_TEST

START_TEST(the_connection_to_the_daemon_is_not_kept)
{
    struct pollfd nobody;
    g_autofree char *response = NULL;

    web_stand_daemon_start(ANSWERS);
    response = web_stand_get("/");
    ck_assert_int_eq(web_stand_status(response), 200);
    ck_assert_int_eq(g_atomic_int_get(&web_stand_daemon.connection_count), 1);
    ck_assert_int_eq(g_atomic_int_get(&web_stand_daemon.request_count), 9);
    nobody = (struct pollfd){web_stand_daemon.listener, POLLIN, 0};
    ck_assert_int_eq(poll(&nobody, 1, 0), 0);
}
END_TEST

START_TEST(too_many_different_questions_are_refused)
{
    int busy = 0, good = 0;

    web_stand_daemon_start(ANSWERS);
    for (int i = 0; i < KEPT_COUNT_MAX + 8; i++) {
        g_autofree char *path = g_strdup_printf("/api/1/destinations/%d*", i);
        g_autofree char *response = web_stand_get(path);

        good += web_stand_status(response) == 200 ? 1 : 0;
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

    web_stand_daemon_start(STAYS_SILENT);
    for (int i = 0; i < 20; i++) {
        int fd = web_stand_connect();

        ck_assert(web_stand_says(fd, request, i % 2 == 0 ? strlen(request) : 10));
        if (i % 4 < 2)
            (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0},
                             sizeof(struct linger));
        (void)close(fd);
    }
    response = web_stand_get("/ready");
    ck_assert_int_eq(web_stand_status(response), 503);
    g_free(response);
    response = web_stand_get("/healthy");
    ck_assert_int_eq(web_stand_status(response), 200);
}
END_TEST

START_TEST(clients_that_say_nothing_leave_room_again)
{
    int fds[VISITORS_MAX + 8];
    g_autofree char *response = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = web_stand_connect();
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
        (void)close(fds[i]);
    response = web_stand_get("/healthy");
    ck_assert_int_eq(web_stand_status(response), 200);
}
END_TEST

/* A connection that is reused would be cut off by its age one day, in the middle of a request. */
START_TEST(each_connection_has_one_request)
{
    const char *twice = "GET /healthy HTTP/1.1\r\n" HOST "\r\n"
                        "GET /ready HTTP/1.1\r\n" HOST "\r\n";
    g_autofree char *response = NULL;

    web_stand_daemon_start(ANSWERS);
    response = web_stand_exchange(twice, strlen(twice));
    ck_assert_int_eq(web_stand_status(response), 200);
    ck_assert_ptr_nonnull(strstr(response, "Connection: close\r\n"));
    ck_assert(g_str_has_suffix(response, "\r\n\r\nhealthy\n"));
}
END_TEST

/* Both would go on for ever: each byte begins evhttp's own time limit anew. */
START_TEST(a_client_that_drips_bytes_is_closed_in_time)
{
    struct pollfd end = {web_stand_connect(), POLLIN, 0};
    int64_t begin_ms = clock_mono_ms();

    while (poll(&end, 1, 50) == 0) {
        ck_assert_int_lt(clock_mono_ms() - begin_ms, WEB_STAND_PATIENCE_MS);
        (void)web_stand_says(end.fd, "G", 1);
    }
    ck_assert_int_ge(clock_mono_ms() - begin_ms, 900);
    (void)close(end.fd);
}
END_TEST

START_TEST(places_that_are_all_taken_come_free)
{
    int fds[VISITORS_MAX + 1];
    const char *request = "GET /healthy HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
    int64_t begin_ms = clock_mono_ms();
    g_autofree char *response = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = web_stand_connect();
    ck_assert(web_stand_says(fds[VISITORS_MAX], request, strlen(request)));
    response = web_stand_read_all(fds[VISITORS_MAX]); /* it waits until the others are closed */
    ck_assert_int_eq(web_stand_status(response), 200);
    ck_assert_int_ge(clock_mono_ms() - begin_ms, 900);
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

    tcase_add_checked_fixture(tcase, web_stand_set_up, web_stand_tear_down);
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
    tcase_add_checked_fixture(impatient, web_stand_set_up_impatient, web_stand_tear_down);
    tcase_add_test(impatient, a_client_that_drips_bytes_is_closed_in_time);
    tcase_add_test(impatient, places_that_are_all_taken_come_free);
    tcase_add_loop_test(parts, addresses_are_numbers_with_a_port, 0, G_N_ELEMENTS(addresses));
    return run_suite("ctl/web/server", tcase, impatient, parts, NULL);
}
