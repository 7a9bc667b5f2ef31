#include "tests/bench/lookups.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/postfix/call_server.h"
#include "tests/postfix/wire.h"

#define ANSWER_MAX_BYTES 4096

enum { IDLE, QUEUED, WORKING };

struct Lookups {
    CallServer *server;
    int64_t delay_us;
    unsigned working, open, open_max;
    TAILQ_HEAD(, Call) queued;
    uint64_t count;
};

static const char announcement[] = "protocol\0trivial_rewrite_protocol\0";

static const char *domain_of(const char *address)
{
    const char *at = strrchr(address, '@');

    return at != NULL ? at + 1 : address;
}

static size_t put_pair(char *answer, size_t at, const char *name, const char *value)
{
    size_t name_len = strlen(name) + 1, value_len = strlen(value) + 1;

    if (at + name_len + value_len + 1 > ANSWER_MAX_BYTES)
        g_error("an address of %zu bytes", value_len);
    memcpy(answer + at, name, name_len);
    memcpy(answer + at + name_len, value, value_len);
    return at + name_len + value_len;
}

static void answer_now(Call *call, const char *address)
{
    char answer[ANSWER_MAX_BYTES];
    size_t count = put_pair(answer, 0, "flags", "0");

    bool is_parked = g_str_has_prefix(domain_of(address), LOOKUPS_PARKED_WORD);

    count = put_pair(answer, count, "transport", is_parked ? "local" : "smtp");
    count = put_pair(answer, count, "nexthop", domain_of(address));
    count = put_pair(answer, count, "recipient", address);
    count = put_pair(answer, count, "flags", "4096");
    answer[count++] = '\0';
    call_consume(call, call->in->len);
    call->state = IDLE;
    call_send(call, answer, count);
}

static bool question_address(const Call *call, const char **ret_address)
{
    WireList list;

    if (wire_take_list((const char *)call->in->data, call->in->len, &list) <= 0)
        return false;
    *ret_address = wire_get(&list, "address");
    return true;
}

static void on_worked(Call *call, void *ctx);

static void work_on_queued(Lookups *lookups)
{
    Call *call;

    while (lookups->working < LOOKUPS_AT_ONCE && (call = TAILQ_FIRST(&lookups->queued)) != NULL) {
        TAILQ_REMOVE(&lookups->queued, call, link);
        call->state = WORKING;
        lookups->working++;
        call_after(call, lookups->delay_us, on_worked);
    }
}

static void on_worked(Call *call, void *ctx)
{
    Lookups *lookups = ctx;
    const char *address = "";

    lookups->working--;
    if (question_address(call, &address))
        answer_now(call, address);
    work_on_queued(lookups);
}

static void on_received(Call *call, void *ctx)
{
    Lookups *lookups = ctx;
    const char *address;

    if (call->state != IDLE)
        g_error("a second question on a connection before the answer");
    if (!question_address(call, &address))
        return;
    lookups->count++;
    if (lookups->delay_us == 0 || !g_str_has_prefix(domain_of(address), LOOKUPS_SLOW_WORD)) {
        answer_now(call, address);
        return;
    }
    call->state = QUEUED;
    TAILQ_INSERT_TAIL(&lookups->queued, call, link);
    work_on_queued(lookups);
}

static void on_opened(Call *call, void *ctx)
{
    Lookups *lookups = ctx;

    lookups->open++;
    lookups->open_max = MAX(lookups->open_max, lookups->open);
    call_send(call, announcement, sizeof(announcement));
}

static void on_closed(Call *call, void *ctx)
{
    Lookups *lookups = ctx;

    lookups->open--;
    if (call->state == QUEUED)
        TAILQ_REMOVE(&lookups->queued, call, link);
    else if (call->state == WORKING)
        lookups->working--;
}

static const CallHandler handler = {on_opened, on_received, on_closed};

Lookups *lookups_new(struct event_base *base)
{
    Lookups *lookups = g_new0(Lookups, 1);

    TAILQ_INIT(&lookups->queued);
    lookups->server = call_server_new(base, "private/rewrite", &handler, lookups);
    return lookups;
}

void lookups_set_slow(Lookups *lookups, int64_t delay_us)
{
    lookups->delay_us = delay_us;
}

uint64_t lookups_count(const Lookups *lookups)
{
    return lookups->count;
}

unsigned lookups_connections(const Lookups *lookups)
{
    return lookups->open_max;
}

void lookups_free(Lookups *lookups)
{
    if (lookups == NULL)
        return;
    call_server_free(lookups->server);
    g_free(lookups);
}
