/*
 * A visit is one request: it waits for the answers of its questions, then the response goes out. If
 * the client is gone before, evhttp takes the request from its connection, and frees it when the
 * response is sent all the same.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>

#include "src/ctl/web/respond_internal.h"
#include "src/ctl/web/server_internal.h"
#include "src/ctl/web/visitors_internal.h"

#define BACKLOG              64
#define BODY_MAX_BYTES       1024
#define ALL_METHODS          0xffff
#define ALLOWED              "GET, HEAD"
#define METHOD_NOT_ALLOWED   405
#define MISDIRECTED          421
#define IPV4_LOOPBACK_PREFIX 127

struct Server {
    struct evhttp *http;
    struct evconnlistener *listener; /* of http */
    Visitors *visitors;
    Kept *kept;
    bool is_loopback;
    GHashTable *visits; /* those that wait; a set */
};

typedef struct Visit {
    Server *server;
    struct evhttp_request *request;
    Route route;
    WebAnswer *answers[ROUTE_QUESTIONS_MAX];
    unsigned missing; /* answers */
} Visit;

/* ---- addresses ---- */

static bool parse_ipv6(const char *host, size_t length, in_port_t port,
                       struct sockaddr_storage *ret_address, int *ret_length)
{
    struct sockaddr_in6 *address = (struct sockaddr_in6 *)ret_address;
    g_autofree char *bare = g_strndup(host + 1, length - 2);

    *address = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
    *ret_length = sizeof(*address);
    return inet_pton(AF_INET6, bare, &address->sin6_addr) == 1;
}

static bool parse_ipv4(const char *host, size_t length, in_port_t port,
                       struct sockaddr_storage *ret_address, int *ret_length)
{
    struct sockaddr_in *address = (struct sockaddr_in *)ret_address;
    g_autofree char *bare = g_strndup(host, length);

    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
    *ret_length = sizeof(*address);
    return inet_pton(AF_INET, bare, &address->sin_addr) == 1;
}

bool server_parse_address(const char *text, struct sockaddr_storage *ret_address, int *ret_length)
{
    const char *colon = strrchr(text, ':');
    size_t length = colon != NULL ? (size_t)(colon - text) : 0;
    guint64 port;

    if (length == 0 || !g_ascii_string_to_unsigned(colon + 1, 10, 0, UINT16_MAX, &port, NULL))
        return false;
    if (text[0] == '[')
        return text[length - 1] == ']' &&
               parse_ipv6(text, length, htons((uint16_t)port), ret_address, ret_length);
    return parse_ipv4(text, length, htons((uint16_t)port), ret_address, ret_length);
}

bool server_is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr) != 0;
    return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 ==
           IPV4_LOOPBACK_PREFIX;
}

bool server_is_literal_host(const char *host)
{
    struct sockaddr_storage address;
    int length = sizeof(address);
    size_t name_length = strcspn(host, ":");

    if (g_ascii_strncasecmp(host, "localhost", MAX(name_length, strlen("localhost"))) == 0)
        return true;
    return evutil_parse_sockaddr_port(host, (struct sockaddr *)&address, &length) == 0;
}

/* ---- responses ---- */

static void add_headers(struct evkeyvalq *headers, const WebResponse *response)
{
    static const char *const always[][2] = {
        {"Cache-Control",                "no-store"   },
        {"Connection",                   "close"      }, /* its age would end it in the middle of a later request */
        {"Content-Security-Policy",
         "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'none'"                     },
        {"Cross-Origin-Opener-Policy",   "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Referrer-Policy",              "no-referrer"},
        {"X-Content-Type-Options",       "nosniff"    },
        {"X-Frame-Options",              "DENY"       },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(always); i++)
        (void)evhttp_add_header(headers, always[i][0], always[i][1]);
    (void)evhttp_add_header(headers, "Content-Type", response->type);
    if (response->status == METHOD_NOT_ALLOWED)
        (void)evhttp_add_header(headers, "Allow", ALLOWED);
}

static void add_number(struct evkeyvalq *headers, const char *name, int64_t number)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);

    (void)evhttp_add_header(headers, name, text);
}

static void send_response(struct evhttp_request *request, const WebResponse *response)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    struct evbuffer *body = evbuffer_new();

    add_headers(headers, response);
    if (response->refresh_s > 0)
        add_number(headers, "Refresh", response->refresh_s);
    if (response->matched >= 0) {
        add_number(headers, "Eqmgr-Matched", response->matched);
        add_number(headers, "Eqmgr-Truncated", response->is_truncated);
    }
    add_number(headers, "Content-Length", (int64_t)strlen(response->body));
    if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD)
        (void)evbuffer_add(body, response->body, strlen(response->body));
    evhttp_send_reply(request, response->status, NULL, body);
    evbuffer_free(body);
}

static void send_text(struct evhttp_request *request, int status, const char *text)
{
    WebResponse response = {.status = status,
                            .type = "text/plain; charset=utf-8",
                            .body = g_strdup(text),
                            .matched = -1};

    send_response(request, &response);
    web_response_clear(&response);
}

/* ---- visits ---- */

static void free_visit(Visit *visit)
{
    (void)g_hash_table_remove(visit->server->visits, visit);
    kept_forget(visit->server->kept, visit);
    for (unsigned i = 0; i < visit->route.question_count; i++)
        web_answer_unref(visit->answers[i]);
    route_clear(&visit->route);
    g_free(visit);
}

static void answer_visit(Visit *visit)
{
    WebMoment moment = {.now_s = g_get_real_time() / G_USEC_PER_SEC,
                        .last_heard_s = kept_last_heard_s(visit->server->kept)};
    struct evkeyvalq *headers = evhttp_request_get_input_headers(visit->request);
    WebResponse response;

    web_respond(&visit->route, evhttp_find_header(headers, "Accept"), visit->answers, &moment,
                &response);
    send_response(visit->request, &response);
    web_response_clear(&response);
    free_visit(visit);
}

static void on_kept_answer(const WebQuestion *question, WebAnswer *answer, void *ctx)
{
    Visit *visit = ctx;

    visit->answers[question - visit->route.questions] = web_answer_ref(answer);
    if (--visit->missing == 0)
        answer_visit(visit);
}

static void ask_for_visit(Visit *visit)
{
    unsigned count = visit->route.status == 200 ? visit->route.question_count : 0;

    for (unsigned i = 0; i < count; i++) {
        visit->answers[i] =
            kept_want(visit->server->kept, &visit->route.questions[i], on_kept_answer, visit);
        visit->missing += visit->answers[i] == NULL ? 1 : 0;
    }
    if (visit->missing == 0)
        answer_visit(visit);
}

static bool is_meant_for_us(const Server *server, struct evhttp_request *request)
{
    const char *host = evhttp_find_header(evhttp_request_get_input_headers(request), "Host");

    return !server->is_loopback || host == NULL || server_is_literal_host(host);
}

static void on_web_request(struct evhttp_request *request, void *ctx)
{
    Server *server = ctx;
    enum evhttp_cmd_type method = evhttp_request_get_command(request);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;
    Visit *visit;

    if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
        send_text(request, METHOD_NOT_ALLOWED, "GET and HEAD only\n");
        return;
    }
    if (path == NULL || evhttp_uri_get_host(uri) != NULL) {
        send_text(request, 400, "not an address of this server\n");
        return;
    }
    if (!is_meant_for_us(server, request)) {
        send_text(request, MISDIRECTED,
                  "this server is known by its address and as localhost only\n");
        return;
    }
    visit = g_new0(Visit, 1);
    visit->server = server;
    visit->request = request;
    route_parse(path, evhttp_uri_get_query(uri), &visit->route);
    (void)g_hash_table_add(server->visits, visit);
    ask_for_visit(visit);
}

/* ---- the server ---- */

Server *server_new(struct event_base *base, const struct sockaddr_storage *address, int length,
                   int life_s, Kept *kept, char **ret_problem)
{
    Server *server = g_new0(Server, 1);
    struct evhttp_bound_socket *bound;

    server->listener = evconnlistener_new_bind(
        base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
        BACKLOG, (const struct sockaddr *)address, length);
    if (server->listener == NULL) {
        *ret_problem = g_strdup(g_strerror(errno));
        g_free(server);
        return NULL;
    }
    server->kept = kept;
    server->is_loopback = server_is_loopback(address);
    server->visits = g_hash_table_new(NULL, NULL);
    server->http = evhttp_new(base);
    evhttp_set_max_headers_size(server->http, SERVER_HEADERS_MAX_BYTES);
    evhttp_set_max_body_size(server->http, BODY_MAX_BYTES);
    evhttp_set_timeout(server->http, SERVER_SILENCE_S);
    evhttp_set_allowed_methods(server->http, ALL_METHODS);
    evhttp_set_gencb(server->http, on_web_request, server);
    server->visitors = visitors_new(base, server->http, server->listener, life_s);
    bound = evhttp_bind_listener(server->http, server->listener);
    g_assert(bound != NULL); /* there is memory, or the process has ended */
    return server;
}

void server_free(Server *server)
{
    GHashTableIter iter;
    gpointer visit;

    if (server == NULL)
        return;
    g_hash_table_iter_init(&iter, server->visits);
    while (g_hash_table_iter_next(&iter, &visit, NULL)) {
        g_hash_table_iter_remove(&iter);
        if (evhttp_request_get_connection(((Visit *)visit)->request) == NULL)
            evhttp_request_free(((Visit *)visit)->request); /* its client went, nobody else does */
        free_visit(visit);
    }
    evhttp_free(server->http);
    visitors_free(server->visitors);
    g_hash_table_destroy(server->visits);
    g_free(server);
}

int server_port(const Server *server)
{
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } address = {.any = {.sa_family = AF_UNSPEC}};
    socklen_t length = sizeof(address);

    if (getsockname(evconnlistener_get_fd(server->listener), &address.any, &length) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.ipv6.sin6_port
                                                   : address.ipv4.sin_port);
}
