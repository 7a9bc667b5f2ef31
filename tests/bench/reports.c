#include "tests/bench/reports.h"

#include "tests/postfix/call_server.h"
#include "tests/postfix/wire.h"

static const char *const paths[] = {"private/bounce", "private/defer", "private/trace"};

struct Reports {
    CallServer *servers[G_N_ELEMENTS(paths)];
    uint64_t count;
};

static const char announcement[] = "protocol\0delivery_status_protocol\0";
static const char all_is_well[] = "status\0000\0";

static void on_opened(Call *call, void *ctx)
{
    (void)ctx;
    call_send(call, announcement, sizeof(announcement));
}

static void on_received(Call *call, void *ctx)
{
    Reports *reports = ctx;
    WireList list;
    ssize_t used = wire_take_list((const char *)call->in->data, call->in->len, &list);

    if (used <= 0)
        return;
    reports->count++;
    call_consume(call, (size_t)used);
    call_send(call, all_is_well, sizeof(all_is_well));
}

static void on_closed(Call *call, void *ctx)
{
    (void)call;
    (void)ctx;
}

static const CallHandler handler = {on_opened, on_received, on_closed};

Reports *reports_new(struct event_base *base)
{
    Reports *reports = g_new0(Reports, 1);

    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        reports->servers[i] = call_server_new(base, paths[i], &handler, reports);
    return reports;
}

uint64_t reports_count(const Reports *reports)
{
    return reports->count;
}

void reports_free(Reports *reports)
{
    if (reports == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        call_server_free(reports->servers[i]);
    g_free(reports);
}
