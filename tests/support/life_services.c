#include "tests/support/life_services.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>

#include "codec/delivery.h"
#include "codec/record.h"
#include "codec/report.h"
#include "codec/resolve.h"

#define SERVICE_REQUEST_MAX_BYTES 65536

typedef struct Session {
    TAILQ_ENTRY(Session) link;
    Service *service;
    char manner;
    int fd;
    struct event *event;
    GByteArray *input;
} Session;

const Route *service_routes;

/* ---- requests ---- */

const char *request_get(const Request *request, const char *name)
{
    for (guint i = 0; i + 1 < request->words->len; i++)
        if (g_str_equal(g_ptr_array_index(request->words, i), name))
            return g_ptr_array_index(request->words, i + 1);
    return "";
}

/* Lists of pairs; an empty name ends a list. False: incomplete. */
static bool request_split(const GByteArray *input, Request *request, guint *ret_lists)
{
    guint at = 0, lists = 0;
    bool is_name = true;

    if (input->len == 0 || input->data[input->len - 1] != '\0')
        return false;
    while (at < input->len) {
        char *word = (char *)input->data + at;
        bool is_end = is_name && *word == '\0';

        lists += is_end;
        if (!is_end) {
            g_ptr_array_add(request->words, word);
            is_name = !is_name;
        }
        at += (guint)strlen(word) + 1;
    }
    *ret_lists = lists;
    return is_name && lists > 0 && input->len >= 2 && input->data[input->len - 2] == '\0';
}

/* False: more is to come. */
static bool request_parse(const Service *service, const GByteArray *input, Request *request)
{
    guint lists;

    g_ptr_array_set_size(request->words, 0);
    if (!request_split(input, request, &lists))
        return false;
    return service->kind != SERVICE_AGENT ||
           lists == 1 + g_ascii_strtoull(request_get(request, "recipient_count"), NULL, 10);
}

static void tell_delivery(const Service *service, const Request *request)
{
    const char *options = request_get(request, "smtputf8");

    g_string_append_printf(service->told, "%s: nexthop %s from <%s> flags %s", service->name,
                           request_get(request, "nexthop"), request_get(request, "sender"),
                           request_get(request, "flags"));
    if (!g_str_equal(options, "0"))
        g_string_append_printf(service->told, " options %s", options);
    g_string_append(service->told, " to");
    for (guint i = 0; i + 1 < request->words->len; i += 2)
        if (g_str_equal(g_ptr_array_index(request->words, i), "recipient"))
            g_string_append_printf(service->told, " %s",
                                   (char *)g_ptr_array_index(request->words, i + 1));
    g_string_append_c(service->told, '\n');
}

static void tell_report(const Service *service, const Request *request)
{
    static const char *const kinds[] = {"append", "flush", "warn", "verp", "?", "trace"};
    guint64 kind = g_ascii_strtoull(request_get(request, "nrequest"), NULL, 10);

    g_string_append_printf(service->told, "%s: %s %s ", service->name, kinds[MIN(kind, 5)],
                           request_get(request, "flags"));
    if (kind == 0)
        g_string_append_printf(service->told, "%s %s %s (%s)\n", request_get(request, "recipient"),
                               request_get(request, "status"), request_get(request, "action"),
                               request_get(request, "reason"));
    else
        g_string_append_printf(service->told, "%s <%s>\n", request_get(request, "queue_id"),
                               request_get(request, "sender"));
}

static void tell_request(const Service *service, const Request *request)
{
    if (service->kind == SERVICE_AGENT)
        tell_delivery(service, request);
    else if (service->kind == SERVICE_REWRITE)
        return;
    else if (g_str_equal(service->name, "verify"))
        g_string_append_printf(
            service->told, "verify: %s %s (%s)\n", request_get(request, "address"),
            request_get(request, "recipient_status"), request_get(request, "reason"));
    else if (g_str_equal(service->name, "flush"))
        g_string_append_printf(service->told, "flush: %s %s\n", request_get(request, "site"),
                               request_get(request, "queue_id"));
    else
        tell_report(service, request);
}

/* ---- replies ---- */

static void put_delivery_reply(const Service *service, GByteArray *reply)
{
    static const char *const empty[] = {"diag_type", "diag_text", "mta_type", "mta_mname",
                                        "action"};

    attr_put_str(reply, "status", service->dsn);
    for (size_t i = 0; i < G_N_ELEMENTS(empty); i++)
        attr_put_str(reply, empty[i], "");
    attr_put_str(reply, "reason", service->reason);
    attr_put_int(reply, "status", service->status);
}

static const Route *find_route(const char *address)
{
    for (const Route *route = service_routes; route != NULL && route->address != NULL; route++)
        if (g_str_equal(route->address, address))
            return route;
    return NULL;
}

/* Unless there is a route: "x@smtp.test" goes by transport smtp to nexthop smtp.test. */
static void put_resolve_reply(const Request *request, GByteArray *reply)
{
    const char *address = request_get(request, "address"), *at = strrchr(address, '@');
    const char *domain = at != NULL ? at + 1 : "none";
    g_autofree char *transport = g_strndup(domain, strcspn(domain, "."));
    const Route rule = {address, transport, domain, address, RESOLVE_CLASS_DEFAULT};
    const Route *route = find_route(address);

    if (route == NULL)
        route = &rule;
    attr_put_int(reply, "flags", 0);
    attr_put_str(reply, "transport", route->transport);
    attr_put_str(reply, "nexthop", route->nexthop);
    attr_put_str(reply, "recipient", route->recipient);
    attr_put_int(reply, "flags", route->flags);
}

static void put_rewrite_reply(const Request *request, GByteArray *reply)
{
    const char *address = request_get(request, "address");
    g_autofree char *full =
        g_strconcat(address, strchr(address, '@') == NULL ? "@smtp.test" : "", NULL);

    attr_put_int(reply, "flags", 0);
    attr_put_str(reply, "address", full);
}

static GByteArray *make_reply(const Service *service, const Request *request)
{
    GByteArray *reply = g_byte_array_new();

    if (service->kind == SERVICE_AGENT)
        put_delivery_reply(service, reply);
    else if (service->kind == SERVICE_STATUS)
        attr_put_int(reply, "status", service->status);
    else if (g_str_equal(request_get(request, "request"), "rewrite"))
        put_rewrite_reply(request, reply);
    else
        put_resolve_reply(request, reply);
    attr_put_end(reply);
    return reply;
}

/* ---- returns ---- */

/* After a non-delivery report bounce(8) marks the recipients of the defer log as done. */
static bool is_return(const Service *service, const Request *request)
{
    const char *kind = request_get(request, "nrequest");

    return g_str_equal(service->name, "defer") && service->status == 0 &&
           (g_str_equal(kind, "1") || g_str_equal(kind, "3"));
}

static void mark_returned(const Service *service, const Request *request)
{
    g_autofree char *path = g_build_filename("active", request_get(request, "queue_id"), NULL);
    g_autofree char *text = NULL;
    gsize size = 0, at = 0;
    int fd = open(path, O_WRONLY | O_CLOEXEC), marked = 0;
    Record record;

    (void)g_file_get_contents(path, &text, &size, NULL);
    for (; record_decode((uint8_t *)text + at, size - at, &record) == RECORD_OK;
         at += record.size_bytes)
        if (record.type == RECORD_RECIPIENT && marked++ < service->returns_max)
            (void)!pwrite(fd, "D", 1, (off_t)at);
    (void)close(fd);
}

/* ---- connections ---- */

static void session_close(Session *session)
{
    TAILQ_REMOVE(&session->service->sessions, session, link);
    event_free(session->event);
    (void)close(session->fd);
    g_byte_array_unref(session->input);
    g_free(session);
}

static void session_send(Session *session, const GByteArray *bytes)
{
    (void)!send(session->fd, bytes->data, bytes->len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void session_answer(Session *session, const Request *request)
{
    Service *service = session->service;
    g_autoptr(GByteArray) reply = make_reply(service, request);

    service->request_count++;
    tell_request(service, request);
    if (service->effect != NULL)
        service->effect(service, request);
    if (session->manner == 'a' && is_return(service, request))
        mark_returned(service, request);
    g_byte_array_set_size(session->input, 0);
    if (session->manner == 'g')
        (void)!send(session->fd, "garbage\0in\0\0", 12, MSG_NOSIGNAL);
    else if (session->manner == 'a')
        session_send(session, reply);
    if (session->manner != 's' && service->kind != SERVICE_REWRITE)
        session_close(session);
}

static void on_session_input(evutil_socket_t fd, short what, void *arg)
{
    Session *session = arg;
    Request request = {g_ptr_array_new()};
    guint8 bytes[SERVICE_REQUEST_MAX_BYTES];
    ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    (void)what;
    if (got > 0)
        g_byte_array_append(session->input, bytes, (guint)got);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        session_close(session);
    else if (request_parse(session->service, session->input, &request))
        session_answer(session, &request);
    g_ptr_array_unref(request.words);
}

static void session_announce(Session *session)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    attr_put_str(bytes, "protocol",
                 session->manner == 'w' ? "other_protocol" : session->service->protocol);
    attr_put_end(bytes);
    session_send(session, bytes);
}

static void on_service_accept(evutil_socket_t listener, short what, void *arg)
{
    Service *service = arg;
    int fd = accept(listener, NULL, NULL);
    Session *session;

    (void)what;
    if (fd < 0)
        return;
    session = g_new0(Session, 1);
    session->service = service;
    session->fd = fd;
    session->manner = *service->manner;
    if (service->manner[1] != '\0')
        service->manner++;
    session->input = g_byte_array_new();
    session->event = event_new(event_get_base(service->event), fd, EV_READ | EV_PERSIST,
                               on_session_input, session);
    TAILQ_INSERT_TAIL(&service->sessions, session, link);
    event_add(session->event, NULL);
    if (session->manner != 'x' && session->manner != 'n')
        session_announce(session);
    if (session->manner == 'x' || session->manner == 'c')
        session_close(session);
}

static int service_listen(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(fd, SOMAXCONN), 0);
    return fd;
}

static const char *service_protocol(ServiceKind kind, const char *name)
{
    if (kind == SERVICE_AGENT)
        return DELIVERY_PROTOCOL;
    if (kind == SERVICE_REWRITE)
        return REWRITE_PROTOCOL;
    if (g_str_equal(name, "verify"))
        return VERIFY_PROTOCOL;
    return g_str_equal(name, "flush") ? FLUSH_PROTOCOL : STATUS_PROTOCOL;
}

Service *service_open(struct event_base *base, const char *path, ServiceKind kind, GString *told)
{
    Service *service = g_new0(Service, 1);

    service->path = g_strdup(path);
    service->name = strrchr(service->path, '/') + 1;
    service->kind = kind;
    service->protocol = service_protocol(kind, service->name);
    service->manner = "a";
    service->dsn = service->reason = "";
    service->returns_max = INT_MAX;
    service->told = told;
    service->listener = service_listen(path);
    TAILQ_INIT(&service->sessions);
    service->event =
        event_new(base, service->listener, EV_READ | EV_PERSIST, on_service_accept, service);
    event_add(service->event, NULL);
    return service;
}

void service_hang_up(Service *service)
{
    Session *next;

    for (Session *each = TAILQ_FIRST(&service->sessions); each != NULL; each = next) {
        next = TAILQ_NEXT(each, link);
        session_close(each);
    }
}

void service_close(Service *service)
{
    service_hang_up(service);
    event_free(service->event);
    (void)close(service->listener);
    (void)unlink(service->path);
    g_free(service->path);
    g_free(service);
}
