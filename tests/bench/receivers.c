#include "tests/bench/receivers.h"

#include <string.h>

#include "tests/postfix/call_server.h"
#include "tests/postfix/wire.h"

#define DEFAULT_PROCESS_LIMIT 100 /* default_process_limit of Postfix */

enum { WAITING, BUSY };

typedef struct Transport {
    Receivers *receivers;
    const char *name;
    CallServer *server;
    unsigned busy;
    bool is_parked;
    TAILQ_HEAD(, Call) waiting;
} Transport;

static const char *const names[] = {"smtp", "local", "retry", "error"};

struct Receivers {
    ReactFn *react;
    void *ctx;
    unsigned process_limit;
    ReceiverCounts counts;
    Transport transports[G_N_ELEMENTS(names)];
};

static const char announcement[] = "protocol\0delivery_request_protocol\0";

#define EMPTY_DSN_DETAILS "diag_type\0\0diag_text\0\0mta_type\0\0mta_mname\0\0action\0\0"

static const char done_reply[] = "status\0\0" EMPTY_DSN_DETAILS "reason\0\0status\0000\0";
static const char deferred_reply[] = "status\0\0" EMPTY_DSN_DETAILS "reason\0\0status\0"
                                     "4294967295\0";
static const char dead_site_reply[] =
    "status\0"
    "4.4.1\0" EMPTY_DSN_DETAILS
    "reason\0connect to site.test[192.0.2.1]:25: Connection timed out\0status\0"
    "4294967295\0";

static void announce_waiting(Transport *transport)
{
    Call *call;

    while (!transport->is_parked && transport->busy < transport->receivers->process_limit &&
           (call = TAILQ_FIRST(&transport->waiting)) != NULL) {
        TAILQ_REMOVE(&transport->waiting, call, link);
        call->state = BUSY;
        transport->busy++;
        call_send(call, announcement, sizeof(announcement));
    }
}

static void on_opened(Call *call, void *ctx)
{
    Transport *transport = ctx;

    call->state = WAITING;
    TAILQ_INSERT_TAIL(&transport->waiting, call, link);
    announce_waiting(transport);
}

static void on_closed(Call *call, void *ctx)
{
    Transport *transport = ctx;

    if (call->state == WAITING)
        TAILQ_REMOVE(&transport->waiting, call, link);
    else
        transport->busy--;
    announce_waiting(transport);
}

/* Borrows from the buffer. false: not all there yet. */
static bool parse(const GByteArray *in, DeliveryRequest *ret_request)
{
    const char *bytes = (const char *)in->data;
    WireList list;
    ssize_t used = wire_take_list(bytes, in->len, &list);
    size_t at = (size_t)MAX(used, 0);

    if (used <= 0)
        return false;
    ret_request->queue_id = wire_get(&list, "queue_id");
    ret_request->nexthop = wire_get(&list, "nexthop");
    ret_request->recipient_count = (unsigned)wire_get_number(&list, "recipient_count");
    for (unsigned i = 0; i < ret_request->recipient_count; i++) {
        used = wire_take_list(bytes + at, in->len - at, &list);
        if (used <= 0)
            return false;
        if (i == 0)
            ret_request->recipient = wire_get(&list, "recipient");
        at += (size_t)used;
    }
    return true;
}

static void reply(Call *call, void *ctx, const char *bytes, size_t count)
{
    Transport *transport = ctx;

    transport->receivers->counts.replies++;
    call_send(call, bytes, count);
}

static void reply_done(Call *call, void *ctx)
{
    reply(call, ctx, done_reply, sizeof(done_reply));
}

static void reply_deferred(Call *call, void *ctx)
{
    reply(call, ctx, deferred_reply, sizeof(deferred_reply));
}

static void reply_dead_site(Call *call, void *ctx)
{
    reply(call, ctx, dead_site_reply, sizeof(dead_site_reply));
}

static void on_received(Call *call, void *ctx)
{
    Transport *transport = ctx;
    Receivers *receivers = transport->receivers;
    DeliveryRequest request = {.transport = transport->name};
    Reaction reaction;
    CallFn *answer;

    if (!parse(call->in, &request))
        return;
    receivers->counts.requests++;
    receivers->counts.recipients += request.recipient_count;
    reaction = receivers->react(&request, receivers->ctx);
    answer = reaction.site_is_dead ? reply_dead_site
             : reaction.deferred   ? reply_deferred
                                   : reply_done;
    call_consume(call, call->in->len);
    if (reaction.delay_us > 0)
        call_after(call, reaction.delay_us, answer);
    else
        answer(call, ctx);
}

static const CallHandler handler = {on_opened, on_received, on_closed};

Receivers *receivers_new(struct event_base *base, ReactFn *react, void *ctx)
{
    Receivers *receivers = g_new0(Receivers, 1);

    receivers->react = react;
    receivers->ctx = ctx;
    receivers->process_limit = DEFAULT_PROCESS_LIMIT;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        Transport *transport = &receivers->transports[i];
        g_autofree char *path = g_strdup_printf("private/%s", names[i]);

        transport->receivers = receivers;
        transport->name = names[i];
        TAILQ_INIT(&transport->waiting);
        transport->server = call_server_new(base, path, &handler, transport);
    }
    return receivers;
}

void receivers_set_process_limit(Receivers *receivers, unsigned limit)
{
    receivers->process_limit = limit;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        announce_waiting(&receivers->transports[i]);
}

void receivers_park(Receivers *receivers, const char *transport)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], transport) == 0)
            receivers->transports[i].is_parked = true;
}

ReceiverCounts receivers_counts(const Receivers *receivers)
{
    return receivers->counts;
}

void receivers_free(Receivers *receivers)
{
    if (receivers == NULL)
        return;
    receivers->process_limit = 0; /* nobody announces itself while connections are closed */
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        call_server_free(receivers->transports[i].server);
    g_free(receivers);
}
