#include "tests/lab/agent_effects.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lab/report_log.h"
#include "tests/lab/stamp.h"
#include "tests/postfix/wire.h"

#define FLAG_MARK_DONE 1
#define FLAGS_PROBE    (256 | 512) /* nothing is delivered; reports go to verify or trace */
#define MODE_CORRUPT   0400

/* Calls `visit` for the header (index 0) and then for each recipient. false: not complete. */
typedef void VisitFn(size_t index, size_t at, const WireList *list, void *ctx);

static ssize_t walk(const GByteArray *bytes, size_t from, size_t index, size_t end_index,
                    VisitFn *visit, void *ctx)
{
    size_t at = from;

    for (; index < end_index; index++) {
        WireList list;
        ssize_t used = wire_take_list((const char *)bytes->data + at, bytes->len - at, &list);

        if (used <= 0)
            return used;
        if (visit != NULL)
            visit(index, at, &list, ctx);
        at += (size_t)used;
    }
    return (ssize_t)at;
}

AgentRequestState agent_request_parse(GByteArray *in, AgentRequest *ret_request)
{
    WireList header;
    ssize_t header_len = wire_take_list((const char *)in->data, in->len, &header);
    int64_t count;
    ssize_t total;

    if (header_len <= 0)
        return header_len == 0 ? AGENT_REQUEST_PARTIAL : AGENT_REQUEST_BAD;
    count = wire_get_number(&header, "recipient_count");
    if (count < 1)
        return AGENT_REQUEST_BAD;
    total = walk(in, (size_t)header_len, 0, (size_t)count, NULL, NULL);
    if (total <= 0)
        return total == 0 ? AGENT_REQUEST_PARTIAL : AGENT_REQUEST_BAD;
    if ((size_t)total != in->len)
        return AGENT_REQUEST_BAD; /* a request is written in one go, and nothing follows it */
    ret_request->bytes = g_byte_array_sized_new((guint)total);
    g_byte_array_append(ret_request->bytes, in->data, (guint)total);
    ret_request->recipient_count = (size_t)count;
    ret_request->first_recipient_at = (size_t)header_len;
    g_byte_array_set_size(in, 0);
    return AGENT_REQUEST_COMPLETE;
}

void agent_request_clear(AgentRequest *request)
{
    if (request->bytes != NULL)
        g_byte_array_unref(request->bytes);
    request->bytes = NULL;
}

static void remember_recipient(size_t index, size_t at, const WireList *list, void *ctx)
{
    const char **ret_recipient = ctx;

    (void)index;
    (void)at;
    *ret_recipient = wire_get(list, "recipient");
}

const char *agent_request_recipient(const AgentRequest *request)
{
    const char *recipient = "";

    (void)walk(request->bytes, request->first_recipient_at, 0, 1, remember_recipient, &recipient);
    return recipient;
}

typedef struct TraceContext {
    const Core *core;
    const char *transport;
    char *id;
} TraceContext;

static void trace_list(size_t index, size_t at, const WireList *list, void *ctx)
{
    TraceContext *context = ctx;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *time_text = NULL;
    WireList shown = *list;

    (void)at;
    for (size_t i = 0; i < shown.count; i++) {
        if (strcmp(shown.pairs[i].name, "time") == 0) {
            time_text = stamp_describe_blob(context->core, shown.pairs[i].value);
            shown.pairs[i].value = time_text;
        }
    }
    if (context->id == NULL)
        context->id = g_strdup(wire_get(list, "queue_id"));
    wire_describe(&shown, text);
    trace_add(context->core->trace, TRACE_DELIVERIES, context->id, "%s%s %s",
              index == 0 ? "" : "  ", index == 0 ? context->transport : "to", text->str);
}

void agent_request_trace(const Core *core, const AgentRequest *request, const char *transport)
{
    TraceContext context = {core, transport, NULL};

    (void)walk(request->bytes, 0, 0, request->recipient_count + 1, trace_list, &context);
    g_free(context.id);
}

typedef struct EffectContext {
    const Core *core;
    const char *transport, *id;
    int fd;          /* of the queue file, when recipients are to be marked */
    const char *log; /* that gets the recipients; NULL: none */
    const char *status, *reason;
    bool delivers, is_probe;
    bool is_over; /* the agent's life ended between two steps */
} EffectContext;

/* Each step of an agent may be its last. */
static bool may_do(EffectContext *context, const char *step)
{
    const Witness *witness = context->core->witness;

    if (witness != NULL && !context->is_over)
        context->is_over = !witness->step(witness->ctx, context->transport, step);
    return !context->is_over;
}

static void record_recipient(const EffectContext *context, const WireList *list)
{
    const Witness *witness = context->core->witness;
    const ReportLogEntry entry = {
        .recipient = wire_get(list, "recipient"),
        .offset = wire_get_number(list, "offset"),
        .notify_flags = wire_get_number(list, "notify_flags"),
        .status = context->status,
        .reason = context->reason,
    };

    if (witness != NULL)
        witness->recorded(witness->ctx, context->log, context->id, entry.recipient);
    report_log_add(context->core, context->log, context->id, &entry);
}

/* The mail is out, or the result of a probe known, for all recipients of a request at once. */
static void deliver_recipient(size_t index, size_t at, const WireList *list, void *ctx)
{
    const EffectContext *context = ctx;
    const Witness *witness = context->core->witness;

    (void)index;
    (void)at;
    if (context->is_probe)
        witness->verified(witness->ctx, wire_get(list, "recipient"));
    else
        witness->delivered(witness->ctx, context->id, wire_get(list, "recipient"));
}

/* A recipient is in the log before it is marked, so that a crash cannot lose it. */
static void affect_recipient(size_t index, size_t at, const WireList *list, void *ctx)
{
    EffectContext *context = ctx;
    int64_t offset = wire_get_number(list, "offset");

    (void)index;
    (void)at;
    if (context->log != NULL && may_do(context, "record"))
        record_recipient(context, list);
    if (context->fd >= 0 && offset > 0 && may_do(context, "mark"))
        (void)!pwrite(context->fd, "D", 1, offset);
}

static const char *log_queue(MannerKind kind)
{
    return kind == MANNER_BOUNCE                                                      ? "bounce"
           : kind == MANNER_DEFER || kind == MANNER_SUSPEND || kind == MANNER_CORRUPT ? "defer"
                                                                                      : NULL;
}

/* The nexthop of retry and error is "4.3.2 REASON". */
static void take_reason(EffectContext *context, char **words)
{
    if (g_strv_length(words) != 2)
        return;
    context->status = words[0];
    context->reason = words[1];
}

static void apply_to_all(const AgentRequest *request, EffectContext *context)
{
    if (context->delivers && context->core->witness != NULL && may_do(context, "deliver"))
        (void)walk(request->bytes, request->first_recipient_at, 0, request->recipient_count,
                   deliver_recipient, context);
    (void)walk(request->bytes, request->first_recipient_at, 0, request->recipient_count,
               affect_recipient, context);
    (void)may_do(context, "reply");
}

bool agent_apply_effects(const Core *core, const AgentRequest *request, MannerKind kind,
                         const char *transport)
{
    WireList header;
    g_autofree char *path = NULL;
    EffectContext context = {.core = core, .transport = transport, .fd = -1};
    g_auto(GStrv) words = NULL;
    int64_t flags;

    if (wire_take_list((const char *)request->bytes->data, request->bytes->len, &header) <= 0)
        return true;
    flags = wire_get_number(&header, "flags");
    context.id = wire_get(&header, "queue_id");
    context.is_probe = (flags & FLAGS_PROBE) != 0;
    context.delivers =
        kind == MANNER_OK || kind == MANNER_FINAL || (context.is_probe && kind == MANNER_BOUNCE);
    words = g_strsplit(wire_get(&header, "nexthop"), " ", 2);
    take_reason(&context, words);
    path = core_queue_path(core, wire_get(&header, "queue_name"), context.id);
    if ((kind == MANNER_OK || kind == MANNER_BOUNCE) && (flags & FLAG_MARK_DONE) != 0)
        context.fd = open(path, O_RDWR | O_CLOEXEC);
    if (kind == MANNER_CORRUPT && may_do(&context, "spoil"))
        (void)chmod(path, MODE_CORRUPT);
    if ((flags & FLAGS_PROBE) == 0)
        context.log = log_queue(kind);
    apply_to_all(request, &context);
    if (context.fd >= 0)
        (void)close(context.fd);
    return !context.is_over;
}
