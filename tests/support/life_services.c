#include "tests/support/life_services.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "codec/delivery.h"
#include "codec/record.h"
#include "codec/report.h"
#include "codec/resolve.h"
#include "tests/postfix/wire.h"

const Route *service_routes;

/* ---- requests ---- */

const char *request_get(const Request *request, const char *name)
{
    for (guint i = 0; i + 1 < request->words->len; i++)
        if (g_str_equal(g_ptr_array_index(request->words, i), name))
            return g_ptr_array_index(request->words, i + 1);
    return "";
}

/* False: incomplete. */
static bool request_split(const GByteArray *input, Request *request, guint *ret_lists)
{
    char *bytes = (char *)input->data;
    size_t at = 0;

    *ret_lists = 0;
    while (at < input->len) {
        WireList list;
        ssize_t taken = wire_take_list(bytes + at, input->len - at, &list);

        ck_assert_int_ge(taken, 0);
        if (taken == 0)
            return false;
        for (size_t i = 0; i < list.count; i++) {
            g_ptr_array_add(request->words, bytes + (list.pairs[i].name - bytes));
            g_ptr_array_add(request->words, bytes + (list.pairs[i].value - bytes));
        }
        at += (size_t)taken;
        ++*ret_lists;
    }
    return *ret_lists > 0;
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

static void put_delivery_reply(const Service *service, GString *reply)
{
    static const char *const empty[] = {"diag_type", "diag_text", "mta_type", "mta_mname",
                                        "action"};

    wire_put(reply, "status", service->dsn);
    for (size_t i = 0; i < G_N_ELEMENTS(empty); i++)
        wire_put(reply, empty[i], "");
    wire_put(reply, "reason", service->reason);
    wire_put_number(reply, "status", service->status);
}

static const Route *find_route(const char *address)
{
    for (const Route *route = service_routes; route != NULL && route->address != NULL; route++)
        if (g_str_equal(route->address, address))
            return route;
    return NULL;
}

/* Unless there is a route: "x@smtp.test" goes by transport smtp to nexthop smtp.test. */
static void put_resolve_reply(const Request *request, GString *reply)
{
    const char *address = request_get(request, "address"), *at = strrchr(address, '@');
    const char *domain = at != NULL ? at + 1 : "none";
    g_autofree char *transport = g_strndup(domain, strcspn(domain, "."));
    const Route rule = {address, transport, domain, address, RESOLVE_CLASS_DEFAULT};
    const Route *route = find_route(address);

    if (route == NULL)
        route = &rule;
    wire_put_number(reply, "flags", 0);
    wire_put(reply, "transport", route->transport);
    wire_put(reply, "nexthop", route->nexthop);
    wire_put(reply, "recipient", route->recipient);
    wire_put_number(reply, "flags", route->flags);
}

static void put_rewrite_reply(const Request *request, GString *reply)
{
    const char *address = request_get(request, "address");
    g_autofree char *full =
        g_strconcat(address, strchr(address, '@') == NULL ? "@smtp.test" : "", NULL);

    wire_put_number(reply, "flags", 0);
    wire_put(reply, "address", full);
}

static GString *make_reply(const Service *service, const Request *request)
{
    GString *reply = g_string_new(NULL);

    if (service->kind == SERVICE_AGENT)
        put_delivery_reply(service, reply);
    else if (service->kind == SERVICE_STATUS)
        wire_put_number(reply, "status", service->status);
    else if (g_str_equal(request_get(request, "request"), "rewrite"))
        put_rewrite_reply(request, reply);
    else
        put_resolve_reply(request, reply);
    wire_end(reply);
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

/* ---- connections: the state of a call is its manner ---- */

static void send_reply(Call *call, const Service *service, const Request *request)
{
    GString *reply = make_reply(service, request);

    call_send(call, reply->str, reply->len);
    (void)g_string_free(reply, TRUE);
}

static void call_answer(Call *call, Service *service, const Request *request)
{
    service->request_count++;
    tell_request(service, request);
    if (service->effect != NULL)
        service->effect(service, request);
    if (call->state == 'a' && is_return(service, request))
        mark_returned(service, request);
    if (call->state == 'g')
        call_send(call, "garbage\0in\0\0", 12);
    else if (call->state == 'a')
        send_reply(call, service, request);
    call_consume(call, call->in->len);
    if (call->state != 's' && service->kind != SERVICE_REWRITE)
        call_close(call);
}

static void on_received(Call *call, void *ctx)
{
    Request request = {g_ptr_array_new()};

    if (request_parse(ctx, call->in, &request))
        call_answer(call, ctx, &request);
    g_ptr_array_unref(request.words);
}

static void call_announce(Call *call, const Service *service)
{
    GString *bytes = g_string_new(NULL);

    wire_put(bytes, "protocol", call->state == 'w' ? "other_protocol" : service->protocol);
    wire_end(bytes);
    call_send(call, bytes->str, bytes->len);
    (void)g_string_free(bytes, TRUE);
}

static void on_opened(Call *call, void *ctx)
{
    Service *service = ctx;

    call->state = (unsigned char)*service->manner;
    if (service->manner[1] != '\0')
        service->manner++;
    if (call->state != 'x' && call->state != 'n')
        call_announce(call, service);
    if (call->state == 'x' || call->state == 'c')
        call_close(call);
}

static void on_closed(Call *call, void *ctx)
{
    (void)call;
    (void)ctx;
}

static const CallHandler service_handler = {on_opened, on_received, on_closed};

/* ---- services ---- */

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
    service->server = call_server_new(base, path, &service_handler, service);
    return service;
}

void service_hang_up(Service *service)
{
    call_server_hang_up(service->server);
}

void service_close(Service *service)
{
    call_server_free(service->server);
    (void)unlink(service->path);
    g_free(service->path);
    g_free(service);
}
