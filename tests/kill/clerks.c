#include "tests/kill/clerks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "tests/postfix/call_server.h"
#include "tests/postfix/wire.h"

enum { APPEND = 0, FLUSH = 1 };

typedef struct Clerk {
    const Clerks *clerks;
    const char *queue;
    CallServer *server;
} Clerk;

static const char *const names[] = {"bounce", "defer", "trace"};

struct Clerks {
    const Core *core;
    const Common *common;
    Clerk all[G_N_ELEMENTS(names)];
};

static const char announcement[] = "protocol\0delivery_status_protocol\0";
static const char done_reply[] = "status\0000\0";

static void append(const Clerk *clerk, const char *path, const WireList *list)
{
    g_autofree char *line = g_strdup_printf("<%s>\n", wire_get(list, "recipient"));

    core_write_file(clerk->clerks->core, path, line, strlen(line), true);
}

static void note_returned(const Clerk *clerk, const char *log)
{
    static const char word[] = "<user";

    for (const char *at = strstr(log, word); at != NULL; at = strstr(at + 1, word))
        common_note(clerk->clerks->common,
                    (LedgerEntry){.kind = LEDGER_RETURNED,
                                  .recipient = (uint32_t)strtoul(at + strlen(word), NULL, 10)});
}

static void flush(const Clerk *clerk, const char *path)
{
    g_autofree char *log = NULL;

    if (!g_file_get_contents(path, &log, NULL, NULL))
        return;
    note_returned(clerk, log);
    (void)unlink(path);
}

static void on_opened(Call *call, void *ctx)
{
    (void)ctx;
    call_send(call, announcement, sizeof(announcement));
}

static void on_received(Call *call, void *ctx)
{
    const Clerk *clerk = ctx;
    g_autofree char *path = NULL;
    WireList list;
    ssize_t used = wire_take_list((const char *)call->in->data, call->in->len, &list);

    if (used <= 0)
        return;
    path = core_queue_path(clerk->clerks->core, clerk->queue, wire_get(&list, "queue_id"));
    if (wire_get_number(&list, "nrequest") == APPEND)
        append(clerk, path, &list);
    else if (wire_get_number(&list, "nrequest") == FLUSH)
        flush(clerk, path);
    call_consume(call, (size_t)used);
    call_send(call, done_reply, sizeof(done_reply));
}

static void on_closed(Call *call, void *ctx)
{
    (void)call;
    (void)ctx;
}

static const CallHandler handler = {on_opened, on_received, on_closed};

Clerks *clerks_new(const Core *core, const Common *common)
{
    Clerks *clerks = g_new0(Clerks, 1);

    clerks->core = core;
    clerks->common = common;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_strdup_printf("private/%s", names[i]);

        clerks->all[i] = (Clerk){.clerks = clerks, .queue = names[i]};
        clerks->all[i].server = call_server_new(core->base, path, &handler, &clerks->all[i]);
    }
    return clerks;
}

void clerks_free(Clerks *clerks)
{
    if (clerks == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        call_server_free(clerks->all[i].server);
    g_free(clerks);
}
