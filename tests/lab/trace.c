#include "tests/lab/trace.h"

#include <string.h>

#define NS_PER_MS 1000000LL
#define MS_PER_S  1000

typedef struct Event {
    TraceStream stream;
    int64_t since_start_ms;
    char *group; /* never NULL */
    char *text;
} Event;

struct Trace {
    bool enabled;
    int64_t now_ns;
    bool strict[TRACE_STREAMS];
    GPtrArray *events; /* of Event */
};

static const char *const stream_names[TRACE_STREAMS] = {
    [TRACE_NOTES] = "notes",       [TRACE_DELIVERIES] = "deliveries",
    [TRACE_SERVICES] = "services", [TRACE_RESOLVER] = "resolver",
    [TRACE_LOG] = "log",           [TRACE_SPOOL] = "spool",
};

static void event_free(void *data)
{
    Event *event = data;

    g_free(event->group);
    g_free(event->text);
    g_free(event);
}

Trace *trace_new(bool enabled)
{
    Trace *trace = g_new0(Trace, 1);

    trace->enabled = enabled;
    trace->strict[TRACE_NOTES] = trace->strict[TRACE_DELIVERIES] = true;
    trace->strict[TRACE_SPOOL] = true;
    trace->events = g_ptr_array_new_with_free_func(event_free);
    return trace;
}

void trace_free(Trace *trace)
{
    if (trace == NULL)
        return;
    g_ptr_array_free(trace->events, TRUE);
    g_free(trace);
}

void trace_forget(Trace *trace)
{
    g_ptr_array_set_size(trace->events, 0);
}

bool trace_is_on(const Trace *trace)
{
    return trace->enabled;
}

void trace_set_time(Trace *trace, int64_t since_start_ns)
{
    trace->now_ns = since_start_ns;
}

void trace_set_strict(Trace *trace, TraceStream stream)
{
    trace->strict[stream] = true;
}

bool trace_stream_parse(const char *name, TraceStream *ret_stream)
{
    for (int stream = 0; stream < TRACE_STREAMS; stream++) {
        if (strcmp(name, stream_names[stream]) == 0) {
            *ret_stream = (TraceStream)stream;
            return true;
        }
    }
    return false;
}

void trace_add(Trace *trace, TraceStream stream, const char *group, const char *format, ...)
{
    Event *event;
    va_list args;

    if (!trace->enabled)
        return;
    event = g_new0(Event, 1);
    va_start(args, format);
    event->text = g_strdup_vprintf(format, args);
    va_end(args);
    event->stream = stream;
    event->since_start_ms = trace->now_ns / NS_PER_MS;
    event->group = g_strdup(group != NULL ? group : "");
    g_ptr_array_add(trace->events, event);
}

unsigned trace_count(const Trace *trace, TraceStream stream, const char *text)
{
    unsigned count = 0;

    for (guint i = 0; i < trace->events->len; i++) {
        const Event *event = g_ptr_array_index(trace->events, i);

        if (event->stream == stream && strstr(event->text, text) != NULL)
            count++;
    }
    return count;
}

static int by_group(const void *a, const void *b)
{
    const Event *const *left = a, *const *right = b;

    return strcmp((*left)->group, (*right)->group);
}

static int by_text(const void *a, const void *b)
{
    const Event *const *left = a, *const *right = b;

    return strcmp((*left)->text, (*right)->text);
}

static void print_event(const Event *event, FILE *out)
{
    g_autofree char *seconds =
        g_strdup_printf("%+" G_GINT64_FORMAT, event->since_start_ms / MS_PER_S);
    int milliseconds = (int)(event->since_start_ms % MS_PER_S);

    if (milliseconds == 0)
        (void)fprintf(out, "%-5s %s\n", seconds, event->text);
    else
        (void)fprintf(out, "%s.%03d %s\n", seconds, milliseconds, event->text);
}

/* The resolver may be asked the same again, in another order: that is no difference. */
static void print_questions(const GPtrArray *events, FILE *out)
{
    const char *last = "";

    for (guint i = 0; i < events->len; i++) {
        const Event *event = g_ptr_array_index(events, i);

        if (strcmp(event->text, last) != 0)
            (void)fprintf(out, "%s\n", event->text);
        last = event->text;
    }
}

static void print_stream(const Trace *trace, TraceStream stream, FILE *out)
{
    g_autoptr(GPtrArray) events = g_ptr_array_new();
    bool is_set = stream == TRACE_RESOLVER && !trace->strict[stream];

    for (guint i = 0; i < trace->events->len; i++) {
        Event *event = g_ptr_array_index(trace->events, i);

        if (event->stream == stream)
            g_ptr_array_add(events, event);
    }
    (void)fprintf(out, "== %s\n", stream_names[stream]);
    if (is_set) {
        g_ptr_array_sort(events, by_text);
        print_questions(events, out);
        return;
    }
    if (!trace->strict[stream])
        g_ptr_array_sort(events, by_group); /* g_ptr_array_sort is stable since GLib 2.32 */
    for (guint i = 0; i < events->len; i++)
        print_event(g_ptr_array_index(events, i), out);
}

void trace_print(const Trace *trace, FILE *out)
{
    for (int stream = 0; stream < TRACE_STREAMS; stream++)
        print_stream(trace, (TraceStream)stream, out);
}

void trace_print_raw(const Trace *trace, FILE *out)
{
    for (guint i = 0; i < trace->events->len; i++) {
        const Event *event = g_ptr_array_index(trace->events, i);

        (void)fprintf(out, "%-10s ", stream_names[event->stream]);
        print_event(event, out);
    }
}
