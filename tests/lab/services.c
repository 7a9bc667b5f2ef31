#include "tests/lab/services.h"

#include <string.h>
#include <unistd.h>

#include "tests/lab/peer.h"
#include "tests/lab/report_log.h"
#include "tests/lab/stage.h"
#include "tests/lab/trace.h"
#include "tests/postfix/wire.h"

/* Request numbers of the bounce family (ipc.md 5.1). */
enum { REQUEST_APPEND = 0, REQUEST_FLUSH = 1, REQUEST_VERP = 3, REQUEST_TRACE = 5 };

#define FLAG_DELETE_RECIPIENTS 2 /* of a report; other flags of REQUEST_TRACE */

typedef struct ServiceKind {
    const char *name, *path, *protocol;
    bool keeps_logs, long_lived;
} ServiceKind;

static const ServiceKind kinds[] = {
    {"bounce", "private/bounce", "delivery_status_protocol",       true,  false},
    {"defer",  "private/defer",  "delivery_status_protocol",       true,  false},
    {"trace",  "private/trace",  "delivery_status_protocol",       true,  false},
    {"verify", "private/verify", "address_verification_prrotocol", false, true }, /* sic */
    {"flush",  "public/flush",   "queue_flush_protocol",           false, false},
};

typedef struct Service {
    Services *services;
    const ServiceKind *kind;
    PeerServer *server;
    Manner usually;
    MannerQueue next;
} Service;

typedef struct Client {
    Service *service;
    Peer *peer;
    StageAction answer;
    Manner manner;
    bool busy;
    MannerKind opening; /* MANNER_EARLY, MANNER_DEAF, or MANNER_OK for all others */
    int64_t request_number, flags;
    int64_t offset, notify_flags;
    char *queue_name, *queue_id, *recipient, *status, *reason;
} Client;

struct Services {
    const Core *core;
    Service all[G_N_ELEMENTS(kinds)];
    uint64_t request_count;
};

static bool is_report(int64_t request_number)
{
    return request_number == REQUEST_FLUSH || request_number == REQUEST_VERP ||
           request_number == REQUEST_TRACE;
}

static void tell_witness(const Client *client)
{
    const Witness *witness = client->service->services->core->witness;
    const ServiceKind *kind = client->service->kind;

    if (witness == NULL)
        return;
    if (!kind->keeps_logs) {
        if (client->recipient[0] != '\0')
            witness->verified(witness->ctx, client->recipient);
    } else if (client->request_number == REQUEST_APPEND) {
        witness->recorded(witness->ctx, kind->name, client->queue_id, client->recipient);
    } else {
        witness->reported(witness->ctx, kind->name, client->queue_id, client->request_number);
    }
}

static void record(const Client *client)
{
    report_log_add(client->service->services->core, client->service->kind->name, client->queue_id,
                   &(ReportLogEntry){client->recipient, client->offset, client->notify_flags,
                                     client->status, client->reason});
}

static void report(const Client *client)
{
    const Core *core = client->service->services->core;
    const char *log = client->service->kind->name;
    g_autofree char *path = core_queue_path(core, log, client->queue_id);

    if (client->request_number != REQUEST_TRACE && (client->flags & FLAG_DELETE_RECIPIENTS) != 0)
        report_log_mark_returned(core, log, client->queue_name, client->queue_id,
                                 client->request_number == REQUEST_VERP);
    (void)unlink(path);
}

static void apply_effect(const Client *client)
{
    if (client->manner.kind != MANNER_OK)
        return;
    tell_witness(client);
    if (!client->service->kind->keeps_logs)
        return;
    if (client->request_number == REQUEST_APPEND)
        record(client);
    else if (is_report(client->request_number))
        report(client);
}

static void on_answer_turn(void *ctx)
{
    Client *client = ctx;
    g_autoptr(GString) out = g_string_new(NULL);

    client->busy = false;
    apply_effect(client);
    if (client->manner.kind == MANNER_HANGUP) {
        peer_close(client->peer);
        return;
    }
    if (client->manner.kind == MANNER_GARBAGE)
        wire_put(out, "lab", "garbage");
    else if (client->manner.kind != MANNER_SHORT)
        wire_put_number(out, "status", client->manner.kind == MANNER_OK ? 0 : -1);
    wire_end(out);
    peer_send(client->peer, out->str, out->len);
    if (!client->service->kind->long_lived)
        peer_close(client->peer);
}

static void trace_request(const Service *service, const char *queue_id, const WireList *list)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Trace *trace = service->services->core->trace;

    if (!trace_is_on(trace))
        return;
    wire_describe(list, text);
    trace_add(trace, TRACE_SERVICES, queue_id, "%s %s", service->kind->name, text->str);
}

static void forget_request(Client *client)
{
    g_clear_pointer(&client->queue_name, g_free);
    g_clear_pointer(&client->queue_id, g_free);
    g_clear_pointer(&client->recipient, g_free);
    g_clear_pointer(&client->status, g_free);
    g_clear_pointer(&client->reason, g_free);
}

static void take_request(Client *client, const WireList *list)
{
    Service *service = client->service;
    const Manner *manner =
        client->opening == MANNER_EARLY ? NULL : manner_queue_take(&service->next);

    service->services->request_count++;
    forget_request(client);
    client->queue_name = g_strdup(wire_get(list, "queue_name"));
    client->queue_id = g_strdup(wire_get(list, "queue_id"));
    client->recipient = g_strdup(
        wire_get(list, service->kind->keeps_logs ? "recipient" : "address")); /* verify, flush */
    client->status = g_strdup(wire_get(list, "status"));
    client->reason = g_strdup(wire_get(list, "reason"));
    client->request_number = wire_get_number(list, "nrequest");
    client->flags = wire_get_number(list, "flags");
    client->offset = wire_get_number(list, "offset");
    client->notify_flags = wire_get_number(list, "notify_flags");
    client->busy = true;
    trace_request(service, client->queue_id, list);
    manner_clear(&client->manner);
    client->manner = manner_copy(manner != NULL ? manner : &service->usually);
}

static void on_received(Peer *peer, void *ctx)
{
    Client *client = peer->user;
    const Service *service = ctx;
    WireList list;
    ssize_t used = wire_take_list((const char *)peer->in->data, peer->in->len, &list);

    if (used == 0 || client->opening == MANNER_DEAF)
        return;
    if (used < 0 || client->busy) {
        trace_add(service->services->core->trace, TRACE_NOTES, NULL, "%s: %s", service->kind->name,
                  used < 0 ? "not a request" : "second request before the answer");
        peer_close(peer);
        return;
    }
    take_request(client, &list);
    peer_consume(peer, (size_t)used);
    if (client->manner.kind != MANNER_NEVER && client->opening != MANNER_EARLY)
        stage_offer(service->services->core->stage, STAGE_ANSWER, &client->answer,
                    client->manner.delay_ms);
}

/* A service that is deaf or early is so to the next connection, whatever it is for. */
static MannerKind opening_manner(Service *service)
{
    const Manner *next = manner_queue_peek(&service->next);
    MannerKind kind = (next != NULL ? next : &service->usually)->kind;

    if (kind != MANNER_EARLY && kind != MANNER_DEAF)
        return MANNER_OK;
    (void)manner_queue_take(&service->next);
    return kind;
}

static void on_opened(Peer *peer, void *ctx)
{
    Client *client = g_new0(Client, 1);
    g_autoptr(GString) out = g_string_new(NULL);

    client->service = ctx;
    client->peer = peer;
    client->answer.perform = on_answer_turn;
    client->answer.ctx = client;
    peer->user = client;
    client->opening = opening_manner(client->service);
    if (client->opening == MANNER_DEAF)
        return;
    wire_put(out, "protocol", client->service->kind->protocol);
    wire_end(out);
    if (client->opening == MANNER_EARLY) {
        wire_put_number(out, "status", 0);
        wire_end(out);
    }
    peer_send(peer, out->str, out->len);
}

static void on_closed(Peer *peer, void *ctx)
{
    const Service *service = ctx;
    Client *client = peer->user;

    stage_withdraw(service->services->core->stage, &client->answer);
    manner_clear(&client->manner);
    forget_request(client);
    g_free(client);
}

static const PeerHandler handler = {on_opened, on_received, on_closed};

Services *services_new(const Core *core)
{
    Services *services = g_new0(Services, 1);

    services->core = core;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        Service *service = &services->all[i];

        service->services = services;
        service->kind = &kinds[i];
        service->usually = (Manner){.dsn = g_strdup(""), .reason = g_strdup("")};
        manner_queue_init(&service->next);
        service->server = peer_server_new(core, kinds[i].path, &handler, service);
    }
    return services;
}

void services_free(Services *services)
{
    if (services == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        Service *service = &services->all[i];

        peer_server_free(service->server);
        manner_queue_clear(&service->next);
        manner_clear(&service->usually);
    }
    g_free(services);
}

static Service *find(Services *services, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(name, kinds[i].name) == 0)
            return &services->all[i];
    return NULL;
}

bool services_set(Services *services, const char *name, Manner usually)
{
    Service *service = find(services, name);

    if (service == NULL)
        return false;
    manner_clear(&service->usually);
    service->usually = usually;
    return true;
}

bool services_set_socket(Services *services, const char *name, bool listening, bool keep_file)
{
    Service *service = find(services, name);

    if (service == NULL)
        return false;
    if (listening) {
        peer_server_free(service->server);
        service->server = peer_server_new(services->core, service->kind->path, &handler, service);
    } else {
        peer_server_stop(service->server, keep_file);
    }
    return true;
}

MannerQueue *services_next(Services *services, const char *name)
{
    Service *service = find(services, name);

    return service != NULL ? &service->next : NULL;
}

uint64_t services_request_count(const Services *services)
{
    return services->request_count;
}
